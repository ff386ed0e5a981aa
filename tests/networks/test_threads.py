"""What is particular to Threads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    Code,
    InternalError,
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import (
    Action,
    Connector,
    Content,
    Credentials,
    EventKind,
    Finding,
    Media,
    MentionRef,
    RemoteMention,
    Target,
)
from socialops.networks.registry import connector_for
from tests.fakes.files import media, movie, video
from tests.networks.driving import Ledger, create, publish
from tests.networks.receiver import receiving
from tests.networks.samples.threads import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, consent
from tests.sandbox_server import Sandbox

APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
PROFILE = "17841405793187201"
Graph = Callable[..., dict[str, Any]]


@pytest.fixture
def network() -> str:
    return "threads"


@pytest.fixture
def graph(sandbox: Sandbox, target: Target) -> Graph:
    """Read as anybody with the token can."""

    def get(path: str, **params: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
        url = f"{sandbox.url('threads')}/v1.0/{path}"
        found: dict[str, Any] = sandbox.http.get(url, params=params, headers=headers).json()
        return found

    return get


def steer(sandbox: Sandbox, path: str, **body: Any) -> None:
    answer = sandbox.http.post(f"{sandbox.url('threads')}/{path}", json=body)
    assert answer.status_code == 201, answer.text


def posts(sandbox: Sandbox, target: Target) -> list[dict[str, Any]]:
    return sandbox.posts("threads", account=target.external_id)


def codes(connector: Connector, content: Content) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in connector.check(content, limits={})]


def film(data: bytes) -> Media:
    return replace(video(), size=len(data), read=lambda: data)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


# ---------------------------------------------------------------- composing


def test_emoji_count_their_bytes_and_everything_else_one(connector: Connector) -> None:
    assert connector.count_text("é漢a", limits={}).length == 3
    assert connector.count_text("🎉", limits={}).length == 4
    assert connector.count_text("👨‍👩‍👧", limits={}).length == 18
    assert codes(connector, SAMPLE.content("🎉" * 125)) == []
    assert codes(connector, SAMPLE.content("🎉" * 125 + "a")) == [("text_too_long", "text")]


def test_five_links_and_the_card_is_one_of_them(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    five = " ".join(f"https://example.com/{n}" for n in range(5))
    assert codes(connector, SAMPLE.content(five, link="https://example.com/3")) == []
    assert codes(connector, SAMPLE.content(five, link="https://example.com/6")) == [("too_many_links", "link")]
    assert codes(connector, SAMPLE.content(f"{five} https://example.com/6")) == [("too_many_links", "text")]
    with pytest.raises(ValidationError) as refused:
        create(connector, target, SAMPLE.content(five, link="https://example.com/6"), Ledger())
    assert refused.value.code == Code.TOO_MANY_LINKS
    assert posts(sandbox, target) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"options": {"topic_tag": "a.b"}}, ("character_refused", "options")),
        ({"options": {"topic_tag": "a" * 51}}, ("option_too_long", "options")),
        ({"options": {"reply_control": "nobody"}}, ("option_invalid", "options")),
        ({"media": (media(alt="a" * 1001),)}, ("alt_text_too_long", "alt_text")),
        ({"media": tuple(media(str(n)) for n in range(21))}, ("too_many_media", "media")),
        ({"media": (video(seconds=1),), "cover": media()}, ("not_supported", "cover")),
        ({"parts": ("a" * 501,)}, ("text_too_long", "parts")),
    ],
)
def test_what_threads_refuses_is_said_before(connector: Connector, more: dict[str, Any], problem: Any) -> None:
    assert codes(connector, SAMPLE.content(**more)) == [problem]


# ---------------------------------------------------------------- containers


def test_a_text_goes_out_with_its_card_its_topic_and_who_may_answer(
    connector: Connector, target: Target, graph: Graph
) -> None:
    options = {"reply_control": "mentioned_only", "topic_tag": "Luminaires"}
    content = SAMPLE.content("Bonjour", link="https://example.com/lampes", options=options)
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    seen = graph(published.external_id, fields="text,link_attachment_url,topic_tag,reply_audience,permalink,media_type")
    assert seen == {
        "id": published.external_id,
        "text": "Bonjour",
        "link_attachment_url": "https://example.com/lampes",
        "topic_tag": "Luminaires",
        "reply_audience": "MENTIONED_ONLY",
        "permalink": published.url,
        "media_type": "TEXT_POST",
    }


def test_a_video_is_waited_for_and_goes_out(connector: Connector, target: Target, graph: Graph) -> None:
    content, ledger = SAMPLE.content(media=(video(),)), Ledger()
    prepared = connector.prepare(target, content)
    with pytest.raises(OutageError) as processing:
        connector.create(target, prepared, handles={}, save=ledger.save)
    assert processing.value.code == Code.MEDIA_PROCESSING
    assert processing.value.until is not None
    assert ledger.saved[-1].keys() == {"container"}
    prepared, handles = create(connector, target, content, ledger)
    assert handles["container"] == ledger.saved[0]["container"]
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    assert graph(published.external_id, fields="media_type")["media_type"] == "VIDEO"


def test_a_carousel_holds_pictures_and_videos_in_their_order(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    files = (media("a", alt="Une"), video("b", seconds=1), media("c", alt="Trois"))
    content, ledger = SAMPLE.content("Trois vues", media=files, link="https://example.com/x"), Ledger()
    prepared, handles = create(connector, target, content, ledger)
    saved = [sorted(step.get("children", {})) for step in ledger.saved[:3]]
    assert saved == [["a"], ["a", "b"], ["a", "b", "c"]]  # each before the next is made
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    seen = graph(published.external_id, fields="media_type,children,text")
    assert seen["media_type"] == "CAROUSEL_ALBUM"
    assert len(seen["children"]["data"]) == 3
    assert seen["text"] == "Trois vues\n\nhttps://example.com/x"  # under media there is no card
    page = sandbox.http.get(published.url).text
    assert page.index('alt="Une"') < page.index("<video") < page.index('alt="Trois"')


@pytest.mark.parametrize(
    ("data", "message", "code"),
    [
        (lambda: movie(rate=15), "INVALID_FRAME_RATE", "media_refused"),
        (lambda: movie()[:500], "FAILED_PROCESSING_VIDEO", "media_refused"),
        (lambda: movie(seconds=1, width=2000, height=100), "INVALID_ASPEC_RATIO", "media_refused"),
    ],
)
def test_a_video_that_threads_can_not_use_fails_with_its_word(
    sandbox: Sandbox, connector: Connector, target: Target, data: Callable[[], bytes], message: str, code: str
) -> None:
    ledger = Ledger()
    with pytest.raises(MediaError) as failed:
        create(connector, target, SAMPLE.content(media=(film(data()),)), ledger)
    assert (failed.value.code, failed.value.detail["message"]) == (code, message)
    assert ledger.saved[-1] == {}  # the next try makes another container
    assert posts(sandbox, target) == []


@pytest.mark.parametrize("kind", [media, video])
def test_a_file_that_can_not_be_fetched_is_said_to_be_so(
    sandbox: Sandbox, connector: Connector, target: Target, kind: Callable[..., Media]
) -> None:
    lost = replace(kind(), host=lambda _: f"{sandbox.home}/_files/nothing")
    with pytest.raises(MediaError) as failed:
        create(connector, target, SAMPLE.content(media=(lost,)), Ledger())
    assert failed.value.code == Code.MEDIA_UNREACHABLE


@pytest.mark.parametrize("count", [1, 2])
def test_a_lost_container_is_made_again_and_publishes_nothing(
    sandbox: Sandbox, connector: Connector, target: Target, count: int
) -> None:
    content, ledger = SAMPLE.content(media=tuple(media(str(n)) for n in range(count))), Ledger()
    sandbox.fault("drop", "threads", method="POST", path="/threads$")
    with pytest.raises(OutageError):
        create(connector, target, content, ledger)
    prepared, handles = create(connector, target, content, ledger)
    assert posts(sandbox, target) == []
    connector.commit(target, prepared, handles=handles)
    assert len(posts(sandbox, target)) == 1


@pytest.mark.parametrize("status", ["EXPIRED", "ERROR"])
def test_a_container_that_died_is_certainly_no_post_and_is_made_anew(
    sandbox: Sandbox, connector: Connector, target: Target, status: str
) -> None:
    content, ledger = SAMPLE.content(media=(media("a"), media("b"))), Ledger()
    prepared, handles = create(connector, target, content, ledger)
    steer(sandbox, "_container", id=handles["container"], status=status, error_message="UNKNOWN")
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.NOT_PUBLISHED
    if status == "ERROR":  # said once, so that a file that can't be used is not sent for ever
        with pytest.raises(MediaError):
            create(connector, target, content, ledger)
    prepared, fresh = create(connector, target, content, ledger)
    assert fresh["container"] != handles["container"]
    assert set(fresh["children"].values()).isdisjoint(handles["children"].values())
    connector.commit(target, prepared, handles=fresh)
    assert len(posts(sandbox, target)) == 1


def test_a_picture_of_a_carousel_that_expired_is_made_anew(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    content, ledger = SAMPLE.content(media=(media("a"), media("b"))), Ledger()
    sandbox.fault("500_before", "threads", method="GET", path=r"/v1.0/\d+$")  # after the children, before the parent
    with pytest.raises(OutageError):
        create(connector, target, content, ledger)
    children = dict(ledger.saved[-1]["children"])
    steer(sandbox, "_container", id=children["a"], status="EXPIRED")
    with pytest.raises(OutageError) as expired:
        create(connector, target, content, ledger)
    assert expired.value.code == Code.MEDIA_EXPIRED
    _prepared, handles = create(connector, target, content, ledger)
    assert handles["children"]["a"] != children["a"]
    assert handles["children"]["b"] == children["b"]


def test_one_container_is_one_post(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    before = datetime.now(UTC)
    first = connector.commit(target, prepared, handles=handles)
    again = connector.create(target, prepared, handles=dict(handles), save=Ledger().save)
    assert again == handles
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=again)
    found = connector.find_published(target, prepared, handles=handles, since=before)
    assert found.published is not None
    assert first is not None
    assert found.published.external_id == first.external_id
    assert len(posts(sandbox, target)) == 1


def test_out_but_not_in_the_list_yet_is_looked_for_again(connector: Connector, target: Target) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    connector.delete(target, external_id=published.external_id)
    found = connector.find_published(target, prepared, handles=handles, since=long_ago())
    assert found.finding is Finding.UNDECIDED
    assert found.look_again_at is not None


def test_too_early_is_no_failure(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    steer(sandbox, "_container", id=handles["container"], status="IN_PROGRESS")
    with pytest.raises(OutageError) as early:
        connector.commit(target, prepared, handles=handles)
    assert early.value.code == Code.MEDIA_PROCESSING
    assert posts(sandbox, target) == []


def test_a_question_about_the_address_that_fails_makes_no_post_unknown(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    sandbox.fault("500_before", "threads", method="GET", path=r"/v1.0/\d+$")
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    assert published.url == ""
    assert [post["id"] for post in posts(sandbox, target)] == [published.external_id]


# ---------------------------------------------------------------- threads and first comments


def test_a_part_of_which_nothing_was_made_is_only_an_outage(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    root = publish(connector, target, SAMPLE.content())
    part = {"root": root, "parent": root, "text": "Suite", "key": "k"}
    sandbox.fault("drop", "threads", method="POST", path="/threads$")
    with pytest.raises(OutageError):
        connector.commit_part(target, SAMPLE.content(), **part)
    assert len(posts(sandbox, target)) == 1
    connector.commit_part(target, SAMPLE.content(), **part)
    assert len(posts(sandbox, target)) == 2


def test_a_lost_part_is_told_from_its_namesakes_by_what_it_answers(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    root = publish(connector, target, SAMPLE.content())
    part = {"root": root, "parent": root, "text": "Suite", "key": "k"}
    second = connector.commit_part(target, SAMPLE.content(), **part)
    under = {**part, "parent": second}
    now = datetime.now(UTC)
    nothing = connector.find_part(target, **under, since=now)
    assert nothing.finding is Finding.UNDECIDED
    assert nothing.look_again_at is not None  # the lost call may still be at work
    assert connector.find_part(target, **under, since=long_ago()).finding is Finding.NOT_PUBLISHED
    sandbox.crowd("threads", "comment", post_id=second.external_id, text="Suite")
    assert connector.find_part(target, **under, since=long_ago()).finding is Finding.NOT_PUBLISHED  # not ours
    third = connector.commit_part(target, SAMPLE.content(), **under)
    found = connector.find_part(target, **under, since=now)
    assert found.published is not None
    assert found.published.external_id == third.external_id
    connector.commit_part(target, SAMPLE.content(), **under)
    doubled = connector.find_part(target, **under, since=now)
    assert (doubled.finding, len(doubled.candidates)) == (Finding.UNDECIDED, 2)


# ---------------------------------------------------------------- quotas


def test_the_three_quotas_are_reported_and_a_spent_one_stops_before_anything_is_made(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    content = SAMPLE.content(parts=("suite", "fin"), first_comment="lien")
    published = publish(connector, metered, content)
    connector.commit_part(metered, content, root=published, parent=published, text="suite", key="k")
    connector.delete(metered, external_id=published.external_id)
    connector.delete(metered, external_id=published.external_id)
    assert {quota.bucket: quota.limit for quota in ledger.quotas} == {"posts": 250, "replies": 1000, "deletions": 100}
    assert [charge.bucket for charge in ledger.charges] == ["posts", "replies", "deletions"]
    assert {charge.bucket: charge.units for charge in connector.charges(content)} == {"posts": 1, "replies": 3}
    steer(sandbox, "_quota", account=target.external_id, bucket="posts", used=250)
    with pytest.raises(RateLimitError) as spent:
        connector.prepare(metered, content)
    assert (spent.value.code, spent.value.detail) == (Code.QUOTA_SPENT, {"bucket": "posts"})
    assert spent.value.until is not None
    assert spent.value.until > datetime.now(UTC)


# ---------------------------------------------------------------- connecting


def test_the_round_trip_strips_what_meta_adds_and_keeps_every_digit(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None
) -> None:
    base_url = sandbox.url("threads")
    start = connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app={})
    declined = ("threads_delete", "threads_manage_insights", "threads_manage_mentions", "threads_read_replies")
    query = consent(start, declined=declined)
    [account] = complete(connector, start, {**query, "code": query["code"] + "#_"})
    assert account.external_id == PROFILE
    assert set(account.missing_scopes) == set(declined)
    assert account.credentials is not None
    assert account.credentials.expires_at is not None
    assert timedelta(days=59) < account.credentials.expires_at - datetime.now(UTC) <= timedelta(days=60)
    target = Target("threads", base_url, account.external_id, account.handle, account.credentials)
    assert connector.pull_account_metrics(target) == {}
    assert "views" in connector.pull_post_metrics(target, external_ids=["1"]).dead
    ledger = Ledger()
    published = publish(connector, replace(target, report=ledger.report), SAMPLE.content())
    assert {quota.bucket for quota in ledger.quotas} == {"posts", "replies"}  # deletions have a scope of their own
    sandbox.crowd("threads", "mention", account="maison_lumiere", text="vu chez eux")
    assert connector.pull_mentions(target, cursor={}, watched=[published.external_id]).mentions == ()


def test_a_token_is_renewed_once_it_is_a_day_old(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None
) -> None:
    base_url = sandbox.url("threads")
    start = connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app={})
    [account] = complete(connector, start, consent(start))
    young = account.credentials
    assert young is not None
    target = Target("threads", base_url, account.external_id, account.handle, young)
    assert connector.refresh(target) is None
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    steer(sandbox, "_token", access_token=young.values["access_token"], age=25 * 3600)
    old = replace(young, values={**young.values, "renewed_at": yesterday})
    fresh = connector.refresh(replace(target, credentials=old))
    assert fresh is not None
    assert fresh.values["access_token"] != young.values["access_token"]
    assert fresh.scopes == young.scopes
    assert connector.verify(replace(target, credentials=fresh)).external_id == PROFILE
    late = replace(old, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(AuthError) as ended:
        connector.refresh(replace(target, credentials=late))
    assert ended.value.code == Code.TOKEN_EXPIRED


def test_an_app_is_checked_without_anybody_consenting(connector: Connector, networks_at_sandbox: None) -> None:
    connector.check_app(app=APP, redirect_uri=REDIRECT)
    with pytest.raises(AuthError) as rejected:
        connector.check_app(app={**APP, "client_secret": "wrong"}, redirect_uri=REDIRECT)
    assert rejected.value.code == Code.APP_REJECTED


def test_a_wrong_secret_is_the_apps_fault(connector: Connector, sandbox: Sandbox, networks_at_sandbox: None) -> None:
    start = connector.authorization(base_url=sandbox.url("threads"), redirect_uri=REDIRECT, app={})
    wrong = {**APP, "client_secret": "wrong"}
    with pytest.raises(AuthError) as rejected:
        connector.complete_authorization(query=consent(start), pending=start.pending, redirect_uri=REDIRECT, app=wrong)
    assert rejected.value.code == Code.APP_REJECTED


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ({"code": 190, "error_subcode": 463, "message": "Session has expired"}, AuthError, "token_expired"),
        ({"code": 190, "error_subcode": 458, "message": "Not authorized"}, AuthError, "token_revoked"),
        ({"code": 10, "message": "Application does not have permission"}, AuthError, "scope_missing"),
        ({"code": 200, "message": "Permissions error"}, AuthError, "scope_missing"),
        ({"code": 4, "message": "limit"}, RateLimitError, "too_many_requests"),
        ({"code": 613, "message": "limit"}, RateLimitError, "too_many_requests"),
        ({"code": 100, "error_subcode": 2207051, "message": "restricted"}, PolicyError, "content_policy"),
        ({"code": 100, "error_subcode": 4279013, "message": "restricted"}, PolicyError, "account_blocked"),
        ({"code": 24, "error_subcode": 4279009, "message": "not found"}, OutageError, "media_processing"),
        ({"code": 100, "message": "Param text must be at most 500"}, ValidationError, "content_refused"),
        ({"code": 1, "message": "unknown"}, UnknownOutcomeError, "server_error"),
        ({"code": 2, "message": "retry", "is_transient": True}, UnknownOutcomeError, "server_error"),
    ],
)
def test_every_refusal_has_its_meaning(
    monkeypatch: pytest.MonkeyPatch, error: dict[str, Any], kind: type[NetworkError], code: str
) -> None:
    connector = connector_for("threads")
    target = Target("threads", "", "1", "@a", Credentials({"access_token": "THsecret"}))
    content, handles = SAMPLE.content(), {"container": "1"}
    answers = {"GET": {"status": "FINISHED", "id": "1"}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=answers["GET"])
        return httpx.Response(400, json={"error": {"type": "OAuthException", **error}})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        with pytest.raises(kind) as refused:
            connector.commit(target, content, handles=handles)
    assert refused.value.code == code
    assert "THsecret" not in repr(refused.value.raw)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(200, b"{}", UnknownOutcomeError), (408, b"", UnknownOutcomeError), (404, b"<html>", InternalError)],
)
def test_what_is_no_answer_of_threads_is_judged_by_what_it_may_have_done(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, kind: type[NetworkError]
) -> None:
    target = Target("threads", "", "1", "@a", Credentials({"access_token": "THsecret"}))
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    with httpx.Client(transport=transport) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        with pytest.raises(kind):
            connector_for("threads").commit(target, SAMPLE.content(), handles={"container": "1"})


# ---------------------------------------------------------------- listening and acting


def said(connector: Connector, target: Target, watched: list[str]) -> dict[str, RemoteMention]:
    page = connector.pull_mentions(target, cursor={}, watched=watched)
    return {mention.text: mention for mention in page.mentions}


def ref(mention: RemoteMention) -> MentionRef:
    return MentionRef(
        mention.external_id,
        mention.kind,
        mention.author_id,
        mention.author_handle,
        mention.in_reply_to,
        mention.root,
        mention.extra,
    )


def test_replies_at_every_level_come_once_and_ours_not_at_all(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    root = publish(connector, target, SAMPLE.content())
    top = sandbox.crowd("threads", "comment", post_id=root.external_id, text=f"Bravo {target.handle}")["id"]
    nested = sandbox.crowd("threads", "comment", post_id=top, text="Pareil", author="Karim Benali")["id"]
    connector.commit_part(target, SAMPLE.content(), root=root, parent=root, text="Merci à tous", key="k")
    sandbox.crowd("threads", "mention", account=target.external_id, text="vu chez eux")
    found = said(connector, target, [root.external_id])
    assert len(found) == 3  # the reply that names us is not told as a mention too
    reply, deeper = found[f"Bravo {target.handle}"], found["Pareil"]
    assert (reply.kind, reply.in_reply_to, reply.root, reply.extra["top_level"]) == (
        "reply",
        root.external_id,
        root.external_id,
        True,
    )
    assert (deeper.external_id, deeper.in_reply_to, deeper.root) == (nested, top, root.external_id)
    assert deeper.extra["top_level"] is False
    assert deeper.author_handle == "@karim_b"
    [mention] = [m for m in found.values() if m.kind == "mention"]
    assert mention.in_reply_to == ""


def test_a_reply_is_hidden_shown_again_and_answered(
    sandbox: Sandbox, connector: Connector, target: Target, graph: Graph
) -> None:
    root = publish(connector, target, SAMPLE.content())
    top = sandbox.crowd("threads", "comment", post_id=root.external_id, text="Nul")["id"]
    sandbox.crowd("threads", "comment", post_id=top, text="Pareil")
    found = said(connector, target, [root.external_id])
    assert connector.actions("reply") == {Action.REPLY, Action.HIDE, Action.UNHIDE}
    assert connector.actions("mention") == {Action.REPLY}
    for action, shown in ((Action.HIDE, "HIDDEN"), (Action.HIDE, "HIDDEN"), (Action.UNHIDE, "NOT_HUSHED")):
        connector.act(target, action=action, on=ref(found["Nul"]))
        assert graph(top, fields="hide_status")["hide_status"] == shown
    for action, mention in ((Action.HIDE, found["Pareil"]), (Action.DELETE, found["Nul"]), (Action.LIKE, found["Nul"])):
        with pytest.raises(ValidationError) as impossible:
            connector.act(target, action=action, on=ref(mention))
        assert impossible.value.code == Code.NOT_SUPPORTED
    before = datetime.now(UTC)
    answer = {"to": ref(found["Nul"]), "text": "Écrivez-nous", "key": "k"}
    sandbox.fault("drop", "threads", method="POST", path="/threads_publish$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, **answer)
    settled = connector.find_reply(target, **answer, since=before)
    assert settled.published is not None
    assert graph(settled.published.external_id, fields="replied_to")["replied_to"] == {"id": top}
    with pytest.raises(ValidationError) as private:
        connector.reply(target, **answer, private=True)
    assert private.value.code == Code.NOT_SUPPORTED
    connector.delete(target, external_id=root.external_id)
    with pytest.raises(ValidationError) as gone:
        connector.act(target, action=Action.HIDE, on=ref(found["Nul"]))
    assert gone.value.code == Code.PARENT_GONE


# ---------------------------------------------------------------- numbers


def test_the_three_shapes_of_insights_are_read(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, SAMPLE.content(link="https://example.com/a"))
    sandbox.crowd("threads", "like", post_id=published.external_id)
    account = connector.pull_account_metrics(target)
    assert account["likes"] == 1  # total_value
    assert account["clicks"] == 0  # link_total_values
    assert account["views"] == 3  # values
    assert account["followers_count"] == 150


def test_a_dead_metric_hides_no_other(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (publish(connector, target, SAMPLE.content()) for _ in range(2))
    monkeypatch.setitem(network_data("threads")["metrics"], "post", ["views", "retired", "likes"])
    found = connector.pull_post_metrics(target, external_ids=[one.external_id, "1", two.external_id])
    assert found.metrics == {one.external_id: {"views": 0, "likes": 0}, two.external_id: {"views": 0, "likes": 0}}
    assert found.gone == {"1"}
    assert "retired" in found.dead
    assert "must be one of" in found.dead["retired"]


# ---------------------------------------------------------------- webhooks


@pytest.mark.parametrize("as_list", [False, True])
def test_webhooks_bring_replies_and_mentions_whole(
    sandbox: Sandbox, connector: Connector, target: Target, *, as_list: bool
) -> None:
    app, ours = APP, connector.verify_token(app=APP)

    def challenge(query: Any) -> str:
        answer = connector.handshake(query=query, app=app)
        return answer.body if answer is not None else "no"

    with receiving(challenge) as receiver:
        address = f"{sandbox.url('threads')}/_webhooks"
        body = {"url": receiver.url, "verify_token": "theirs", "as_list": as_list}
        assert sandbox.http.post(address, json=body).status_code == 400
        assert sandbox.http.post(address, json={**body, "verify_token": ours}).status_code == 201
        root = publish(connector, target, SAMPLE.content())
        reply = sandbox.crowd("threads", "comment", post_id=root.external_id, text="Très beau !")["id"]
        named = sandbox.crowd("threads", "mention", account=target.external_id, text="vu chez eux")["id"]
        deliveries = receiver.wait(3)
    events = [event for h, body in deliveries for event in connector.read_webhook(headers=h, body=body, app=app)]
    assert [(event.kind, event.account, event.external_id) for event in events] == [
        (EventKind.PUBLISHED, target.external_id, root.external_id),
        (EventKind.MENTION, target.external_id, reply),
        (EventKind.MENTION, target.external_id, named),
    ]
    whole = said(connector, target, [root.external_id])
    assert events[1].mention is not None
    pulled = whole["Très beau !"]
    assert replace(events[1].mention, extra={}, author_url="") == replace(pulled, extra={}, author_url="")
    assert events[1].mention.extra["top_level"] is True
    headers, body = deliveries[1]
    for wrong in ({**headers, "x-hub-signature-256": "sha256=00"}, {}):
        with pytest.raises(AuthError) as refused:
            connector.read_webhook(headers=wrong, body=body, app=app)
        assert refused.value.code == Code.SIGNATURE_WRONG


def test_either_of_the_two_app_secrets_signs() -> None:
    connector = connector_for("threads")
    value = {"id": "1", "timestamp": "2026-11-23T10:00:00+0000"}
    body = json.dumps({"target_id": 17841405793187218, "values": {"value": value, "field": "delete"}}).encode()
    app = {**APP, "facebook_client_secret": "facebooks"}
    for secret in ("sandbox-secret", "facebooks"):
        made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        [event] = connector.read_webhook(headers={"x-hub-signature-256": f"sha256={made}"}, body=body, app=app)
        assert (event.kind, event.account, event.external_id) == (EventKind.MENTION_GONE, "17841405793187218", "1")
    made = hmac.new(b"somebody", body, hashlib.sha256).hexdigest()
    with pytest.raises(AuthError):
        connector.read_webhook(headers={"x-hub-signature-256": f"sha256={made}"}, body=body, app=app)


def test_a_challenge_without_our_token_is_not_answered() -> None:
    connector = connector_for("threads")
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": ""}
    assert connector.handshake(query=query, app=APP) is None
    assert connector.handshake(query={"a": "b"}, app=APP) is None
