"""The list of mentions, what is done about one, and who may."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.utils import timezone

from reputation.filters import MentionFilter
from reputation.models import Mention
from reputation.selectors.mentions import around, list_mentions
from reputation.services.mentions import correct_sentiment, judge_again, mark_done
from socialops.audit.models import Event
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system
from tests.counting import questions
from tests.factories.publishing import DeliveryFactory
from tests.factories.reputation import MentionFactory
from tests.factories.teams import BrandFactory, ChannelFactory

LIST = "/o/lumiere/mentions/"
API = "/api/v1/organizations/lumiere/mentions/"


def found(actor, **wanted) -> set[str]:
    return {mention.external_id for mention in list_mentions(actor, MentionFilter(**wanted))}


@pytest.mark.parametrize(
    "q",
    [
        "eleve",
        "élèves",
        "ELEVE",
        "coeur",
        "cœur",
        "“pas contents”",
        "-livraison",
        "pas",
        "marie",
        "@marie@mastodon.social",
    ],
)
def test_search_ignores_accents_case_and_endings(admin, channel, q) -> None:
    MentionFactory(
        channel=channel,
        external_id="it",
        text="Un élève pas content, mais du cœur",
        author_handle="@marie@mastodon.social",
    )
    MentionFactory(channel=channel, external_id="other", text="Merci pour la livraison", author_name="Zoé")
    assert found(admin, q=q) == {"it"}


def test_english_is_stemmed_as_english(admin, channel) -> None:
    MentionFactory(channel=channel, external_id="en", language="en", text="My deliveries were wonderful")
    assert found(admin, q="delivery") == {"en"}
    assert found(admin, q="\"' & | ! ( :*") == set()


def test_filters_narrow(admin, brand, channel) -> None:
    other = ChannelFactory(brand=BrandFactory(), network="bluesky")
    now = timezone.now()
    MentionFactory(
        channel=channel, external_id="a", sentiment="negative", kind="comment", published_at=now - dt.timedelta(days=10)
    )
    MentionFactory(channel=other, external_id="b", language="en", done_at=now)
    MentionFactory(channel=other, external_id="c", language="de", human_sentiment="negative", human_sentiment_at=now)
    MentionFactory(channel=other, external_id="d", language="")
    assert found(admin, brand=brand.pk) == {"a"}
    assert found(admin, channel=other.pk) == {"b", "c", "d"}
    assert found(admin, network="bluesky") == {"b", "c", "d"}
    assert found(admin, sentiment="negative") == {"a", "c"}
    assert found(admin, sentiment="positive") == {"b", "d"}
    assert found(admin, kind="comment") == {"a"}
    assert found(admin, language="en") == {"b"}
    assert found(admin, language="other") == {"c"}
    assert found(admin, language="none") == {"d"}
    assert found(admin, done=True) == {"b"}
    assert found(admin, until=(now - dt.timedelta(days=5)).date()) == {"a"}
    assert found(admin, since=(now - dt.timedelta(days=5)).date(), done=False) == {"c", "d"}


def test_a_person_and_the_model_never_overwrite_each_other(admin, channel) -> None:
    mention = MentionFactory(channel=channel, text="Je ne suis pas content du tout", sentiment="positive")
    correct_sentiment(mention=mention, sentiment="neutral", actor=admin)
    assert judge_again() == 1
    assert judge_again() == 0
    mention = Mention.objects.get()
    assert (mention.sentiment, mention.human_sentiment, mention.label) == ("negative", "neutral", "neutral")
    assert mention.human_sentiment_by == admin.user
    assert mention.sentiment_explanation
    correct_sentiment(mention=mention, sentiment="", actor=admin)
    mention = Mention.objects.get()
    assert (mention.label, mention.human_sentiment_at, mention.human_sentiment_by) == ("negative", None, None)
    assert list(Event.objects.order_by("id").values_list("action", flat=True)) == [
        "mention.sentiment_corrected",
        "mention.correction_undone",
    ]


def test_done_twice_is_done_once(admin, channel) -> None:
    mention = MentionFactory(channel=channel)
    mark_done(mention=mention, actor=admin)
    mark_done(mention=mention, actor=admin)
    assert Event.objects.filter(action="mention.done").count() == 1


def test_the_list_costs_the_same_for_one_row_and_three(admin, channel, client_for) -> None:
    client = client_for(admin)
    counts = []
    for many in (1, 2):
        for _ in range(many):
            MentionFactory(channel=channel, delivery=DeliveryFactory(channel=channel))
        client.get(LIST)
        with questions() as asked:
            assert client.get(LIST).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


def test_the_list_says_what_a_row_is(admin, channel, client_for) -> None:
    delivery = DeliveryFactory(channel=channel, label="Ouverture du magasin")
    MentionFactory(
        channel=channel, text="<script>alert(1)</script> bravo", delivery=delivery, sentiment_confidence=0.42
    )
    page = client_for(admin).get(LIST).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "Ouverture du magasin" in page
    assert "To check" in page
    assert "Mastodon" in page
    assert 'lang="fr"' in page


def test_a_correction_by_form_and_its_undo(admin, channel, client_for) -> None:
    mention = MentionFactory(channel=channel)
    client = client_for(admin)
    url = f"{LIST}{mention.pk}/sentiment/"
    answer = client.post(url, {"to": "negative"}, follow=True)
    assert f"{url}?to=" in answer.content.decode()
    assert Mention.objects.get().human_sentiment == "negative"
    client.post(f"{url}?to=")
    assert Mention.objects.get().human_sentiment == ""
    client.post(url, {"to": "furious"})
    assert Mention.objects.get().human_sentiment == ""


def test_htmx_gets_the_row_or_the_panel_back(admin, channel, client_for) -> None:
    mention = MentionFactory(channel=channel)
    client = client_for(admin)
    row = client.post(f"{LIST}{mention.pk}/done/", headers={"hx-request": "true"}).content.decode()
    assert row.startswith("<article")
    assert "Reopen" in row
    assert f"{mention.pk}/reopen/" in row
    panel = client.post(
        f"{LIST}{mention.pk}/reopen/", {"from": "panel"}, headers={"hx-request": "true"}
    ).content.decode()
    assert "panel-head" in panel
    assert 'hx-swap-oob="true"' in panel
    assert "Why this label" in client.get(f"{LIST}{mention.pk}/", headers={"hx-request": "true"}).content.decode()


def test_a_mention_shows_its_conversation(admin, channel, client_for) -> None:
    delivery = DeliveryFactory(channel=channel, payload={"text": "Notre annonce"}, external_id="post")
    first = MentionFactory(channel=channel, external_id="first", delivery=delivery, in_reply_to="post", text="Premier")
    second = MentionFactory(
        channel=channel, external_id="second", delivery=delivery, in_reply_to="first", text="Deuxième"
    )
    MentionFactory(channel=channel, text="Ailleurs")
    assert around(second) == [first]
    page = client_for(admin).get(f"{LIST}{second.pk}/").content.decode()
    assert "Notre annonce" in page
    assert "Premier" in page
    assert "Ailleurs" not in page


def test_who_may_what(actor_with, channel, client_for, api_for) -> None:
    mention = MentionFactory(channel=channel)
    elsewhere = ChannelFactory()
    outsider = client_for(actor_with(Right.VIEW, Right.REPLY_PUBLICLY, scope=elsewhere))
    reader_actor = actor_with(Right.VIEW)
    reader = client_for(reader_actor)
    for path in ("sentiment", "done", "reopen"):
        assert outsider.post(f"{LIST}{mention.pk}/{path}/", {"to": "neutral"}).status_code == 404
        assert reader.post(f"{LIST}{mention.pk}/{path}/", {"to": "neutral"}).status_code == 403
    assert outsider.get(f"{LIST}{mention.pk}/").status_code == 404
    assert mention.text not in outsider.get(LIST).content.decode()
    assert outsider.get(f"{LIST}?channel={channel.pk}").status_code == 404
    assert reader.get(f"{LIST}?brand=nowhere").status_code == 404
    assert reader.get(f"{LIST}export.csv").status_code == 403
    assert reader.get(f"{LIST}{mention.pk}/").status_code == 200
    assert api_for(reader_actor).patch(f"{API}{mention.pk}/", {"done": True}).status_code == 403
    assert Mention.objects.get().done_at is None


def test_another_organizations_mention_does_not_exist(foreign, organization, admin, client_for, api_for) -> None:
    with system("a test makes a row elsewhere"):
        theirs = MentionFactory(channel=foreign.channel, organization=foreign.organization)
    assert client_for(admin).get(f"{LIST}{theirs.pk}/").status_code == 404
    assert client_for(admin).get(f"{LIST}?channel={foreign.channel.pk}").status_code == 404
    assert api_for(admin).patch(f"{API}{theirs.pk}/", {"done": True}).status_code == 404
    assert api_for(admin).get(f"{API}?channel={foreign.channel.pk}").status_code == 404


def test_the_export_runs_no_formula_and_follows_the_filters(admin, channel, client_for) -> None:
    MentionFactory(channel=channel, text='=HYPERLINK("http://evil")', author_name="@SUM(1)", sentiment="negative")
    MentionFactory(channel=channel, text="Autre", sentiment="positive")
    answer = client_for(admin).get(f"{LIST}export.csv?sentiment=negative")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][7] == '\'=HYPERLINK("http://evil")'
    assert rows[1][5] == "'@SUM(1)"
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_api_lists_filters_and_changes(admin, channel, api_for) -> None:
    for number in range(3):
        MentionFactory(
            channel=channel, external_id=f"m{number}", published_at=timezone.now() - dt.timedelta(hours=number)
        )
    api = api_for(admin)
    first = api.get(f"{API}?page_size=2").json()
    assert [row["external_id"] for row in first["results"]] == ["m0", "m1"]
    assert [row["external_id"] for row in api.get(first["next"]).json()["results"]] == ["m2"]
    pk = first["results"][0]["id"]
    answer = api.patch(f"{API}{pk}/", {"human_sentiment": "negative", "done": True})
    assert answer.status_code == 200
    assert answer.json()["sentiment"] == "negative"
    assert answer.json()["model"]["sentiment"] == "positive"
    assert answer.json()["done_at"]
    assert [row["id"] for row in api.get(f"{API}?done=true").json()["results"]] == [pk]
    assert [row["id"] for row in api.get(f"{API}?sentiment=negative&q=livraison").json()["results"]] == [pk]
    assert api.patch(f"{API}{pk}/", {"human_sentiment": "furious"}).status_code == 400
    assert api.get(f"{API}?since=yesterday").status_code == 400
    assert api.patch(f"{API}{pk}/", {"human_sentiment": None, "done": False}).json()["sentiment"] == "positive"


def test_nonsense_filters_are_said_and_lose_nothing(admin, channel, client_for) -> None:
    MentionFactory(channel=channel)
    answer = client_for(admin).get(f"{LIST}?since=2026-13-45&q=%22%22&page=zz&sentiment=nope&post=abc")
    assert answer.status_code == 200
    assert "2026-13-45" in answer.content.decode()
    assert client_for(admin).get(f"{LIST}?q=introuvable").status_code == 200


def test_today_counts_the_replies_that_wait_and_leads_to_them(admin, actor_with, channel, client_for) -> None:
    ours = DeliveryFactory(channel=channel)
    MentionFactory.create_batch(2, channel=channel, delivery=ours, text="Une réponse")
    MentionFactory(channel=channel, delivery=ours, done_at=timezone.now())
    MentionFactory(channel=channel, text="Vu en passant")
    MentionFactory(delivery=DeliveryFactory(), text="Ailleurs")  # another channel's
    there = client_for(actor_with(Right.VIEW, scope=channel))
    today = there.get("/o/lumiere/today/").content.decode()
    assert "2 replies to your posts wait for somebody." in today
    assert f'href="{LIST}?ours=on"' in today
    shown = there.get(f"{LIST}?ours=on").content.decode()
    assert (shown.count("Une réponse"), "Vu en passant" in shown) == (2, False)
    Mention.objects.update(done_at=timezone.now())
    assert "No reply to your posts waits." in there.get("/o/lumiere/today/").content.decode()
