"""X: formats, options, costs, lost answers, refusals, mentions, messages, webhooks."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from PIL import Image

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Action, Connector, Finding, Media, MentionRef, Quota, Target
from socialops.networks.x import webhooks
from tests.fakes.files import media, video
from tests.networks.driving import Ledger, content, create, publish
from tests.networks.listener import APP, Listener, listening
from tests.networks.test_oauth import REDIRECT, consent, target_of
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "x"


@pytest.fixture
def listener(connector: Connector) -> Iterator[Listener]:
    with listening(connector) as made:
        yield made


@pytest.fixture(params=["tweet.fields", "post.fields"])
def vocabulary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both of X's vocabularies: the sandbox answers in the one it is asked in."""
    monkeypatch.setitem(network_data("x")["vocabulary"], "parameter", request.param)
    return str(request.param)


@pytest.fixture
def steer(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    def put(path: str, **body: Any) -> dict[str, Any]:
        answer = sandbox.http.request("PUT" if path != "/_messages" else "POST", sandbox.url("x") + path, json=body)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    return put


def shown(sandbox: Sandbox, target: Target, post_id: str) -> dict[str, Any]:
    """A post as the API gives it."""
    answer = sandbox.http.get(
        f"{sandbox.url('x')}/2/tweets/{post_id}",
        params={
            "tweet.fields": "attachments,reply_settings,paid_partnership,entities",
            "expansions": "attachments.media_keys",
            "media.fields": "alt_text,type",
        },
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json())


def gif(key: str = "g1", frames: int = 3) -> Media:
    buffer = io.BytesIO()
    pictures = [Image.new("RGB", (64, 48), color) for color in ("teal", "red", "blue")[:frames]]
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    data = buffer.getvalue()
    return Media(key, "image/gif", len(data), "Une lampe qui s’allume", lambda: data, 64, 48, "lampe.gif")


# ---------------------------------------------------------------- going out


def test_a_video_goes_up_in_segments_and_waits_for_its_processing(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["media"], "chunk_bytes", 1000)
    what, ledger = content(media=(video(),)), Ledger()
    prepared = connector.prepare(target, what)
    with pytest.raises(OutageError) as waiting:
        connector.create(target, prepared, handles={}, save=ledger.save)
    assert waiting.value.code == "media_processing"
    assert waiting.value.until is not None
    assert waiting.value.until > datetime.now(UTC)
    sent = [saved["media"]["v1"]["sent"] for saved in ledger.saved]
    assert sent[:3] == [0, 1000, 2000]
    assert sent[-1] == what.media[0].size
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    seen = shown(sandbox, target, published.external_id)
    assert [item["type"] for item in seen["includes"]["media"]] == ["video"]


def test_an_upload_that_was_cut_goes_on_where_it_was(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["media"], "chunk_bytes", 2000)
    what, ledger = content(media=(video(),)), Ledger()
    sandbox.fault("drop", "x", method="POST", path="/append$")
    with pytest.raises(OutageError):
        connector.create(target, what, handles={}, save=ledger.save)
    assert ledger.saved[-1]["media"]["v1"]["sent"] == 0
    _prepared, handles = create(connector, target, what, ledger)
    first = {saved["media"]["v1"]["id"] for saved in ledger.saved}
    assert first == {handles["media"]["v1"]["id"]}
    assert handles["media"]["v1"]["ready"] is True


def test_a_video_that_x_cannot_read_is_refused_with_its_words(connector: Connector, target: Target) -> None:
    broken = replace(video(), read=lambda: b"no video" * 400, size=3200)
    with pytest.raises(MediaError) as refused:
        create(connector, target, content(media=(broken,)), Ledger())
    assert refused.value.code == "media_refused"
    assert "Unsupported video format" in refused.value.detail["message"]


def test_an_upload_about_to_expire_is_made_anew(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(media(),)), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = dict(handles["media"]["m1"])
    handles["media"]["m1"]["expires_at"] = 1
    renewed = connector.create(target, prepared, handles=handles, save=ledger.save)
    assert renewed["media"]["m1"]["id"] != first["id"]
    assert renewed["media"]["m1"]["described"] is True


def test_a_gif_keeps_moving_and_goes_alone(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    alone = content(media=(gif(),))
    assert list(connector.check(alone, limits={})) == []
    published = publish(connector, target, alone)
    (item,) = shown(sandbox, target, published.external_id)["includes"]["media"]
    assert (item["type"], item["alt_text"]) == ("animated_gif", "Une lampe qui s’allume")
    both = content(media=(gif(), media()))
    assert [problem.code for problem in connector.check(both, limits={})] == ["media_mixed"]


def test_alt_texts_are_there_before_the_post(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, content(media=(media("a", "Une lampe"), media("b", "Deux lampes"))))
    items = shown(sandbox, target, published.external_id)["includes"]["media"]
    assert [item["alt_text"] for item in items] == ["Une lampe", "Deux lampes"]
    paths = [line["path"] for line in sandbox.log("x") if line["account"] == target.handle.removeprefix("@")]
    assert paths.index("/2/tweets") > max(i for i, path in enumerate(paths) if path == "/2/media/metadata")


@pytest.mark.parametrize(
    ("choice", "sent"), [("everyone", "everyone"), ("mentioned", "mentionedUsers"), ("verified", "verified")]
)
def test_options_reach_the_post(sandbox: Sandbox, connector: Connector, target: Target, choice: str, sent: str) -> None:
    what = content(options={"reply_settings": choice, "paid_partnership": True, "ai_generated": True})
    assert list(connector.check(what, limits={})) == []
    data = shown(sandbox, target, publish(connector, target, what).external_id)["data"]
    assert (data["reply_settings"], data["paid_partnership"]) == (sent, True)


def test_a_wrong_option_is_named(connector: Connector) -> None:
    problems = connector.check(content(options={"reply_settings": "nobody"}), limits={})
    assert [(p.code, p.detail["option"]) for p in problems] == [("option_invalid", "reply_settings")]


def test_characters_that_x_takes_nowhere_are_named(connector: Connector) -> None:
    assert [p.code for p in connector.check(content("bonjour\ufffe"), limits={})] == ["character_refused"]


def test_a_subscription_lengthens_posts_and_videos(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    usual = connector.fetch_limits(target)
    assert (usual["text"]["max"], usual["video"]["max_seconds"]) == (280, 140)
    steer("/_subscription", account=target.external_id, type="Premium")
    limits = connector.fetch_limits(target)
    assert (limits["text"]["max"], limits["video"]["max_seconds"]) == (25_000, 14_400)
    long = content("é" * 5000)
    assert list(connector.check(long, limits=limits)) == []
    published = publish(connector, target, long)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert len(seen.text) == 5000


def test_text_is_read_back_without_escapes_and_short_links(
    connector: Connector, target: Target, vocabulary: str
) -> None:
    text = f"Ciel & terre < 5 > https://example.com/a?b=1&c=2 {uuid.uuid4().hex}"
    published = publish(connector, target, content(text, media=(media(),)))
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == text
    assert seen.media_count == 1
    assert connector.read_post(target, external_id="1") is None


# ---------------------------------------------------------------- what it costs


def test_what_is_foretold_is_what_is_told_and_what_x_bills(
    sandbox: Sandbox, connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    what = content(
        f"Voir example.com {uuid.uuid4().hex}",
        media=(media("a"), media("b", "Une autre lampe")),
        parts=(f"Suite {uuid.uuid4().hex}", f"Fin https://example.com/b {uuid.uuid4().hex}"),
        first_comment=f"Un mot {uuid.uuid4().hex}",
    )
    foretold, ledger = connector.charges(what), Ledger()
    metered = replace(target, report=ledger.report)
    steer("/_credits", left="")
    prepared, handles = create(connector, metered, what, Ledger())
    root = connector.commit(metered, prepared, handles=handles)
    assert root is not None
    parent = root
    for part in what.parts:
        parent = connector.commit_part(metered, what, root=root, parent=parent, text=part, key="")
    connector.commit_part(metered, what, root=root, parent=root, text=what.first_comment, key="")

    def summed(charges: Any) -> dict[str, tuple[int, Decimal]]:
        buckets = {charge.bucket for charge in charges}
        return {
            bucket: (
                sum(c.units for c in charges if c.bucket == bucket),
                sum((c.amount for c in charges if c.bucket == bucket), Decimal(0)),
            )
            for bucket in buckets
        }

    assert summed(foretold) == summed(ledger.charges)
    assert summed(foretold) == {"posts": (4, Decimal("0.430")), "metadata": (2, Decimal("0.010"))}
    spent = sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"]
    assert Decimal(spent) == sum((c.amount for c in foretold), Decimal(0))
    assert {c.bucket for c in foretold} <= set(network_data("x")["quotas"])


def test_reads_are_told_by_what_they_gave(
    sandbox: Sandbox, connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], vocabulary: str
) -> None:
    published = publish(connector, target, content())
    sandbox.crowd("x", "comment", post_id=published.external_id, text="Joli")
    steer("/_credits", left="")
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    connector.pull_mentions(metered, cursor={}, watched=[published.external_id])
    connector.pull_post_metrics(metered, external_ids=[published.external_id])
    connector.pull_account_metrics(metered)
    connector.delete(metered, external_id=published.external_id)
    spent = Decimal(sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"])
    assert sum((c.amount for c in ledger.charges), Decimal(0)) == spent > 0
    assert {c.bucket for c in ledger.charges} <= set(network_data("x")["quotas"])


def test_a_refused_call_costs_nothing(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    with pytest.raises(ValidationError):
        publish(connector, replace(target, report=ledger.report), content("é" * 400))
    assert ledger.charges == []


def test_without_credits_nothing_is_tried_again(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    steer("/_credits", left="0.01")
    try:
        publish(connector, target, content())  # the last of it
        with pytest.raises(PolicyError) as spent:
            publish(connector, target, content())
        assert spent.value.code == "credits_spent"
        assert spent.value.until is None
    finally:
        steer("/_credits", left="")


# ---------------------------------------------------------------- lost answers


def test_the_same_files_prove_a_lost_post_whatever_its_text(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    what, ledger = content("", media=(media(),)), Ledger()
    what = replace(what, text="")
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("500_after", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED


@pytest.mark.parametrize("path", ["/2/media/upload$", "/initialize$", "/finalize$", "/metadata$", "/2/media/upload"])
def test_a_lost_answer_while_files_go_up_is_an_outage(
    sandbox: Sandbox, connector: Connector, target: Target, path: str
) -> None:
    file = video() if path in ("/initialize$", "/finalize$") else media()
    what, ledger = content(media=(file,)), Ledger()
    sandbox.fault("drop", "x", method="POST", path=path)
    with pytest.raises(OutageError) as lost:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert lost.value.code == "answer_lost"
    prepared, handles = create(connector, target, what, ledger)
    assert connector.commit(target, prepared, handles=handles) is not None


def test_a_text_without_scheme_is_found_by_what_x_made_of_it(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    what = content(f"Cafe\u0301 & https://example.com/x?a=1&b=2 {uuid.uuid4().hex}")
    sandbox.fault("drop", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, what, handles={})
    assert connector.find_published(target, what, handles={}, since=datetime.now(UTC)).finding is Finding.PUBLISHED


def test_a_repeated_text_is_a_duplicate(connector: Connector, target: Target) -> None:
    what = content()
    publish(connector, target, what)
    with pytest.raises(DuplicateError) as again:
        publish(connector, target, what)
    assert again.value.code == "duplicate_post"


def test_a_reply_is_not_taken_for_the_post(connector: Connector, target: Target, vocabulary: str) -> None:
    root = publish(connector, target, content())
    what = content()
    connector.commit_part(target, what, root=root, parent=root, text=what.text, key="")
    long_ago = datetime.now(UTC) - timedelta(seconds=50)
    found = connector.find_published(target, what, handles={}, since=long_ago)
    assert found.finding is Finding.NOT_PUBLISHED


# ---------------------------------------------------------------- refusals


class Answers:
    """A server that says one thing, for what the sandbox never says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.clients: list[httpx.Client] = []

    def say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers=headers))
        client = httpx.Client(transport=transport)
        self.clients.append(client)
        self.monkeypatch.setattr("socialops.networks.http.client", lambda: client)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    made = Answers(monkeypatch)
    yield made
    for client in made.clients:
        client.close()


REFUSALS = [
    (400, "invalid-request", "One or more parameters to your request was invalid.", ValidationError, "content_refused"),
    (400, "invalid-request", "Your media IDs are invalid.", MediaError, "media_refused"),
    (401, "", "Unauthorized", AuthError, "token_expired"),
    (402, "credits", "Your enrolled account does not have any credits.", PolicyError, "credits_spent"),
    (403, "", "You are not allowed to create a Tweet with duplicate content.", DuplicateError, "duplicate_post"),
    (403, "", "You attempted to reply to a Tweet that is deleted or not visible to you.", ValidationError, "parent_gone"),
    (403, "", "Reply to this conversation is not allowed because you have not been mentioned", ValidationError, "reply_not_allowed"),
    (403, "", "This user is not allowed to post a video longer than 2 minutes", MediaError, "media_refused"),
    (403, "", "Your account is suspended and is not permitted to access this feature", AuthError, "account_disabled"),
    (403, "", "This request looks like it might be automated.", PolicyError, "content_policy"),
    (403, "", "Your Tweet text is too long.", ValidationError, "content_refused"),
    (403, "client-not-enrolled", "App must be attached to a project", AuthError, "app_not_approved"),
    (403, "", "You are not permitted to perform this action.", AuthError, "scope_missing"),
    (403, "", "Something else", PolicyError, "content_policy"),
    (404, "resource-not-found", "Could not find user", ValidationError, "parent_gone"),
    (429, "", "Too Many Requests", RateLimitError, "too_many_requests"),
    (429, "usage-capped", "Usage cap exceeded: Monthly product cap", RateLimitError, "quota_spent"),
    (503, "", "Service Unavailable", UnknownOutcomeError, "server_error"),
    (418, "", "I'm a teapot", NetworkError, "unexpected_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "words", "error", "code"), REFUSALS)
def test_refusals_by_status_type_and_words(
    connector: Connector,
    target: Target,
    answers: Answers,
    status: int,
    kind: str,
    words: str,
    error: type[NetworkError],
    code: str,
) -> None:
    unknown = replace(target, credentials=replace(target.credentials, scopes=()))
    place = f"https://api.twitter.com/2/problems/{kind}" if kind else "about:blank"
    answers.say(status, {"title": "T", "detail": words, "type": place, "status": status})
    with pytest.raises(error) as refused:
        connector.commit(unknown, content(), handles={})
    assert refused.value.code == code
    assert refused.value.raw is not None


def test_refusals_in_the_older_shape(connector: Connector, target: Target, answers: Answers) -> None:
    answers.say(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, {"x-rate-limit-reset": "4102444800"})
    with pytest.raises(RateLimitError) as refused:
        connector.verify(target)
    assert refused.value.until == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("body", [{"errors": [{"title": "Forbidden", "detail": "No"}]}, {"data": {"text": "x"}}, []])
def test_a_created_without_an_id_is_an_unknown_outcome(
    connector: Connector, target: Target, answers: Answers, body: Any
) -> None:
    answers.say(201, body)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, content(), handles={})


def test_a_missing_scope_is_named(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    (account,) = connected(sandbox, connector, scope="tweet.read tweet.write users.read offline.access")
    assert set(account.missing_scopes) == {"media.write", "tweet.moderate.write", "dm.read", "dm.write"}
    old = target_of(connector, sandbox, account)
    publish(connector, old, content())
    with pytest.raises(AuthError) as refused:
        create(connector, old, content(media=(media(),)), Ledger())
    assert refused.value.code == "scope_missing"
    assert refused.value.detail["scope"] == "media.write"


# ---------------------------------------------------------------- connecting


def connected(sandbox: Sandbox, connector: Connector, *, app: dict[str, str] | None = None, scope: str = "") -> Any:
    asked = connector.authorization(base_url=sandbox.url("x"), redirect_uri=REDIRECT, app=app or {})
    if scope:
        parts = urlsplit(asked.url)
        query = {**dict(parse_qsl(parts.query)), "scope": scope}
        asked = replace(asked, url=urlunsplit(parts._replace(query=urlencode(query))))
    query = consent(asked)
    pending = json.loads(json.dumps(dict(asked.pending)))
    return connector.complete_authorization(query=query, pending=pending, redirect_uri=REDIRECT, app=app or {})


@pytest.mark.parametrize("app", [{}, {"client_id": "sandbox-public", "client_secret": ""}])
def test_refresh_tokens_serve_once_for_both_kinds_of_client(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None, app: dict[str, str]
) -> None:
    (account,) = connected(sandbox, connector, app=app)
    old = replace(target_of(connector, sandbox, account), app=app)
    assert old.credentials.expires_at is not None
    assert timedelta(hours=1) < old.credentials.expires_at - datetime.now(UTC) <= timedelta(hours=2)
    fresh = connector.refresh(old)
    assert fresh is not None
    assert fresh.scopes == old.credentials.scopes
    assert fresh.values["refresh_token"] != old.credentials.values["refresh_token"]
    assert connector.verify(replace(old, credentials=fresh)).external_id == account.external_id
    with pytest.raises(AuthError) as used:
        connector.refresh(old)
    assert used.value.code == "token_revoked"
    assert str(old.credentials.values["refresh_token"]) not in repr(used.value.raw)


def test_an_empty_refresh_token_never_replaces_a_kept_one(
    connector: Connector, target: Target, answers: Answers
) -> None:
    kept = replace(
        target, credentials=replace(target.credentials, values={"access_token": "a", "refresh_token": "kept"})
    )
    answers.say(200, {"token_type": "bearer", "access_token": "new", "expires_in": 7200, "refresh_token": ""})
    fresh = connector.refresh(kept)
    assert fresh is not None
    assert dict(fresh.values) == {"access_token": "new", "refresh_token": "kept"}
    assert fresh.scopes == target.credentials.scopes


def test_a_token_without_refresh_ends_with_its_time(connector: Connector, target: Target) -> None:
    assert connector.refresh(target) is None
    ended = replace(target.credentials, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(AuthError):
        connector.refresh(replace(target, credentials=ended))


def test_the_app_is_judged(connector: Connector, networks_at_sandbox: None, settings: Any) -> None:
    connector.check_app(app=APP, redirect_uri=REDIRECT)
    connector.check_app(app={"client_id": "sandbox-public"}, redirect_uri=REDIRECT)
    for wrong in ({**APP, "client_secret": "other"}, {"client_id": "unknown", "client_secret": "x"}):
        with pytest.raises(AuthError) as rejected:
            connector.check_app(app=wrong, redirect_uri=REDIRECT)
        assert rejected.value.code == "app_rejected"
    settings.NETWORKS = {}
    with pytest.raises(AuthError) as missing:
        connector.check_app(app={}, redirect_uri=REDIRECT)
    assert missing.value.code == "app_not_configured"


# ---------------------------------------------------------------- what people say


def pull(connector: Connector, target: Target, cursor: Any, watched: list[str]) -> tuple[list[Any], Any]:
    """All pages of one pull."""
    found: list[Any] = []
    for _page in range(20):
        page = connector.pull_mentions(target, cursor=json.loads(json.dumps(cursor)), watched=watched)
        found += page.mentions
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the walk never ends")


def test_quotes_and_replies_that_do_not_name_us_are_found(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    published = publish(connector, target, content())
    first = sandbox.crowd("x", "comment", post_id=published.external_id, text="Oui", author="Ana")
    sandbox.crowd("x", "comment", post_id=first["id"], text="Non & non", author="Bo")
    sandbox.crowd("x", "comment", post_id=published.external_id, text="quote: À lire", author="Cleo")
    found, cursor = pull(connector, target, {}, [published.external_id])
    by_text = {
        mention.text.partition(" ")[2] if mention.text.startswith("@") else mention.text: mention for mention in found
    }
    assert set(by_text) == {"Oui", "Non & non", "À lire"}
    assert {text: m.kind for text, m in by_text.items()} == {"Oui": "reply", "Non & non": "reply", "À lire": "quote"}
    assert {m.root for m in found} == {published.external_id}
    assert by_text["Non & non"].in_reply_to == first["id"]
    assert by_text["À lire"].in_reply_to == published.external_id
    assert by_text["Oui"].author_name == "Ana"
    assert pull(connector, target, cursor, [published.external_id])[0] == []


def test_more_than_a_page_loses_and_repeats_nothing(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["read"], "page_size", 10)
    published = publish(connector, target, content())
    sandbox.crowd("x", "mention", account=target.external_id, text="début")
    _found, cursor = pull(connector, target, {}, [published.external_id])
    for number in range(23):
        sandbox.crowd("x", "comment", post_id=published.external_id, text=f"n{number}", author=f"P{number}")
    found, cursor = pull(connector, target, cursor, [published.external_id])
    assert sorted(int(m.text.rpartition("n")[2]) for m in found) == list(range(23))
    sandbox.crowd("x", "comment", post_id=published.external_id, text="n23", author="P0")
    found, _cursor = pull(connector, target, cursor, [published.external_id])
    assert [m.text.rpartition(" ")[2] for m in found] == ["n23"]


def test_many_watched_posts_are_asked_for_in_queries_short_enough(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    watched = [publish(connector, target, content()).external_id for _ in range(7)]
    for post_id in watched:
        sandbox.crowd("x", "comment", post_id=post_id, text="quote: Vu", author="Cleo")
    found, _cursor = pull(connector, target, {}, watched)
    assert {m.in_reply_to for m in found if m.kind == "quote"} == set(watched)


def test_a_cursor_older_than_what_is_searched_starts_again(connector: Connector, target: Target) -> None:
    published = publish(connector, target, content())
    old = {"conversations": {"since": "1500000000000000000"}}
    found, cursor = pull(connector, target, old, [published.external_id])
    assert found == []
    assert cursor["conversations"] == {"since": "1500000000000000000"}


def test_a_reply_goes_where_x_lets_us_and_is_found_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    published = publish(connector, target, content())
    sandbox.crowd("x", "comment", post_id=published.external_id, text="Combien ?")
    (mention,), _ = pull(connector, target, {}, [published.external_id])
    to = MentionRef(mention.external_id, mention.kind, mention.author_id)
    assert connector.actions("reply") == {Action.REPLY, Action.REPLY_PRIVATELY, Action.HIDE, Action.UNHIDE}
    assert Action.LIKE not in connector.actions("mention")
    before, text = datetime.now(UTC), f"Trente euros {uuid.uuid4().hex}"
    sandbox.fault("drop", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=to, text=text, key="k")
    found = connector.find_reply(target, to=to, text=text, key="k", since=before)
    assert found.finding is Finding.PUBLISHED
    stranger = sandbox.crowd("x", "mention", account=sandbox.account("x", f"s{uuid.uuid4().hex[:8]}")["id"], text="")
    with pytest.raises(ValidationError) as refused:
        connector.reply(target, to=MentionRef(stranger["id"], "mention"), text="Bonjour", key="k")
    assert refused.value.code == "reply_not_allowed"


def test_hiding_a_reply_twice_and_showing_it_again(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, content())
    reply = sandbox.crowd("x", "comment", post_id=published.external_id, text="Laid")
    on = MentionRef(reply["id"], "reply")
    for action in (Action.HIDE, Action.HIDE, Action.UNHIDE):
        connector.act(target, action=action, on=on)
    with pytest.raises(ValidationError) as gone:
        connector.act(target, action=Action.HIDE, on=MentionRef("1", "reply"))
    assert gone.value.code == "parent_gone"
    with pytest.raises(ValidationError) as unsupported:
        connector.act(target, action=Action.LIKE, on=on)
    assert unsupported.value.code == "not_supported"


def test_private_messages_are_read_once_and_answered(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], sandbox: Sandbox
) -> None:
    steer("/_messages", account=target.external_id, text="Ouvert dimanche ?", author="Ana")
    found, cursor = pull(connector, target, {}, [])
    (message,) = found
    assert (message.kind, message.text, message.author_name) == ("message", "Ouvert dimanche ?", "Ana")
    assert message.extra["conversation"]
    to = MentionRef(message.external_id, "message", message.author_id)
    before = datetime.now(UTC)
    sandbox.fault("drop", "x", method="POST", path="/messages$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=to, text="Oui, à dix heures", key="k")
    found_again = connector.find_reply(target, to=to, text="Oui, à dix heures", key="k", since=before)
    assert found_again.finding is Finding.PUBLISHED
    missing = connector.find_reply(target, to=to, text="Autre", key="k", since=before - timedelta(minutes=5))
    assert missing.finding is Finding.NOT_PUBLISHED
    assert pull(connector, target, cursor, [])[0] == []


def test_more_messages_than_a_page_are_all_read(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["read"], "messages_page_size", 2)
    steer("/_messages", account=target.external_id, text="m0")
    _found, cursor = pull(connector, target, {}, [])
    for number in range(1, 6):
        steer("/_messages", account=target.external_id, text=f"m{number}")
    found, _cursor = pull(connector, target, cursor, [])
    assert sorted(message.text for message in found) == ["m1", "m2", "m3", "m4", "m5"]


def test_without_the_scope_messages_are_left_alone(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    steer("/_messages", account=target.external_id, text="Coucou")
    fewer = replace(target, credentials=replace(target.credentials, scopes=("tweet.read", "users.read")))
    assert pull(connector, fewer, {}, []) == ([], {"mentions": {}})


# ---------------------------------------------------------------- numbers


def test_private_counters_are_asked_for_as_long_as_x_gives_them(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    mine = publish(connector, target, content()).external_id
    foreign = sandbox.crowd("x", "mention", account=target.external_id, text="")["id"]
    past = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    item = {"account": target.external_id, "key": uuid.uuid4().hex, "text": "Vieux", "created_at": past, "views": 9}
    brought = sandbox.http.post(sandbox.url("x") + "/_history", json={"posts": [item]}).json()["posts"][0]["id"]
    found = connector.pull_post_metrics(target, external_ids=[mine, foreign, brought, "1600000000000000001"])
    assert found.gone == {"1600000000000000001"}
    assert {"url_link_clicks", "impression_count"} <= set(found.metrics[mine])
    assert found.metrics[brought]["impression_count"] == 9
    for post_id in (foreign, brought):
        assert "url_link_clicks" not in found.metrics[post_id]
        assert found.metrics[post_id]["like_count"] == 0
    assert found.dead == {}


def test_a_dead_counter_leaves_the_others(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch, vocabulary: str
) -> None:
    monkeypatch.setitem(network_data("x")["metrics"], "private", ["non_public_metrics_of_old"])
    mine = publish(connector, target, content()).external_id
    found = connector.pull_post_metrics(target, external_ids=[mine])
    assert set(found.dead) == {"non_public_metrics_of_old"}
    assert found.metrics[mine]["like_count"] == 0


def test_a_hundred_posts_a_call(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(network_data("x")["metrics"], "batch", 2)
    mine = [publish(connector, target, content()).external_id for _ in range(5)]
    ledger = Ledger()
    found = connector.pull_post_metrics(replace(target, report=ledger.report), external_ids=mine)
    assert set(found.metrics) == set(mine)
    assert [charge.units for charge in ledger.charges] == [2, 2, 1]


def test_counters_of_the_account_in_both_vocabularies(connector: Connector, target: Target) -> None:
    found = connector.pull_account_metrics(target)
    assert found["followers_count"] == 150


def test_quota_headers_name_their_limit(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    publish(connector, replace(target, report=ledger.report), content())
    (quota,) = [quota for quota in ledger.quotas if quota.bucket == "posts"]
    assert isinstance(quota, Quota)
    assert (quota.limit, quota.resets_at is not None) == (100, True)


# ---------------------------------------------------------------- webhooks


def delivery(event: str, **payload: Any) -> bytes:
    data = {"event_type": event, "event_uuid": "1", "filter": {"user_id": "42"}, "tag": "", "payload": payload}
    return json.dumps({"data": data}).encode()


def test_the_test_of_the_address_is_answered(connector: Connector) -> None:
    answer = connector.handshake(query={"crc_token": "abc"}, app=APP)
    assert answer is not None
    assert answer.content_type == "application/json"
    # computed by hand: HMAC-SHA256 of "abc" under "sandbox-secret", base64
    assert json.loads(answer.body) == {"response_token": "sha256=7MC1IH/q9ZI69Xwf4flD2+oIPorxbJ6yXgDbxVpP02o="}
    assert connector.handshake(query={"other": "x"}, app=APP) is None
    older = connector.handshake(query={"crc_token": "abc"}, app={**APP, "consumer_key": "k", "consumer_secret": "s"})
    assert older is not None
    assert older.body != answer.body


def test_signed_deliveries_are_read_and_others_refused(connector: Connector) -> None:
    body = delivery("post.mention.create", id="7", text="@nous")
    headers = {"x-twitter-webhooks-signature": webhooks.sign("sandbox-secret", body)}
    (event,) = connector.read_webhook(headers=headers, body=body, app=APP)
    assert (event.kind, event.account, event.external_id) == ("mention", "42", "7")
    for wrong in ({}, {"x-twitter-webhooks-signature": "sha256=x"}, headers):
        with pytest.raises(AuthError) as refused:
            connector.read_webhook(headers=wrong, body=body + b" ", app=APP)
        assert refused.value.code == Code.SIGNATURE_WRONG


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ("dm.received", ["mention"]),
        ("post.delete", ["mention_gone"]),
        ("oauth.revoke", ["revoked"]),
        ("like.create", []),
    ],
)
def test_events_we_have_a_use_for(connector: Connector, event: str, kinds: list[str]) -> None:
    body = delivery(event, id="7")
    headers = {"x-twitter-webhooks-signature": webhooks.sign("sandbox-secret", body)}
    assert [found.kind for found in connector.read_webhook(headers=headers, body=body, app=APP)] == kinds


def test_a_subscription_is_asked_for_once_and_tells(
    sandbox: Sandbox, connector: Connector, target: Target, listener: Listener
) -> None:
    ours = replace(target, app=APP)
    connector.subscribe(ours, callback_url=listener.url)
    connector.subscribe(ours, callback_url=listener.url)
    assert len(listener.tests) == 1
    sandbox.crowd("x", "mention", account=target.external_id, text="")
    headers, body = listener.wait()
    events = connector.read_webhook(headers=headers, body=body, app=APP)
    assert [(event.kind, event.account) for event in events] == [("mention", target.external_id)]


def test_a_wrong_app_cannot_subscribe(connector: Connector, target: Target) -> None:
    with pytest.raises(AuthError) as rejected:
        connector.subscribe(
            replace(target, app={**APP, "client_secret": "other"}), callback_url="http://127.0.0.1:9/hook"
        )
    assert rejected.value.code == "app_rejected"
