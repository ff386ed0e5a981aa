"""Answering and moderating on Instagram: comments, media that tag the account, and direct messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from socialops.networks.errors import Code, ValidationError
from socialops.networks.instagram.answers import PLATFORM, ours, page_of, profile_url, read_object
from socialops.networks.instagram.publish import find_part
from socialops.networks.instagram.read import COMMENT, MENTION, NAMED, comment_url
from socialops.networks.meta.graph import GONE, by_instagram_login, call, error_code
from socialops.networks.meta.messages import MESSAGE, find_message, send_message
from socialops.networks.ports import Action, Finding, MentionRef, Published, Reconciliation, Target

ACTIONS: Mapping[str, frozenset[Action]] = {
    COMMENT: frozenset({Action.REPLY, Action.REPLY_PRIVATELY, Action.HIDE, Action.UNHIDE, Action.DELETE}),
    MENTION: frozenset({Action.REPLY}),
    MESSAGE: frozenset({Action.REPLY}),
}


def reply(target: Target, *, to: MentionRef, text: str, private: bool) -> Published:
    """A reply under the comment (there is one level of them), a comment under media that tags us, a message to a message, or privately, once and within 7 days, to who commented."""
    if private or to.kind == MESSAGE:
        return send_message(target, owner=page_of(target), to=to, text=text)
    if not to.extra.get(NAMED, True):  # who is only tagged in the picture may not comment there
        raise ValidationError(Code.REPLY_NOT_ALLOWED, detail={"field": "reply"})
    if _is_elsewhere(target, to):
        path, form = f"{target.external_id}/mentions", _place(to, text)
    else:
        path, form = f"{_top(to)}/replies", {"message": text}
    answer = call(target, "POST", path, form=form, one_shot=True, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    comment_id = answer.text("id")
    return Published(comment_id, comment_url(profile_url(target.handle), comment_id))


def _is_elsewhere(target: Target, to: MentionRef) -> bool:
    """Whether it stands under somebody else's media. By Instagram's own login what names us there comes with the comments, and nothing in it tells: media we can't see
    as ours is not ours.
    """
    if to.kind == MENTION or not to.root or not by_instagram_login(target):
        return to.kind == MENTION
    answer = read_object(target, to.root, fields="username")
    return error_code(answer) == GONE or answer.object().get("username") not in {None, target.handle.lstrip("@")}


def _place(to: MentionRef, text: str) -> dict[str, str]:
    """A caption is answered under its media; a comment, below it."""
    below = {"media_id": to.root, "comment_id": to.external_id} if to.root else {"media_id": to.external_id}
    return {**below, "message": text}


def _top(to: MentionRef) -> str:
    """The comment that a reply to this one stands under: replies have no replies."""
    nested = to.in_reply_to and to.root and to.in_reply_to != to.root
    return to.in_reply_to if nested else to.external_id


def find_reply(target: Target, *, to: MentionRef, text: str, since: datetime, private: bool) -> Reconciliation:
    """The comments under somebody else's media can't be read: there a person is asked."""
    if private or to.kind == MESSAGE:
        owner = page_of(target)
        return find_message(target, owner=owner, platform=PLATFORM, to=to, text=text, since=since, ours=ours(target))
    if _is_elsewhere(target, to):
        return Reconciliation(Finding.UNDECIDED)
    edge = f"{_top(to)}/replies"
    return find_part(target, edge=edge, address=profile_url(target.handle), text=text, since=since)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Deleting what is gone is done; hiding needs it to be there."""
    if action not in ACTIONS.get(on.kind, frozenset()) - {Action.REPLY, Action.REPLY_PRIVATELY}:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    if action == Action.DELETE:
        call(target, "DELETE", on.external_id, accept=(GONE,))
        return
    form = {"hide": "true" if action == Action.HIDE else "false"}
    answer = call(target, "POST", on.external_id, form=form, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
