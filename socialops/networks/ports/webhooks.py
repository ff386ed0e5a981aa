"""What a network tells by itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from socialops.networks.ports.reading import RemoteMention


class EventKind(enum.StrEnum):
    """What a webhook may tell."""

    MENTION = "mention"  # `mention` where the network sends it whole; without it the channel is read at once, and `Connector.read_told` asked
    MENTION_GONE = "mention_gone"
    PUBLISHED = "published"
    FAILED = "failed"
    REVOKED = "revoked"  # our access was withdrawn


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """`account` is the channel's external id; `external_id` the post or comment, `root` the post a comment stands under; `handle` what `create` or `commit` got (TikTok's publish_id)."""

    kind: EventKind
    account: str
    external_id: str = ""
    root: str = ""
    handle: str = ""
    mention: RemoteMention | None = None


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What to answer to a network that tests whether the address is ours."""

    body: str
    content_type: str = "text/plain"
