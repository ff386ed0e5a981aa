"""Acting on what people say: an answer under it, and hiding what stands directly under our post. There are no private messages, and no likes, in this API."""

from __future__ import annotations

from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import Action, MentionRef, Target
from socialops.networks.threads.answers import GONE, call, error_code

ACTIONS = {
    "reply": frozenset({Action.REPLY, Action.HIDE, Action.UNHIDE}),
    "mention": frozenset({Action.REPLY}),
}


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Hide or unhide; what hangs under a hidden reply goes with it, and can't be hidden by itself."""
    if action not in ACTIONS.get(on.kind, frozenset()) - {Action.REPLY} or not on.extra.get("top_level", True):
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    form = {"hide": "true" if action is Action.HIDE else "false"}
    answer = call(target, "POST", f"{on.external_id}/manage_reply", form=form, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
