"""Messenger and Instagram's direct messages: conversations, an answer within 24 hours, one private reply to a comment within 7 days."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox import crowd
from socialops.sandbox.graph.call import Call, GraphError, graph_time, missing, owner_page
from socialops.sandbox.graph.fields import Field, paged, parse_fields, select
from socialops.sandbox.graph.hooks import tell
from socialops.sandbox.models import FACEBOOK, INSTAGRAM, Account, Record
from socialops.sandbox.world import World

MESSAGE: Final = "message"
ANSWER_SECONDS: Final = 86_400
PRIVATE_REPLY_SECONDS: Final = 7 * 86_400
READABLE: Final = 20
SCOPES: Final = {
    (FACEBOOK, "page"): "pages_messaging",
    (INSTAGRAM, "page"): "instagram_manage_messages",
    (INSTAGRAM, "instagram"): "instagram_business_manage_messages",
}
OUTSIDE: Final = {FACEBOOK: 2_018_278, INSTAGRAM: 2_534_022}


def _owner(call: Call) -> Account:
    account = call.own()
    call.need(SCOPES[call.network, call.token.kind])
    return account


def _of(world: World, account: Account) -> dict[str, list[Record]]:
    """The account's messages by the person they are with, newest first."""
    found: dict[str, list[Record]] = {}
    for record in sorted(world.records, key=lambda r: -r.created_at):
        if record.collection == MESSAGE and record.account_id == account.id:
            found.setdefault(record.value["person"], []).append(record)
    return found


def _who(world: World, key: str) -> dict[str, Any]:
    account = world.accounts.objects[key]
    if account.network == INSTAGRAM:
        return {"username": account.handle, "id": account.id}
    return {"name": account.name, "email": f"{account.id}@facebook.com", "id": account.id}


def message_node(call: Call, record: Record, fields: list[Field]) -> dict[str, Any]:
    account, person = record.account_id, record.value["person"]
    other = person if record.value["from"] == account else account
    return select(
        {
            "id": lambda _: record.id,
            "message": lambda _: record.value["text"],
            "created_time": lambda _: graph_time(record.created_at),
            "from": lambda _: _who(call.world, record.value["from"]),
            "to": lambda _: {"data": [_who(call.world, other)]},
        },
        fields,
        ("id", "created_time"),
        "Message",
    )


def _conversation(call: Call, account: Account, person: str, said: list[Record], fields: list[Field]) -> dict[str, Any]:
    def messages(wanted: Field) -> dict[str, Any]:
        limit = min(int(wanted.modifiers.get("limit", "25") or 0), READABLE)
        return {"data": [message_node(call, record, wanted.fields) for record in said[:limit]]}

    return select(
        {
            "id": lambda _: f"t_{account.id}_{person}",
            "updated_time": lambda _: graph_time(said[0].created_at),
            "unread_count": lambda _: sum(record.value["from"] == person for record in said),
            "message_count": lambda _: len(said),
            "participants": lambda _: {"data": [_who(call.world, person), _who(call.world, account.id)]},
            "link": lambda _: f"/{account.handle}/inbox/",
            "messages": messages,
        },
        fields,
        ("id", "link", "updated_time"),
        "Conversation",
    )


async def list_conversations(call: Call) -> dict[str, Any]:
    account = _owner(call)
    if call.network == INSTAGRAM and call.params.text("platform").lower() != "instagram":
        raise GraphError(100, "(#100) Param platform must be instagram here.")
    wanted = call.params.text("user_id")
    found = [item for item in _of(call.world, account).items() if not wanted or item[0] == wanted]
    fields = parse_fields(call.params.text("fields"))
    return paged(call, found, lambda item: _conversation(call, account, item[0], item[1], fields))


async def list_messages(call: Call) -> dict[str, Any]:
    """Of one conversation."""
    _, account_id, person = [*call.id.split("_", 2), "", ""][:3]
    account = call.world.accounts.get(account_id)
    if account is None or account.id != call.account.id:
        raise missing(call.id)
    call.need(SCOPES[call.network, call.token.kind])
    fields = parse_fields(call.params.text("fields"))
    return paged(call, _of(call.world, account).get(person, [])[:READABLE], lambda r: message_node(call, r, fields))


async def send(call: Call) -> dict[str, Any]:
    account = _owner(call)
    recipient, message = _object(call, "recipient"), _object(call, "message")
    text = str(message.get("text") or "")
    if not text.strip():
        raise GraphError(100, "(#100) Param message must be non-empty.")
    if call.network == INSTAGRAM and len(text.encode()) > 1000:
        raise GraphError(100, "(#100) Length of param message[text] must be less than or equal to 1000")
    if recipient.get("comment_id"):
        person = _who_commented(call, account, str(recipient["comment_id"]))
    else:
        person = str(recipient.get("id") or "")
        said = [r for r in _of(call.world, account).get(person, []) if r.value["from"] == person]
        if not said:
            raise GraphError(100, "(#100) No matching user found", subcode=2_018_001)
        if said[0].created_at < time.time() - ANSWER_SECONDS:
            raise GraphError(10, "(#10) This message is sent outside of allowed window.", subcode=OUTSIDE[call.network])
    record = write(call.world, account, person, account.id, text)
    call.log(text, record.id)
    return {"recipient_id": person, "message_id": record.id}


def _object(call: Call, name: str) -> dict[str, Any]:
    """A JSON object, or as the clients that send forms write it, its text."""
    value = call.params.get(name)
    if isinstance(value, str):
        value = json.loads(value)
    if not isinstance(value, dict):
        raise GraphError(100, f"(#100) Param {name} must be a JSON object.")
    return value


def _who_commented(call: Call, account: Account, comment_id: str) -> str:
    comment = call.world.posts.get(comment_id)
    if comment is None or not comment.reply_to or owner_page(call.world, comment) != account.id:
        raise missing(comment_id, "post")
    if comment.facts.get("answered_privately") or comment.account_id == account.id:
        raise GraphError(10, "(#10) This comment can't be replied to privately (any more).", subcode=1_893_016)
    if comment.created_at < time.time() - PRIVATE_REPLY_SECONDS:
        raise GraphError(10, "(#10) This message is sent outside of allowed window.", subcode=OUTSIDE[call.network])
    comment.facts["answered_privately"] = True
    call.world.posts.put(comment)
    return comment.account_id


def write(world: World, account: Account, person: str, author: str, text: str, moment: float = 0) -> Record:
    key = f"m_{world.next_id()}"
    value = {"person": person, "from": author, "text": text}
    return world.records.put(Record(key, account.id, MESSAGE, "", value, moment or world.now()))


async def _say(request: Request) -> Response:
    """`POST /_message`: somebody of the crowd writes privately: {"account", "text", "author"?, "hours_ago"?}."""
    world: World = request.app.state.world
    body = await request.json()
    network = str(request.app.state.network)
    account = world.find_account(network, str(body.get("account") or ""))
    if account is None:
        return JSONResponse({"error": f"There is no account {body.get('account')!r} on {network}."}, 400)
    author = crowd.person(world, network, str(body.get("author") or "Léa Moreau"))
    moment = time.time() - 3600 * float(body.get("hours_ago") or 0)
    record = write(world, account, author.id, author.id, str(body.get("text") or ""), moment)
    event = {
        "sender": {"id": author.id},
        "recipient": {"id": account.id},
        "timestamp": int(moment * 1000),
        "message": {"mid": record.id, "text": record.value["text"]},
    }
    tell(world, account, "messages", {"messaging": [event]})
    return JSONResponse({"id": record.id, "person": author.id}, 201)


routes: list[BaseRoute] = [Route("/_message", _say, methods=["POST"])]
