"""What is particular to YouTube: resumable uploads, processing, its options, scopes, quotas, comments and counters."""

from __future__ import annotations

import base64
import json
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
    Code,
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import (
    Account,
    Action,
    Connector,
    Content,
    Finding,
    Handles,
    Media,
    Published,
    RemoteMention,
    Target,
)
from socialops.networks.registry import connector_for
from socialops.networks.youtube.publish import tags_length
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, create, publish, ref, settled
from tests.networks.samples.youtube import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, target_of
from tests.sandbox_server import Sandbox, start_sandbox

GRAIN = 262_144
UPLOAD = "/upload/youtube/v3/videos$"


@pytest.fixture
def network() -> str:
    return "youtube"


@pytest.fixture
def youtube(connector: Connector) -> Connector:
    return connector


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(network_data("youtube")["upload"], "chunk_bytes", GRAIN)


def large(tail: bytes = b"", size: int = 3 * GRAIN + 1000) -> Media:
    """A film of several chunks, read by pieces; `tail` decides what the sandbox makes of it."""
    data = movie().ljust(size, b"\0") + tail
    pieces: list[tuple[int, int]] = []

    def read_range(start: int, stop: int) -> bytes:
        pieces.append((start, stop))
        return data[start:stop]

    def read() -> bytes:
        raise AssertionError("the whole file was read into memory")

    return replace(video(), size=len(data), read=read, read_range=read_range)


def film(**more: Any) -> Content:
    return SAMPLE.content(**more)


def with_options(**options: Any) -> Content:
    return SAMPLE.content(options={**SAMPLE.options, **options})


def seen(sandbox: Sandbox, target: Target, video_id: str) -> dict[str, Any]:
    """The video as its owner's API shows it."""
    answer = httpx.get(
        f"{sandbox.url('youtube')}/youtube/v3/videos",
        params={"part": "snippet,status,paidProductPlacementDetails,contentDetails", "id": video_id},
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json()["items"][0])


# ---------------------------------------------------------------- uploading


@pytest.mark.usefixtures("small_chunks")
def test_the_session_is_saved_before_any_byte_and_the_last_chunk_is_the_one_shot(
    sandbox: Sandbox, youtube: Connector, target: Target
) -> None:
    what, ledger = film(media=(large(),)), Ledger()
    prepared, handles = create(youtube, replace(target, report=ledger.report), what, ledger)
    assert [saved["offset"] for saved in ledger.saved] == [0, GRAIN, 2 * GRAIN, 3 * GRAIN]
    assert len({saved["session"] for saved in ledger.saved}) == 1
    assert sandbox.posts("youtube", account=target.external_id) == []
    assert [(charge.bucket, charge.units) for charge in ledger.charges] == [("uploads", 1)]
    assert youtube.commit(target, prepared, handles=handles) is None
    published = settled(youtube, target, prepared, handles, None)
    assert [p["id"] for p in sandbox.posts("youtube", account=target.external_id)] == [published.external_id]
    assert published.url.endswith(f"/watch?v={published.external_id}")


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("effect", ["drop", "close_before", "500_before", "500_after"])
def test_an_upload_that_breaks_goes_on_where_it_stopped(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    what, ledger = film(media=(large(),)), Ledger()
    prepared = youtube.prepare(target, what)
    metered = replace(target, report=ledger.report)
    sandbox.fault(effect, "youtube", method="PUT", path=UPLOAD)
    with pytest.raises(OutageError):
        youtube.create(metered, prepared, handles={}, save=ledger.save)
    handles = youtube.create(metered, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    assert [charge.bucket for charge in ledger.charges] == ["uploads"]
    settled(youtube, target, prepared, handles, youtube.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


def test_a_lost_answer_to_the_opening_made_nothing(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    ledger = Ledger()
    sandbox.fault("drop", "youtube", method="POST", path=UPLOAD)
    with pytest.raises(OutageError):
        create(youtube, target, film(), ledger)
    assert ledger.saved == []
    publish(youtube, target, film())
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


@pytest.mark.parametrize("effect", ["drop", "500_after"])
def test_a_try_after_a_lost_last_chunk_sends_nothing_twice(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    """As when a worker dies: create and commit again from what was saved."""
    what, ledger = film(), Ledger()
    prepared, handles = create(youtube, target, what, ledger)
    sandbox.fault(effect, "youtube", method="PUT", path=UPLOAD)
    with pytest.raises(UnknownOutcomeError):
        youtube.commit(target, prepared, handles=handles)
    handles = youtube.create(target, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    settled(youtube, target, prepared, handles, youtube.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


def test_a_lost_session_is_settled_by_the_list_of_uploads(youtube: Connector, target: Target) -> None:
    what, ledger = film(link="https://example.com/a"), Ledger()
    before = datetime.now(UTC)
    prepared, handles = create(youtube, target, what, ledger)
    youtube.commit(target, prepared, handles=handles)
    published = settled(youtube, target, prepared, handles, None)
    forgotten = {**handles, "session": handles["session"].replace("upload_id=", "upload_id=x")}
    for lost in ({}, forgotten):
        found = youtube.find_published(target, what, handles=lost, since=before)
        assert (found.finding, found.published) == (Finding.PUBLISHED, published)
    other = replace(what, text="Autre chose")
    early = youtube.find_published(target, other, handles={}, since=datetime.now(UTC))
    assert (early.finding, early.look_again_at is not None) == (Finding.UNDECIDED, True)
    late = youtube.find_published(target, other, handles={}, since=datetime.now(UTC) - timedelta(minutes=5))
    assert late.finding is Finding.NOT_PUBLISHED
    publish(youtube, target, what)
    twice = youtube.find_published(target, what, handles={}, since=before)
    assert (twice.finding, len(twice.candidates)) == (Finding.UNDECIDED, 2)
    # a session that is gone is opened anew: nothing ever came of it
    again = youtube.create(target, prepared, handles=dict(forgotten), save=ledger.save)
    assert again["session"] not in (forgotten["session"], handles["session"])
    assert again["offset"] == 0


@pytest.mark.parametrize(
    ("tail", "error", "code", "words"),
    [
        (b"sandbox-fails:codec", MediaError, "media_refused", "codec"),
        (b"sandbox-fails:invalidFile", MediaError, "media_refused", "no video"),
        (b"sandbox-rejects:copyright", PolicyError, "content_policy", "copyright"),
        (b"sandbox-rejects:duplicate", PolicyError, "duplicate_post", "already"),
        (b"sandbox-rejects:length", MediaError, "media_refused", "longer"),
        (b"sandbox-rejects:uploaderAccountSuspended", PolicyError, "account_blocked", "suspended"),
    ],
)
def test_what_youtube_can_not_or_will_not_process_says_why(
    sandbox: Sandbox, youtube: Connector, target: Target, tail: bytes, error: type[NetworkError], code: str, words: str
) -> None:
    what, ledger = film(media=(large(tail),)), Ledger()
    prepared, handles = create(youtube, target, what, ledger)
    youtube.commit(target, prepared, handles=handles)
    assert youtube.confirm(target, prepared, handles=handles) is None  # at first it is being processed
    with pytest.raises(error) as told:
        settled(youtube, target, prepared, handles, None)
    assert told.value.code == code
    assert words in told.value.detail["message"]
    found = youtube.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.NOT_PUBLISHED
    again = youtube.create(target, prepared, handles=dict(handles), save=ledger.save)
    assert again["session"] != handles["session"]


def test_a_session_that_lacks_bytes_publishes_nothing(youtube: Connector, target: Target) -> None:
    prepared, handles = create(youtube, target, film(media=(large(),)), Ledger())
    short: Handles = {**handles, "offset": 2 * GRAIN}  # the server has none of them
    with pytest.raises(NetworkError):
        youtube.commit(target, prepared, handles=short)
    found = youtube.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.NOT_PUBLISHED


# ---------------------------------------------------------------- what is told about a video


def test_everything_chosen_reaches_youtube(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    chosen = {
        "title": "Une lampe, 🪔 du dessin à l’atelier",
        "privacy": "unlisted",
        "category": "26",
        "made_for_kids": "no",
        "tags": ["lampe", "fait main"],
        "synthetic_media": True,
        "paid_promotion": True,
        "notify_subscribers": False,
        "license": "creative_commons",
        "embeddable": False,
    }
    what = SAMPLE.content("Tout y est.", link="https://example.com/lampes", options=chosen)
    assert list(youtube.check(what, limits={})) == []
    found = seen(sandbox, target, publish(youtube, target, what).external_id)
    snippet, status = found["snippet"], found["status"]
    assert (snippet["title"], snippet["categoryId"], snippet["tags"]) == (chosen["title"], "26", chosen["tags"])
    assert snippet["description"] == "Tout y est.\n\nhttps://example.com/lampes"
    assert snippet["defaultLanguage"] == "fr"
    assert (status["privacyStatus"], status["license"], status["embeddable"]) == ("unlisted", "creativeCommon", False)
    assert (status["selfDeclaredMadeForKids"], status["containsSyntheticMedia"]) == (False, True)
    assert found["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}


def test_the_privacy_is_always_sent(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    private = publish(youtube, target, with_options(privacy="private"))
    assert seen(sandbox, target, private.external_id)["status"]["privacyStatus"] == "private"


@pytest.mark.parametrize(
    ("what", "code", "field"),
    [
        (Content("x", "k", datetime.now(UTC), options=dict(SAMPLE.options)), Code.MEDIA_MISSING, "media"),
        (with_options(title=""), Code.OPTION_MISSING, "options"),
        (with_options(title="x" * 101), Code.OPTION_TOO_LONG, "options"),
        (with_options(title="a < b"), Code.CHARACTER_REFUSED, "options"),
        (SAMPLE.content("a > b"), Code.CHARACTER_REFUSED, "text"),
        (with_options(made_for_kids=""), Code.OPTION_MISSING, "options"),
        (with_options(privacy="friends"), Code.OPTION_INVALID, "options"),
        (with_options(tags=["a" * 251, "b" * 249]), Code.OPTION_TOO_LONG, "options"),
        (with_options(tags=["a,b"]), Code.CHARACTER_REFUSED, "options"),
        (SAMPLE.content(media=(video(), video("v2"))), Code.TOO_MANY_MEDIA, "media"),
        (SAMPLE.content(media=(media(),)), Code.MEDIA_KIND, "media"),
        (SAMPLE.content(parts=("Suite",)), Code.NOT_SUPPORTED, "parts"),
        (SAMPLE.content(cover=video("c")), Code.MEDIA_KIND, "cover"),
        (replace(with_options(made_for_kids="yes"), first_comment="Oui"), Code.REPLY_NOT_ALLOWED, "first_comment"),
        (replace(with_options(privacy="private"), first_comment="Oui"), Code.REPLY_NOT_ALLOWED, "first_comment"),
    ],
)
def test_what_youtube_would_refuse_is_said_before(youtube: Connector, what: Content, code: Code, field: str) -> None:
    assert (code, field) in [(problem.code, problem.field) for problem in youtube.check(what, limits={})]


def test_tags_count_their_commas_and_quotes(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    assert tags_length(["abc"]) == 3
    assert tags_length(["abc", "de"]) == 6
    assert tags_length(["a b", "c"]) == 7
    fits = with_options(tags=["a" * 250, "b" * 249])
    assert list(youtube.check(fits, limits={})) == []
    publish(youtube, target, fits)
    with pytest.raises(ValidationError):
        publish(youtube, target, with_options(tags=["a" * 250, "b" * 247 + " c"]))


def test_the_description_is_counted_in_bytes(youtube: Connector, target: Target) -> None:
    fits = SAMPLE.content("é" * 2500)
    assert list(youtube.check(fits, limits={})) == []
    publish(youtube, target, fits)
    over = SAMPLE.content("é" * 2500 + "x")
    assert [(p.code, p.detail["length"]) for p in youtube.check(over, limits={})] == [(Code.TEXT_TOO_LONG, 5001)]
    with pytest.raises(ValidationError):
        publish(youtube, target, over)


def test_an_unverified_channel_takes_fifteen_minutes(youtube: Connector) -> None:
    facts = video().video
    assert facts is not None
    long = replace(video(), video=replace(facts, duration=1000.0))
    assert list(youtube.check(film(media=(long,)), limits={})) == []
    limits = {"video": {"max_seconds": network_data("youtube")["account"]["unverified_seconds"]}}
    assert [p.code for p in youtube.check(film(media=(long,)), limits=limits)] == [Code.VIDEO_TOO_LONG]


def test_the_channel_tells_its_limits(youtube: Connector, target: Target) -> None:
    limits = youtube.fetch_limits(target)
    assert limits["video"]["max_seconds"] == 43_200
    assert limits["text"]["max"] == 5000


# ---------------------------------------------------------------- thumbnail, first comment, afterwards


def test_the_still_picture_is_set_once_the_video_is_processed(
    sandbox: Sandbox, youtube: Connector, target: Target
) -> None:
    ledger = Ledger()
    what = film(cover=media("c", data=picture("navy", 1280, 720)))
    published = publish(youtube, replace(target, report=ledger.report), what)
    assert "unfinished" not in published.extra
    assert seen(sandbox, target, published.external_id)["contentDetails"]["hasCustomThumbnail"] is True
    assert sum(charge.units == 50 for charge in ledger.charges) == 1


@pytest.mark.parametrize("effect", ["500_before", "429", "drop"])
def test_a_refused_still_picture_never_fails_the_post_and_is_told(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    sandbox.fault(effect, "youtube", method="POST", path="/thumbnails/set$")
    published = publish(youtube, target, film(cover=media("c")))
    (told,) = published.extra["unfinished"]
    assert told["field"] == "cover"
    assert told["code"] in ("server_error", "too_many_requests", "answer_lost")
    assert json.dumps(told)


def test_a_broken_still_picture_is_told_before_anything_is_out(youtube: Connector, target: Target) -> None:
    with pytest.raises(MediaError) as broken:
        youtube.prepare(target, film(cover=replace(media("c"), read=lambda: b"no picture")))
    assert broken.value.code == "image_unreadable"


def test_comments_for_children_are_closed(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, with_options(made_for_kids="yes"))
    with pytest.raises(ValidationError) as closed:
        youtube.commit_part(target, film(), root=published, parent=published, text="Oui", key="k")
    assert closed.value.code == "reply_not_allowed"


def test_commenting_on_a_deleted_video_says_so(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, film())
    youtube.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        youtube.commit_part(target, film(), root=published, parent=published, text="Oui", key="k")
    assert gone.value.code == "parent_gone"


def test_an_edit_changes_what_it_says_and_leaves_the_rest(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    before = with_options(tags=["lampe"], category="26", synthetic_media=True, privacy="unlisted")
    published = publish(youtube, target, before)
    changed = replace(before, text="Autre description", options={"title": "Autre titre"})
    for _ in range(2):
        youtube.edit(target, changed, external_id=published.external_id)
    found = seen(sandbox, target, published.external_id)
    assert (found["snippet"]["title"], found["snippet"]["description"]) == ("Autre titre", "Autre description")
    assert (found["snippet"]["tags"], found["snippet"]["categoryId"]) == (["lampe"], "26")
    assert (found["status"]["privacyStatus"], found["status"]["containsSyntheticMedia"]) == ("unlisted", True)
    youtube.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        youtube.edit(target, changed, external_id=published.external_id)
    assert gone.value.code == "parent_gone"


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


# ---------------------------------------------------------------- comments


@pytest.fixture
def commented(sandbox: Sandbox, youtube: Connector, target: Target) -> tuple[Published, RemoteMention, Any]:
    published = publish(youtube, target, film())
    sandbox.crowd("youtube", "comment", post_id=published.external_id, text="Première !")
    page = youtube.pull_mentions(target, cursor={}, watched=[])
    (comment,) = page.mentions
    return published, comment, page.cursor


def test_more_replies_than_a_thread_shows_are_listed_and_come_once(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, comment, cursor = commented
    assert (comment.kind, comment.in_reply_to, comment.root) == (
        "comment",
        published.external_id,
        published.external_id,
    )
    monkeypatch.setitem(network_data("youtube")["read"], "page_size", 3)
    words = {f"Réponse {number}" for number in range(7)}
    for text in sorted(words):
        sandbox.crowd("youtube", "comment", post_id=comment.external_id, text=text)
    page = youtube.pull_mentions(target, cursor=json.loads(json.dumps(cursor)), watched=[])
    replies = [m for m in page.mentions if m.kind == "reply"]
    assert {m.text for m in replies} == words
    assert {(m.in_reply_to, m.root) for m in replies} == {(comment.external_id, published.external_id)}
    quiet = youtube.pull_mentions(target, cursor=page.cursor, watched=[])
    assert [m for m in quiet.mentions if m.kind == "reply"] == []


def test_many_new_threads_are_read_page_by_page(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, _, cursor = commented
    monkeypatch.setitem(network_data("youtube")["read"], "page_size", 2)
    words = {f"Bravo {number}" for number in range(5)}
    for text in sorted(words):
        sandbox.crowd("youtube", "comment", post_id=published.external_id, text=text)
    found: set[str] = set()
    for _ in range(6):
        page = youtube.pull_mentions(target, cursor=cursor, watched=[])
        found |= {m.text for m in page.mentions}
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            break
    assert words <= found
    assert set(cursor) == {"since", "replies"}


def test_hide_unhide_and_delete_may_be_repeated(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any
) -> None:
    _, comment, _ = commented

    def held() -> list[str]:
        answer = httpx.get(
            f"{sandbox.url('youtube')}/youtube/v3/commentThreads",
            params={
                "part": "id",
                "allThreadsRelatedToChannelId": target.external_id,
                "moderationStatus": "heldForReview",
            },
            headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
        )
        return [item["id"] for item in answer.json()["items"]]

    assert youtube.actions("comment") == {Action.REPLY, Action.HIDE, Action.UNHIDE, Action.DELETE}
    for _ in range(2):
        youtube.act(target, action=Action.HIDE, on=ref(comment))
    assert held() == [comment.external_id]
    for _ in range(2):
        youtube.act(target, action=Action.UNHIDE, on=ref(comment))
    assert held() == []
    for _ in range(2):
        youtube.act(target, action=Action.DELETE, on=ref(comment))
    with pytest.raises(ValidationError) as gone:
        youtube.act(target, action=Action.HIDE, on=ref(comment))
    assert gone.value.code == "parent_gone"
    with pytest.raises(ValidationError) as none:
        youtube.act(target, action=Action.LIKE, on=ref(comment))
    assert none.value.code == "not_supported"


def test_an_answer_stands_in_the_thread_and_a_lost_one_is_found(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any
) -> None:
    _, comment, cursor = commented
    sandbox.crowd("youtube", "comment", post_id=comment.external_id, text="Moi aussi")
    page = youtube.pull_mentions(target, cursor=cursor, watched=[])
    below = next(m for m in page.mentions if m.kind == "reply")
    answered = youtube.reply(target, to=ref(below), text="Merci à vous deux !", key="k")
    assert answered.external_id.startswith(f"{comment.external_id}.")
    ago = datetime.now(UTC) - timedelta(minutes=5)
    missing = youtube.find_reply(target, to=ref(comment), text="Perdue", key="k2", since=ago)
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", "youtube", method="POST", path="/comments$")
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        youtube.reply(target, to=ref(comment), text="Perdue", key="k2")
    found = youtube.find_reply(target, to=ref(comment), text="Perdue", key="k2", since=before)
    assert found.finding is Finding.PUBLISHED
    ours = youtube.pull_mentions(target, cursor=page.cursor, watched=[])
    assert not [m for m in ours.mentions if m.author_id == target.external_id]
    with pytest.raises(ValidationError) as private:
        youtube.reply(target, to=ref(comment), text="Entre nous", key="k3", private=True)
    assert private.value.code == "not_supported"


# ---------------------------------------------------------------- counters


def test_analytics_add_to_the_counters_and_a_dead_name_hides_no_other(
    sandbox: Sandbox, youtube: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = {"content": base64.b64encode(picture()).decode(), "alt": "x"}
    old = {
        "network": "youtube",
        "account": target.external_id,
        "key": f"old-{target.external_id}",
        "text": "Une vidéo\nd’avant",
        "created_at": (datetime.now(UTC) - timedelta(days=30)).isoformat(),
        "images": ["one"],
        "likes": 12,
        "shares": 3,
        "views": 1000,
    }
    body = {"images": {"one": image}, "posts": [old]}
    made = httpx.post(f"{sandbox.home}/_history", json=body).json()["posts"][0]
    new = publish(youtube, target, film()).external_id
    ids = [made["id"], new]
    found = youtube.pull_post_metrics(target, external_ids=ids)
    assert found.metrics[made["id"]]["likeCount"] == 12
    assert found.metrics[made["id"]]["estimatedMinutesWatched"] == 2000
    assert found.metrics[made["id"]]["shares"] == 3
    assert "shares" not in found.metrics[new]  # no row yet is no zero
    assert found.dead == {}
    monkeypatch.setitem(network_data("youtube")["metrics"], "analytics", ["shares", "reposts", "engagedViews"])
    found = youtube.pull_post_metrics(target, external_ids=ids)
    assert "reposts" in found.dead
    assert "Unknown identifier" in found.dead["reposts"]
    assert (found.metrics[made["id"]]["shares"], found.metrics[made["id"]]["engagedViews"]) == (3, 700)


def test_counters_are_read_in_batches_of_fifty(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, film())
    ledger = Ledger()
    ids = [published.external_id, *(f"gone{number:07}" for number in range(60))]
    found = youtube.pull_post_metrics(replace(target, report=ledger.report), external_ids=ids)
    assert set(found.metrics) == {published.external_id}
    assert len(found.gone) == 60
    assert [c.units for c in ledger.charges] == [1, 1]


def test_the_number_of_subscribers_is_rounded_by_youtube(
    sandbox: Sandbox, youtube: Connector, networks_at_sandbox: None
) -> None:
    account = youtube.connect_with_token(
        base_url=sandbox.url("youtube"), values={"access_token": "sandbox-youtube-velo_citadin"}
    )
    counters = youtube.pull_account_metrics(target_of(youtube, sandbox, account))
    assert counters["subscriberCount"]
    assert counters["subscriberCount"] % 100 == 0
    assert counters["videoCount"] == 0
