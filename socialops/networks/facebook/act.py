"""Answering and moderating on a Page: comments, posts that name it, and Messenger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from socialops.networks.errors import Code, ValidationError
from socialops.networks.facebook.answers import MESSENGER, web_url
from socialops.networks.facebook.publish import comment_under, find_part
from socialops.networks.meta.graph import GONE, call, error_code
from socialops.networks.meta.messages import MESSAGE, find_message, send_message
from socialops.networks.ports import Action, MentionRef, Published, Reconciliation, Target

ACTIONS: Mapping[str, frozenset[Action]] = {
    "comment": frozenset(Action),
    "mention": frozenset({Action.REPLY, Action.LIKE, Action.UNLIKE}),
    MESSAGE: frozenset({Action.REPLY}),
}


def reply(target: Target, *, to: MentionRef, text: str, private: bool) -> Published:
    """A comment under it; a message to a message, or privately, once and within 7 days, to who commented."""
    if private or to.kind == MESSAGE:
        return send_message(target, owner=target.external_id, to=to, text=text, messaging_type="RESPONSE")
    return comment_under(target, to.external_id, text, address=web_url(to.root or to.external_id))


def find_reply(target: Target, *, to: MentionRef, text: str, since: datetime, private: bool) -> Reconciliation:
    if private or to.kind == MESSAGE:
        ours = frozenset({target.external_id})
        return find_message(
            target, owner=target.external_id, platform=MESSENGER, to=to, text=text, since=since, ours=ours
        )
    return find_part(target, parent=to.external_id, text=text, since=since)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Deleting what is gone is done; everything else needs it to be there."""
    if action not in ACTIONS.get(on.kind, frozenset()) - {Action.REPLY, Action.REPLY_PRIVATELY}:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    method, path, body = {
        Action.HIDE: ("POST", on.external_id, {"is_hidden": True}),
        Action.UNHIDE: ("POST", on.external_id, {"is_hidden": False}),
        Action.DELETE: ("DELETE", on.external_id, None),
        Action.LIKE: ("POST", f"{on.external_id}/likes", {}),
        Action.UNLIKE: ("DELETE", f"{on.external_id}/likes", None),
    }[action]
    answer = call(target, method, path, json=body, accept=(GONE,))
    if error_code(answer) == GONE and action != Action.DELETE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
