"""The shapes and refusals of the REST API."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from editorial.models import MediaAsset, Post, Revision
from publishing.models import Delivery
from socialops.permissions.rights import Right
from teams.models import Brand, Channel
from tests.counting import questions
from tests.factories.editorial import CampaignFactory, PostFactory, VariantFactory
from tests.factories.teams import BrandFactory, ChannelFactory

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/organizations/lumiere/"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def soon(**delta: float) -> str:
    return (timezone.now() + dt.timedelta(**(delta or {"days": 1}))).isoformat()


def png(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_post_with_a_date_is_scheduled_and_read_back(
    api_for: Any, admin: Any, brand: Brand, channel: Channel
) -> None:
    api = api_for(admin)
    body = {
        "brand": brand.slug,
        "text": "Bonjour",
        "channels": [channel.pk],
        "scheduled_at": soon(),
        "variants": [{"channel": channel.pk, "text": "Bonjour à tous", "first_comment": "Et merci"}],
    }
    answer = api.post(f"{ROOT}posts/", body)
    assert answer.status_code == 201, answer.json()
    post = answer.json()
    assert post["state"] == "scheduled"
    assert post["channels"] == [channel.pk]
    assert post["time_zone"] == "Europe/Paris"
    assert post["variants"][0]["delivery"]["state"] == "scheduled"
    assert api.get(f"{ROOT}posts/{post['id']}/").json()["variants"] == post["variants"]
    assert Delivery.objects.get().payload["text"] == "Bonjour à tous"


def test_where_approval_is_required_it_is_submitted_then_approved_by_somebody_else(
    api_for: Any, admin: Any, actor_with: Any, strict_brand: Brand, channel: Channel
) -> None:
    api = api_for(admin)
    body = {"brand": strict_brand.slug, "text": "Bonjour", "channels": [channel.pk], "scheduled_at": soon()}
    post = api.post(f"{ROOT}posts/", body).json()
    assert post["state"] == "in_review"
    refused = api.post(f"{ROOT}posts/{post['id']}/approve/", {})
    assert refused.status_code == 403
    assert "somebody else" in refused.json()["detail"]
    boss = api_for(actor_with(Right.VIEW, Right.APPROVE))
    stale = boss.post(f"{ROOT}posts/{post['id']}/approve/", {"content_hash": "0" * 64})
    assert (stale.status_code, stale["Content-Type"]) == (409, "application/problem+json")
    approved = boss.post(f"{ROOT}posts/{post['id']}/approve/", {"content_hash": post["content_hash"]})
    assert approved.json()["state"] == "scheduled"
    changes = boss.post(f"{ROOT}posts/{post['id']}/request-changes/", {})
    assert changes.status_code == 400
    changes = boss.post(f"{ROOT}posts/{post['id']}/request-changes/", {"comment": "Plus court"})
    assert changes.json()["state"] == "changes_requested"
    submitted = api.post(f"{ROOT}posts/{post['id']}/submit/", {})
    assert submitted.json()["state"] == "in_review"
    cancelled = api.post(f"{ROOT}posts/{post['id']}/cancel/", {"reason": "Annulé"})
    assert cancelled.json()["state"] == "cancelled"
    assert api.delete(f"{ROOT}posts/{post['id']}/").status_code == 204


def test_an_idempotency_key_writes_once(api_for: Any, admin: Any, brand: Brand, channel: Channel) -> None:
    api = api_for(admin)
    body = {"brand": brand.slug, "text": "Bonjour", "channels": [channel.pk]}
    first = api.post(f"{ROOT}posts/", body, headers={"Idempotency-Key": "abc"})
    second = api.post(f"{ROOT}posts/", body, headers={"Idempotency-Key": "abc"})
    assert first.json() == second.json()
    assert Post.objects.count() == 1


@pytest.mark.usefixtures("in_february")
def test_a_wall_clock_time_is_the_brands_and_a_gap_is_told(
    api_for: Any, admin: Any, brand: Brand, channel: Channel
) -> None:
    body = {"brand": brand.slug, "text": "Nuit blanche", "channels": [channel.pk], "scheduled_at": "2027-03-28T02:30"}
    post = api_for(admin).post(f"{ROOT}posts/", body).json()
    assert post["scheduled_at"] == "2027-03-28T01:00:00Z"
    assert "clocks go forward" in post["notices"][0]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"text": "a" * 501}, "#/text"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "#/scheduled_at"),
        ({"scheduled_at": "demain"}, "#/scheduled_at"),
        ({"channels": []}, "#/channels"),
        ({"text": ""}, "#/text"),
        ({"link": "javascript:alert(1)"}, "#/link"),
        ({"media": [{"id": "x"}]}, "#/media/0"),
        ({"variants": [{"channel": 1, "text": 3.5, "parts": "x"}]}, "#/variants/0/parts"),
    ],
)
def test_bad_input_is_pointed_at(
    api_for: Any, admin: Any, brand: Brand, channel: Channel, change: dict[str, Any], pointer: str
) -> None:
    body = {"brand": brand.slug, "text": "Bonjour", "channels": [channel.pk], "scheduled_at": soon(), **change}
    answer = api_for(admin).post(f"{ROOT}posts/", body)
    assert answer.status_code == 400, answer.json()
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}, answer.json()
    assert not Post.objects.exists()


def test_what_belongs_to_others_does_not_exist(
    foreign: Any, api_for: Any, admin: Any, brand: Brand, channel: Channel
) -> None:
    api = api_for(admin)
    good = {"brand": brand.slug, "text": "Bonjour", "channels": [channel.pk]}
    for change in (
        {"brand": foreign.brand.slug, "channels": []},
        {"channels": [foreign.channel.pk]},
        {"variants": [{"channel": foreign.channel.pk}]},
        {"campaign": 10**15},
        {"media": [10**15]},
    ):
        assert api.post(f"{ROOT}posts/", {**good, **change}).status_code == 404, change
        assert api.post(f"{ROOT}posts/bulk/", {"posts": [good, {**good, **change}]}).status_code == 404, change
    assert not Post.objects.exists()


def test_rights_decide_by_brand_and_channel(api_for: Any, actor_with: Any, brand: Brand, channel: Channel) -> None:
    hidden = PostFactory(brand=BrandFactory(slug="autre"))
    shown = VariantFactory(post__brand=brand, channel=channel).post
    reader = api_for(actor_with(Right.VIEW, scope=channel))
    assert [row["id"] for row in reader.get(f"{ROOT}posts/").json()["results"]] == [shown.pk]
    assert reader.get(f"{ROOT}posts/{hidden.pk}/").status_code == 404
    assert reader.patch(f"{ROOT}posts/{shown.pk}/", {"text": "Non"}).status_code == 403
    for action in ("submit", "approve", "schedule", "cancel"):
        assert reader.post(f"{ROOT}posts/{hidden.pk}/{action}/", {}).status_code == 404
        assert reader.post(f"{ROOT}posts/{shown.pk}/{action}/", {"scheduled_at": soon()}).status_code == 403, action
    assert reader.post(f"{ROOT}posts/", {"brand": "autre", "text": "x"}).status_code == 404
    assert reader.post(f"{ROOT}posts/", {"brand": brand.slug, "text": "x"}).status_code == 403


def test_filters(api_for: Any, admin: Any, brand: Brand, channel: Channel) -> None:
    other = ChannelFactory(brand=brand, network="bluesky", base_url="")
    campaign = CampaignFactory(brand=brand)
    at = timezone.now() + dt.timedelta(days=3)
    one = VariantFactory(post__brand=brand, post__text="Soldes d’été", channel=channel, post__scheduled_at=at).post
    two = VariantFactory(post__brand=brand, post__campaign=campaign, post__state="cancelled", channel=other).post
    api = api_for(admin)

    def found(query: str) -> set[int]:
        return {row["id"] for row in api.get(f"{ROOT}posts/?{query}").json()["results"]}

    assert found("") == {one.pk, two.pk}
    assert found(f"channel={channel.pk}") == {one.pk}
    assert found("network=bluesky") == {two.pk}
    assert found(f"campaign={campaign.pk}") == {two.pk}
    assert found("state=cancelled&state=failed") == {two.pk}
    assert found("q=soldes") == {one.pk}
    assert found("since=2020-01-01T00:00:00Z") == {one.pk}
    assert found("brand=nobody") == set()
    assert api.get(f"{ROOT}posts/?channel=x").status_code == 400


def test_two_editors_over_the_api(api_for: Any, admin: Any, brand: Brand, channel: Channel) -> None:
    api = api_for(admin)
    post = api.post(f"{ROOT}posts/", {"brand": brand.slug, "text": "Un", "channels": [channel.pk]}).json()
    url = f"{ROOT}posts/{post['id']}/"
    assert api.patch(url, {"text": "Deux", "version": 1}).json()["version"] == 2
    late = api.patch(url, {"text": "Trois", "version": 1})
    assert (late.status_code, late.json()["version"]) == (409, 2)
    assert Revision.objects.get(pk=late.json()["kept_revision"]).content["text"] == "Trois"
    assert api.get(url).json()["text"] == "Deux"


# ---------------------------------------------------------------- bulk


def bulk(brand: Brand, channel: Channel, count: int) -> list[dict[str, Any]]:
    return [
        {"brand": brand.slug, "text": f"Annonce {n}", "channels": [channel.pk], "scheduled_at": soon(hours=n + 1)}
        for n in range(count)
    ]


def test_a_bulk_is_all_or_nothing(api_for: Any, admin: Any, brand: Brand, channel: Channel) -> None:
    posts = bulk(brand, channel, 5)
    posts[3]["text"] = "a" * 501
    answer = api_for(admin).post(f"{ROOT}posts/bulk/", {"posts": posts})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/posts/3/text"
    assert not Post.objects.exists()
    assert not Delivery.objects.exists()


def test_a_bulk_takes_as_many_queries_for_a_thousand_as_for_ten(
    api_for: Any, admin: Any, brand: Brand, channel: Channel, django_assert_max_num_queries: Any
) -> None:
    api = api_for(admin)
    assert api.post(f"{ROOT}posts/bulk/", {"posts": bulk(brand, channel, 1001)}).status_code == 400
    with django_assert_max_num_queries(40):
        answer = api.post(f"{ROOT}posts/bulk/", {"posts": bulk(brand, channel, 1000)})
    assert answer.status_code == 201
    assert len(answer.json()["posts"]) == 1000
    assert Delivery.objects.count() == 1000
    assert {post["state"] for post in answer.json()["posts"]} == {"scheduled"}


def test_lists_cost_the_same_for_one_and_three(api_for: Any, admin: Any, brand: Brand, channel: Channel) -> None:
    api = api_for(admin)
    api.get(f"{ROOT}posts/")
    VariantFactory(post__brand=brand, channel=channel)
    counts = []
    for _ in range(2):
        VariantFactory(post__brand=brand, channel=channel)
        with questions() as asked:
            api.get(f"{ROOT}posts/")
        counts.append(len(asked))
        VariantFactory.create_batch(2, post__brand=brand, channel=channel)
    assert counts[0] == counts[1]


# ---------------------------------------------------------------- media


def upload(api: Any, brand: Brand, data: bytes, name: str = "photo.png", **more: Any) -> Any:
    file = SimpleUploadedFile(name, data)
    return api.post(f"{ROOT}media/", {"brand": brand.slug, "file": file, **more}, format="multipart")


def test_an_image_is_stored_once_and_described(api_for: Any, admin: Any, brand: Brand) -> None:
    api = api_for(admin)
    first = upload(api, brand, png())
    assert first.status_code == 201
    assert (first.json()["content_type"], first.json()["width"], first.json()["height"]) == ("image/png", 40, 30)
    again = upload(api, brand, png(), "copie.png", alt_text="Un carré rouge")
    assert (again.json()["id"], again.json()["alt_text"]) == (first.json()["id"], "Un carré rouge")
    assert default_storage.exists(MediaAsset.objects.get().path)


def test_files_are_judged_by_their_content(api_for: Any, admin: Any, brand: Brand) -> None:
    api = api_for(admin)
    for data, name in (
        (b"just words", "photo.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "photo.png"),
        (png()[:60], "photo.png"),
        (b"", "vide.png"),
    ):
        answer = upload(api, brand, data, name)
        assert answer.status_code == 400, name
        assert answer.json()["errors"][0]["pointer"] == "#/file"
    assert not MediaAsset.objects.exists()
    jpeg = io.BytesIO()
    Image.new("RGB", (10, 10)).save(jpeg, "JPEG")
    assert upload(api, brand, jpeg.getvalue(), "photo.txt").json()["content_type"] == "image/jpeg"


def test_place_and_camera_are_removed(api_for: Any, admin: Any, brand: Brand) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Appareil"
    exif[0x0112] = 6  # turned: must come out upright
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    jpeg = io.BytesIO()
    Image.new("RGB", (60, 20), "blue").save(jpeg, "JPEG", exif=exif)
    assert b"Exif" in jpeg.getvalue()
    stored = upload(api_for(admin), brand, jpeg.getvalue(), "photo.jpg").json()
    with default_storage.open(MediaAsset.objects.get().path) as file:
        data = file.read()
    assert b"Exif" not in data
    assert not Image.open(io.BytesIO(data)).getexif()
    assert (stored["width"], stored["height"]) == (20, 60)


def test_alt_text_is_required_to_go_out_and_pinned_then(
    api_for: Any, admin: Any, brand: Brand, channel: Channel
) -> None:
    api = api_for(admin)
    image = upload(api, brand, png()).json()
    body = {"brand": brand.slug, "text": "Regardez", "channels": [channel.pk], "media": [image["id"]]}
    assert api.post(f"{ROOT}posts/", {**body, "scheduled_at": soon()}).status_code == 400
    post = api.post(f"{ROOT}posts/", body).json()
    refused = api.post(f"{ROOT}posts/{post['id']}/schedule/", {"scheduled_at": soon()})
    assert refused.json()["errors"][0]["code"] == "alt_text_missing"
    api.patch(f"{ROOT}media/{image['id']}/", {"alt_text": "Un carré rouge"})
    scheduled = api.post(f"{ROOT}posts/{post['id']}/schedule/", {"scheduled_at": soon()})
    assert scheduled.json()["state"] == "scheduled", scheduled.json()
    assert Delivery.objects.get().payload["media"][0]["alt_text"] == "Un carré rouge"
    api.patch(f"{ROOT}media/{image['id']}/", {"alt_text": "Autre chose"})
    assert api.get(f"{ROOT}posts/{post['id']}/").json()["media"][0]["alt_text"] == "Un carré rouge"
    assert api.delete(f"{ROOT}media/{image['id']}/").status_code == 400


def test_campaigns(api_for: Any, admin: Any, actor_with: Any, brand: Brand) -> None:
    api = api_for(admin)
    body = {"brand": brand.slug, "name": "Rentrée", "starts_on": "2026-09-01", "ends_on": "2026-09-30"}
    campaign = api.post(f"{ROOT}campaigns/", body).json()
    assert api.post(f"{ROOT}campaigns/", body).status_code == 400
    url = f"{ROOT}campaigns/{campaign['id']}/"
    assert api.patch(url, {"state": "active", "colour": "#ff0000"}).json()["state"] == "active"
    assert api.patch(url, {"ends_on": "2026-08-01"}).status_code == 400
    assert api.patch(url, {"colour": "url(x)"}).status_code == 400
    reader = api_for(actor_with(Right.VIEW))
    assert reader.get(url).json()["name"] == "Rentrée"
    assert reader.patch(url, {"name": "Non"}).status_code == 403
