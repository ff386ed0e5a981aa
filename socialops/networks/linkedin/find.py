"""Lost answers, settled by reading.

A Page's own posts and comments can be listed, so its lost answers are found. **A member's posts can't**: LinkedIn grants `r_member_social` to nobody new, and without it no
endpoint gives a post whose URN we never learnt. What LinkedIn does offer is that a repeat of identical content is refused for some minutes (422, naming the post that is there).
Sending again on purpose to be refused would be sending on a guess: the window is undocumented, and a post with freshly uploaded files never counts as identical. So for
a member the finding stays UNDECIDED and a person, who sees the profile, decides; when they choose to send again and LinkedIn refuses the repeat, the refusal
names the post (`DuplicateError.detail["post"]`), and that is shown to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import regex

from socialops.networks.data import network_data
from socialops.networks.linkedin import little, quotes
from socialops.networks.linkedin.answers import NETWORK, call, elements, is_organization, milliseconds
from socialops.networks.linkedin.publish import question_of, said, web_url, whole
from socialops.networks.linkedin.read import (
    CommentsGoneError,
    asked,
    attached,
    comments_under,
    may_read_comments,
    remote_post,
    reshared,
)
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.urns import comment_urn
from socialops.networks.ports import Content, Finding, Handles, Published, Reconciliation, RemotePost, Target
from socialops.networks.text import comparable

ADDRESS = regex.compile(r"https?://\S+")


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """A Page's recent posts: the same uploaded files are proof, the same text as good where it is alone. UNDECIDED for a member: see above.

    A text that differs only in its addresses is a candidate for a person: LinkedIn may shorten links when it gives a post back. So is, for a poll, a text without it, or a post that says
    nothing: how LinkedIn gives polls back is unverified. So is the same text with another quote, or without.
    """
    if not (is_organization(target) or "r_member_social" in target.credentials.scopes):
        return Reconciliation(Finding.UNDECIDED)
    sent = {upload["urn"] for upload in handles.get("uploads", {}).values()}
    wanted, question, parent = (
        comparable(little.named(said(content))),
        comparable(question_of(content)),
        quotes.parent_of(content),
    )
    rows, complete = _recent(target, since)
    same: list[RemotePost] = []
    alike: list[RemotePost] = []
    for row in rows:
        post = remote_post(target, row)
        if sent and sent <= attached(row):
            return Reconciliation(Finding.PUBLISHED, whole(content, _published(post), handles))
        if sent:
            continue
        found = comparable(post.text)
        if found == wanted and comparable(asked(row)) == question and reshared(row) == parent:
            same.append(post)
        elif ADDRESS.sub("", found) == ADDRESS.sub("", wanted) or (question and not found):
            alike.append(post)
    return _settle(same, alike, since, complete=complete)


def _published(post: RemotePost) -> Published:
    return Published(post.external_id, post.url, {"at": post.created_at.isoformat()} if post.created_at else {})


def _settle(same: list[RemotePost], alike: list[RemotePost], since: datetime, *, complete: bool) -> Reconciliation:
    if len(same) == 1:
        return Reconciliation(Finding.PUBLISHED, _published(same[0]))
    if same or alike or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=(*same, *alike))
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def _recent(target: Target, since: datetime) -> tuple[list[Mapping[str, Any]], bool]:
    """Posts made after `since` less a clock's skew, and whether all of them were seen. LinkedIn sorts by last change, so an edited old post may stand among them."""
    rule = network_data(NETWORK)["reconcile"]
    earliest = milliseconds(since - timedelta(seconds=rule["skew_seconds"]))
    seen: list[Mapping[str, Any]] = []
    for page in range(rule["pages"]):
        size = rule["page_size"]
        where = address(
            "posts", q="author", author=target.external_id, count=size, start=page * size, sortBy="LAST_MODIFIED"
        )
        rows = elements(call(target, "GET", where))
        seen += [row for row in rows if _time(row, "createdAt", "publishedAt") >= earliest]
        if len(rows) < size or any(_time(row, "lastModifiedAt", "createdAt") < earliest for row in rows):
            return seen, True
    return seen, False


def _time(row: Mapping[str, Any], *names: str) -> float:
    """Epoch milliseconds; a row without a time counts as new, so that it is looked at."""
    return next((row[name] for name in names if isinstance(row.get(name), int | float)), float("inf"))


def find_comment(target: Target, *, post: str, parent: str, text: str, since: datetime) -> Reconciliation:
    """A comment of ours on `post`, or under the comment `parent`. UNDECIDED where comments can't be read (a member without r_member_social_feed)."""
    if not may_read_comments(target):
        return Reconciliation(Finding.UNDECIDED)
    rule = network_data(NETWORK)["reconcile"]
    earliest = milliseconds(since - timedelta(seconds=rule["skew_seconds"]))
    wanted = comparable(little.message(text)["text"])
    same: list[RemotePost] = []
    try:
        rows, complete = comments_under(target, parent or post)
    except CommentsGoneError:
        rows, complete = (
            [],
            True,
        )  # a comment can't be where nothing is; the settling time covers a post that is too new
    for row in rows:
        made = (row.get("created") or {}).get("time") or 0
        said = str((row.get("message") or {}).get("text") or "")
        if row.get("actor") == target.external_id and made >= earliest and comparable(said) == wanted:
            urn = comment_urn(row)
            at = datetime.fromtimestamp(made / 1000, UTC)
            same.append(RemotePost(urn, web_url(target, post, urn), said, at))
    return _settle(same, [], since, complete=complete)
