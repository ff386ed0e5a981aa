"""What is particular to Instagram: containers and their states, both logins, formats and options, quotas, insights."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    MediaError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.instagram import webhooks
from socialops.networks.ports import Account, Charge, Connector, Content, EventKind, Finding, MentionRef, Target
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, create, publish, settled
from tests.networks.samples import sample_of
from tests.networks.test_oauth import REDIRECT, complete, consent
from tests.sandbox_server import Sandbox

SAMPLE = sample_of("instagram")
OWN_APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret", "login": "instagram"}
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def network() -> str:
    return "instagram"


@pytest.fixture
def read(sandbox: Sandbox, target: Target) -> Read:
    """The network's own word about an object."""
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}

    def get(path: str, **params: Any) -> dict[str, Any]:
        answer = sandbox.http.get(f"{sandbox.url('instagram')}/v26.0/{path}", params=params, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    return get


@pytest.fixture
def own(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    """An account connected by Instagram's own login."""
    made = sandbox.account("instagram", f"own{int(time.time() * 1e6)}", "Café Seul")
    values = {"access_token": made["instagram_token"]}
    account = connector.connect_with_token(base_url=sandbox.url("instagram"), values=values)
    assert account.external_id == made["id"]
    assert account.credentials is not None
    return Target("instagram", sandbox.url("instagram"), account.external_id, account.handle, account.credentials)


def as_story(item: Any) -> Content:
    return replace(SAMPLE.content(media=(item,), options={"format": "story"}), text="")


# ---------------------------------------------------------------- formats and options


def test_a_picture_of_any_kind_goes_out_as_jpeg_with_its_alternative_text(
    connector: Connector, target: Target, read: Read
) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (900, 900), (0, 128, 128, 80)).save(buffer, "PNG")
    png = replace(media(data=buffer.getvalue(), width=900, height=900), content_type="image/png")
    published = publish(connector, target, SAMPLE.content(media=(png,)))
    seen = read(published.external_id, fields="alt_text,media_type,media_url,permalink")
    assert seen["alt_text"] == "Une lampe en laiton sur un bureau"
    assert published.url == seen["permalink"]
    assert httpx.get(seen["media_url"], trust_env=False).content[:3] == b"\xff\xd8\xff"


def test_a_carousel_keeps_its_order_and_its_options_on_the_parent(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read
) -> None:
    options = {"collaborators": ["@atelier.nantes"], "location": "110843418940484"}
    what = SAMPLE.content("Trois vues @atelier.nantes", media=(media("a"), video("b"), media("c")), options=options)
    assert list(connector.check(what, limits={})) == []
    assert connector.charges(what) == (Charge("posts"), Charge("containers", 4))
    ledger = Ledger()
    prepared, handles = create(connector, replace(target, report=ledger.report), what, ledger)
    assert list(handles["children"]) == ["a", "b", "c"]
    metered = replace(target, report=ledger.report)
    published = settled(connector, target, prepared, handles, connector.commit(metered, prepared, handles=handles))
    seen = read(published.external_id, fields="media_type,collaborators,children{media_type}")
    assert seen["media_type"] == "CAROUSEL_ALBUM"
    assert [item["media_type"] for item in seen["children"]["data"]] == ["IMAGE", "VIDEO", "IMAGE"]
    assert seen["collaborators"]["data"] == [{"username": "atelier.nantes"}]
    assert ledger.charges.count(Charge("containers")) == 4
    assert ledger.charges.count(Charge("posts")) == 1
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


@pytest.mark.parametrize("form", ["reel", "post"])
def test_a_video_alone_is_a_reel_sent_from_here_with_its_cover(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read, form: str
) -> None:
    cover = media("cover", data=picture("navy", 360, 640))
    options = {"format": form, "share_to_feed": False, "thumb_offset": 1000}
    what = SAMPLE.content("Visite de l’atelier", media=(video(),), cover=cover, options=options)
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    seen = read(published.external_id, fields="media_product_type,media_type,is_shared_to_feed")
    assert (seen["media_product_type"], seen["media_type"], seen["is_shared_to_feed"]) == ("REELS", "VIDEO", False)
    assert not any("_files" in write["path"] for write in sandbox.log("instagram"))


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_story_goes_out_and_a_lost_answer_is_found(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read, kind: str
) -> None:
    what = as_story(video() if kind == "video" else media())
    assert list(connector.check(what, limits={})) == []
    ledger = Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("drop", "instagram", method="POST", path="/media_publish$")
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=before)
    assert found.published is not None
    assert read(found.published.external_id, fields="media_product_type")["media_product_type"] == "STORY"


def test_comments_are_closed_where_asked(connector: Connector, target: Target, read: Read) -> None:
    published = publish(connector, target, SAMPLE.content(options={"comments_enabled": False}))
    assert read(published.external_id, fields="is_comment_enabled")["is_comment_enabled"] is False
    both = SAMPLE.content(options={"comments_enabled": False}, first_comment="Lien en bio")
    assert [(p.code, p.field) for p in connector.check(both, limits={})] == [("not_supported", "first_comment")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"media": ()}, ("media_missing", "media")),
        ({"media": (media(width=400, height=900),)}, ("image_ratio", "media")),
        ({"text": " ".join(f"#tag{n}" for n in range(31))}, ("too_many_hashtags", "text")),
        ({"text": " ".join(f"@ami{n}" for n in range(21))}, ("too_many_mentions", "text")),
        ({"options": {"collaborators": ["a", "b", "c", "d"]}}, ("option_too_long", "options")),
        ({"options": {"format": "story"}}, ("not_supported", "text")),
        ({"options": {"format": "reel"}}, ("media_kind", "media")),
        ({"media": (video(seconds=2),)}, ("video_too_short", "media")),
    ],
)
def test_what_instagram_would_refuse_is_said_before(
    connector: Connector, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    found = [(p.code, p.field) for p in connector.check(replace(SAMPLE.content("Bonjour"), **changes), limits={})]
    assert found == [problem]


# ---------------------------------------------------------------- containers


def test_a_container_is_waited_for_without_failing(connector: Connector, target: Target) -> None:
    prepared = connector.prepare(target, SAMPLE.content(media=(video(),)))
    ledger = Ledger()
    with pytest.raises(OutageError) as working:
        connector.create(target, prepared, handles={}, save=ledger.save)
    assert working.value.code == "media_processing"
    assert working.value.until is not None
    assert working.value.until > datetime.now(UTC)
    assert ledger.saved[-1]["container"]["whole"]


@pytest.mark.parametrize("step", ["/media$", "/ig-api-upload/", "/[0-9]+$"])
@pytest.mark.parametrize("effect", ["drop", "500_after", "close_before"])
def test_a_step_whose_answer_is_lost_is_repeated_and_one_post_goes_out(
    sandbox: Sandbox, connector: Connector, target: Target, step: str, effect: str
) -> None:
    what, ledger = SAMPLE.content(media=(video(),)), Ledger()
    sandbox.fault(effect, "instagram", path=step)
    with pytest.raises(OutageError) as lost:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert lost.value.code != "media_processing"
    prepared, handles = create(connector, target, what, ledger)
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


def test_a_video_that_cannot_be_processed_is_refused_in_instagrams_words(connector: Connector, target: Target) -> None:
    broken, ledger = replace(video(), read=lambda: b"\x00" * 2000, size=2000), Ledger()
    with pytest.raises(MediaError) as refused:
        create(connector, target, SAMPLE.content(media=(broken,)), ledger)
    assert "2207026" in refused.value.detail["message"]
    assert "container" not in ledger.saved[-1]  # another try makes another one


def test_a_container_published_by_a_call_we_know_nothing_of_is_not_published_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what, ledger = SAMPLE.content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    handles = connector.create(target, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    assert connector.commit(target, prepared, handles=handles) is None
    assert connector.confirm(target, prepared, handles=handles) == first
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


def test_a_container_too_old_is_made_anew(connector: Connector, target: Target) -> None:
    what, ledger = SAMPLE.content(), Ledger()
    prepared = connector.prepare(target, what)
    old = {"id": "17000000000000000", "made_at": (datetime.now(UTC) - timedelta(hours=25)).isoformat(), "whole": True}
    with pytest.raises(OutageError) as expired:
        connector.create(target, prepared, handles={"container": dict(old)}, save=ledger.save)
    assert expired.value.code == "media_expired"
    assert ledger.saved[-1] == {}
    not_seen = {**old, "made_at": datetime.now(UTC).isoformat()}
    with pytest.raises(OutageError) as hidden:
        connector.create(target, prepared, handles={"container": not_seen}, save=ledger.save)
    assert hidden.value.code == "media_processing"


def test_publishing_too_early_waits(connector: Connector, target: Target) -> None:
    prepared = connector.prepare(target, SAMPLE.content(media=(video(),)))
    ledger = Ledger()
    with pytest.raises(OutageError):
        connector.create(target, prepared, handles={}, save=ledger.save)
    with pytest.raises(OutageError) as early:
        connector.commit(target, prepared, handles=ledger.saved[-1])
    assert early.value.code == "media_processing"
    assert early.value.until is not None


def test_the_same_caption_twice_is_for_a_person_to_tell(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    text = "La même légende"
    publish(connector, target, SAMPLE.content(text))
    what, ledger = SAMPLE.content(text), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("drop", "instagram", method="POST", path="/media_publish$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.UNDECIDED
    assert len(found.candidates) == 2


def test_the_days_quota_is_read_and_respected(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    base = f"{sandbox.url('instagram')}/v26.0/{target.external_id}"
    image = sandbox.host(picture(), "image/jpeg")
    made = [
        sandbox.http.post(f"{base}/media", headers=headers, data={"image_url": image}).json()["id"] for _ in range(100)
    ]
    time.sleep(0.3)
    for container in made[:99]:
        assert (
            "id" in sandbox.http.post(f"{base}/media_publish", headers=headers, data={"creation_id": container}).json()
        )
    ledger = Ledger()
    prepared, handles = create(connector, replace(target, report=ledger.report), SAMPLE.content(), ledger)
    [quota] = [quota for quota in ledger.quotas if quota.bucket == "posts"]
    assert (quota.limit, quota.remaining) == (100, 1)
    connector.commit(target, prepared, handles=handles)
    with pytest.raises(RateLimitError) as spent:
        create(connector, target, SAMPLE.content(), Ledger())
    assert spent.value.code == "quota_spent"
    assert spent.value.until is not None


# ---------------------------------------------------------------- Instagram's own login


def test_without_a_page_everything_is_fetched_and_media_cannot_be_deleted(
    sandbox: Sandbox, connector: Connector, own: Target
) -> None:
    published = publish(connector, own, SAMPLE.content(media=(video(),)))
    assert connector.verify(own).external_id == own.external_id
    sandbox.crowd("instagram", "comment", post_id=published.external_id, text="Superbe")
    page = connector.pull_mentions(own, cursor={}, watched=[published.external_id])
    assert [m.text for m in page.mentions] == ["Superbe"]
    counters = connector.pull_post_metrics(own, external_ids=[published.external_id])
    assert counters.metrics[published.external_id]["comments_count"] == 1
    with pytest.raises(ValidationError) as never:
        connector.delete(own, external_id=published.external_id)
    assert never.value.code == "not_supported"
    connector.revoke(own, app={})  # nothing to call: people do it in Instagram


def test_the_login_of_the_app_decides_and_one_account_comes_back(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None
) -> None:
    started = connector.authorization(base_url=sandbox.url("instagram"), redirect_uri=REDIRECT, app=OWN_APP)
    assert "/oauth/authorize?" in started.url
    query = consent(started)
    [account] = complete(connector, started, query)
    assert account.missing_scopes == ()
    assert account.credentials is not None
    assert account.credentials.values["login"] == "instagram"
    assert account.credentials.expires_at is not None
    assert timedelta(days=59) < account.credentials.expires_at - datetime.now(UTC) < timedelta(days=61)
    target = Target("instagram", sandbox.url("instagram"), account.external_id, account.handle, account.credentials)
    assert connector.refresh(target) is None  # it is younger than a day
    publish(connector, target, SAMPLE.content())
    with pytest.raises(AuthError) as used:
        complete(connector, started, query)
    assert used.value.code == "code_expired"


def test_refusing_and_a_wrong_app_are_told_apart(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None
) -> None:
    started = connector.authorization(base_url=sandbox.url("instagram"), redirect_uri=REDIRECT, app=OWN_APP)
    with pytest.raises(AuthError) as refused:
        complete(connector, started, consent(started, "deny"))
    assert refused.value.code == "consent_refused"
    with pytest.raises(AuthError) as wrong:
        connector.complete_authorization(
            query=consent(started),
            pending=started.pending,
            redirect_uri=REDIRECT,
            app={**OWN_APP, "client_secret": "no"},
        )
    assert wrong.value.code == "app_rejected"


@pytest.mark.parametrize(
    "flat",
    [
        {"access_token": "IGAAshort", "user_id": 17841400000000001, "permissions": ["instagram_business_basic"]},
        {"data": [{"access_token": "IGAAshort", "user_id": "1", "permissions": "instagram_business_basic,other"}]},
    ],
)
def test_both_shapes_of_the_short_token_are_read(
    connector: Connector, networks_at_sandbox: None, monkeypatch: pytest.MonkeyPatch, flat: dict[str, Any]
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/oauth/access_token":
            return httpx.Response(200, json=flat)
        if request.url.path == "/access_token":
            return httpx.Response(200, json={"access_token": "IGAAlong", "token_type": "bearer", "expires_in": 5183944})
        return httpx.Response(200, json={"user_id": 17841400000000001, "username": "cafe", "id": "7"})

    started = connector.authorization(base_url="", redirect_uri=REDIRECT, app=OWN_APP)
    query = {"state": started.state, "code": "AQB123#_"}
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        [account] = (
            complete(connector, started, query)
            if False
            else connector.complete_authorization(
                query=query, pending=started.pending, redirect_uri=REDIRECT, app=OWN_APP
            )
        )
    assert account.external_id == "17841400000000001"
    assert account.credentials is not None
    assert account.credentials.values["access_token"] == "IGAAlong"
    assert account.credentials.scopes[0] == "instagram_business_basic"
    assert b"code=AQB123&" in asked[0].content + b"&"
    assert asked[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_long_token_is_renewed_and_an_expired_one_needs_a_person(
    sandbox: Sandbox, connector: Connector, own: Target
) -> None:
    fresh = connector.refresh(own)
    assert fresh is not None
    assert fresh.values["access_token"] != own.credentials.values["access_token"]
    assert fresh.values["login"] == "instagram"
    renewed = replace(own, credentials=fresh)
    assert connector.verify(renewed).external_id == own.external_id
    assert connector.refresh(renewed) is None
    sandbox.fault("expired_token", "instagram", path="/refresh_access_token")
    with pytest.raises(AuthError) as expired:
        connector.refresh(own)
    assert expired.value.code == "token_expired"


def test_a_pages_token_has_no_end(connector: Connector, target: Target, account: Account) -> None:
    assert connector.refresh(target) is None
    assert account.credentials is not None
    assert account.credentials.values["login"] == "facebook"
    assert account.credentials.values["page_id"]


# ---------------------------------------------------------------- reading, mentions, webhooks


def test_an_answer_to_a_reply_stands_beside_it(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, SAMPLE.content())
    top = sandbox.crowd("instagram", "comment", post_id=published.external_id, text="Qui a la taille M ?")
    first = connector.pull_mentions(target, cursor={}, watched=[published.external_id])
    below = sandbox.crowd("instagram", "comment", post_id=top["id"], text="Moi !", author="Hugo Petit")
    page = connector.pull_mentions(target, cursor=first.cursor, watched=[published.external_id])
    reply = next(m for m in page.mentions if m.external_id == below["id"])
    assert (reply.in_reply_to, reply.root) == (top["id"], published.external_id)
    to = MentionRef(reply.external_id, reply.kind, in_reply_to=reply.in_reply_to, root=reply.root)
    made = connector.reply(target, to=to, text="Merci Hugo", key="k")
    ours = {p["id"]: p["reply_to"] for p in sandbox.posts("instagram", account=target.external_id)}
    assert ours[made.external_id] == top["id"]


def test_a_mention_elsewhere_is_answered_there(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    told = sandbox.crowd("instagram", "mention", account=target.external_id, text="Merci pour l’accueil")
    page = connector.pull_mentions(target, cursor={}, watched=[])
    [mention] = page.mentions
    assert mention.external_id == told["id"]
    made = connector.reply(target, to=MentionRef(mention.external_id, "mention"), text="Avec plaisir", key="k")
    ours = {p["id"]: p["reply_to"] for p in sandbox.posts("instagram", account=target.external_id)}
    assert ours == {made.external_id: told["id"]}
    undecided = connector.find_reply(
        target, to=MentionRef(mention.external_id, "mention"), text="Avec plaisir", key="k", since=datetime.now(UTC)
    )
    assert undecided.finding is Finding.UNDECIDED


def test_both_shapes_of_a_delivery_and_both_secrets(settings: Any) -> None:
    settings.NETWORKS = {
        "instagram": {"client_id": "ig", "client_secret": "ig-secret", "base_url": ""},
        "facebook": {"client_id": "fb", "client_secret": "fb-secret", "base_url": ""},
    }
    value = {"from": {"id": "9", "username": "lea"}, "id": "178", "text": "Bonjour", "media": {"id": "17"}}
    ours = {**value, "id": "179", "from": {"id": "1784"}}
    flat = {"id": "1784", "time": 1700000000, "field": "comments", "value": value}
    nested = {
        "id": "1784",
        "time": 1700000000,
        "changes": [{"field": "comments", "value": item} for item in (value, ours)],
    }
    mention = {"id": "1784", "time": 1700000000, "changes": [{"field": "mentions", "value": {"media_id": "55"}}]}
    body = json.dumps({"object": "instagram", "entry": [flat, nested, mention]}).encode()
    for secret in ("ig-secret", "fb-secret"):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        events = webhooks.read(headers={"x-hub-signature-256": f"sha256={signature}"}, body=body, app={})
        assert [(e.kind, e.external_id) for e in events] == [
            (EventKind.MENTION, "178"),
            (EventKind.MENTION, "178"),
            (EventKind.MENTION, "55"),
        ]
        assert events[0].mention is not None
        assert events[0].mention.created_at == datetime.fromtimestamp(1700000000, UTC)
        assert events[2].mention is None


# ---------------------------------------------------------------- measuring


def test_each_product_is_asked_for_its_own_metrics(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    feed = publish(connector, target, SAMPLE.content())
    reel = publish(connector, target, SAMPLE.content(media=(video(),), options={"format": "reel"}))
    story = publish(connector, target, as_story(media()))
    for name in ("Léa Moreau", "Hugo Petit"):
        sandbox.crowd("instagram", "like", post_id=story.external_id, author=name)
    ids = [feed.external_id, reel.external_id, story.external_id]
    found = connector.pull_post_metrics(target, external_ids=ids)
    assert not found.dead
    assert not found.gone
    assert found.metrics[ids[0]]["saved"] == 0
    assert "ig_reels_avg_watch_time" in found.metrics[ids[1]]
    assert found.metrics[ids[2]]["views"] == 6
    account = connector.pull_account_metrics(target)
    assert account["followers_count"] == 150
    assert account["reach"] is not None


def test_a_story_with_too_few_viewers_has_counters_only(connector: Connector, target: Target) -> None:
    story = publish(connector, target, as_story(media()))
    found = connector.pull_post_metrics(target, external_ids=[story.external_id])
    assert found.metrics[story.external_id] == {"like_count": 0, "comments_count": 0}
    assert not found.dead


def test_a_dead_metric_hides_no_other(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    published = publish(connector, target, SAMPLE.content())
    monkeypatch.setitem(network_data("instagram")["metrics"], "FEED", ["views", "impressions", "reach"])
    found = connector.pull_post_metrics(target, external_ids=[published.external_id])
    assert set(found.dead) == {"impressions"}
    assert "no longer supported" in found.dead["impressions"]
    assert {"views", "reach", "like_count"} <= set(found.metrics[published.external_id])


def test_a_video_goes_up_in_pieces(connector: Connector, target: Target) -> None:
    """No more than one of them is read at a time."""
    data = movie() + b"\x00" * 9_000_000
    asked: list[int] = []

    def piece(start: int, stop: int) -> bytes:
        asked.append(stop - start)
        return data[start:stop]

    def never() -> bytes:
        raise AssertionError("the whole file was read")

    film = replace(video(), size=len(data), read=never, read_range=piece)
    publish(connector, target, SAMPLE.content(media=(film,)))
    assert sum(asked) == len(data)
    assert max(asked) <= 4_194_304
