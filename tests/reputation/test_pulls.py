"""Reading channels: against the sandbox networks, and against a network that misbehaves."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from publishing.enums import DeliveryState
from reputation import rules, tasks
from reputation.models import Mention, PullState
from reputation.services import ingest
from reputation.services.ingest import judge, store_page
from reputation.services.pulls import pull_channel, take_due
from reputation.web.present import Row
from socialops.networks import http, registry
from socialops.networks.errors import AuthError, Code, NetworkError, OutageError, RateLimitError, ValidationError
from socialops.networks.ports import Content, EventKind, Held, MentionPage, RemoteMention, WebhookEvent
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.selectors.channels import target_for
from teams.services.channels import connect_channel
from teams.signals import network_event
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory, ChannelFactory, CredentialFactory
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def said(external_id: str, text: str = "Merci beaucoup, c’est parfait", **more: Any) -> RemoteMention:
    known = {
        "kind": "reply", "author_id": "someone", "author_handle": "@camille@social.example", "author_name": "Camille",
        "url": f"https://social.example/{external_id}", "created_at": timezone.now() - dt.timedelta(minutes=5),
    }  # fmt: skip
    return RemoteMention(external_id=external_id, text=text, **known | more)


class Reader:
    """A network whose answers are written beforehand: pages, or errors."""

    needs_app = edits_anew = False
    reads_told = False
    holds_replies = True
    held: dict[str, Held | None]
    told: dict[str, RemoteMention | Exception | None]

    def __init__(self) -> None:
        self.told = {}
        self.held = {}
        self.answers: list[MentionPage | Exception] = []
        self.cursors: list[dict[str, Any]] = []

    def pull_mentions(self, target: Any, *, cursor: Any, watched: Any) -> MentionPage:
        assert not connection.in_atomic_block
        self.cursors.append(dict(cursor))
        answer = self.answers.pop(0) if self.answers else MentionPage((), dict(cursor))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_told(self, target: Any, *, external_id: str, root: str) -> RemoteMention | None:
        assert not connection.in_atomic_block
        answer = self.told[external_id]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_held(self, target: Any, *, root: str) -> Held | None:
        assert not connection.in_atomic_block
        return self.held[root]


def the_reader() -> Reader:
    raise AssertionError("replaced by the fixture")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    fake = Reader()
    monkeypatch.setitem(registry._CONNECTORS, "mastodon", f"{__name__}:the_reader")
    monkeypatch.setattr(f"{__name__}.the_reader", lambda: fake)
    registry.connector_for.cache_clear()
    yield fake
    registry.connector_for.cache_clear()


@pytest.fixture
def listening(bare_organization) -> Channel:
    with tenant(bare_organization):
        channel = ChannelFactory()
        CredentialFactory(channel=channel)
        PullState.objects.create(channel=channel)
    return channel


@pytest.fixture
def rows(bare_organization):
    def read() -> dict[str, Mention]:
        with tenant(bare_organization):
            return {row.external_id: row for row in Mention.objects.select_related("delivery")}

    return read


@pytest.fixture
def state(bare_organization, listening):
    def read() -> PullState:
        with tenant(bare_organization):
            return PullState.objects.get(channel=listening)

    return read


def test_pages_are_kept_once_and_the_cursor_follows(reader, listening, rows, state) -> None:
    reader.answers = [
        MentionPage((said("1"), said("2", "Honteux, service nul")), {"n": 1}, more=True),
        MentionPage((said("2"), said("3", "hello\0 \ud800world", url="javascript:alert(1)")), {"n": 2}),
    ]
    assert pull_channel(channel=listening) == 3
    kept = rows()
    assert set(kept) == {"1", "2", "3"}
    assert kept["1"].sentiment == "positive"
    assert kept["2"].sentiment == "negative"
    assert kept["2"].sentiment_model
    assert kept["3"].url == ""
    assert "\0" not in kept["3"].text
    assert reader.cursors == [{}, {"n": 1}]
    assert state().cursor == {"n": 2}
    assert state().last_success_at
    assert state().next_pull_at > timezone.now() + dt.timedelta(seconds=30)


def test_what_is_told_by_its_ids_alone_is_read_at_the_next_turn(
    reader, listening, rows, state, bare_organization
) -> None:
    reader.reads_told = True
    with tenant(bare_organization):
        for external_id in ("a", "gone", "refused", "b", "b"):
            event = WebhookEvent(EventKind.MENTION, listening.external_id, external_id, "root")
            network_event.send(sender=Channel, channel=listening, event=event)
    assert state().told == [["a", "root"], ["gone", "root"], ["refused", "root"], ["b", "root"]]
    refused = ValidationError(Code.CONTENT_REFUSED, detail={"message": "no comments here"})
    reader.told = {"a": said("a"), "gone": None, "refused": refused, "b": OutageError(Code.UNREACHABLE)}
    pull_channel(channel=listening)
    assert set(rows()) == {"a"}
    assert (state().told, state().last_error) == ([["b", "root"]], "unreachable")
    reader.told["b"] = said("b")
    pull_channel(channel=listening)
    assert set(rows()) == {"a", "b"}
    assert (state().told, state().last_error) == ([], "")


def test_what_waits_to_be_approved_is_kept_as_hidden_until_it_is(reader, listening, rows) -> None:
    reader.answers = [MentionPage((said("1", waits=True), said("2")), {})]
    pull_channel(channel=listening)
    kept = {key: Row(row, may_act=True, denied="") for key, row in rows().items()}
    assert (kept["1"].waits, kept["2"].waits, kept["2"].mention.hidden_at) == (True, False, None)
    kept["1"].mention.hidden_at = None  # approved
    assert not kept["1"].waits
    kept["1"].mention.hidden_at = timezone.now()  # hidden later, by us
    assert not kept["1"].waits


def test_what_the_networks_own_app_decided_is_read_again(reader, listening, rows, state) -> None:
    waiting = tuple(said(name, root=name[0], waits=True) for name in ("a1", "a2", "a3", "b1"))
    reader.answers = [MentionPage((*waiting, said("a4", root="a")), {})]
    everything = Held(frozenset({"a1", "a2", "a3"}), frozenset())
    reader.held = {"a": everything, "b": None}
    pull_channel(channel=listening)

    def look() -> dict[str, tuple[bool, bool]]:
        shown = {key: Row(row, may_act=True, denied="") for key, row in rows().items()}
        return {key: (row.waits, row.mention.hidden_at is not None) for key, row in shown.items()}

    undecided = {"a1": (True, True), "a2": (True, True), "a3": (True, True), "a4": (False, False), "b1": (True, True)}
    assert look() == undecided
    reader.held["a"] = Held(frozenset({"a1"}), frozenset({"a2"}))
    pull_channel(channel=listening)
    assert look() == undecided | {"a2": (False, True), "a3": (False, False)}
    assert state().last_error == ""


def test_what_we_said_ourselves_is_no_mention(reader, listening, rows, bare_organization) -> None:
    reader.answers = [
        MentionPage(
            (
                said("1", author_id=listening.external_id),
                said("2", author_handle=listening.handle.upper()),
                said("3", in_reply_to="ours"),
                said("4", in_reply_to="3"),
                said("5"),
            ),
            {},
        )
    ]
    with tenant(bare_organization):
        ours = DeliveryFactory(
            channel=listening, external_id="ours", state=DeliveryState.PUBLISHED, published_at=timezone.now()
        )
    pull_channel(channel=listening)
    kept = rows()
    assert set(kept) == {"3", "4", "5"}
    assert kept["3"].delivery == ours
    assert kept["5"].delivery is None
    reader.answers = [MentionPage((said("6", in_reply_to="3"),), {})]
    pull_channel(channel=listening)
    assert rows()["6"].delivery == ours


def test_the_cursor_stays_where_it_was_when_the_page_can_not_be_kept(
    reader, listening, rows, state, monkeypatch
) -> None:
    reader.answers = [MentionPage((said("1"),), {"n": 1})]

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(ingest.PullState, "save", fail)
        with pytest.raises(DatabaseError):
            pull_channel(channel=listening)
    assert rows() == {}
    assert state().cursor == {}
    reader.answers = [MentionPage((said("1"),), {"n": 1})]
    assert pull_channel(channel=listening) == 1
    assert state().cursor == {"n": 1}


def test_two_pulls_at_once_keep_each_mention_once(listening, rows, state, bare_organization) -> None:
    barrier = threading.Barrier(2)
    new: list[int] = []
    pages = ([said(str(n)) for n in range(40)], [said(str(n)) for n in range(20, 60)])

    def pull(number: int) -> None:
        judged = judge(pages[number])
        barrier.wait()
        try:
            with tenant(bare_organization):
                new.append(len(store_page(channel=listening, judged=judged, cursor={"by": number}, previous={})))
        finally:
            connection.close()

    threads = [threading.Thread(target=pull, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(new) == len(rows()) == 60
    assert state().cursor in ({"by": 0}, {"by": 1})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OutageError(Code.UNREACHABLE), "connected"),
        (AuthError(Code.SCOPE_MISSING), "connected"),
        (AuthError(Code.TOKEN_REVOKED), "needs_reconnection"),
    ],
)
def test_a_refusal_is_written_down_and_tried_again_later(reader, listening, state, error, status) -> None:
    waits = []
    for _ in range(3):
        reader.answers = [error]
        assert pull_channel(channel=listening) == 0
        waits.append(state().next_pull_at - timezone.now())
    assert (state().last_error, state().last_error_kind, state().failures) == (error.code, error.kind, 3)
    assert dt.timedelta(seconds=45) < waits[0] < waits[1] < waits[2] < dt.timedelta(minutes=5)
    with tenant(listening.organization_id):
        assert Channel.objects.get(pk=listening.pk).status == status
    pull_channel(channel=listening)
    assert (state().last_error, state().failures) == ("", 0)


def test_a_rate_limit_is_waited_for(reader, listening, state) -> None:
    until = timezone.now() + dt.timedelta(hours=2)
    reader.answers = [RateLimitError(Code.TOO_MANY_REQUESTS, until=until)]
    pull_channel(channel=listening)
    assert state().next_pull_at == until
    assert take_due() == []


def test_due_channels_are_leased_and_come_back_when_the_worker_dies(listening, bare_organization) -> None:
    mine = (bare_organization.pk, listening.pk)
    with tenant(bare_organization):
        PullState.objects.all().delete()
        broken = ChannelFactory(status=Channel.Status.NEEDS_RECONNECTION)
        ChannelFactory(network="myspace")
    assert take_due() == [mine]
    assert take_due() == []
    with tenant(bare_organization):
        assert not PullState.objects.filter(channel=broken).exists()
        PullState.objects.update(
            next_pull_at=timezone.now() - dt.timedelta(seconds=1)
        )  # the lease ran out: nobody came back
    assert take_due() == [mine]


def test_one_broken_channel_stops_nobody(reader, listening, bare_organization, rows, settings, monkeypatch) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    with tenant(bare_organization):
        other = ChannelFactory(brand=BrandFactory())  # it has no credential at all
        PullState.objects.create(channel=other, next_pull_at=timezone.now() - dt.timedelta(hours=1))
    sent: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.pull_channel, "delay_on_commit", lambda **known: sent.append(known))
    assert tasks.pull_due() == 2
    reader.answers = [MentionPage((said("1"),), {})]
    for known in sent:
        tasks.pull_channel(**known)
    assert set(rows()) == {"1"}
    with tenant(bare_organization):
        assert PullState.objects.get(channel=other).last_error == Code.TOKEN_MISSING


def test_waits_grow_and_are_bounded() -> None:
    now, error = timezone.now(), NetworkError(Code.SERVER_ERROR)
    waits = [rules.retry_after(error, failures=n, now=now) - now for n in (1, 4, 50)]
    assert waits[0] <= dt.timedelta(minutes=1.1)
    assert dt.timedelta(minutes=7) <= waits[1] <= dt.timedelta(minutes=9)
    assert waits[2] <= dt.timedelta(minutes=33)


# ---------------------------------------------------------------- against networks that speak their own protocols


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started
    http.client().close()
    http.client.cache_clear()


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "facebook"])
def test_a_reply_on_the_network_becomes_a_mention(network, sandbox, settings, bare_organization, rows) -> None:
    settings.BLUESKY_PLC_URL = sandbox.url("bluesky")
    settings.NETWORKS = {
        "mastodon": {"base_url": sandbox.mastodon},
        "bluesky": {"base_url": sandbox.bluesky},
        "facebook": {"base_url": sandbox.facebook, "client_id": "sandbox-app", "client_secret": "sandbox-secret"},
    }
    connector = registry.connector_for(network)
    made = sandbox.account(network, f"b{uuid.uuid4().hex[:12]}", "Café Test")
    account = connector.connect_with_token(base_url=sandbox.url(network), values=made)
    with tenant(bare_organization):
        actor = Actor.system("test", organization_id=bare_organization.pk)
        channel = connect_channel(
            brand=BrandFactory(), network=network, base_url=sandbox.url(network), account=account, actor=actor
        )
        target = target_for(channel)
    published = publish(connector, target)
    with tenant(bare_organization):
        delivery = DeliveryFactory(
            channel=channel,
            external_id=published.external_id,
            state=DeliveryState.PUBLISHED,
            published_at=timezone.now(),
        )
    pull_channel(channel=channel)
    assert rows() == {}
    post = sandbox.posts(network, account=target.external_id)[-1]["id"]
    sandbox.crowd(network, "comment", post_id=post, text="Merci, c’est parfait, j’adore !")
    sandbox.crowd(network, "comment", post_id=post, text="Franchement nul, je suis très déçue.")
    for _ in range(2):
        assert pull_channel(channel=channel) in {2, 0}
    kept = sorted(rows().values(), key=lambda row: row.sentiment)
    assert [row.sentiment for row in kept] == ["negative", "positive"]
    assert {row.delivery for row in kept} == {delivery}
    assert {row.language for row in kept} == {"fr"}
    assert all(row.url.startswith("http://127.0.0.1") and row.author_name and row.author_handle for row in kept)
    with tenant(bare_organization):
        assert PullState.objects.get(channel=channel).last_error == ""


def publish(connector: Any, target: Any) -> Any:
    content = Content("Ouverture samedi", str(uuid.uuid4()), timezone.now())
    content = connector.prepare(target, content)
    handles = connector.create(target, content, handles={}, save=lambda _: None)
    done = connector.commit(target, content, handles=handles)
    return done or connector.confirm(target, content, handles=handles)
