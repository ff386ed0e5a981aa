"""What LinkedIn lets be kept for some hours only is forgotten in time, everywhere, and does not come back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from publishing.enums import DeliveryState
from publishing.models import Attempt, Delivery, Part
from publishing.services.content import content_of
from publishing.services.parts import send_parts
from reputation.enums import ReplyState
from reputation.filters import MentionFilter
from reputation.models import Mention, PullState, Reply
from reputation.selectors.mentions import list_mentions
from reputation.services import retention
from reputation.services.ingest import store_told
from reputation.services.mentions import correct_sentiment, judge_again, mark_done
from reputation.services.moderation import do_requested
from reputation.services.pulls import pull_channel
from reputation.services.replies import work_on, write_reply
from socialops.audit.models import Event
from socialops.networks import http, registry
from socialops.networks.ports import RemoteMention, Target
from socialops.notifications.models import Notification
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system, tenant
from teams.models import Assignment, Channel
from teams.selectors.actors import actor_for
from teams.selectors.channels import target_for
from teams.services.channels import connect_channel
from teams.services.rights import rebuild_rights
from tests.counting import questions
from tests.factories.publishing import DeliveryFactory
from tests.factories.reputation import MentionFactory
from tests.factories.teams import BrandFactory, ChannelFactory, MemberFactory, RoleFactory
from tests.reputation.test_pulls import publish
from tests.sandbox_server import Sandbox, start_sandbox

SECOND = dt.timedelta(seconds=1)
WORDS, NAME = "Zyxqvortek", "Oxenstjernk"  # whatever stems words leaves these as they are
FEELING = "déçue"  # a word that the model gives as its reason
POST = "urn:li:share:7000"


def stored(channel: Channel, hours: float, **more: Any) -> Mention:
    """A comment that came so many hours ago."""
    known = {
        "text": f"{WORDS} : très déçu",
        "author_name": f"Ada {NAME}",
        "author_handle": f"ada-{NAME}".lower(),
        "author_url": f"https://www.linkedin.com/in/{NAME}",
        "author_avatar_url": f"https://media.licdn.com/{NAME}.jpg",
        "author_id": "urn:li:person:ada",
        "sentiment_explanation": [{"text": WORDS, "weight": -1.0, "negator": ""}],
    }
    mention: Mention = MentionFactory(channel=channel, **known | more)
    Mention.objects.filter(pk=mention.pk).update(received_at=timezone.now() - dt.timedelta(hours=hours))
    return mention


@pytest.fixture
def linkedin(brand: Any) -> Channel:
    return ChannelFactory(brand=brand, network="linkedin", external_id="urn:li:organization:1")


def forget(after: dt.timedelta = dt.timedelta()) -> int:
    return retention.forget_batch(now=timezone.now() + after)


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("hours", "off", "left"),
    [
        (24, -SECOND, {"name", "words"}),
        (24, SECOND, {"words"}),
        (48, -SECOND, {"words"}),
        (48, SECOND, set()),
    ],
)
def test_names_go_after_24_hours_and_words_after_48(
    linkedin: Channel, hours: int, off: dt.timedelta, left: set[str]
) -> None:
    mention = stored(linkedin, 0)
    mention.refresh_from_db()
    retention.forget_batch(now=mention.received_at + dt.timedelta(hours=hours) + off)
    mention.refresh_from_db()
    named, worded = "name" in left, "words" in left
    author = (mention.author_name, mention.author_handle, mention.author_url, mention.author_avatar_url)
    assert (all(author), any(author)) == (named, named)
    assert (mention.author_expired_at is None, mention.expired_at is None) == (named, worded)
    assert (bool(mention.text), bool(mention.language), bool(mention.sentiment_explanation)) == (worded,) * 3
    assert (WORDS.lower() in str(mention.search), NAME.lower() in str(mention.search)) == (worded, named)


def test_what_is_none_of_the_members_stays(linkedin: Channel, admin: Actor) -> None:
    mention = stored(linkedin, 50, in_reply_to=POST, root=POST, sentiment="negative")
    correct_sentiment(mention=mention, sentiment="neutral", actor=admin)
    mark_done(mention=mention, actor=admin)
    before = Mention.objects.values().get(pk=mention.pk)
    Reply.objects.create(mention=mention, text="Merci !", author_name="Claire")
    assert (forget(), forget()) == (1, 0)
    after = Mention.objects.values().get(pk=mention.pk)
    gone = {
        "text", "author_name", "author_handle", "author_url", "author_avatar_url", "language", "language_declared",
        "sentiment_explanation", "search", "expired_at", "author_expired_at",
    }  # fmt: skip
    assert {name for name, value in after.items() if value != before[name]} == gone
    assert (after["sentiment"], after["human_sentiment"], after["done_by_id"]) == ("negative", "neutral", admin.user_id)
    assert Reply.objects.get().text == "Merci !"


def test_other_networks_keep_what_they_gave(channel: Channel) -> None:
    assert channel.network == "mastodon"
    stored(channel, 24 * 400)
    assert forget() == 0
    assert Mention.objects.get().text


def test_the_oldest_are_forgotten_first_in_batches(linkedin: Channel, monkeypatch: Any) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for hours in (30, 40, 50, 60, 70):
        stored(linkedin, hours)
    stored(linkedin, 1)
    assert [forget() for _ in range(4)] == [2, 2, 1, 0]  # the oldest first
    assert Mention.objects.exclude(expired_at=None).count() == 3
    assert Mention.objects.exclude(author_expired_at=None).count() == 5


def test_every_organization_is_swept(bare_organization: Any, other_organization: Any) -> None:
    both = (bare_organization, other_organization)
    for organization in both:
        with tenant(organization):
            stored(ChannelFactory(network="linkedin"), 50)
            stored(ChannelFactory(network="linkedin"), 1)
    assert (retention.forget_expired(), retention.forget_expired()) == (2, 0)
    for organization in both:
        with tenant(organization):
            assert Mention.objects.exclude(expired_at=None).count() == 1


@pytest.mark.parametrize("many", [1, 30])
def test_thirty_cost_no_more_than_one(linkedin: Channel, many: int) -> None:
    for _ in range(many):
        stored(linkedin, 50)
    with questions() as asked:
        assert forget() == many
    assert len(asked) == 3, asked


def test_the_database_itself_takes_nothing_back(linkedin: Channel) -> None:
    mention = stored(linkedin, 50)
    forget()
    for column in ("text", "author_name", "author_handle", "language"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mention.objects.filter(pk=mention.pk).update(**{column: "fr"})


def test_a_newer_model_judges_no_empty_text(linkedin: Channel) -> None:
    stored(linkedin, 50, sentiment="negative", sentiment_model="earlier")
    forget()
    assert judge_again() == 0
    assert Mention.objects.get().sentiment == "negative"


@pytest.mark.parametrize("text", ["Le même", "Le même, corrigé"])
def test_told_again_it_is_not_stored_again(linkedin: Channel, text: str) -> None:
    mention = stored(linkedin, 50)
    forget()
    again = RemoteMention(
        external_id=mention.external_id, kind="comment", author_id="urn:li:person:ada", author_handle="ada",
        author_name="Ada", text=text, url="https://www.linkedin.com/x", created_at=timezone.now(),
    )  # fmt: skip
    assert store_told(channel=linkedin, remote=again) == []
    assert Mention.objects.get().text == ""


# ---------------------------------------------------------------- what people see


SENTENCE = "LinkedIn lets this be kept for 48 hours: read it on LinkedIn."


def test_screens_say_why_there_is_no_text(linkedin: Channel, admin: Actor, client_for: Any) -> None:
    mention = stored(linkedin, 50, url="https://www.linkedin.com/feed/update/x")
    other = stored(linkedin, 30, in_reply_to=mention.external_id)
    forget()
    client = client_for(admin)
    for path in ("mentions/", f"mentions/{mention.pk}/", f"mentions/{other.pk}/"):
        page = client.get(f"/o/lumiere/{path}").content.decode()
        assert (
            f'<a href="https://www.linkedin.com/feed/update/x" target="_blank" rel="noopener noreferrer">{SENTENCE}'
            in page
        )
        assert "LinkedIn member" in page
        assert NAME not in page
    assert "Unclear language" not in client.get(f"/o/lumiere/mentions/{mention.pk}/").content.decode()
    client.cookies["django_language"] = "fr"
    admin.user.language = "fr"
    admin.user.save(update_fields=["language"])
    page = client.get(f"/o/lumiere/mentions/{mention.pk}/").content.decode()
    assert "LinkedIn ne permet de le garder que 48 heures" in page
    assert "Membre de LinkedIn" in page


def test_api_and_export_say_so_too(linkedin: Channel, admin: Actor, client_for: Any, api_for: Any) -> None:
    mention = stored(linkedin, 50)
    forget()
    told = api_for(admin).get(f"/api/v1/organizations/lumiere/mentions/{mention.pk}/").json()
    assert (told["text"], told["expired_at"] is None, told["author_expired_at"] is None) == ("", False, False)
    assert told["author"] == {"id": "urn:li:person:ada", "handle": "", "name": "", "url": ""}
    assert told["model"]["explanation"] == []
    assert told["actions"] == ["delete", "like", "reply", "unlike"]
    sheet = client_for(admin).get(reverse("reputation:export", args=["lumiere"])).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(sheet))
    assert (row["Text"], row["Author"], row["Link"], row["Language"]) == (SENTENCE, "", mention.url, "")


def test_search_finds_it_no_more_and_it_is_no_text_of_unclear_language(linkedin: Channel, admin: Actor) -> None:
    stored(linkedin, 30, external_id="a")
    stored(linkedin, 50, external_id="b")

    def found(**wanted: Any) -> set[str]:
        return {mention.external_id for mention in list_mentions(admin, MentionFilter(**wanted))}

    assert (found(q=WORDS), found(q=NAME)) == ({"a", "b"}, {"a", "b"})
    forget()
    assert (found(q=WORDS), found(q=NAME), found(language="none")) == ({"a"}, set(), set())
    assert found(network="linkedin") == {"a", "b"}


# ---------------------------------------------------------------- everywhere


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started
    http.client().close()
    http.client.cache_clear()


def holding(word: str) -> set[tuple[str, str]]:
    """(table, column) of every text, JSON and search column that holds the word, whoever's."""
    found = set()
    with system("the whole schema is searched"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) "
            "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' "
            "AND (data_type IN ('text', 'character varying', 'json', 'jsonb', 'tsvector', 'ARRAY') OR udt_name = 'bytea')"
        )
        columns = cursor.fetchall()
        assert len(columns) > 150
        for table, column in columns:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s)', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.add((table, column))
    return found


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_comment_is_left_in_any_table(sandbox: Sandbox, settings: Any, bare_organization: Any) -> None:
    """Read, shown, judged, acted on, answered, then two days later: no column of the schema knows the name or the words."""
    settings.NETWORKS = {
        "linkedin": {"base_url": sandbox.url("linkedin"), "client_id": "sandbox-app", "client_secret": "sandbox-secret"}
    }
    connector = registry.connector_for("linkedin")
    made = sandbox.account("linkedin", f"b{uuid.uuid4().hex[:12]}", "Café Test")
    account = connector.connect_with_token(base_url=sandbox.url("linkedin"), values=made)
    with tenant(bare_organization):
        somebody = _somebody(bare_organization)
        where = {"brand": BrandFactory(), "network": "linkedin", "base_url": sandbox.url("linkedin")}
        channel = connect_channel(account=account, actor=somebody, **where)
        target = target_for(channel)
    post = publish(connector, target)
    with tenant(bare_organization):
        known = {"external_id": post.external_id, "external_url": post.url, "state": DeliveryState.PUBLISHED}
        delivery = DeliveryFactory(channel=channel, published_at=timezone.now(), **known)
        Part.objects.create(delivery=delivery, position=1, kind="first_comment", text="Le lien")
    said = {"author": f"Ada {NAME}", "text": f"Je suis très {FEELING} par {WORDS}"}
    sandbox.crowd("linkedin", "comment", post_id=post.external_id, **said)
    sandbox.crowd("linkedin", "mention", account=account.external_id, **said)
    assert pull_channel(channel=channel) == 2
    _first_comment_whose_answer_is_lost(sandbox, delivery, target)
    _act_and_answer(sandbox, bare_organization, somebody)

    mention = "reputation_mention"
    assert holding(WORDS) == {(mention, "text"), (mention, "search")}
    assert holding(FEELING) == {(mention, "text"), (mention, "sentiment_explanation")}
    assert holding(NAME) == {(mention, name) for name in ("author_name", "author_handle", "search")}
    for hours, left in ((24, {WORDS, FEELING}), (48, set())):
        with tenant(bare_organization):
            Mention.objects.update(received_at=timezone.now() - dt.timedelta(hours=hours))
        assert retention.forget_expired() == 2
        assert {word for word in (WORDS, FEELING, NAME) if holding(word)} == left
    with tenant(bare_organization):
        PullState.objects.update(cursor={})
    assert pull_channel(channel=channel) == 0  # reads both again, from the beginning
    assert holding(WORDS) | holding(FEELING) | holding(NAME) == set()
    _still_answers(sandbox, bare_organization, somebody)


def _somebody(organization: Any) -> Actor:
    member = MemberFactory()
    Assignment.objects.create(member=member, role=RoleFactory(rights=[right.value for right in Right]))
    rebuild_rights(member=member)
    actor = actor_for(user=member.user, organization=organization)
    assert actor is not None
    return actor


def _first_comment_whose_answer_is_lost(sandbox: Sandbox, delivery: Delivery, target: Target) -> None:
    """Looked for among the comments of others."""
    with tenant(delivery.organization_id):
        Delivery.objects.filter(pk=delivery.pk).update(lease_owner="me")
        row = Delivery.objects.select_related("channel", "brand").get(pk=delivery.pk)
    sandbox.fault("drop", "linkedin", method="POST", path="/comments$")
    for _ in range(2):
        row.lease_owner = "me"
        with tenant(delivery.organization_id):
            Delivery.objects.filter(pk=delivery.pk).update(lease_owner="me")
        send_parts(row, registry.connector_for("linkedin"), target, content_of(row))
    with tenant(delivery.organization_id):
        assert Part.objects.get().state == DeliveryState.PUBLISHED
        assert "reconcile" in Attempt.objects.values_list("step", flat=True)


def _act_and_answer(sandbox: Sandbox, organization: Any, actor: Actor) -> None:
    """Everything that writes something down about a mention, the network's refusals included."""
    with tenant(organization):
        comment = Mention.objects.get(kind="comment")
        correct_sentiment(mention=comment, sentiment="positive", actor=actor)
        mark_done(mention=comment, actor=actor)
    sandbox.fault("500_before", "linkedin", method="POST", path="/reactions")
    asked = {"organization_id": organization.pk, "mention_id": comment.pk, "user_id": actor.user_id}
    do_requested(action="like", **asked)
    do_requested(action="like", **asked)
    sandbox.fault("drop", "linkedin", method="POST", path="/comments$")
    _answer(organization, comment, actor, "Bonjour, nous regardons.", rounds=2)
    with tenant(organization):
        assert Notification.objects.filter(kind="mention.action_failed").count() == 1
        actions = set(Event.objects.filter(target_kind="mention").values_list("action", flat=True))
        assert actions == {"mention.sentiment_corrected", "mention.done", "mention.like", "mention.answered"}
        assert set(Reply.objects.values_list("state", flat=True)) == {ReplyState.SENT}


def _still_answers(sandbox: Sandbox, organization: Any, actor: Actor) -> None:
    with tenant(organization):
        comment = Mention.objects.get(kind="comment")
    _answer(organization, comment, actor, "Deux jours plus tard.")
    there = sandbox.posts("linkedin")
    assert [post["reply_to"] for post in there if post["text"] == "Deux jours plus tard."] == [comment.external_id]


def _answer(organization: Any, mention: Mention, actor: Actor, text: str, *, rounds: int = 1) -> None:
    with tenant(organization):
        reply = write_reply(mention=mention, text=text, private=False, actor=actor)
    for _ in range(rounds):
        with tenant(organization):
            Reply.objects.filter(pk=reply.pk).exclude(next_at=None).update(next_at=timezone.now())
        work_on(organization_id=organization.pk, reply_id=reply.pk)
