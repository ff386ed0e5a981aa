"""Writing under a video and moderating what others wrote there. Nothing here has an idempotency key: a lost answer is settled by listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import Action, Finding, MentionRef, Published, Reconciliation, RemotePost, Target
from socialops.networks.text import comparable
from socialops.networks.youtube.answers import DATA_API, NETWORK, V3, call, host
from socialops.networks.youtube.publish import settle
from socialops.networks.youtube.read import PLAIN, author_of, list_replies, moment_of, text_of, watch_url

ACTIONS = frozenset({Action.REPLY, Action.HIDE, Action.UNHIDE, Action.DELETE})
STATES = {Action.HIDE: "heldForReview", Action.UNHIDE: "published"}
GONE = ("commentNotFound", "commentThreadNotFound", "notFound")


def comment(target: Target, *, root: Published, text: str) -> Published:
    """A new thread under a video: the first comment."""
    body = {"snippet": {"videoId": root.external_id, "topLevelComment": {"snippet": {"textOriginal": text}}}}
    answer = call(target, "POST", "commentThreads.insert", params={"part": "snippet"}, json=body, one_shot=True)
    return _written(target, root.external_id, answer)


def reply(target: Target, *, to: MentionRef, text: str) -> Published:
    """Threads are one level deep: a reply to a reply stands under the thread too."""
    body = {"snippet": {"parentId": _thread(to), "textOriginal": text}}
    answer = call(target, "POST", "comments.insert", params={"part": "snippet"}, json=body, one_shot=True)
    return _written(target, to.root, answer)


def _thread(to: MentionRef) -> str:
    return str(to.extra.get("thread") or to.external_id.partition(".")[0])


def _written(target: Target, video_id: str, answer: http.Answer) -> Published:
    comment_id = answer.text("id")
    return Published(comment_id, watch_url(target, video_id, comment_id))


def find_comment(target: Target, *, root: Published, text: str, since: datetime) -> Reconciliation:
    """Our own words among the newest threads of the video."""
    rule = network_data(NETWORK)["reconcile"]
    earliest = since - timedelta(seconds=rule["skew_seconds"])
    params: dict[str, Any] = {
        "part": "snippet",
        "videoId": root.external_id,
        "order": "time",
        "maxResults": rule["comments_page_size"],
        **PLAIN,
    }
    rows: list[Mapping[str, Any]] = []
    complete = False
    for _page in range(rule["pages"]):
        answer = call(target, "GET", "commentThreads.list", params=params)
        page = [(item.get("snippet") or {}).get("topLevelComment") or {} for item in answer.object().get("items") or ()]
        fresh = [row for row in page if _is_after(row, earliest)]
        rows += fresh
        following = answer.object().get("nextPageToken")
        complete = not following or len(fresh) < len(page)
        if complete:
            break
        params["pageToken"] = following
    return _decide(list(_ours(target, root.external_id, rows, text)), since, complete=complete)


def find_reply(target: Target, *, to: MentionRef, text: str, since: datetime) -> Reconciliation:
    rule = network_data(NETWORK)
    earliest = since - timedelta(seconds=rule["reconcile"]["skew_seconds"])
    rows = list_replies(target, _thread(to))
    complete = len(rows) < rule["read"]["page_size"] * rule["read"]["replies_pages"]
    fresh = [row for row in rows if _is_after(row, earliest)]
    return _decide(list(_ours(target, to.root, fresh, text)), since, complete=complete)


def _is_after(row: Mapping[str, Any], earliest: datetime) -> bool:
    moment = moment_of((row.get("snippet") or {}).get("publishedAt"))
    return moment is None or moment >= earliest


def _ours(target: Target, video_id: str, rows: Sequence[Mapping[str, Any]], text: str) -> Iterator[RemotePost]:
    for row in rows:
        if author_of(row) == target.external_id and comparable(text_of(row)) == comparable(text):
            written = moment_of((row.get("snippet") or {}).get("publishedAt"))
            yield RemotePost(str(row["id"]), watch_url(target, video_id, str(row["id"])), text_of(row), written)


def _decide(found: list[RemotePost], since: datetime, *, complete: bool) -> Reconciliation:
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    return settle(found, since, complete=complete)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Hiding holds a comment for review, unhiding publishes it. Deleting what others wrote is rejecting it where YouTube doesn't let us delete."""
    if action in STATES:
        _moderate(target, on, STATES[action])
    elif action == Action.DELETE:
        params = {"id": on.external_id}
        answer = call(target, "DELETE", "comments.delete", params=params, accept=(*GONE, "forbidden"))
        if answer.status == 403:
            _moderate(target, on, "rejected")
    else:
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})


def _moderate(target: Target, on: MentionRef, state: str) -> None:
    params = {"id": on.external_id, "moderationStatus": state}
    url = f"{host(DATA_API, target.base_url)}{V3}/comments/setModerationStatus"
    call(target, "POST", "comments.setModerationStatus", url=url, params=params)
