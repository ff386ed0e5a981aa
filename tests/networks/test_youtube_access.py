"""Connecting a YouTube channel, what calls cost, and what refusals mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from socialops.networks.data import disabled_by, network_data
from socialops.networks.errors import (
    AuthError,
    MediaError,
    NetworkError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import (
    Account,
    Connector,
    Content,
    Published,
    Target,
)
from socialops.networks.registry import connector_for
from tests.fakes.files import media
from tests.networks.driving import Ledger, publish
from tests.networks.samples.youtube import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, target_of
from tests.sandbox_server import Sandbox, start_sandbox


@pytest.fixture
def network() -> str:
    return "youtube"


@pytest.fixture
def youtube(connector: Connector) -> Connector:
    return connector


def film(**more: Any) -> Content:
    return SAMPLE.content(**more)


# ---------------------------------------------------------------- connecting


Connect = Callable[..., Account]


@pytest.fixture
def connect(sandbox: Sandbox, youtube: Connector, networks_at_sandbox: None) -> Connect:
    def start(*, declined: tuple[str, ...] = (), account: str = "") -> Account:
        authorization = youtube.authorization(base_url=sandbox.url("youtube"), redirect_uri=REDIRECT, app={})
        with httpx.Client(trust_env=False) as browser:
            query = dict(httpx.URL(authorization.url).params)
            scopes = [scope for scope in query["scope"].split() if not scope.endswith(declined or ("-",))]
            chosen = account or "maison_lumiere"
            people = httpx.get(authorization.url).text
            ids = {name: value for value, name in _choices(people)}
            form = {**query, "scopes": scopes, "account": ids[chosen], "decision": "allow"}
            answer = browser.post(f"{sandbox.url('youtube')}/o/oauth2/v2/auth", data=form)
        returned = dict(httpx.URL(answer.headers["location"]).params)
        return complete(youtube, authorization, returned)[0]

    return start


def _choices(page: str) -> Iterator[tuple[str, str]]:
    for piece in page.split('name="account" value="')[1:]:
        value, rest = piece.split('"', 1)
        handle = rest.split('class="handle">', 1)[1].split("<", 1)[0].lstrip("@")
        yield value, handle or "person"


def test_the_consent_screen_is_asked_for_what_keeps_a_channel_connected(
    youtube: Connector, sandbox: Sandbox, networks_at_sandbox: None
) -> None:
    authorization = youtube.authorization(base_url="", redirect_uri=REDIRECT, app={}, login_hint="a@example.com")
    query = dict(httpx.URL(authorization.url).params)
    assert (query["access_type"], query["prompt"], query["code_challenge_method"]) == ("offline", "consent", "S256")
    assert query["login_hint"] == "a@example.com"
    assert "https://www.googleapis.com/auth/youtube.force-ssl" in query["scope"].split()


def test_without_a_base_url_people_are_sent_to_google(youtube: Connector, settings: Any) -> None:
    settings.NETWORKS = {"youtube": {"client_id": "ours", "client_secret": "s", "base_url": ""}}
    authorization = youtube.authorization(base_url="", redirect_uri=REDIRECT, app={})
    assert authorization.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?client_id=ours")
    theirs = youtube.authorization(base_url="", redirect_uri=REDIRECT, app={"client_id": "x", "client_secret": "y"})
    assert "client_id=x&" in theirs.url


def test_unticked_scopes_are_missing_and_say_what_is_lost(connect: Connect) -> None:
    account = connect(declined=("youtube.force-ssl", "yt-analytics.readonly"))
    assert account.missing_scopes == ("youtube.force-ssl", "yt-analytics.readonly")
    assert disabled_by("youtube", account.missing_scopes) == ("read", "reply", "moderate", "measure")
    assert connect(declined=("youtube.upload", "youtube.readonly")).missing_scopes == ()  # the larger one covers them
    assert connect(declined=("youtube.upload", "youtube.force-ssl")).missing_scopes[0] == "youtube.upload"


def test_who_lets_us_read_nothing_is_told(connect: Connect) -> None:
    with pytest.raises(AuthError) as blind:
        connect(declined=("youtube.force-ssl", "youtube.readonly"))
    assert blind.value.code == "scope_missing"


def test_a_missing_scope_shows_where_it_is_needed(connect: Connect, sandbox: Sandbox, youtube: Connector) -> None:
    account = connect(declined=("youtube.force-ssl", "yt-analytics.readonly"))
    target = target_of(youtube, sandbox, account)
    published = publish(youtube, target, film())
    with pytest.raises(AuthError) as missing:
        youtube.pull_mentions(target, cursor={}, watched=[])
    assert missing.value.code == "scope_missing"
    found = youtube.pull_post_metrics(target, external_ids=[published.external_id])
    assert found.metrics[published.external_id]["viewCount"] == 0
    assert found.dead == {}


def test_an_account_without_a_channel_is_refused_clearly(connect: Connect) -> None:
    with pytest.raises(AuthError) as none:
        connect(account="person")
    assert none.value.code == "no_channel"


def test_a_refresh_keeps_the_refresh_token(connect: Connect, sandbox: Sandbox, youtube: Connector) -> None:
    old = target_of(youtube, sandbox, connect())
    assert old.credentials.expires_at is not None
    assert timedelta(minutes=55) < old.credentials.expires_at - datetime.now(UTC) < timedelta(minutes=61)
    fresh = youtube.refresh(old)
    assert fresh is not None
    assert fresh.values["refresh_token"] == old.credentials.values["refresh_token"]
    assert fresh.values["access_token"] != old.credentials.values["access_token"]
    assert fresh.scopes == old.credentials.scopes
    assert youtube.verify(replace(old, credentials=fresh)).external_id == old.external_id
    youtube.revoke(replace(old, credentials=fresh), app={})
    with pytest.raises(AuthError) as ended:
        youtube.refresh(replace(old, credentials=fresh))
    assert ended.value.code == "token_revoked"
    assert fresh.values["refresh_token"] not in repr(ended.value.raw)


def test_a_token_made_elsewhere_without_a_refresh_token_stays_as_it_is(youtube: Connector, target: Target) -> None:
    values = {"access_token": target.credentials.values["access_token"]}
    assert youtube.refresh(replace(target, credentials=replace(target.credentials, values=values))) is None


def test_the_app_is_checked(youtube: Connector, networks_at_sandbox: None) -> None:
    youtube.check_app(app={}, redirect_uri=REDIRECT)
    for wrong in ({"client_id": "unknown", "client_secret": "x"}, {"client_id": "sandbox-app", "client_secret": "x"}):
        with pytest.raises(AuthError) as rejected:
            youtube.check_app(app=wrong, redirect_uri=REDIRECT)
        assert rejected.value.code == "app_rejected"


# ---------------------------------------------------------------- quotas and errors


def test_what_publishing_costs_is_told_beforehand(youtube: Connector) -> None:
    assert [(c.bucket, c.units) for c in youtube.charges(film())] == [("uploads", 1), ("units", 1)]
    full = film(cover=media("c"), first_comment="Oui")
    assert [(c.bucket, c.units) for c in youtube.charges(full)] == [("uploads", 1), ("units", 101)]


def test_every_call_is_counted_also_one_that_is_refused(youtube: Connector, target: Target) -> None:
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    youtube.verify(metered)
    youtube.delete(metered, external_id="-----------")
    youtube.pull_mentions(metered, cursor={}, watched=[])
    assert [(c.bucket, c.units) for c in ledger.charges] == [("units", 1), ("units", 1), ("units", 1)]
    published = publish(youtube, target, film())
    ledger.charges.clear()
    youtube.delete(metered, external_id=published.external_id)
    assert [(c.bucket, c.units) for c in ledger.charges] == [("units", 50)]


def test_a_spent_quota_comes_back_at_midnight_in_california(settings: Any) -> None:
    youtube = connector_for("youtube")
    with start_sandbox(rate_limits="real") as strict:
        app = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
        settings.NETWORKS = {"youtube": {"base_url": strict.url("youtube"), **app}}
        account = youtube.connect_with_token(
            base_url=strict.url("youtube"), values={"access_token": "sandbox-youtube-maison_lumiere"}
        )
        assert account.credentials is not None
        target = Target("youtube", strict.url("youtube"), account.external_id, account.handle, account.credentials)
        for _ in range(network_data("youtube")["quotas"]["uploads"]["limit"]):
            youtube.create(target, film(), handles={}, save=lambda _: None)
        with pytest.raises(RateLimitError) as spent:
            youtube.create(target, film(), handles={}, save=lambda _: None)
        assert youtube.verify(target).external_id == account.external_id  # the other bucket is another one
    assert (spent.value.code, spent.value.detail["bucket"]) == ("quota_spent", "uploads")
    assert spent.value.until is not None
    there = spent.value.until.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (there.hour, there.minute) == (0, 0)
    assert timedelta(0) < there - datetime.now(UTC) <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("status", "reason", "error", "code"),
    [
        (403, "quotaExceeded", RateLimitError, "quota_spent"),
        (400, "uploadLimitExceeded", RateLimitError, "quota_spent"),
        (403, "rateLimitExceeded", RateLimitError, "too_many_requests"),
        (403, "userRateLimitExceeded", RateLimitError, "too_many_requests"),
        (401, "authError", AuthError, "token_expired"),
        (401, "youtubeSignupRequired", AuthError, "no_channel"),
        (403, "insufficientPermissions", AuthError, "scope_missing"),
        (403, "accessNotConfigured", AuthError, "app_not_approved"),
        (403, "channelSuspended", PolicyError, "account_blocked"),
        (403, "forbidden", PolicyError, "content_policy"),
        (403, "commentsDisabled", ValidationError, "reply_not_allowed"),
        (404, "videoNotFound", ValidationError, "parent_gone"),
        (400, "invalidTitle", ValidationError, "content_refused"),
        (409, "processingFailure", ValidationError, "content_refused"),
        (400, "mediaBodyRequired", MediaError, "media_refused"),
        (503, "backendError", UnknownOutcomeError, "server_error"),
        (500, "", UnknownOutcomeError, "server_error"),
    ],
)
def test_reasons_mean_what_the_docs_say(
    youtube: Connector,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    reason: str,
    error: type[NetworkError],
    code: str,
) -> None:
    said = {"message": "So it is.", "domain": "youtube", "reason": reason}
    body = {"error": {"code": status, "message": "So it is.", "errors": [said] if reason else []}}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    root = Published("dQw4w9WgXcQ")
    with httpx.Client(transport=transport) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        with pytest.raises(error) as told:
            youtube.commit_part(target, film(), root=root, parent=root, text="Oui", key="k")
    assert told.value.code == code
    if error is RateLimitError:
        assert told.value.until is not None
        assert told.value.until > datetime.now(UTC)
