"""Acting on what people say: an answer under it, and hiding what stands directly under our post. There are no private messages, and no likes, in this API."""

from __future__ import annotations

from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import Action, MentionRef, Target
from socialops.networks.threads.answers import GONE, call, error_code
from socialops.networks.threads.read import PENDING

ACTIONS = {
    "reply": frozenset({Action.REPLY, Action.HIDE, Action.UNHIDE}),
    "mention": frozenset({Action.REPLY}),
}


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Hide or unhide; what hangs under a hidden reply goes with it, and can't be hidden by itself. Unhiding a reply that waited to be approved approves it."""
    waited = bool(on.extra.get(PENDING))
    if action not in ACTIONS.get(on.kind, frozenset()) - {Action.REPLY} or not (
        waited or on.extra.get("top_level", True)
    ):
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    if waited and action is Action.UNHIDE and _approve(target, on.external_id):
        return
    form = {"hide": "true" if action is Action.HIDE else "false"}
    answer = call(target, "POST", f"{on.external_id}/manage_reply", form=form, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())


def _approve(target: Target, reply_id: str) -> bool:
    """False for one that waits no longer: it was approved before, and is hidden like any other."""
    try:
        answer = call(target, "POST", f"{reply_id}/manage_pending_reply", form={"approve": "true"}, accept=(GONE,))
    except ValidationError:
        return False
    return error_code(answer) != GONE
