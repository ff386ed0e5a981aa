"""What the networks have in common: accounts, posts, media, tokens. JSON-native fields only, times in epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

MASTODON: Final = "mastodon"
BLUESKY: Final = "bluesky"
FACEBOOK: Final = "facebook"
INSTAGRAM: Final = "instagram"
THREADS: Final = "threads"
LINKEDIN: Final = "linkedin"
X: Final = "x"
TIKTOK: Final = "tiktok"
YOUTUBE: Final = "youtube"

LABELS: Final = {
    MASTODON: "Mastodon",
    BLUESKY: "Bluesky",
    FACEBOOK: "Facebook",
    INSTAGRAM: "Instagram",
    THREADS: "Threads",
    LINKEDIN: "LinkedIn",
    X: "X",
    TIKTOK: "TikTok",
    YOUTUBE: "YouTube",
}
NETWORKS: Final = tuple(LABELS)
PORT_OFFSETS: Final = {name: offset for offset, name in enumerate(("home", *NETWORKS))}
REGISTERS_ITSELF: Final = (MASTODON, BLUESKY)  # the others know the app `seed.CLIENT_ID`
APPLICATION_NUMBERS: Final = {LINKEDIN: "211200300"}  # of our app there, which isn't its client id


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand of the group that has an account on every network."""

    name: str
    slug: str
    note: str
    followers: int
    category: str


@dataclass(slots=True)
class Account:
    """Somebody who can be seen on a network. `role` is brand, person (signs in, owns pages) or crowd (belongs to nobody)."""

    id: str
    network: str
    handle: str
    name: str
    role: str
    created_at: float
    note: str = ""
    language: str = "fr"
    password: str = ""
    owner: str = ""  # Facebook: the person a page belongs to
    followers: int = 0
    following: int = 0
    seen_at: float = 0.0  # when notifications were last marked as seen


@dataclass(slots=True)
class Post:
    """A post, or with `reply_to` a comment under one. `key` is the idempotency key or record key the client chose.

    `facts` holds what only this network has (visibility, the raw record, attached photos, …).
    """

    id: str
    network: str
    account_id: str
    text: str
    created_at: float
    source: str = "client"  # client or crowd
    reply_to: str = ""
    root: str = ""
    key: str = ""
    media: list[str] = field(default_factory=list)
    likes: list[str] = field(default_factory=list)
    reposts: list[str] = field(default_factory=list)
    views: int = 0
    clicks: int = 0
    edited_at: float = 0.0
    hidden: bool = False
    live: bool = True  # False: unpublished, scheduled, or not open to everybody
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Media:
    """An uploaded file; its bytes are on the Disk under `id`. `post_id` once it is attached."""

    id: str
    network: str
    account_id: str
    mime: str
    size: int
    created_at: float
    alt: str = ""
    width: int = 0
    height: int = 0
    post_id: str = ""
    ready_at: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """Anything secret that opens something: access and refresh tokens, authorization codes, pushed requests. `id` is its value.

    `expires_at` 0 means never.
    """

    id: str
    network: str
    kind: str
    account_id: str
    created_at: float
    expires_at: float = 0.0
    client_id: str = ""
    scopes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class App:
    """A registered OAuth client; `id` is its client id."""

    id: str
    network: str
    secret: str
    name: str
    redirect_uris: list[str]
    scopes: list[str]
    website: str = ""


@dataclass(slots=True)
class Notice:
    """Something that happened to an account: `kind` is mention, reply, like, repost or follow."""

    id: str
    network: str
    account_id: str
    kind: str
    from_id: str
    post_id: str
    created_at: float


@dataclass(slots=True)
class Record:
    """A Bluesky repository record that isn't a post (like, repost, threadgate, …), where `id` is its at:// URI; or a draft of an article on X."""

    id: str
    account_id: str
    collection: str
    cid: str
    value: dict[str, Any]
    created_at: float


@dataclass(slots=True)
class Setting:
    """A single remembered value, such as a signing key."""

    id: str
    value: str


@dataclass(slots=True)
class Write:
    """One accepted write, in the order of acceptance."""

    id: str
    network: str
    method: str
    path: str
    account: str
    time: str
    text: str
    object_id: str


@dataclass(slots=True)
class Subscription:
    """Who wants to be told of what happens: `account_id` "" for the whole app. `url` answered the network's test of it."""

    id: str
    network: str
    url: str
    account_id: str = ""
    events: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
