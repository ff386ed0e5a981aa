"""Acting on what people say: answer, like, delete. LinkedIn hides nothing, and its private messages are closed to us."""

from __future__ import annotations

from socialops.networks.errors import Code, ValidationError
from socialops.networks.linkedin.answers import GONE, call
from socialops.networks.linkedin.publish import delete, reply
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.urns import comment_parts
from socialops.networks.ports import Action, MentionRef, Published, Target

COMMENT = frozenset({Action.REPLY, Action.LIKE, Action.UNLIKE, Action.DELETE})
POST = frozenset({Action.REPLY, Action.LIKE, Action.UNLIKE})
ACTIONS = {"comment": COMMENT, "reply": COMMENT, "mention": POST}


def place_of(to: MentionRef) -> tuple[str, str]:
    """(post, comment to hang an answer under). LinkedIn nests once: an answer to an answer stands beside it. "" for an answer to a post."""
    if not comment_parts(to.external_id):
        return to.external_id, ""
    parent = to.in_reply_to if comment_parts(to.in_reply_to) else to.external_id
    thread = comment_parts(parent)
    return to.root or (thread.thread if thread else ""), parent


def answer(target: Target, *, to: MentionRef, text: str) -> Published:
    post, parent = place_of(to)
    return reply(target, post=post, parent=parent, text=text)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    if action not in ACTIONS.get(on.kind, ()) or action == Action.REPLY:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    if action == Action.DELETE:
        delete(target, external_id=on.external_id)
        return
    if action == Action.LIKE:
        body = {"root": on.external_id, "reactionType": "LIKE"}
        # 409 or 422: it is liked already
        done = call(target, "POST", address("reactions", actor=target.external_id), json=body, accept=(*GONE, 409, 422))
        if done.status in GONE:
            raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=done.raw())
        return
    where = address("reactions", {"actor": target.external_id, "entity": on.external_id})
    call(target, "DELETE", where, accept=GONE)
