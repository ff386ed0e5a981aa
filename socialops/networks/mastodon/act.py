"""Answering what people say to us, openly or by direct message, and favouriting it. Others' posts can be neither hidden nor deleted."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.errors import Code, ValidationError
from socialops.networks.mastodon.answers import call
from socialops.networks.mastodon.publish import delete, find, post_status
from socialops.networks.ports import Action, MentionRef, Published, Reconciliation, Target

ACTIONS = frozenset({Action.REPLY, Action.REPLY_PRIVATELY, Action.LIKE, Action.UNLIKE})
GONE = (404, 410)
VISIBILITIES = ("public", "unlisted", "private", "direct")


def reply(target: Target, *, to: MentionRef, text: str, key: str, private: bool) -> Published:
    """As open as what it answers, unless `private`: a direct message is a status that only those named in it see."""
    theirs = str(to.extra.get("visibility") or "")
    body: dict[str, Any] = {
        "status": reply_text(to, text),
        "in_reply_to_id": to.external_id,
        "visibility": "direct" if private else theirs if theirs in VISIBILITIES else "public",
    }
    return post_status(target, body, key)


def reply_text(to: MentionRef, text: str) -> str:
    """Only who is named in it hears of a reply; named as the server itself does, people of its own without their host."""
    acct = str(to.extra.get("acct") or to.author_handle.lstrip("@"))
    named = re.search(rf"@{re.escape(acct)}(?![\w@])", text, re.IGNORECASE)
    return text if named or not acct else f"@{acct} {text}"


def find_reply(target: Target, *, to: MentionRef, text: str, since: datetime) -> Reconciliation:
    return find(target, text=reply_text(to, text), parent=to.external_id, media_ids=set(), since=since)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    path = f"/api/v1/statuses/{quote(on.external_id, safe='')}"
    if action in (Action.LIKE, Action.UNLIKE):
        verb = "favourite" if action == Action.LIKE else "unfavourite"
        _require(call(target, "POST", f"{path}/{verb}", accept=GONE))
    elif action == Action.DELETE:
        answer = call(target, "GET", path, accept=GONE)
        if answer.ok and str((answer.object().get("account") or {}).get("id")) != target.external_id:
            raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
        delete(target, external_id=on.external_id)
    else:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})


def _require(answer: http.Answer) -> None:
    if not answer.ok:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
