"""Webhooks: the app's address, tested before it is taken; the accounts it is told about; deliveries signed as Meta signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialops.sandbox.graph.call import Call, GraphError, is_app_token, token_value
from socialops.sandbox.models import FACEBOOK, INSTAGRAM, Account, Subscription
from socialops.sandbox.params import read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.webhooks import ask
from socialops.sandbox.world import World

FIELDS: Final = {
    "page": frozenset({"feed", "mention", "messages", "message_reactions", "messaging_postbacks", "ratings", "videos"}),
    "instagram": frozenset(
        {"comments", "live_comments", "mentions", "messages", "message_reactions", "story_insights", "messaging_seen"}
    ),
}
NOT_BY_OWN_LOGIN: Final = frozenset({"mentions", "story_insights"})  # mentions come with the comments there


def kind_of(network: str) -> str:
    return "page" if network == FACEBOOK else "instagram"


async def subscribe_app(request: Request) -> Response:
    """`POST /{app-id}/subscriptions` with the app's own token: the address must answer the challenge."""
    world: World = request.app.state.world
    network = str(request.app.state.network)
    params = await read_params(request)
    kind = params.text("object")
    fields = [field for field in params.text("fields").split(",") if field]
    try:
        if not is_app_token(token_value(request, params)) or request.path_params["id"] != CLIENT_ID:
            raise GraphError(15, "(#15) This method must be called with an app access_token.")
        if kind != kind_of(network) or not fields or set(fields) - FIELDS[kind]:
            raise GraphError(100, "(#100) Invalid parameter: object or fields")
        challenge = str(secrets.randbelow(10**9))
        test = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": params.text("verify_token")}
        answer = await ask(params.text("callback_url"), test)
        if answer is None or answer.status_code != 200 or answer.text.strip() != challenge:
            raise GraphError(2200, "(#2200) Callback verification failed: the URL couldn't be validated.")
    except GraphError as error:
        return error.response()
    world.subscriptions.put(Subscription(f"{network}:app", network, params.text("callback_url"), "", fields))
    return JSONResponse({"success": True})


def _account(call: Call) -> Account:
    """The account of the token, named by its own id, its page's or `me`."""
    if call.token.kind == "user":
        raise GraphError(190, "A page access token is required for this call.", subcode=2_069_032)
    return call.own()


async def subscribe_account(call: Call) -> dict[str, Any]:
    account = _account(call)
    if call.token.kind == "page":
        call.need("pages_manage_metadata")
    fields = call.names("subscribed_fields")
    own_login = call.token.kind == INSTAGRAM
    known = FIELDS[kind_of(call.network)] - (NOT_BY_OWN_LOGIN if own_login else frozenset())
    if not fields or set(fields) - known:
        raise GraphError(100, "(#100) Param subscribed_fields must be one of the webhook fields.")
    if call.network == INSTAGRAM and call.token.kind == "page":
        fields = sorted(FIELDS["instagram"])  # with the Page the account comes along, for all that the app asked for
    call.world.subscriptions.put(Subscription(f"{call.network}:{account.id}", call.network, "", account.id, fields))
    call.log("", account.id)
    return {"success": True}


async def unsubscribe_account(call: Call) -> dict[str, Any]:
    call.world.subscriptions.remove(f"{call.network}:{_account(call).id}")
    return {"success": True}


async def list_subscribed(call: Call) -> dict[str, Any]:
    found = call.world.subscriptions.get(f"{call.network}:{_account(call).id}")
    if found is None:
        return {"data": []}
    return {"data": [{"name": "SocialOps", "id": CLIENT_ID, "subscribed_fields": found.events}]}


def tell(world: World, account: Account, field: str, entry: dict[str, Any]) -> None:
    """Deliver to the app, when both it and the account are subscribed to the field. `entry` holds `changes` or `messaging`. The past is told to nobody."""
    if world.now() < time.time() - 60:
        return
    told = world.subscribers(account.network, field, account.id)
    app = next((s for s in told if s.url), None)
    if app is None or all(s.url for s in told):
        return
    payload = {
        "object": kind_of(account.network),
        "entry": [{"id": account.id, "time": int(time.time()), **entry}],
    }
    body = json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()  # Meta's own way of writing it
    digest = hmac.digest(CLIENT_SECRET.encode(), body, hashlib.sha256).hex()
    world.send(account.network, app.url, body, {"X-Hub-Signature-256": f"sha256={digest}"})
