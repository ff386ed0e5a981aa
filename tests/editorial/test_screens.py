"""Each screen opens for who may, refuses who may not, and costs the same for one and many."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from editorial.models import Approval, Comment, Post, Revision, Variant
from editorial.services.posts import create_post, submit_post, update_post
from publishing.models import Delivery
from publishing.services.correction import correct_published
from socialops.permissions.rights import Right
from teams.models import Channel
from tests.counting import questions
from tests.factories.editorial import CampaignFactory, PostFactory, VariantFactory
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory, ChannelFactory
from tests.publishing.conftest import connected, network

__all__ = ["connected", "network"]
pytestmark = pytest.mark.django_db
ROOT = "/o/lumiere/"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def scheduled(brand: Any, channel: Any, at: dt.datetime, **fields: Any) -> Post:
    return VariantFactory(post__brand=brand, channel=channel, post__scheduled_at=at, **fields).post


def queries_of(client: Any, url: str) -> list[str]:
    with questions() as asked:
        assert client.get(url).status_code == 200
    return asked


def test_what_somebody_must_look_up_is_not_called_scheduled(
    client_for: Any, admin: Any, brand: Any, channel: Any
) -> None:
    """Its other channels may be out for days: "scheduled, it goes out by itself" would be false."""
    delivery = DeliveryFactory(channel=channel, state="unconfirmed")
    post = scheduled(brand, channel, timezone.now(), delivery=delivery, post__state="scheduled")
    client, own = client_for(admin), f"{ROOT}posts/{post.pk}/"
    places = (f"{ROOT}today/", f"{ROOT}calendar/", f"{ROOT}calendar/?view=list", own, f"{own}panel/")

    def said(path: str) -> str:
        return client.get(path, follow=True).content.decode()

    assert not any(">To be checked</" in said(path) for path in places[:3])  # it is being looked up by itself
    assert "It goes out by itself" in said(own)
    assert "/move/" in said(places[-1])
    Delivery.objects.update(asks_person=True)
    assert "/move/" not in said(places[-1])  # it would be refused
    assert 'draggable="true"' not in said(places[1])
    for path in places:
        assert ">To be checked</" in said(path), path
    assert "It goes out by itself" not in said(own)
    assert f'href="/o/lumiere/deliveries/{delivery.pk}/"' in said(own)


@pytest.mark.parametrize(
    "path",
    [
        "today/",
        "calendar/",
        "calendar/?view=week",
        "calendar/?view=day&on=2026-11-23",
        "calendar/?view=list",
        "calendar/?view=list&when=undated",
        "calendar/?view=list&when=past",
        "calendar/?colour=campaign&state=nonsense&on=99&campaign=x&channel=-1&q=%22",
        "calendar/filters/",
        "posts/new/",
        "posts/new/?on=2027-01-02",
        "approvals/",
        "campaigns/",
        "campaigns/new/",
    ],
)
def test_screens_open_empty_and_full(path: str, client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    client = client_for(admin)
    assert client.get(ROOT + path).status_code == 200
    campaign = CampaignFactory(brand=brand, colour="#ff0000")
    now = timezone.now()
    scheduled(brand, channel, now + dt.timedelta(hours=1), post__campaign=campaign, post__text="<script>x</script>")
    PostFactory(brand=brand, state="in_review")
    answer = client.get(ROOT + path)
    assert answer.status_code == 200
    assert b"<script>x" not in answer.content


def test_a_member_without_rights_sees_no_post(client_for: Any, actor_with: Any, brand: Any, channel: Any) -> None:
    post = scheduled(brand, channel, timezone.now())
    nobody = client_for(actor_with())
    for path in ("", "edit/", "panel/", "history/"):
        assert nobody.get(f"{ROOT}posts/{post.pk}/{path}").status_code == 404
    assert nobody.get(f"{ROOT}posts/new/").status_code == 403
    assert nobody.get(f"{ROOT}approvals/").status_code == 403
    assert "Bonjour" not in nobody.get(f"{ROOT}calendar/").content.decode()
    reader = client_for(actor_with(Right.VIEW, scope=brand))
    assert reader.get(f"{ROOT}posts/{post.pk}/").status_code == 200
    assert reader.post(f"{ROOT}posts/{post.pk}/move/", {"date": "2030-01-01"}).status_code == 403
    for action in ("submit", "approve", "schedule", "now", "unschedule", "cancel", "delete", "duplicate"):
        assert reader.post(f"{ROOT}posts/{post.pk}/do/{action}/").status_code == 403, action
    assert reader.post(f"{ROOT}posts/{post.pk}/do/explode/").status_code == 404


# ---------------------------------------------------------------- calendar


def test_a_month_of_a_thousand_posts(client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    start = dt.datetime(2027, 1, 1, 8, tzinfo=dt.UTC)
    posts = Post.objects.bulk_create(
        PostFactory.build(brand=brand, scheduled_at=start + n * dt.timedelta(days=30) / 1000) for n in range(1000)
    )
    Variant.objects.bulk_create(Variant(post=post, channel=channel) for post in posts)
    client = client_for(admin)
    url = f"{ROOT}calendar/?on=2027-01-10"
    queries = queries_of(client, url)
    assert len(queries) <= 15, "\n".join(query[:150] for query in queries)
    html = client.get(url).content.decode()
    assert len(html.encode()) <= 120_000
    shown = set(re.findall(r'data-post="(\d+)"', html))
    days = set(re.findall(r'class="cal-more" href="(\?[^"]+)"', html))
    assert len(shown) <= 3 * 31
    for day in days:
        page = client.get(f"{ROOT}calendar/{day.replace('&amp;', '&')}").content.decode()
        shown |= set(re.findall(r'data-post="(\d+)"', page))
    assert shown == {str(post.pk) for post in posts}, "every post is reachable"


def test_a_day_is_the_zones_day(client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    late = scheduled(brand, channel, dt.datetime(2027, 1, 9, 23, 30, tzinfo=dt.UTC))
    html = client_for(admin).get(f"{ROOT}calendar/?on=2027-01-10").content.decode()
    cell = html.split('data-date="2027-01-10"')[1].split("</td>")[0]
    assert f'data-post="{late.pk}"' in cell
    assert "<time>00:30</time>" in cell
    assert "Europe/Paris" in html


def test_filters_and_colours_stay_in_the_address(client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    other = ChannelFactory(brand=brand, network="bluesky", base_url="")
    at = dt.datetime(2027, 1, 9, 12, tzinfo=dt.UTC)
    one, two = scheduled(brand, channel, at), scheduled(brand, other, at)
    html = client_for(admin).get(f"{ROOT}calendar/?on=2027-01-10&network=bluesky&colour=channel").content.decode()
    assert f'data-post="{two.pk}"' in html
    assert f'data-post="{one.pk}"' not in html
    assert "on=2027-02-01&amp;colour=channel&amp;network=bluesky" in html


@pytest.mark.usefixtures("in_february")
def test_moving_keeps_the_time_and_can_be_undone(client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    at = dt.datetime(2027, 3, 20, 8, 30, tzinfo=dt.UTC)  # 09:30 in Paris
    post = scheduled(brand, channel, at)
    client = client_for(admin)
    url = f"{ROOT}posts/{post.pk}/move/"
    answer = client.post(url, {"date": "2027-03-29", "next": f"{ROOT}calendar/?on=2027-03-01"}, follow=True)
    post.refresh_from_db()
    assert post.scheduled_at == dt.datetime(2027, 3, 29, 7, 30, tzinfo=dt.UTC), "09:30 in summer time"
    undo = re.search(r'"(/o/lumiere/posts/\d+/move/\?date=[^"]+)"', answer.content.decode())
    assert undo is not None
    client.post(undo[1].replace("&amp;", "&"))
    post.refresh_from_db()
    assert post.scheduled_at == at


@pytest.mark.usefixtures("in_february")
@pytest.mark.parametrize(
    ("date", "time", "expected", "said"),
    [
        ("2027-03-28", "02:30", dt.datetime(2027, 3, 28, 1, 0, tzinfo=dt.UTC), "clocks go forward"),
        ("2027-10-31", "02:30", dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC), "clocks go back"),
        ("2020-01-01", "09:00", None, "in the past"),
        ("", "09:00", None, "Choose a day"),
        ("2027-13-01", "09:00", None, "Choose a day"),
    ],
)
def test_summer_time_and_the_past_are_told(
    client_for: Any, admin: Any, brand: Any, channel: Any, date: str, time: str, expected: Any, said: str
) -> None:
    at = dt.datetime(2027, 3, 20, 8, 30, tzinfo=dt.UTC)
    post = scheduled(brand, channel, at)
    answer = client_for(admin).post(f"{ROOT}posts/{post.pk}/move/", {"date": date, "time": time}, follow=True)
    post.refresh_from_db()
    assert post.scheduled_at == (expected or at)
    assert said in answer.content.decode()


# ---------------------------------------------------------------- composer


def form(channel: Channel, /, **fields: Any) -> dict[str, Any]:
    return {"brand": channel.brand.slug, "channel": [channel.pk], "text": "Bonjour", "action": "draft", **fields}


@pytest.mark.usefixtures("in_february")
def test_a_post_is_written_for_two_channels(client_for: Any, admin: Any, brand: Any, channel: Any) -> None:
    other = ChannelFactory(brand=brand, network="bluesky", base_url="")
    data = form(
        channel,
        channel=[channel.pk, other.pk],
        action="schedule",
        date="2027-06-01",
        time="09:30",
        **{f"detach-{other.pk}": "on", f"text-{other.pk}": "Salut", f"first-comment-{channel.pk}": "Merci"},
        **{f"parts-{other.pk}": ["Suite", " "]},
    )
    answer = client_for(admin).post(f"{ROOT}posts/new/", data, follow=True)
    assert answer.status_code == 200
    post = Post.objects.get()
    assert (post.state, post.scheduled_at) == ("scheduled", dt.datetime(2027, 6, 1, 7, 30, tzinfo=dt.UTC))
    payloads = {row.channel_id: row.payload for row in Delivery.objects.all()}
    assert (payloads[channel.pk]["text"], payloads[other.pk]["text"]) == ("Bonjour", "Salut")
    assert payloads[channel.pk]["first_comment"] == "Merci"
    assert payloads[other.pk]["parts"] == ["Suite"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "a" * 501, "action": "schedule", "date": "2027-06-01", "time": "09:30"}, "too long"),
        ({"action": "schedule"}, "Choose when"),
        ({"action": "schedule", "date": "2027-06-01"}, "both the day and the time"),
        ({"action": "schedule", "date": "2020-06-01", "time": "09:30"}, "in the past"),
        ({"link": "nonsense"}, "https://"),
        ({"channel": [], "action": "submit"}, "at least one channel"),
    ],
)
def test_a_refusal_loses_nothing(client_for: Any, admin: Any, channel: Any, change: dict[str, Any], said: str) -> None:
    answer = client_for(admin).post(f"{ROOT}posts/new/", form(channel, title="Mon titre", **change))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert said in html
    assert 'value="Mon titre"' in html
    assert form(channel, **change)["text"] in html
    assert not Post.objects.exists()


@pytest.mark.usefixtures("in_february")
def test_who_may_not_publish_submits_and_is_told_why(
    client_for: Any, writer: Any, strict_brand: Any, channel: Any
) -> None:
    client = client_for(writer)
    html = client.get(f"{ROOT}posts/new/").content.decode()
    assert "Somebody else approves it" in html
    assert 'value="now"' not in html
    client.post(f"{ROOT}posts/new/", form(channel, action="submit", date="2027-06-01", time="09:30"))
    assert Post.objects.get().state == "in_review"


def test_two_people_see_both_versions(client_for: Any, admin: Any, publisher: Any, brand: Any, channel: Any) -> None:
    post = create_post(brand=brand, text="Départ", channels=[channel], actor=admin)
    update_post(post=post, fields={"text": "Le sien"}, actor=publisher)
    client = client_for(admin)
    answer = client.post(f"{ROOT}posts/{post.pk}/edit/", form(channel, text="Le mien", version=1, action="save"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Le sien" in html
    assert "Le mien" in html
    assert 'name="version" value="2"' in html
    assert Revision.objects.get(kind="kept").content["text"] == "Le mien"
    assert "mien" in client.get(f"{ROOT}posts/{post.pk}/history/").content.decode()
    client.post(f"{ROOT}posts/{post.pk}/edit/", form(channel, text="Le mien", version=2, action="save"))
    post.refresh_from_db()
    assert post.text == "Le mien"


def test_preview_counts_by_each_networks_rule_and_writes_nothing(
    client_for: Any, admin: Any, brand: Any, channel: Any
) -> None:
    other = ChannelFactory(brand=brand, network="bluesky", base_url="")
    link = "https://example.com/" + "a" * 100
    data = form(channel, channel=[channel.pk, other.pk], text=f"Voir {link} 👩‍👩‍👧")
    html = client_for(admin).post(f"{ROOT}posts/preview/", data).content.decode()
    assert "30 / 500" in html, "an address counts 23 on Mastodon, a family emoji one"
    assert "127 / 300" in html
    assert not Post.objects.exists()


# ---------------------------------------------------------------- approval and conversation


def test_an_approver_decides_on_the_page(
    client_for: Any, approver: Any, writer: Any, strict_brand: Any, write: Any
) -> None:
    post = submit_post(post=write(), actor=writer)
    client = client_for(approver)
    assert post.text in client.get(f"{ROOT}approvals/").content.decode()
    url = f"{ROOT}posts/{post.pk}/do/"
    refused = client.post(f"{url}request-changes/", {"comment": "", "content_hash": post.content_hash}, follow=True)
    assert "needs a reason" in refused.content.decode()
    for _ in range(2):
        client.post(f"{url}approve/", {"content_hash": post.content_hash})
    post.refresh_from_db()
    assert post.state == "approved"
    assert Approval.objects.count() == 1
    own = client_for(writer).get(f"{ROOT}posts/{post.pk}/").content.decode()
    assert "Approved" in own


def test_a_correction_of_what_is_live_is_shown_beside_what_was_approved(
    client_for: Any, admin: Any, brand: Any, connected: Any, network: Any
) -> None:
    payload = {"text": "Bonjuor à tous", "language": "fr"}
    out = {"state": "published", "published_at": timezone.now(), "external_id": "1", "payload": payload}
    delivery = DeliveryFactory(channel=connected, **out)
    post = PostFactory(brand=brand, text="Bonjuor à tous", state="published")
    VariantFactory(post=post, channel=connected, delivery=delivery)
    Delivery.objects.filter(pk=delivery.pk).update(post_key=post.pk)
    network.accept("Bonjuor à tous")
    page, client = f"{ROOT}posts/{post.pk}/", client_for(admin)
    before = (post.content_hash, client.get(page).content.decode())
    assert "Corrected on the network" not in before[1]
    correct_published(delivery=delivery, text="Bonjour <à> tous", actor=admin)
    post.refresh_from_db()
    html = client.get(page).content.decode()
    assert "Corrected on the network" in html
    assert re.search(r'class="line-live" lang="fr">Bonjour &lt;à&gt; tous<', html)
    assert f'href="{ROOT}deliveries/{delivery.pk}/"' in html
    assert "Bonjuor à tous" in html  # as it was approved
    assert (post.content_hash, post.text) == (before[0], "Bonjuor à tous")
    correct_published(delivery=delivery, text="Bonjuor à tous", actor=admin)
    assert "Corrected on the network" not in client.get(page).content.decode()  # nothing differs any more


def test_authors_are_told_why_they_cannot_approve(client_for: Any, admin: Any, strict_brand: Any, write: Any) -> None:
    post = submit_post(post=write(actor=admin), actor=admin)
    client = client_for(admin)
    html = client.get(f"{ROOT}posts/{post.pk}/").content.decode()
    assert "You wrote this post: somebody else must approve it." in html
    assert post.text not in client.get(f"{ROOT}approvals/").content.decode()


def test_a_conversation_is_threaded_and_resolved(client_for: Any, admin: Any, approver: Any, write: Any) -> None:
    post = write()
    client = client_for(admin)
    url = f"{ROOT}posts/{post.pk}/comments/"
    client.post(url, {"text": "Le logo ?"})
    thread = Comment.objects.get()
    client_for(approver).post(url, {"text": "Changé", "parent": thread.pk})
    client.post(f"{url}{thread.pk}/resolve/")
    thread.refresh_from_db()
    assert thread.resolved_at is not None
    assert Comment.objects.get(parent=thread).text == "Changé"
    assert "Resolved by" in client.get(f"{ROOT}posts/{post.pk}/").content.decode()
    assert client.post(url, {"text": "x", "parent": 999}).status_code == 404


def test_campaigns_are_made_and_changed(client_for: Any, admin: Any, brand: Any) -> None:
    client = client_for(admin)
    data = {"brand": brand.slug, "name": "Rentrée", "colour": "#aa3355", "state": "planned"}
    answer = client.post(f"{ROOT}campaigns/new/", data, follow=True)
    assert "Rentrée" in answer.content.decode()
    again = client.post(f"{ROOT}campaigns/new/", data)
    assert (again.status_code, "already has" in again.content.decode()) == (400, True)


@pytest.mark.parametrize("path", ["today/", "calendar/?view=list", "approvals/", "campaigns/"])
def test_pages_cost_the_same_for_one_and_three(
    path: str, client_for: Any, admin: Any, brand: Any, channel: Any
) -> None:
    client = client_for(admin)
    client.get(ROOT + path)  # what is read once a process is read now
    soon = timezone.now() + dt.timedelta(minutes=1)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            campaign = CampaignFactory(brand=brand)
            scheduled(brand, channel, soon, post__campaign=campaign, post__state="in_review")
        asked = queries_of(client, ROOT + path)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20, asked


def test_another_organizations_things_do_not_exist(foreign: Any, client_for: Any, admin: Any, channel: Any) -> None:
    client = client_for(admin)
    assert client.get(f"{ROOT}posts/new/?brand={foreign.brand.slug}").status_code == 404
    data = form(channel, channel=[foreign.channel.pk, channel.pk])
    client.post(f"{ROOT}posts/new/", data)
    assert [variant.channel_id for variant in Variant.objects.all()] == [channel.pk]


def test_an_unused_brand_zone(client_for: Any, admin: Any) -> None:
    brand = BrandFactory(slug="ailleurs", time_zone="America/New_York")
    html = client_for(admin).get(f"{ROOT}calendar/?brand=ailleurs").content.decode()
    assert brand.time_zone in html
