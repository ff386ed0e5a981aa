"""What only one network has: chosen in the composer and the API, checked in words, part of what is approved; and what it costs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from editorial.errors import NotReady
from editorial.models import MediaAsset, Post, Variant
from editorial.selectors import outlook
from editorial.services.media import upload_media
from editorial.services.posts import MediaUse, NewVariant, approve_post, create_post, submit_post, update_post
from editorial.services.scheduling import schedule_post
from publishing.models import Delivery, QuotaReading, Usage
from socialops.networks import registry
from socialops.networks.data import network_data, network_settings
from socialops.networks.ports import Option, OptionKind
from socialops.networks.registry import connector_for, networks
from socialops.ui.option_words import choice_in, label_of, said, without_words
from teams.models import Brand, Channel
from tests.counting import questions
from tests.factories.editorial import MediaAssetFactory
from tests.factories.teams import ChannelFactory
from tests.fakes import studio
from tests.fakes.files import movie

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/posts/"
NEW = "/o/lumiere/posts/new/"


@pytest.fixture
def studio_channel(brand: Brand, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[Channel]:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(registry._CONNECTORS, "tiktok", "tests.fakes.studio:StudioConnector")
    monkeypatch.setattr(outlook, "network_data", lambda _name: studio.DATA)
    monkeypatch.setattr(outlook, "merge_limits", lambda _name, _own: studio.DATA["limits"])
    registry.connector_for.cache_clear()
    yield ChannelFactory(brand=brand, network="tiktok", name="Atelier")
    registry.connector_for.cache_clear()


@pytest.fixture
def video(brand: Brand, studio_channel: Channel, admin: Any) -> MediaAsset:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415 -- for this fixture alone

    file = SimpleUploadedFile("atelier.mp4", movie())
    return upload_media(brand=brand, file=file, filename="atelier.mp4", size=file.size or 0, actor=admin)


def form(brand: Brand, channel: Channel, **typed: str | list[str]) -> dict[str, Any]:
    """A composer's form; `option_privacy="public"` is the channel's field of that name."""
    fields: dict[str, Any] = {
        "brand": brand.slug,
        "text": "Bonjour",
        "channel": str(channel.pk),
        "action": "draft",
        f"options-{channel.pk}": "1",
    }
    for name, value in typed.items():
        field, _, option = name.partition("_")
        fields[
            "-".join(filter(None, (field, str(channel.pk), option))) if field in ("option", "format", "cover") else name
        ] = value
    return fields


def test_every_setting_of_every_network_has_words() -> None:
    missing = {
        name: [words for option in connector_for(name).options(limits={}) for words in without_words(option)]
        for name in networks()
    }
    assert {name: words for name, words in missing.items() if words} == {}
    buckets = {f"{name}: {bucket}" for name in networks() for bucket in network_data(name).get("quotas", {})}
    assert {bucket for bucket in buckets if bucket.split(": ")[1] not in outlook.nouns()} == set()
    assert label_of("some_new_setting") == "Some new setting"
    with translation.override("fr"):
        assert label_of("spoiler_text") == "Avertissement de contenu"


# ---------------------------------------------------------------- the composer


def test_the_composer_offers_what_the_network_has(client_for: Any, admin: Any, studio_channel: Channel) -> None:
    html = client_for(admin).get(NEW).content.decode()
    pk = studio_channel.pk
    assert re.findall(rf'name="format-{pk}" value="(\w+)"( checked)?', html) == [
        ("post", " checked"),
        ("reel", ""),
        ("story", ""),
    ]
    privacy = html.split(f'id="option-{pk}-privacy"')[1].split("</select>")[0]
    assert re.findall(r'value="(\w*)"( selected)?', privacy) == [
        ("", ""),
        ("public", ""),
        ("friends", ""),
        ("only_me", ""),
    ]  # nothing is chosen for the person
    visibility = html.split(f'id="option-{pk}-visibility"')[1].split("</select>")[0]
    assert re.findall(r'value="(\w*)"( selected)?', visibility)[0] == ("public", " selected")
    assert f'name="option-{pk}-allow_comments" value="1" checked' in html
    assert re.search(r'data-formats="reel"\s+hidden', html)
    assert re.search(r'data-needs="video"\s+hidden', html)


def test_what_is_chosen_is_stored_without_the_usual_and_the_meaningless(
    client_for: Any, admin: Any, brand: Brand, studio_channel: Channel
) -> None:
    typed = {
        "option_privacy": "friends",
        "option_title": " Un titre ",
        "option_tags": "déco, lampe,, ",
        "option_visibility": "public",
        "option_share_to_feed": "1",  # only a reel has it
        "option_cover_ms": "3",  # only a video has it
    }
    answer = client_for(admin).post(NEW, form(brand, studio_channel, **typed))
    assert answer.status_code == 302, answer.content.decode()
    variant = Variant.objects.get()
    assert variant.options == {
        "privacy": "friends",
        "title": "Un titre",
        "tags": ["déco", "lampe"],
        "allow_comments": False,  # the box was unticked
    }
    edit = client_for(admin).get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert 'value="déco, lampe"' in edit
    assert f'name="option-{studio_channel.pk}-allow_comments" value="1">' in edit
    page = client_for(admin).get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    assert "Friends: followers you follow back" in page  # whoever approves it sees it
    before = Post.objects.get().content_hash
    unchanged = {**form(brand, studio_channel, **typed), "version": "1", "title": "Interne"}
    assert client_for(admin).post(f"/o/lumiere/posts/{variant.post_id}/edit/", unchanged).status_code == 302
    assert Post.objects.get().content_hash == before


def test_everything_typed_survives_a_refusal(
    client_for: Any, admin: Any, brand: Brand, video: Any, studio_channel: Channel
) -> None:
    photo = MediaAssetFactory(brand=brand)
    pk = studio_channel.pk
    typed = form(
        brand,
        studio_channel,
        option_title="Un titre bien trop long pour eux",
        option_cover_ms="beaucoup",
        option_tags="a, b",
        format="reel",
        cover=str(photo.pk),
        media=[str(video.pk)],
        action="now",
    )
    answer = client_for(admin).post(NEW, typed)
    html = answer.content.decode()
    assert answer.status_code == 400
    for sentence in (
        "“Who can see it” is missing: this network asks for it.",
        "“Title” is too long: 32, this network takes 20.",
        "“Cover from the video” has a value that this channel does not take",
    ):
        assert sentence in html
    assert 'value="Un titre bien trop long pour eux"' in html
    assert 'value="beaucoup"' in html
    assert 'value="a, b"' in html
    assert f'name="format-{pk}" value="reel" checked' in html
    assert f'name="cover-{pk}" value="{photo.pk}" checked' in html


def test_a_format_says_what_it_takes(client_for: Any, admin: Any, brand: Brand, studio_channel: Channel) -> None:
    typed = form(brand, studio_channel, format="reel", option_privacy="public")
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert "This channel publishes nothing without a file here. It takes: videos." in html


def test_the_preview_shows_the_video_its_cover_and_its_shape(
    client_for: Any, admin: Any, brand: Brand, video: Any, studio_channel: Channel
) -> None:
    typed = form(brand, studio_channel, format="story", cover="poster", option_privacy="public", media=[str(video.pk)])
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert f'poster="/o/lumiere/media/{video.pk}/poster/"' in html
    assert "<video controls" in html
    assert "is-upright" in html
    assert "Shown upright" not in html  # it is 9:16 already
    MediaAsset.objects.filter(pk=video.pk).update(width=1920, height=1080)
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert "Shown upright" in html


def test_a_network_without_covers_says_so(client_for: Any, admin: Any, brand: Brand, video: Any) -> None:
    channel = ChannelFactory(brand=brand, network="bluesky")
    post = create_post(
        brand=brand,
        text="A",
        channels=[channel],
        media=[MediaUse(video)],
        variants=[NewVariant(channel=channel, cover=video)],
        actor=admin,
    )
    html = client_for(admin).get(f"/o/lumiere/posts/{post.pk}/").content.decode()
    assert "This network takes no cover image here" in html


@pytest.mark.parametrize(
    ("network", "offers"), [("x", (True, True)), ("youtube", (False, True)), ("tiktok", (False, False))]
)
def test_a_thread_and_a_first_comment_are_offered_where_they_exist(
    client_for: Any, admin: Any, brand: Brand, network: str, offers: tuple[bool, bool]
) -> None:
    channel = ChannelFactory(brand=brand, network=network)
    html = client_for(admin).get("/o/lumiere/posts/new/").content.decode()
    box = html[html.index(f'id="own-{channel.pk}"') :]
    assert (f'data-adds="parts-{channel.pk}"' in box, f'name="first-comment-{channel.pk}"' in box) == offers


# ---------------------------------------------------------------- costs, conversions


def test_what_it_costs_and_counts_is_said_before(
    client_for: Any, admin: Any, brand: Brand, studio_channel: Channel
) -> None:
    typed = form(brand, studio_channel, option_privacy="public")
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert "Studio: about US$0.015" in html
    assert "a link costs more" not in html
    assert "Studio: 1 of the 100 posts of 24 hours" in html
    assert "1,600 of the 10,000 units of the day (Pacific time) that all channels share" in html
    typed["text"] = "Voir https://example.com/x"
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert "Studio: about US$0.20 – a link costs more" in html
    assert 'id="costs" hx-swap-oob="true"' in html
    with translation.override("fr"):
        assert outlook.show_price(studio.Decimal("0.2")) == "0,20\xa0$US"


def test_what_is_left_of_a_quota_is_said_now(client_for: Any, admin: Any, brand: Brand) -> None:
    channels = [ChannelFactory(brand=brand, network="linkedin") for _ in range(2)]
    now = {"network": "linkedin", "app": network_settings("linkedin")["client_id"], "slot_at": timezone.now()}
    Usage.objects.create(channel=channels[0], bucket="posts", units=18, amount=0, **now)
    Usage.objects.create(channel=channels[0], bucket="posts_of_the_app", units=1_200, amount=0, **now)
    typed = form(brand, channels[0]) | {"channel": [str(channel.pk) for channel in channels]}
    client = client_for(admin)

    def said() -> str:
        return client.post("/o/lumiere/posts/preview/", typed).content.decode()

    assert "LinkedIn: 1 of the 150 posts of the day (UTC), 132 left now" in said()
    assert "LinkedIn: 1 of the 150 posts of the day (UTC), 150 left now" in said()
    assert said().count("1 of the 100,000 posts of the day (UTC) that all channels share, 98,800 left now") == 2
    word = QuotaReading.objects.create(
        channel=channels[1], bucket="posts", limit=150, remaining=7, read_at=timezone.now()
    )
    assert "150 posts of the day (UTC), 7 left now" in said()
    word.resets_at = timezone.now() - dt.timedelta(seconds=1)  # what it said is over
    word.save()
    assert "150 posts of the day (UTC), 150 left now" in said()
    with questions() as two:
        said()
    typed["channel"] = typed["channel"][:1]
    with questions() as one:
        said()
    assert len(two) == len(one)


def test_long_numbers_are_grouped_in_the_readers_language(client_for: Any, admin: Any, brand: Brand) -> None:
    channel = ChannelFactory(brand=brand, network="facebook")
    client, typed = client_for(admin), form(brand, channel, text="a" * 70_000)
    assert (
        "6,794 characters too long (63,206 at most)" in client.post("/o/lumiere/posts/preview/", typed).content.decode()
    )
    typed["text"] = "a" * 1_234
    html = client.post("/o/lumiere/posts/preview/", typed).content.decode()
    assert html.count("1,234 / 63,206") == 2  # under the text and in the preview
    client.cookies["django_language"] = "fr"
    html = client.post("/o/lumiere/posts/preview/", typed, headers={"accept-language": "fr"}).content.decode()
    assert html.count("1\u202f234 / 63\u202f206") == 2


def test_conversions_are_announced(client_for: Any, admin: Any, brand: Brand, studio_channel: Channel) -> None:
    large = MediaAssetFactory(brand=brand, width=2880, height=1440)
    typed = form(brand, studio_channel, option_privacy="public", media=[str(large.pk)])
    typed[f"alt-{large.pk}"] = "Une place"
    html = client_for(admin).post("/o/lumiere/posts/preview/", typed).content.decode()
    assert "On its way: 1 image becomes a JPEG." in html
    assert "On its way: an image is resized to 1440 × 720 pixels." in html


# ---------------------------------------------------------------- the API, and approval


def test_the_api_says_options_format_and_cover(
    api_for: Any, admin: Any, brand: Brand, video: Any, studio_channel: Channel
) -> None:
    api, pk = api_for(admin), studio_channel.pk
    options = {"privacy": "public", "tags": ["a", "b"], "allow_comments": False, "cover_ms": 1500}
    variant = {"channel": pk, "format": "reel", "options": options, "cover": video.pk}
    body = {"brand": brand.slug, "text": "A", "channels": [pk], "media": [video.pk], "variants": [variant]}
    answer = api.post(API, body)
    assert answer.status_code == 201, answer.json()
    said = answer.json()["variants"][0]
    assert (said["format"], said["options"], said["cover"]) == ("reel", options, video.pk)
    for wrong in ({"options": {"a": {}}}, {"options": {"a": 1.5}}, {"format": "poster"}, {"options": {"a": [1]}}):
        assert api.post(API, {**body, "variants": [{**variant, **wrong}]}).status_code == 400, wrong
    assert api.post(API, {**body, "variants": [{**variant, "cover": 999_999}]}).status_code == 404
    many = {f"o{n}": "x" for n in range(200)}
    assert api.post(API, {**body, "variants": [{**variant, "options": many}]}).status_code == 400


def test_an_unknown_setting_is_never_dropped_in_silence(admin: Any, brand: Brand, studio_channel: Channel) -> None:
    post = create_post(
        brand=brand,
        text="A",
        channels=[studio_channel],
        variants=[NewVariant(channel=studio_channel, options={"privacy": "public", "loudness": "11"})],
        actor=admin,
    )
    with pytest.raises(NotReady, match="“Loudness” has a value that this channel does not take"):
        schedule_post(post=post, now=True, actor=admin)


def test_approval_is_bound_to_options_format_and_cover(
    strict_brand: Brand, video: Any, studio_channel: Channel, writer: Any, admin: Any
) -> None:
    usual = {"privacy": "public"}

    def submitted() -> Post:
        post = create_post(
            brand=strict_brand,
            text="A",
            channels=[studio_channel],
            media=[MediaUse(video)],
            variants=[NewVariant(channel=studio_channel, options=usual)],
            actor=writer,
        )
        return approve_post(post=submit_post(post=post, actor=writer), actor=admin)

    changes = (
        NewVariant(channel=studio_channel, options={"privacy": "only_me"}),
        NewVariant(channel=studio_channel, options={**usual, "format": "reel"}),
        NewVariant(channel=studio_channel, options=usual, cover=video),
    )
    for change in changes:
        post = submitted()
        assert post.state == "approved"
        assert update_post(post=post, fields={"variants": [change]}, actor=writer).state == "in_review"
    same = NewVariant(channel=studio_channel, options={**usual, "visibility": "public", "allow_comments": True})
    assert update_post(post=submitted(), fields={"variants": [same]}, actor=writer).state == "approved"


def test_the_delivery_carries_them(
    admin: Any, brand: Brand, video: Any, studio_channel: Channel, tomorrow: Any
) -> None:
    create_post(
        brand=brand,
        text="A",
        channels=[studio_channel],
        media=[MediaUse(video)],
        variants=[NewVariant(channel=studio_channel, options={"privacy": "public", "format": "reel"}, cover=video)],
        scheduled_at=tomorrow,
        actor=admin,
    )
    payload = Delivery.objects.get().payload
    assert payload["options"] == {"privacy": "public", "format": "reel"}
    assert payload["cover"]["path"] == video.poster["path"]
    assert payload["media"][0]["video"]["video_codec"] == "h264"


def test_a_choice_is_called_as_the_network_calls_it_in_the_readers_language() -> None:
    option = Option("category", OptionKind.CHOICE, ("28", "29", "99"), names={"fr": {"28": "Science et technologie"}})
    with translation.override("fr"):
        assert choice_in(option, "28") == said("category", "28", option) == "Science et technologie"
        assert choice_in(option, "29") == "Associations et engagement"
        assert said("category", "99", option) == "99"
    with translation.override("en"):
        assert choice_in(option, "28") == "Science and technology"


def test_playlists_are_chosen_by_their_titles_and_one_that_is_gone_can_be_let_go(
    client_for: Any, admin: Any, brand: Brand
) -> None:
    listed = [["PL2", "Conseils & entretien"], ["PL1", "Dans l’atelier"]]
    channel = ChannelFactory(brand=brand, network="youtube", limits={"playlists": {"listed": listed}})
    client, name = client_for(admin), f"option-{channel.pk}-playlists"
    new = client.get(NEW).content.decode()
    assert re.findall(rf'name="{name}" value="(\w+)"( checked)?>([^<]+)<', new) == [
        ("PL2", "", "Conseils &amp; entretien"),
        ("PL1", "", "Dans l’atelier"),
    ]
    typed = {**form(brand, channel, option_title="Une lampe"), name: ["PL1", "PL2"]}
    assert client.post(NEW, typed).status_code == 302
    variant = Variant.objects.get()
    assert variant.options["playlists"] == ["PL1", "PL2"]
    Channel.objects.filter(pk=channel.pk).update(limits={"playlists": {"listed": listed[1:]}})
    edit = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert re.findall(rf'name="{name}" value="(\w+)" checked>([^<]+)<', edit) == [
        ("PL1", "Dans l’atelier"),
        ("PL2", "PL2 (no longer there)"),
    ]
    assert "Dans l’atelier, PL2" in client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    Channel.objects.filter(pk=channel.pk).update(limits={})
    assert f'name="{name}"' not in client.get(NEW).content.decode()


def test_titles_in_other_languages_are_written_side_by_side_and_seen_by_whoever_approves(
    client_for: Any, admin: Any, brand: Brand
) -> None:
    channel = ChannelFactory(brand=brand, network="youtube")
    client, name = client_for(admin), f"option-{channel.pk}-translations"
    typed = {
        **form(brand, channel, option_title="Une lampe"),
        "language": "fr",
        name: ["en", "", "de"],
        f"{name}-title": ["A lamp", "", ""],
        f"{name}-text": ["Made\r\nby hand", "", "Von Hand"],
    }
    assert client.post(NEW, typed).status_code == 302
    variant = Variant.objects.get()
    assert variant.options["translations"] == ["en\nA lamp\nMade\nby hand", "de\n\nVon Hand"]
    edit = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    shown = edit.split('<ul class="translations"')[1].split("<template>")[0]
    assert re.findall(r'<option value="([\w-]+)" selected>', shown) == ["en", "de"]
    assert re.findall(rf'name="{name}-title" value="([^"]*)"', shown) == ["A lamp", ""]
    assert re.findall(r"<textarea[^>]*>\n([^<]*)</textarea>", shown) == ["Made\nby hand", "Von Hand"]
    page = client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    assert "<dt>English</dt><dd>A lamp<br>Made<br>by hand</dd>" in page
    assert "the title in German has 0 characters; the network takes 1 to 100" in page
    untold = {**typed, "language": "", name: [""], f"{name}-title": ["A lamp"], f"{name}-text": [""]}
    preview = client.post("/o/lumiere/posts/preview/", untold).content.decode()
    assert "first say which language the publication itself is in" in preview
    assert "choose a language for each" in preview


def test_three_pictures_without_a_description_are_one_thing_to_read(
    client_for: Any, admin: Any, brand: Brand, channel: Channel
) -> None:
    photos = MediaAssetFactory.create_batch(3, brand=brand, alt_text="")
    post = create_post(
        brand=brand, text="A", channels=[channel], media=[MediaUse(photo) for photo in photos], actor=admin
    )
    client = client_for(admin)
    form = {"brand": brand.slug, "text": "A", "channel": channel.pk, "media": [photo.pk for photo in photos]}
    page = client.get(f"/o/lumiere/posts/{post.pk}/").content.decode()
    preview = client.post("/o/lumiere/posts/preview/", {**form, "action": "draft"}).content.decode()
    found = [html.count("An image has no description") for html in (page, preview)]
    assert found == [2, 1]  # the page says it above and beside the channel
