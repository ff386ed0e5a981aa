"""Private messages between two people, kept as records: `collection` is their conversation, `account_id` who wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.crowd import person
from socialops.sandbox.models import Account, Record, X
from socialops.sandbox.world import World
from socialops.sandbox.x import hooks
from socialops.sandbox.x.call import Call, XError, endpoint, invalid, x_time
from socialops.sandbox.x.entities import NEW, OLD, USER_FIELDS, asked, user_json, words_of
from socialops.sandbox.x.posts import next_id

FIELDS: Final = (
    "attachments",
    "created_at",
    "dm_conversation_id",
    "entities",
    "event_type",
    "id",
    "participant_ids",
    "sender_id",
    "text",
)
QUERY: Final = (
    "dm_event.fields",
    "event_types",
    "expansions",
    "max_results",
    "media.fields",
    "pagination_token",
    "user.fields",
    OLD.parameter,
    NEW.parameter,
)
PREFIX: Final = "x:"
TOKEN: Final = "18LAA5FFPEKJA52G0000"  # noqa: S105 -- how a page's token begins


def conversation(one: str, other: str) -> str:
    low, high = sorted((one, other), key=int)
    return f"{low}-{high}"


def write(world: World, sender: Account, receiver: Account, text: str) -> Record:
    value = {"text": text, "to": receiver.id}
    where = PREFIX + conversation(sender.id, receiver.id)
    record = world.records.put(Record(next_id(world), sender.id, where, "", value, world.now()))
    payload = {"id": record.id, "event_type": "MessageCreate", "text": text, "sender_id": sender.id}
    hooks.tell(world, "dm.received", receiver.id, payload)
    return record


def _listed(call: Call, records: Iterable[Record]) -> dict[str, Any]:
    words = words_of(call)
    fields = asked(call, "dm_event.fields", FIELDS)
    expansions = asked(
        call, "expansions", ("attachments.media_keys", "participant_ids", "sender_id", words.reference_expansion)
    )
    users = asked(call, "user.fields", USER_FIELDS)
    asked(call, "event_types", ("MessageCreate", "ParticipantsJoin", "ParticipantsLeave"))
    size, below = call.whole("max_results", 100, 1, 100), call.query.get("pagination_token", "")
    if below and not below.startswith(TOKEN):
        raise invalid("pagination_token", below, "Invalid pagination_token")
    found = sorted(records, key=lambda record: int(record.id), reverse=True)
    found = [record for record in found if not below or int(record.id) < int(below.removeprefix(TOKEN))]
    page = found[:size]
    body: dict[str, Any] = {"meta": {"result_count": len(page)}}
    if page:
        body["data"] = [_event(record, [*fields, *expansions]) for record in page]
    if len(found) > size:
        body["meta"]["next_token"] = f"{TOKEN}{page[-1].id}"
    if "sender_id" in expansions and page:
        people = sorted({record.account_id for record in page})
        body["includes"] = {"users": [user_json(call.world, call.world.accounts.objects[key], users) for key in people]}
        call.bill("0.010", len(people))
    call.bill("0.010", len(page))
    return body


def _event(record: Record, fields: list[str]) -> dict[str, Any]:
    whole = {
        "id": record.id,
        "event_type": "MessageCreate",
        "text": record.value["text"],
        "created_at": x_time(record.created_at),
        "dm_conversation_id": record.collection.removeprefix(PREFIX),
        "sender_id": record.account_id,
    }
    return {name: value for name, value in whole.items() if name in {"id", "event_type", "text", *fields}}


def _mine(call: Call) -> list[Record]:
    return [
        r for r in call.world.records if r.collection.startswith(PREFIX) and call.me.id in {r.account_id, r.value["to"]}
    ]


async def events(call: Call) -> tuple[int, dict[str, Any]]:
    return 200, _listed(call, _mine(call))


async def events_with(call: Call) -> tuple[int, dict[str, Any]]:
    where = PREFIX + conversation(call.me.id, _other(call).id)
    return 200, _listed(call, [r for r in _mine(call) if r.collection == where])


def _other(call: Call) -> Account:
    other = call.world.accounts.get(call.path("participant_id"))
    if other is None or other.network != X:
        raise XError(404, "Could not find user.", kind="resource-not-found", resource_type="user")
    return other


async def send(call: Call) -> tuple[int, dict[str, Any]]:
    text = call.body.get("text")
    if not isinstance(text, str) or not text:
        raise invalid("text", text, "$.text: is required")
    record = write(call.world, call.me, _other(call), text)
    call.bill("0.015")
    call.log(text, record.id)
    return 201, {"data": {"dm_conversation_id": record.collection.removeprefix(PREFIX), "dm_event_id": record.id}}


async def _from_crowd(request: Request) -> Response:
    """Steering: POST {"account", "text", "author"?} sends an account a message."""
    world: World = request.app.state.world
    body = await request.json()
    receiver = world.find_account(X, str(body.get("account") or ""))
    if receiver is None:
        return JSONResponse({"error": "There is no such account."}, 400)
    author = person(world, X, str(body.get("author") or "Camille"))
    record = write(world, author, receiver, str(body.get("text") or "Bonjour"))
    return JSONResponse({"id": record.id, "author_id": author.id, "author": author.handle}, 201)


READ: Final = ("dm.read", "tweet.read", "users.read")
routes: list[BaseRoute] = [
    endpoint("/2/dm_events", events, "GET", limit=15, scopes=READ, query=QUERY),
    endpoint(
        "/2/dm_conversations/with/{participant_id}/dm_events", events_with, "GET", limit=15, scopes=READ, query=QUERY
    ),
    endpoint(
        "/2/dm_conversations/with/{participant_id}/messages",
        send,
        "POST",
        limit=15,
        scopes=("dm.write", "tweet.read", "users.read"),
        body=("text", "attachments"),
    ),
    Route("/_messages", _from_crowd, methods=["POST"]),
]
