"""Answering what people say to us, liking it, and folding it away under our own posts. Every record has a key that can be computed again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from socialops.networks.bluesky import chat, gate
from socialops.networks.bluesky.answers import call
from socialops.networks.bluesky.publish import delete, find_key, put, text_record
from socialops.networks.bluesky.read import POST, record_key
from socialops.networks.bluesky.tid import moment_of, part_key
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import Action, MentionRef, Published, Reconciliation, Target

LIKE = "app.bsky.feed.like"
ACTIONS = frozenset({Action.REPLY, Action.REPLY_PRIVATELY, Action.LIKE, Action.UNLIKE})
ON_REPLIES = ACTIONS | {Action.HIDE, Action.UNHIDE}


def reply(target: Target, *, to: MentionRef, text: str, key: str, private: bool) -> Published:
    if private or to.kind == "message":
        return chat.send(target, to=to, text=text)
    parent = {"uri": to.external_id, "cid": _seen(target, to)["cid"]}
    rkey = _reply_key(to, key)
    record = text_record(target, text, moment_of(rkey), "")
    record["reply"] = {"root": to.extra.get("root") or parent, "parent": parent}
    return put(target, rkey, record)


def find_reply(
    target: Target, *, to: MentionRef, text: str, key: str, since: datetime, private: bool
) -> Reconciliation:
    if private or to.kind == "message":
        return chat.find(target, to=to, text=text, since=since)
    return find_key(target, _reply_key(to, key))


def _reply_key(to: MentionRef, key: str) -> str:
    return part_key(record_key(to.external_id), key)


def _seen(target: Target, on: MentionRef) -> dict[str, Any]:
    """The post as the AppView shows it to us. ValidationError parent_gone when it is no longer there."""
    answer = call(target, "GET", "app.bsky.feed.getPosts", params={"uris": [on.external_id]})
    posts = answer.object().get("posts") or []
    if not posts:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    return dict(posts[0])


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    if action == Action.LIKE:
        _like(target, on)
    elif action == Action.UNLIKE:
        _unlike(target, on)
    elif action in (Action.HIDE, Action.UNHIDE) and _under_ours(target, on):
        gate.fold(target, on.root, on.external_id, away=action == Action.HIDE)
    elif action == Action.DELETE and _of_ours(target, on.external_id):
        delete(target, external_id=on.external_id)
    else:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})


def _of_ours(target: Target, uri: str) -> bool:
    return uri.startswith(f"at://{target.external_id}/{POST}/")


def _under_ours(target: Target, on: MentionRef) -> bool:
    """Only who began a thread may fold its answers away."""
    return on.kind == "reply" and _of_ours(target, on.root)


def _like_key(target: Target, on: MentionRef) -> str:
    return part_key(record_key(on.external_id), f"like:{target.external_id}")


def _like(target: Target, on: MentionRef) -> None:
    post = _seen(target, on)
    if (post.get("viewer") or {}).get("like"):
        return
    body = {
        "repo": target.external_id,
        "collection": LIKE,
        "rkey": _like_key(target, on),
        "record": {
            "$type": LIKE,
            "subject": {"uri": on.external_id, "cid": post["cid"]},
            "createdAt": gate.stamp(datetime.now(UTC)),
        },
    }
    call(target, "POST", "com.atproto.repo.putRecord", json=body, bucket="writes")


def _unlike(target: Target, on: MentionRef) -> None:
    """Our own like by its key, which the AppView may not know yet, and the one it knows, which may come from the app."""
    shown = str((_seen(target, on).get("viewer") or {}).get("like") or "")
    for rkey in {_like_key(target, on), record_key(shown)} - {""}:
        body = {"repo": target.external_id, "collection": LIKE, "rkey": rkey}
        call(target, "POST", "com.atproto.repo.deleteRecord", json=body, accept=("RecordNotFound",))
