"""What is particular to TikTok."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.data import network_data
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
from socialops.networks.ports import Connector, Content, EventKind, Finding, Media, Target
from socialops.networks.registry import connector_for
from socialops.networks.tiktok.publish import chunks_of
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, create, looked_for, publish, settled
from tests.networks.receiver import receiving
from tests.networks.samples.tiktok import SAMPLE
from tests.networks.test_oauth import REDIRECT, complete, consent
from tests.sandbox_server import Sandbox

APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
MB = 1_000_000
Ordered = Callable[..., None]


@pytest.fixture
def network() -> str:
    return "tiktok"


@pytest.fixture
def order(sandbox: Sandbox, target: Target) -> Ordered:
    """Say what this account may do, and what befalls it."""

    def change(**what: Any) -> None:
        body = {"account": target.external_id, **what}
        answer = sandbox.http.post(f"{sandbox.url('tiktok')}/_creator", json=body)
        assert answer.status_code == 201, answer.text

    return change


def heavy(size: int) -> bytes:
    """A real video with an empty box at its end that makes it so heavy."""
    film = movie()
    box = size - len(film)
    return film + box.to_bytes(4, "big") + b"free" + bytes(box - 8)


def film(data: bytes) -> Media:
    return replace(video(), size=len(data), read=lambda: data)


def posts(sandbox: Sandbox, target: Target) -> list[dict[str, Any]]:
    return sandbox.posts("tiktok", account=target.external_id)


def codes(connector: Connector, content: Content, **limits: Any) -> list[tuple[str, Any]]:
    problems = connector.check(content, limits=limits)
    return [(problem.code, problem.detail.get("option", problem.field)) for problem in problems]


# ---------------------------------------------------------------- composing


def test_privacy_is_asked_of_the_person_and_narrowed_to_the_account(
    connector: Connector, target: Target, order: Ordered
) -> None:
    order(
        privacy_level_options=["FOLLOWER_OF_CREATOR", "SELF_ONLY"],
        duet_disabled=True,
        max_video_post_duration_sec=2,
    )
    limits = connector.fetch_limits(target)
    assert limits["account"]["nickname"] == "Café Test"
    options = {option.name: option for option in connector.options(limits=limits)}
    assert options["privacy"].choices == ("followers", "only_me")
    assert options["privacy"].default is None
    assert "allow_duet" not in options
    assert not any(option.default for option in options.values())  # nothing pre-ticked
    assert codes(connector, SAMPLE.content(), **limits) == [("video_too_long", "media"), ("option_invalid", "privacy")]
    fits = SAMPLE.content(media=(video(seconds=1),), options={"privacy": "only_me", "allow_duet": False})
    assert codes(connector, fits, **limits) == []
    assert codes(connector, replace(fits, options={**fits.options, "allow_duet": True}), **limits) == [
        ("option_invalid", "allow_duet")
    ]
    assert codes(connector, SAMPLE.content(options={})) == [("option_missing", "privacy")]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"discloses": True}, ("option_missing", "own_brand")),
        ({"own_brand": True}, ("option_missing", "discloses")),
        ({"discloses": True, "paid_partnership": True, "privacy": "only_me"}, ("option_invalid", "privacy")),
        ({"cover_ms": 3001}, ("option_too_long", "cover_ms")),
        ({"privacy": "anybody"}, ("option_invalid", "privacy")),
    ],
)
def test_disclosure_and_cover_have_rules(connector: Connector, options: dict[str, Any], problem: Any) -> None:
    assert codes(connector, SAMPLE.content(options={"privacy": "public", **options})) == [problem]


def test_what_the_api_has_not_is_said_before(connector: Connector) -> None:
    assert codes(connector, SAMPLE.content(parts=("suite",), first_comment="voir", cover=media())) == [
        ("not_supported", "parts"),
        ("not_supported", "first_comment"),
        ("not_supported", "cover"),
    ]
    assert codes(connector, replace(SAMPLE.content(), media=())) == [("media_missing", "media")]
    assert codes(connector, SAMPLE.content(media=(video(), media()))) == [("media_mixed", "media")]
    assert codes(connector, SAMPLE.content(media=(video("a"), video("b")))) == [("too_many_media", "media")]
    assert codes(connector, SAMPLE.content(options={"format": "reel"})) == [("not_supported", "format")]


def test_text_counts_in_utf16_units_and_photos_take_more_of_it(connector: Connector) -> None:
    assert connector.count_text("é🎉", limits={}).length == 3
    photos = SAMPLE.content("a" * 4000, media=(media(),))
    assert codes(connector, photos) == []
    assert codes(connector, replace(photos, text="a" * 3999 + "🎉")) == [("text_too_long", "text")]
    assert codes(connector, SAMPLE.content("🎉" * 1101)) == [("text_too_long", "text")]
    title = replace(photos, options={"privacy": "public", "title": "🎉" * 46})
    assert codes(connector, title) == [("option_too_long", "title")]


# ---------------------------------------------------------------- videos


@given(st.integers(1, 4_000_000_000))
def test_chunks_follow_each_other_and_the_last_takes_the_rest(size: int) -> None:
    chunks = chunks_of(size)
    length = chunks[0][1]
    assert len(chunks) == size // length
    assert [start for start, _ in chunks] == [0, *(stop for _, stop in chunks[:-1])]
    assert chunks[-1][1] == size
    assert length == size if size < 5 * MB else 5 * MB <= length <= 64 * MB
    assert len(chunks) <= 1000
    assert chunks[-1][1] - chunks[-1][0] <= 128 * MB


def test_a_long_video_goes_chunk_by_chunk_and_its_publish_id_is_kept_before_the_first_byte(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    data = heavy(25 * MB)
    asked: list[tuple[int, int]] = []

    def read_range(start: int, stop: int) -> bytes:
        asked.append((start, stop))
        return data[start:stop]

    whole = replace(film(data), read=lambda: pytest.fail("read as a whole"), read_range=read_range)
    ledger = Ledger()
    prepared, handles = create(connector, target, SAMPLE.content(media=(whole,)), ledger)
    assert [(saved["publish_id"], saved["sent"]) for saved in ledger.saved] == [
        (handles["publish_id"], 0),
        (handles["publish_id"], 1),
    ]
    assert posts(sandbox, target) == []
    published = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert asked == [(0, 10 * MB), (10 * MB, 25 * MB)]
    assert [post["id"] for post in posts(sandbox, target)] == [published.external_id]
    assert int(published.external_id) > 2**53  # kept to the last digit
    assert published.url == f"{sandbox.url('tiktok')}/{target.handle}/video/{published.external_id}"
    assert sandbox.http.get(published.url).status_code == 200


@pytest.mark.parametrize("effect", ["drop", "close_before"])
def test_a_chunk_whose_answer_is_lost_is_not_sent_twice(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str
) -> None:
    content, ledger = SAMPLE.content(media=(film(heavy(25 * MB)),)), Ledger()
    sandbox.fault(effect, "tiktok", method="PUT", path="^/video/$")
    with pytest.raises(OutageError):
        create(connector, target, content, ledger)
    assert ledger.saved[-1]["sent"] == 0
    prepared, handles = create(connector, target, content, ledger)
    assert handles["publish_id"] == ledger.saved[0]["publish_id"]
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert len(posts(sandbox, target)) == 1


def test_a_lost_init_costs_nothing(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    content, ledger = SAMPLE.content(), Ledger()
    sandbox.fault("drop", "tiktok", path="/video/init/$")
    with pytest.raises(OutageError):
        create(connector, target, content, ledger)
    assert ledger.saved == []
    found = connector.find_published(target, content, handles={}, since=datetime.now(UTC) - timedelta(minutes=5))
    assert found.finding is Finding.NOT_PUBLISHED
    publish(connector, target, content)
    assert len(posts(sandbox, target)) == 1


def test_the_last_chunk_sent_again_is_no_second_post(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    before = datetime.now(UTC)
    assert connector.commit(target, prepared, handles=handles) is None
    again = connector.create(target, prepared, handles=dict(handles), save=Ledger().save)
    assert again["publish_id"] == handles["publish_id"]
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=again)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=again, since=before))
    assert found.published is not None
    assert [post["id"] for post in posts(sandbox, target)] == [found.published.external_id]


def test_an_upload_address_that_is_too_old_is_asked_anew(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    prepared, handles = create(connector, target, SAMPLE.content(), Ledger())
    old = {**handles, "opened_at": handles["opened_at"] - 3600}
    fresh = connector.create(target, prepared, handles=old, save=Ledger().save)
    assert fresh["publish_id"] != handles["publish_id"]
    settled(connector, target, prepared, fresh, connector.commit(target, prepared, handles=fresh))
    assert len(posts(sandbox, target)) == 1


def test_a_video_that_tiktok_can_not_use_fails_with_its_word_and_may_be_tried_again(
    sandbox: Sandbox, connector: Connector, target: Target, order: Ordered
) -> None:
    content = SAMPLE.content(media=(film(movie(rate=15)),))
    ledger = Ledger()
    prepared, handles = create(connector, target, content, ledger)
    before = datetime.now(UTC)
    connector.commit(target, prepared, handles=handles)
    with pytest.raises(MediaError) as failed:
        settled(connector, target, prepared, handles, None)
    assert failed.value.detail["message"] == "frame_rate_check_failed"
    assert connector.find_published(target, prepared, handles=handles, since=before).finding is Finding.NOT_PUBLISHED
    again = connector.create(target, prepared, handles=dict(handles), save=ledger.save)
    assert again["publish_id"] != handles["publish_id"]
    assert posts(sandbox, target) == []


@pytest.mark.parametrize(
    ("reason", "kind", "code"),
    [
        ("duration_check_failed", MediaError, "media_refused"),
        ("internal", MediaError, "media_refused"),
        ("something_new", MediaError, "media_refused"),
        ("photo_pull_failed", MediaError, "media_unreachable"),
        ("auth_removed", AuthError, "token_revoked"),
        ("spam_risk", PolicyError, "content_policy"),
        ("spam_risk_user_banned_from_posting", PolicyError, "account_blocked"),
        ("spam_risk_too_many_posts", RateLimitError, "quota_spent"),
        ("publish_cancelled", ValidationError, "content_refused"),
    ],
)
def test_every_reason_of_failure_has_its_meaning(
    connector: Connector, target: Target, order: Ordered, reason: str, kind: type[NetworkError], code: str
) -> None:
    order(fail=reason)
    with pytest.raises(kind) as failed:
        publish(connector, target, SAMPLE.content())
    assert failed.value.code == code
    assert failed.value.detail["message"] == reason


# ---------------------------------------------------------------- without a public id


def test_out_but_still_in_moderation_is_published_and_gets_its_numbers_later(
    sandbox: Sandbox, connector: Connector, target: Target, order: Ordered
) -> None:
    order(moderation_seconds=2)
    published = publish(connector, target, SAMPLE.content())
    assert published.external_id == published.extra["publish_id"]
    assert published.url == ""
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    waiting = connector.pull_post_metrics(target, external_ids=[published.external_id])
    assert (waiting.metrics, waiting.gone) == ({}, frozenset())
    started = time.monotonic()
    while not (found := connector.pull_post_metrics(target, external_ids=[published.external_id])).metrics:
        assert time.monotonic() - started < 10
        time.sleep(0.2)
    assert found.metrics[published.external_id]["like_count"] == 0
    [post] = posts(sandbox, target)
    public = connector.read_post(target, external_id=published.external_id)
    assert public is not None
    assert public.external_id == post["id"]


def test_a_private_post_has_no_public_id_and_is_found_all_the_same(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    content = SAMPLE.content(options={"privacy": "only_me"})
    prepared, handles = create(connector, target, content, Ledger())
    sandbox.fault("drop", "tiktok", method="PUT", path="^/video/$")
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=before))
    assert found.published is not None
    assert found.published.external_id == handles["publish_id"]
    assert len(posts(sandbox, target)) == 1


# ---------------------------------------------------------------- photos and drafts


@pytest.mark.usefixtures("slow_files")
def test_photos_are_fetched_by_tiktok_and_never_as_png(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    png = picture(kind="PNG", width=3000, height=2000)
    files = (media("a"), media("b", data=png, width=3000, height=2000))
    content = SAMPLE.content(
        "Deux lampes", media=files, options={"privacy": "public", "title": "Vitrine", "auto_music": True}
    )
    assert codes(connector, content) == []
    ledger = Ledger()
    prepared, handles = create(connector, target, content, ledger)
    assert [item.content_type for item in prepared.media] == ["image/jpeg", "image/jpeg"]
    charged = replace(target, report=ledger.report)
    published = settled(connector, charged, prepared, handles, connector.commit(charged, prepared, handles=handles))
    assert handles["publish_id"] == published.extra["publish_id"]
    assert "/photo/" in published.url
    assert [(charge.bucket, charge.units) for charge in ledger.charges] == [("posts", 1)]
    assert connector.charges(content) == tuple(ledger.charges)
    page = sandbox.http.get(published.url).text
    assert "Vitrine" in page
    assert page.count("<figure>") == 2


def test_lost_photos_that_nobody_can_list_are_for_a_person_to_tell(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    content = SAMPLE.content(media=(media(),), options={"privacy": "friends"})
    prepared, handles = create(connector, target, content, Ledger())
    sandbox.fault("drop", "tiktok", path="/content/init/$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    found = connector.find_published(target, prepared, handles=handles, since=long_ago)
    assert (found.finding, found.look_again_at) == (Finding.UNDECIDED, None)


@pytest.mark.usefixtures("slow_files")
def test_photos_that_can_not_be_fetched_fail_and_the_addresses_are_not_used_for_ever(
    connector: Connector, target: Target
) -> None:
    content = SAMPLE.content(media=(media(),))
    prepared, handles = create(connector, target, content, Ledger())
    wrong = {**handles, "photos": {"m1": handles["photos"]["m1"] + "x"}}
    connector.commit(target, prepared, handles=wrong)
    with pytest.raises(MediaError) as failed:
        settled(connector, target, prepared, wrong, None)
    assert failed.value.code == Code.MEDIA_UNREACHABLE
    foreign = {**handles, "photos": {"m1": "https://example.com/a.jpg"}}
    with pytest.raises(MediaError) as refused:
        connector.commit(target, prepared, handles=foreign)
    assert refused.value.code == Code.MEDIA_UNREACHABLE
    old = {**handles, "hosted_at": handles["hosted_at"] - 86_400}
    again = connector.create(target, prepared, handles=old, save=Ledger().save)
    assert again["photos"] != handles["photos"]


@pytest.mark.parametrize("files", [(video(),), (media("a"), media("b"))])
def test_a_draft_goes_to_the_inbox_and_is_no_post(
    sandbox: Sandbox, connector: Connector, target: Target, files: Any
) -> None:
    hosted = tuple(replace(item, host=media().host) for item in files)
    content = SAMPLE.content(media=hosted, options={"format": "draft"})
    assert codes(connector, content) == []
    published = publish(connector, target, content)
    assert published.extra["draft"] is True
    assert published.external_id == published.extra["publish_id"]
    assert posts(sandbox, target) == []
    assert [charge.bucket for charge in connector.charges(content)] == ["drafts"]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        ("spam_risk_too_many_posts", RateLimitError, "quota_spent"),
        ("reached_active_user_cap", RateLimitError, "quota_spent"),
        ("spam_risk_user_banned_from_posting", PolicyError, "account_blocked"),
        ("unaudited_client_can_only_post_to_private_accounts", PolicyError, "app_not_approved"),
        ("url_ownership_unverified", MediaError, "media_unreachable"),
        ("privacy_level_option_mismatch", ValidationError, "option_invalid"),
        ("invalid_param", ValidationError, "content_refused"),
        ("a_code_of_tomorrow", ValidationError, "content_refused"),
        ("internal_error", OutageError, "server_error"),
    ],
)
def test_every_refusal_has_its_meaning_whatever_its_status(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    order: Ordered,
    refusal: str,
    kind: type[NetworkError],
    code: str,
) -> None:
    order(refuse=refusal)
    with pytest.raises(kind) as refused:
        publish(connector, target, SAMPLE.content())
    assert refused.value.code == code
    if code == "quota_spent":
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        assert refused.value.until == datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)
    assert posts(sandbox, target) == []


def test_what_the_account_may_not_any_more_is_said_right_before_sending(
    connector: Connector, target: Target, order: Ordered
) -> None:
    order(privacy_level_options=["SELF_ONLY"])
    with pytest.raises(ValidationError) as refused:
        connector.prepare(target, SAMPLE.content())
    assert (refused.value.code, refused.value.detail["option"]) == ("option_invalid", "privacy")


@pytest.mark.parametrize("act", ["commit_part", "delete", "edit"])
def test_there_is_no_comment_no_delete_and_no_edit(connector: Connector, target: Target, act: str) -> None:
    root: Any = None
    with pytest.raises(ValidationError) as refused:
        if act == "commit_part":
            connector.commit_part(target, SAMPLE.content(), root=root, parent=root, text="x", key="k")
        elif act == "delete":
            connector.delete(target, external_id="1")
        else:
            connector.edit(target, SAMPLE.content(), external_id="1")
    assert refused.value.code == Code.NOT_SUPPORTED
    assert connector.pull_mentions(target, cursor={"a": 1}, watched=["1"]).cursor == {"a": 1}


# ---------------------------------------------------------------- connecting


def test_scopes_that_were_declined_are_missing_and_not_asked_for(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    base_url = sandbox.url("tiktok")
    start = connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app={})
    assert "client_key=sandbox-app" in start.url
    assert "scope=user.info.basic,user.info.profile" in start.url
    declined = ("user.info.profile", "user.info.stats", "video.list")
    query = consent(start, declined=declined)
    assert query["scopes"] == "user.info.basic,video.upload,video.publish"
    [account] = complete(connector, start, query)
    assert account.missing_scopes == declined
    assert account.credentials is not None
    assert account.handle == account.name  # the user name is in a scope of its own
    target = Target("tiktok", base_url, account.external_id, account.handle, account.credentials)
    assert connector.pull_account_metrics(target) == {}
    assert set(connector.pull_post_metrics(target, external_ids=["1"]).dead) == {
        "like_count",
        "comment_count",
        "share_count",
        "view_count",
    }


def test_a_refresh_gives_both_tokens_anew_and_an_old_one_is_of_no_use(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None
) -> None:
    base_url = sandbox.url("tiktok")
    start = connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app={})
    [account] = complete(connector, start, consent(start))
    assert account.credentials is not None
    target = Target("tiktok", base_url, account.external_id, account.handle, account.credentials, app=APP)
    assert account.credentials.expires_at is not None
    assert timedelta(hours=23) < account.credentials.expires_at - datetime.now(UTC) <= timedelta(hours=24)
    fresh = connector.refresh(target)
    assert fresh is not None
    assert fresh.values["access_token"] != target.credentials.values["access_token"]
    assert fresh.values["refresh_token"] != target.credentials.values["refresh_token"]
    assert connector.verify(replace(target, credentials=fresh)).missing_scopes == ()
    with pytest.raises(AuthError) as used:
        connector.refresh(target)
    assert used.value.code == Code.TOKEN_REVOKED
    assert str(target.credentials.values["refresh_token"]) not in repr(used.value.raw)


def test_an_answer_without_a_refresh_token_keeps_the_old_one(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = replace(target.credentials, values={"access_token": "old", "refresh_token": "kept"})
    body = {"access_token": "new", "expires_in": 86400, "open_id": "x", "scope": "", "refresh_token": ""}
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        fresh = connector.refresh(replace(target, credentials=kept, app=APP))
    assert fresh is not None
    assert fresh.values == {"access_token": "new", "refresh_token": "kept"}
    assert fresh.scopes == target.credentials.scopes


def test_an_app_is_checked_without_anybody_consenting(connector: Connector, networks_at_sandbox: None) -> None:
    connector.check_app(app=APP, redirect_uri=REDIRECT)
    with pytest.raises(AuthError) as rejected:
        connector.check_app(app={**APP, "client_secret": "wrong"}, redirect_uri=REDIRECT)
    assert rejected.value.code == Code.APP_REJECTED


# ---------------------------------------------------------------- numbers and news


def test_a_dead_metric_hides_no_other(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    published = publish(connector, target, SAMPLE.content())
    names = ["like_count", "retired_count", "view_count"]
    monkeypatch.setitem(network_data("tiktok")["metrics"], "post", names)
    found = connector.pull_post_metrics(target, external_ids=[published.external_id, "7000000000000000001"])
    assert set(found.metrics[published.external_id]) == {"like_count", "view_count"}
    assert set(found.dead) == {"retired_count"}
    assert found.gone == {"7000000000000000001"}


def test_webhooks_tell_what_became_of_a_post(
    sandbox: Sandbox, connector: Connector, target: Target, order: Ordered
) -> None:
    order(moderation_seconds=0.5)
    with receiving() as receiver:
        sandbox.http.post(f"{sandbox.url('tiktok')}/_webhooks", json={"url": receiver.url})
        publish_id = publish(connector, target, SAMPLE.content()).external_id
        deliveries = receiver.wait(2)
    events = [event for h, body in deliveries for event in connector.read_webhook(headers=h, body=body, app=APP)]
    [post] = posts(sandbox, target)
    assert {event.kind for event in events} == {EventKind.PUBLISHED}
    assert [(event.account, event.handle) for event in events] == [(target.external_id, publish_id)] * 2
    assert [event.external_id for event in events] == [publish_id, post["id"]]
    headers, body = deliveries[0]
    for wrong in ({**headers, "tiktok-signature": "t=1,s=00"}, {}, {"tiktok-signature": "nonsense"}):
        with pytest.raises(AuthError) as refused:
            connector.read_webhook(headers=wrong, body=body, app=APP)
        assert refused.value.code == Code.SIGNATURE_WRONG
    with pytest.raises(AuthError):
        connector.read_webhook(headers=headers, body=body + b" ", app=APP)


def signed(event: str, content: dict[str, Any], *, age: int = 0) -> dict[str, Any]:
    body = json.dumps(
        {
            "client_key": "sandbox-app",
            "event": event,
            "create_time": 1615338610,
            "user_openid": "someone",
            "content": json.dumps(content),
        }
    ).encode()
    moment = int(time.time()) - age
    made = hmac.new(b"sandbox-secret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"headers": {"tiktok-signature": f"t={moment},s={made}"}, "body": body, "app": APP}


def test_webhooks_of_other_kinds_and_of_other_times() -> None:
    connector = connector_for("tiktok")
    [gone] = connector.read_webhook(**signed("authorization.removed", {"reason": 1}))
    assert (gone.kind, gone.account) == (EventKind.REVOKED, "someone")
    [failed] = connector.read_webhook(**signed("post.publish.failed", {"publish_id": "v_pub~1", "reason": "internal"}))
    assert (failed.kind, failed.handle) == (EventKind.FAILED, "v_pub~1")
    public = {"publish_id": "v_pub~1", "post_id": 7351234567890123457}
    [out] = connector.read_webhook(**signed("post.publish.publicly_available", public))
    assert out.external_id == "7351234567890123457"
    assert connector.read_webhook(**signed("video.upload.failed", {"share_id": "video.6974"})) == ()
    assert connector.read_webhook(**signed("portability.download.ready", {})) == ()
    with pytest.raises(AuthError):
        connector.read_webhook(**signed("authorization.removed", {"reason": 1}, age=3600))
