"""Instagram accounts: by both logins, what is said to them, and their figures."""

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

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    ValidationError,
)
from socialops.networks.instagram import read as read_module
from socialops.networks.instagram import webhooks
from socialops.networks.ports import Account, Connector, Content, EventKind, Finding, MentionRef, Target
from tests.fakes.files import media, video
from tests.networks.driving import publish, ref
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


def test_a_paid_partnership_is_said_by_facebook_login_only(
    sandbox: Sandbox, connector: Connector, target: Target, own: Target
) -> None:
    paid = SAMPLE.content(options={"paid_partnership": True})
    limits = {each.external_id: connector.fetch_limits(each) for each in (target, own)}
    assert list(connector.check(paid, limits=limits[target.external_id])) == []
    assert "Paid partnership" in sandbox.http.get(publish(connector, target, paid).url).text
    assert "Paid partnership" not in sandbox.http.get(publish(connector, target, SAMPLE.content()).url).text
    [problem] = connector.check(paid, limits=limits[own.external_id])
    assert (problem.code, problem.detail["option"]) == ("option_invalid", "paid_partnership")


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


def test_an_older_reply_does_not_hide_a_newer_one(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("meta")["reconcile"], "skew_seconds", 1)
    published = publish(connector, target, SAMPLE.content())
    top = sandbox.crowd("instagram", "comment", post_id=published.external_id, text="Une question")
    sandbox.crowd("instagram", "comment", post_id=top["id"], text="La même", author="Hugo Petit")
    time.sleep(2.5)
    to, before = MentionRef(top["id"], "comment", root=published.external_id), datetime.now(UTC)
    made = connector.reply(target, to=to, text="La réponse", key="k")
    found = connector.find_reply(target, to=to, text="La réponse", key="k", since=before)
    assert found.published is not None
    assert found.published.external_id == made.external_id


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


def test_by_instagrams_own_login_tags_are_read_and_mentions_answered(
    sandbox: Sandbox, connector: Connector, own: Target
) -> None:
    told = sandbox.crowd("instagram", "mention", account=own.external_id, text="Merci pour l’accueil")
    [mention] = connector.pull_mentions(own, cursor={}, watched=[]).mentions
    assert mention.external_id == told["id"]
    made = connector.reply(own, to=ref(mention), text="Avec plaisir", key="k")
    ours = {p["id"]: p["reply_to"] for p in sandbox.posts("instagram", account=own.external_id)}
    assert ours == {made.external_id: told["id"]}
    connector.subscribe(own, callback_url="https://example.com/")
    headers = {"Authorization": f"Bearer {own.credentials.values['access_token']}"}
    path = f"{sandbox.url('instagram')}/v26.0/{own.external_id}"
    kept = sandbox.http.get(f"{path}/subscribed_apps", headers=headers).json()["data"][0]["subscribed_fields"]
    assert kept == ["comments", "messages"]
    more = sandbox.http.post(f"{path}/subscribed_apps", params={"subscribed_fields": "mentions"}, headers=headers)
    assert more.json()["error"]["code"] == 100


def test_what_names_us_under_others_media_is_read_by_its_ids_and_answered_there(
    sandbox: Sandbox, connector: Connector, target: Target, own: Target
) -> None:
    theirs = publish(connector, own, SAMPLE.content())
    told = sandbox.crowd(
        "instagram", "comment", post_id=theirs.external_id, text=f"Essayez @{target.handle}, Léa", author="Hugo Petit"
    )
    mention = connector.read_told(target, external_id=told["id"], root=theirs.external_id)
    assert mention is not None
    assert (mention.kind, mention.external_id, mention.root) == ("mention", told["id"], theirs.external_id)
    assert mention.text == f"Essayez @{target.handle}, Léa"
    assert mention.author_handle
    made = connector.reply(target, to=ref(mention), text="Avec plaisir", key="k")
    ours = {p["id"]: p["reply_to"] for p in sandbox.posts("instagram", account=target.external_id)}
    assert ours == {made.external_id: told["id"]}
    lost = connector.find_reply(target, to=ref(mention), text="Avec plaisir", key="k", since=datetime.now(UTC))
    assert lost.finding is Finding.UNDECIDED
    assert connector.read_told(target, external_id="178", root=theirs.external_id) is None


def test_a_caption_that_names_us_is_read_by_its_id(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    told = sandbox.crowd("instagram", "mention", account=target.external_id, text=f"Merci @{target.handle}")
    mention = connector.read_told(target, external_id=told["id"], root="")
    [tagged] = connector.pull_mentions(target, cursor={}, watched=[]).mentions
    assert mention == tagged
    connector.reply(target, to=ref(tagged), text="Avec plaisir", key="k")


def test_where_instagram_does_not_tell_the_author_the_mention_is_read_without(
    sandbox: Sandbox, connector: Connector, target: Target, own: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = read_module.call

    def stricter(target: Target, method: str, path: str, *, params: dict[str, str], **more: Any) -> Any:
        return asked(target, method, path, params={"fields": params["fields"].replace("username", "author")}, **more)

    monkeypatch.setattr(read_module, "call", stricter)
    theirs = publish(connector, own, SAMPLE.content())
    told = sandbox.crowd("instagram", "comment", post_id=theirs.external_id, text=f"Voyez @{target.handle}")
    mention = connector.read_told(target, external_id=told["id"], root=theirs.external_id)
    assert mention is not None
    assert (mention.text, mention.author_handle) == (f"Voyez @{target.handle}", "")


def test_by_instagrams_own_login_a_comment_elsewhere_is_answered_there(
    sandbox: Sandbox, connector: Connector, target: Target, own: Target
) -> None:
    """It comes with the comments of our own media, as the webhook tells it."""
    theirs, ours = (publish(connector, each, SAMPLE.content()) for each in (target, own))
    there = sandbox.crowd("instagram", "comment", post_id=theirs.external_id, text=f"Et @{own.handle} ?")
    here = sandbox.crowd("instagram", "comment", post_id=ours.external_id, text=f"Bravo @{own.handle}")
    for told, root in ((there, theirs), (here, ours)):
        to = MentionRef(told["id"], "comment", in_reply_to=root.external_id, root=root.external_id)
        made = connector.reply(own, to=to, text="Merci", key="k")
        said = {p["id"]: p["reply_to"] for p in sandbox.posts("instagram", account=own.external_id)}
        assert said[made.external_id] == told["id"]
    writes = [write["path"] for write in sandbox.log("instagram")][-2:]
    assert [path.rpartition("/")[2] for path in writes] == ["mentions", "replies"]


def test_who_is_only_tagged_in_a_picture_can_not_comment_there(
    sandbox: Sandbox, connector: Connector, target: Target, own: Target
) -> None:
    publish(connector, own, SAMPLE.content(options={"tagged_people": [target.handle]}))
    named = publish(
        connector, own, SAMPLE.content(f"Merci @{target.handle}", options={"tagged_people": [target.handle]})
    )
    by_id = {
        mention.external_id: mention for mention in connector.pull_mentions(target, cursor={}, watched=[]).mentions
    }
    assert len(by_id) == 2
    connector.reply(target, to=ref(by_id.pop(named.external_id)), text="Avec plaisir", key="k")
    [tag] = by_id.values()
    with pytest.raises(ValidationError) as refused:
        connector.reply(target, to=ref(tag), text="Avec plaisir", key="k")
    assert refused.value.code == "reply_not_allowed"


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
    theirs = {"client_id": "org", "client_secret": "org-secret"}  # an organization's own app: nobody else signs for it
    with pytest.raises(AuthError):
        webhooks.read(headers={"x-hub-signature-256": f"sha256={signature}"}, body=body, app=theirs)


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
