"""The contract between SocialOps and any network. Plain data in, plain data out, no ORM.

Publishing (DESIGN section 6): `prepare` → `create` → `commit` → `confirm` → `permalink`, then each thread part or
first comment as its own unit. `prepare`, `create`, `confirm`, `permalink` and `find_published` may be called any
number of times; `commit` and `commit_part` are one shot: the caller saves "about to commit" first and never repeats the call
unless `find_published` said NOT_PUBLISHED.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from socialops.networks.errors import Code, NetworkError

# ---------------------------------------------------------------- credentials and accounts


@dataclass(frozen=True, slots=True)
class Credentials:
    """Secrets of one connected account. Never logged; stored encrypted by the caller.

    `values` keys are the connector's own (access_token, refresh_token, dpop_key, app_password, …), all JSON-able.
    `expires_at` is when the access token stops working (None: until revoked).
    """

    values: Mapping[str, Any]
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Keep secrets out of tracebacks and logs."""
        return f"Credentials(keys={sorted(self.values)}, expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class Account:
    """A page or profile on a network that can become a Channel."""

    external_id: str  # opaque; unique within (network, base_url)
    handle: str  # as people write it: @name@host, name.bsky.social, page name
    name: str
    url: str
    avatar_url: str = ""
    credentials: Credentials | None = None  # the account's own token where it differs (Facebook page tokens)
    missing_scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Everything a connector needs to act for one channel. `limits` are the instance's own, from `fetch_limits`."""

    network: str
    base_url: str
    external_id: str
    handle: str
    credentials: Credentials
    limits: Mapping[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- what is published


@dataclass(frozen=True, slots=True)
class Media:
    """One file. `read` opens the bytes lazily; `key` is stable across calls (used to name remote handles)."""

    key: str
    content_type: str
    size: int  # bytes
    alt_text: str
    read: Callable[[], bytes]
    width: int | None = None
    height: int | None = None
    filename: str = "image"


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out on one channel, frozen.

    `parts` are the further posts of a thread, in order; `first_comment` is a comment under the post ("" for none).
    `idempotency_key` is a UUID string, stable for this delivery and content; `created_at` is frozen at first try, so that
    a repeated request is byte-identical where the network compares.
    `options`: visibility (public, unlisted, private; Mastodon), spoiler_text (Mastodon), link_title and
    link_description (the card on Bluesky).
    """

    text: str
    idempotency_key: str
    created_at: datetime
    media: tuple[Media, ...] = ()
    link: str = ""
    parts: tuple[str, ...] = ()
    first_comment: str = ""
    language: str = ""  # BCP 47, "" when unknown
    options: Mapping[str, Any] = field(default_factory=dict)


Handles = dict[str, Any]
"""JSON-able remote handles (media ids, record key, container id). The caller persists them after `create` returns and after each
`save` callback, and passes them back in every later call."""

SaveHandles = Callable[[Handles], None]
"""Persists the handles durably before returning; a connector calls it after each remote object it made."""


@dataclass(frozen=True, slots=True)
class Published:
    """A post that is live. `external_id` is opaque (an at:// URI with its cid in `extra` on Bluesky)."""

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


# ---------------------------------------------------------------- reading


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
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MentionPage:
    """`cursor` is opaque JSON-able state to pass to the next pull; it is only saved once the page is stored."""

    mentions: tuple[RemoteMention, ...]
    cursor: Mapping[str, Any]
    more: bool = False  # another page is there right now


Metrics = dict[str, int | None]
"""Network metric name (the network's own) → value; None or absent: the network does not give it. Never 0 for missing."""


@dataclass(frozen=True, slots=True)
class PostMetrics:
    """`metrics` by external id; ids the network no longer knows are in `gone`; `dead` are metrics it refused, with why."""

    metrics: Mapping[str, Metrics]
    gone: frozenset[str] = frozenset()
    dead: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------- limits and quota


@dataclass(frozen=True, slots=True)
class TextCount:
    """A text measured by the network's own rule. `limit` in the same unit."""

    length: int
    limit: int

    @property
    def remaining(self) -> int:
        """Negative when too long."""
        return self.limit - self.length


@dataclass(frozen=True, slots=True)
class Problem:
    """Why this content can't go to this channel. `code`, `detail` as in NetworkError; `field` as listed at `Code`."""

    code: Code
    field: str
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quota:
    """A network's own rate-limit headers, kept per channel. `bucket` names the limit ('requests', 'media', 'writes')."""

    bucket: str
    limit: int | None
    remaining: int | None
    resets_at: datetime | None


ReportQuota = Callable[[Quota], None]


# ---------------------------------------------------------------- connection


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send the person, and what must be kept (encrypted, tied to their session) until they return."""

    url: str
    state: str
    pending: Mapping[str, Any]


class Connector(Protocol):
    """One network. Instances are stateless and safe to share between threads; HTTP connections are pooled inside.

    Every method that talks to the network raises a subclass of `NetworkError` and nothing else. `commit` and `commit_part` raise
    `UnknownOutcomeError` whenever the request may have been accepted (timeout after sending, dropped connection, 5xx where the network may have acted,
    an unreadable body); any other class is a promise that nothing was published.
    """

    network: str  # "mastodon"
    label: str  # "Mastodon"
    needs_base_url: bool  # the person names an instance
    supports_app_password: bool
    supports_alt_text: bool
    supports_first_comment: bool
    supports_threads: bool

    # connection -----------------------------------------------------
    def authorization(
        self, *, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str = ""
    ) -> Authorization:
        """Start OAuth. `app` holds client_id and client_secret ({} where the connector registers itself, which it does here;
        what it registered is in `pending`, so that the caller may cache it per base_url).
        """
        ...

    def complete_authorization(
        self, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
    ) -> tuple[Account, ...]:
        """Finish OAuth with the callback's query: the accounts the person may connect, each with credentials.
        Raises AuthError codes: consent_refused, state_mismatch, code_expired, issuer_mismatch.
        """
        ...

    def connect_with_token(self, *, base_url: str, values: Mapping[str, str]) -> Account:
        """Connect without a browser: {"access_token"} (Mastodon, Facebook page token) or {"identifier", "password"} (Bluesky app password)."""
        ...

    def refresh(self, target: Target) -> Credentials | None:
        """New credentials, or None when nothing needs refreshing. An empty refresh token never replaces a kept one.
        The caller holds an advisory lock for the channel. Raises AuthError when a person must reconnect.
        """
        ...

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        """Give the token back. A token already dead is success."""
        ...

    def verify(self, target: Target) -> Account:
        """Cheap read proving the token works; gives the account's current handle and name."""
        ...

    def fetch_limits(self, *, base_url: str) -> Mapping[str, Any]:
        """The instance's own limits, merged over the network's data file; cached by the caller for a day."""
        ...

    # composing (no network call) ------------------------------------
    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount: ...

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        """Everything wrong with this content here, empty when it can go."""
        ...

    # publishing -----------------------------------------------------
    def prepare(self, target: Target, content: Content) -> Content:
        """Convert what may be converted without asking (resize, strip EXIF), resolve what must be. Raises ValidationError/MediaError."""
        ...

    def create(
        self, target: Target, content: Content, *, handles: Handles, save: SaveHandles, report: ReportQuota
    ) -> Handles:
        """Make the remote parts that publish nothing (uploads, containers, chosen record keys). Skips those already in `handles`."""
        ...

    def commit(self, target: Target, content: Content, *, handles: Handles, report: ReportQuota) -> Published | None:
        """The one shot. None when the network only accepted it and `confirm` must watch."""
        ...

    def confirm(self, target: Target, content: Content, *, handles: Handles) -> Published | None:
        """Read-only: the post if it is live, None while still processing."""
        ...

    def commit_part(
        self,
        target: Target,
        content: Content,
        *,
        root: Published,
        parent: Published,
        text: str,
        key: str,
        report: ReportQuota,
    ) -> Published:
        """One shot: the next post of a thread, or the first comment, under `parent`. `key` is its own idempotency key."""
        ...

    def find_published(self, target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
        """Reconciliation after a lost answer, reading only. `since` is when the lost call was about to be made."""
        ...

    def find_part(
        self, target: Target, *, root: Published, parent: Published, text: str, key: str, since: datetime
    ) -> Reconciliation:
        """The same for a thread part or first comment."""
        ...

    def delete(self, target: Target, *, external_id: str) -> None:
        """Remove a post; one that is already gone is success."""
        ...

    def read_post(self, target: Target, *, external_id: str) -> RemotePost | None:
        """The post as the network shows it now, None when gone."""
        ...

    # listening and measuring ----------------------------------------
    def pull_mentions(self, target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
        """Replies and mentions since `cursor` ({} the first time). `watched` are external ids of our recent posts, for networks
        whose comments are read per post.
        """
        ...

    def pull_post_metrics(self, target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
        """Current counters, batched as the network allows."""
        ...

    def pull_account_metrics(self, target: Target) -> Metrics: ...


__all__ = [
    "Account",
    "Authorization",
    "Connector",
    "Content",
    "Credentials",
    "Finding",
    "Handles",
    "Media",
    "MentionPage",
    "Metrics",
    "NetworkError",
    "PostMetrics",
    "Problem",
    "Published",
    "Quota",
    "Reconciliation",
    "RemoteMention",
    "RemotePost",
    "ReportQuota",
    "SaveHandles",
    "Target",
    "TextCount",
]
