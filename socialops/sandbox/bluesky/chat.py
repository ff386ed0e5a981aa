"""The chat service, reached through the PDS: conversations of two, and only for sessions that may read messages."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.bluesky.call import Call, XrpcError, answer, invalid, xrpc
from socialops.sandbox.bluesky.cids import next_tid
from socialops.sandbox.bluesky.views import profile
from socialops.sandbox.models import BLUESKY, Account, Record
from socialops.sandbox.text import graphemes
from socialops.sandbox.world import iso

SERVICE: Final = "did:web:api.bsky.chat#bsky_chat"
SCOPE: Final = "transition:chat.bsky"
MESSAGE: Final = "chat.bsky.convo.message"
CONVO: Final = "chat.bsky.convo.convo"
GRAPHEMES, BYTES = 1000, 10_000


def _enter(call: Call) -> None:
    if call.request.headers.get("atproto-proxy") != SERVICE:
        raise XrpcError(501, "MethodNotImplemented", "Method Not Implemented")
    if call.token is None or SCOPE not in call.token.scopes:
        raise invalid(
            f"Bad token method: insufficient access to {call.request.url.path.rpartition('/')[2]}", "InvalidToken"
        )


def _convo_id(dids: list[str]) -> str:
    return "3" + hashlib.sha256(" ".join(sorted(dids)).encode()).hexdigest()[:12]


def _convo(call: Call, convo_id: str) -> Record:
    record = call.world.records.get(f"convo:{convo_id}")
    if record is None or call.me.id not in record.value["members"]:
        raise invalid("Convo not found", "InvalidConvo")
    return record


def _said(call: Call, convo_id: str) -> list[Record]:
    """Newest first."""
    found = [r for r in call.world.records if r.collection == MESSAGE and r.value["convo"] == convo_id]
    return sorted(found, key=lambda r: r.created_at, reverse=True)


def _message(record: Record) -> dict[str, Any]:
    return {
        "$type": "chat.bsky.convo.defs#messageView",
        "id": record.id,
        "rev": record.cid,
        "text": record.value["text"],
        "sender": {"did": record.account_id},
        "sentAt": iso(record.created_at),
    }


def _view(call: Call, convo: Record) -> dict[str, Any]:
    convo_id = convo.id.removeprefix("convo:")
    said = _said(call, convo_id)
    members = [call.world.accounts.objects[did] for did in convo.value["members"]]
    body = {
        "id": convo_id,
        "rev": said[0].cid if said else convo.cid,
        "members": [profile(call.world, member) for member in members],
        "muted": False,
        "status": "accepted",
        "unreadCount": 0,
    }
    return {**body, "lastMessage": _message(said[0])} if said else body


async def convo_for_members(call: Call) -> Response:
    _enter(call)
    others = [did for did in call.queries("members") if did != call.me.id]
    accounts: list[Account] = [call.actor(did) for did in others]
    if len(accounts) != 1:
        raise invalid("Error: members must have one other member")
    members = [call.me.id, accounts[0].id]
    convo_id = _convo_id(members)
    found = call.world.records.get(f"convo:{convo_id}")
    if found is None:
        value = {"members": members}
        found = Record(f"convo:{convo_id}", call.me.id, CONVO, next_tid(), value, call.world.now())
        call.world.records.put(found)
    return answer({"convo": _view(call, found)})


async def list_convos(call: Call) -> Response:
    _enter(call)
    mine = [r for r in call.world.records if r.collection == CONVO and call.me.id in r.value["members"]]
    views = sorted((_view(call, convo) for convo in mine), key=lambda v: str(v["rev"]), reverse=True)
    return answer({"convos": views[: call.limit(50, 100)]})


async def get_messages(call: Call) -> Response:
    _enter(call)
    convo_id = call.required("convoId")
    _convo(call, convo_id)
    said, limit = _said(call, convo_id), call.limit(50, 100)
    if cursor := call.query("cursor"):
        said = [record for record in said if record.cid < cursor]
    more = {"cursor": said[limit - 1].cid} if len(said) > limit else {}
    return answer({"messages": [_message(record) for record in said[:limit]], **more})


async def send_message(call: Call) -> Response:
    _enter(call)
    convo_id, message = str(call.body.get("convoId", "")), call.body.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    if not isinstance(text, str) or not text:
        raise invalid('Input/message must have the property "text"')
    if graphemes(text) > GRAPHEMES or len(text.encode()) > BYTES:
        raise invalid(f"Input/message/text must not be longer than {GRAPHEMES} graphemes")
    _convo(call, convo_id)
    key = next_tid()
    record = Record(key, call.me.id, MESSAGE, key, {"convo": convo_id, "text": text}, call.world.now())
    call.world.records.put(record)
    call.world.accept(BLUESKY, "POST", call.request.url.path, call.me.handle, text, key)
    return answer(_message(record))


routes: list[BaseRoute] = [
    xrpc("chat.bsky.convo.getConvoForMembers", convo_for_members, auth="access"),
    xrpc("chat.bsky.convo.listConvos", list_convos, auth="access"),
    xrpc("chat.bsky.convo.getMessages", get_messages, auth="access"),
    xrpc("chat.bsky.convo.sendMessage", send_message, "POST", auth="access"),
]
