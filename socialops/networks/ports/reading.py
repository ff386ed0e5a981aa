"""What comes back: remote handles, published posts, findings, mentions, metrics; and what we may do about a mention."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Handles = dict[str, Any]
"""JSON-able remote handles (media ids, record key, container id). The caller persists them after `create` returns and after each
`save` callback, and passes them back in every later call."""

SaveHandles = Callable[[Handles], None]
"""Persists the handles durably before returning; a connector calls it after each remote object it made."""


@dataclass(frozen=True, slots=True)
class Published:
    """A post that is live. `external_id` is opaque (an at:// URI with its cid in `extra` on Bluesky).

    `extra["unfinished"]`: what belongs to the post, can only be set once it is there, and was refused (a video's still picture, its subtitles, who may answer): a list of
    {"field", "code", "detail"}, as `Problem`. It undoes nothing.
    """

    external_id: str
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Finding(enum.StrEnum):
    """What reading the network back tells about an unconfirmed commit."""

    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"  # certain: safe to commit again
    UNDECIDED = "undecided"  # a person is asked


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Answer of `find_published`; `candidates` are shown side by side when UNDECIDED.

    `look_again_at` comes with UNDECIDED when nothing was found but the lost request may still be at work on the network's side:
    ask again then, before asking a person.
    """

    finding: Finding
    published: Published | None = None
    candidates: tuple[RemotePost, ...] = ()
    look_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemotePost:
    """A post read back from the network. `text` is plain text."""

    external_id: str
    url: str
    text: str
    created_at: datetime | None
    media_count: int = 0


@dataclass(frozen=True, slots=True)
class RemoteMention:
    """Something somebody said to or about the channel. Text is plain Unicode, HTML already removed."""

    external_id: str
    kind: str  # reply, mention, comment, quote
    author_id: str
    author_handle: str
    author_name: str
    text: str
    url: str
    created_at: datetime
    author_url: str = ""
    author_avatar_url: str = ""
    in_reply_to: str = ""  # external id of the post it answers, "" if none
    root: str = ""  # external id of our post that the thread hangs under, where the network tells
    language: str = ""  # as declared by the network, "" when it says nothing
    waits: bool = False  # nobody sees it before we show it: `Action.UNHIDE`
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MentionPage:
    """`cursor` is opaque JSON-able state to pass to the next pull; it is only saved once the page is stored."""

    mentions: tuple[RemoteMention, ...]
    cursor: Mapping[str, Any]
    more: bool = False  # another page is there right now


@dataclass(frozen=True, slots=True)
class Held:
    """Ids of the replies that a post's author has not shown: those that wait to be approved, and those that were passed over."""

    waiting: frozenset[str]
    ignored: frozenset[str]


Metrics = dict[str, int | None]
"""Network metric name (the network's own) → value; None or absent: the network does not give it. Never 0 for missing."""


@dataclass(frozen=True, slots=True)
class PostMetrics:
    """`metrics` by external id; ids the network no longer knows are in `gone`; `dead` are metrics it refused, with why."""

    metrics: Mapping[str, Metrics]
    gone: frozenset[str] = frozenset()
    dead: Mapping[str, str] = field(default_factory=dict)


class Action(enum.StrEnum):
    """What we may do about something somebody said to us."""

    REPLY = "reply"
    REPLY_PRIVATELY = "reply_privately"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    LIKE = "like"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class MentionRef:
    """A mention to act on: the fields of `RemoteMention` that say which it is."""

    external_id: str
    kind: str
    author_id: str = ""
    author_handle: str = ""
    in_reply_to: str = ""
    root: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
