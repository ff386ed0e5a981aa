"""Webhooks of the app and the Activity API's subscriptions: an address is tested before it is taken, deliveries are signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.models import Post, Subscription, X
from socialops.sandbox.seed import CLIENT_SECRET
from socialops.sandbox.webhooks import ask
from socialops.sandbox.world import World
from socialops.sandbox.x.call import Call, XError, endpoint, invalid, x_time

EVENTS: Final = (
    "post.create",
    "post.delete",
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "post.repost.create",
    "like.create",
    "follow.follow",
    "follow.unfollow",
    "dm.sent",
    "dm.received",
    "profile.update.bio",
)
URL_LENGTH: Final = 200
WEBHOOK: Final = "webhook"


def sign(message: bytes) -> str:
    digest = hmac.new(CLIENT_SECRET.encode(), message, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def tell(world: World, event: str, account_id: str, payload: dict[str, Any]) -> None:
    for subscription in world.subscribers(X, event, account_id):
        data = {
            "event_uuid": str(world.next_id()),
            "event_type": event,
            "filter": {"user_id": account_id},
            "tag": subscription.facts.get("tag") or "",
            "payload": payload,
        }
        body = json.dumps({"data": data}).encode()
        world.send(X, subscription.url, body, {"x-twitter-webhooks-signature": sign(body)})


def tell_of_post(world: World, post: Post, mentioned: set[str]) -> None:
    payload = {"id": post.id, "text": post.text, "author_id": post.account_id, "created_at": x_time(post.created_at)}
    for account_id in mentioned - {post.account_id}:
        tell(world, "post.mention.create", account_id, payload)
    above, quoted = world.posts.get(post.reply_to), world.posts.get(str(post.facts.get("quoted") or ""))
    if above is not None and above.account_id != post.account_id:
        tell(world, "post.reply.create", above.account_id, payload)
    if quoted is not None and quoted.account_id != post.account_id:
        tell(world, "post.quote.create", quoted.account_id, payload)


# ---------------------------------------------------------------- the app's webhooks

AppHandler = Callable[[Request, World], Awaitable[dict[str, Any]]]


def _for_app(handler: AppHandler) -> Callable[[Request], Awaitable[Response]]:
    """Only with the app's own token."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        value = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        try:
            if world.read_token(value, X, "app") is None:
                if world.read_token(value, X, "access") is not None:
                    detail = "Authenticating with OAuth 2.0 User Context is forbidden for this endpoint."
                    raise XError(403, detail, title="Unsupported Authentication", kind="unsupported-authentication")
                raise XError(401, "Unauthorized")
            return JSONResponse(await handler(request, world))
        except XError as error:
            return error.response()

    return serve


def _webhook_json(webhook: Subscription) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "valid": webhook.facts["valid"],
        "created_at": webhook.facts["created_at"],
    }


async def _answers(url: str) -> bool:
    token = secrets.token_urlsafe(24)
    answer = await ask(url, {"crc_token": token})
    try:
        told = answer.json() if answer is not None and answer.is_success else {}
    except ValueError:
        told = {}
    return isinstance(told, dict) and hmac.compare_digest(
        str(told.get("response_token")).encode(), sign(token.encode()).encode()
    )


async def list_webhooks(_: Request, world: World) -> dict[str, Any]:
    found = [_webhook_json(s) for s in world.subscriptions if s.network == X and s.facts.get("kind") == WEBHOOK]
    return {"data": found, "meta": {"result_count": len(found)}} if found else {"meta": {"result_count": 0}}


async def create_webhook(request: Request, world: World) -> dict[str, Any]:
    url = str((await request.json()).get("url") or "")
    if not 1 <= len(url) <= URL_LENGTH or urlsplit(url).scheme not in {"http", "https"}:
        raise invalid("url", url, "$.url: is not an address of at most 200 characters")
    if any(s.url == url and s.facts.get("kind") == WEBHOOK for s in world.subscriptions):
        raise XError(400, "Webhook URL already exists.", kind="invalid-request")
    if not await _answers(url):
        raise XError(
            400,
            "Webhook URL does not meet the requirements. Invalid CRC token or json response format.",
            kind="invalid-request",
        )
    facts = {"kind": WEBHOOK, "valid": True, "created_at": x_time(time.time())}
    return {"data": _webhook_json(world.subscriptions.put(Subscription(world.next_id(), X, url, facts=facts)))}


async def test_webhook(request: Request, world: World) -> dict[str, Any]:
    webhook = world.subscriptions.get(request.path_params["id"])
    if webhook is None or webhook.facts.get("kind") != WEBHOOK:
        raise XError(404, "Webhook not found.", kind="resource-not-found", resource_type="webhook")
    webhook.facts["valid"] = await _answers(webhook.url)
    world.subscriptions.put(webhook)
    return {"data": {"attempted": True}}


# ---------------------------------------------------------------- an account's subscriptions


def _subscription_json(subscription: Subscription) -> dict[str, Any]:
    facts = subscription.facts
    body = {
        "subscription_id": subscription.id,
        "event_type": subscription.events[0],
        "filter": {"user_id": subscription.account_id},
        "webhook_id": facts["webhook_id"],
        "created_at": facts["created_at"],
        "updated_at": facts["created_at"],
    }
    return body | ({"tag": facts["tag"]} if facts.get("tag") else {})


async def list_subscriptions(call: Call) -> tuple[int, dict[str, Any]]:
    found = [_subscription_json(s) for s in call.world.subscriptions if s.network == X and s.events]
    return 200, {"data": found} if found else {}


async def subscribe(call: Call) -> tuple[int, dict[str, Any]]:
    event, who = call.body.get("event_type"), call.body.get("filter")
    if event not in EVENTS:
        raise invalid("event_type", event, "$.event_type: does not have a value in the enumeration")
    if not isinstance(who, dict) or set(who) - {"user_id", "direction", "keyword"} or who.get("user_id") != call.me.id:
        raise invalid("filter", who, "$.filter.user_id: must be the authenticated user")
    webhook = call.world.subscriptions.get(str(call.body.get("webhook_id") or ""))
    if webhook is None or webhook.facts.get("kind") != WEBHOOK:
        raise invalid("webhook_id", call.body.get("webhook_id"), "$.webhook_id: there is no such webhook")
    if any(s.events == [event] and s.account_id == call.me.id for s in call.world.subscriptions):
        raise XError(409, "Subscription already exists.", title="Conflict", kind="conflict")
    facts = {"webhook_id": webhook.id, "tag": call.body.get("tag") or "", "created_at": x_time(time.time())}
    made = Subscription(call.world.next_id(), X, webhook.url, call.me.id, [str(event)], facts)
    call.world.subscriptions.put(made)
    return 200, {"data": {"subscription": _subscription_json(made)}}


routes: list[BaseRoute] = [
    Route("/2/webhooks", _for_app(list_webhooks), methods=["GET"]),
    Route("/2/webhooks", _for_app(create_webhook), methods=["POST"]),
    Route("/2/webhooks/{id}", _for_app(test_webhook), methods=["PUT"]),
    endpoint(
        "/2/activity/subscriptions", list_subscriptions, "GET", limit=500, query=("max_results", "pagination_token")
    ),
    endpoint(
        "/2/activity/subscriptions", subscribe, "POST", limit=500, body=("event_type", "filter", "webhook_id", "tag")
    ),
]
