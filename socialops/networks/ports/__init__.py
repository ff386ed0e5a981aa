"""The contract between SocialOps and any network. Plain data in, plain data out, no ORM.

Publishing (DESIGN section 6): `prepare` → `create` → `commit` → `confirm` → `permalink`, then each thread part or
first comment as its own unit. `prepare`, `create`, `confirm`, `permalink` and `find_published` may be called any
number of times; `commit` and `commit_part` are one shot: the caller saves "about to commit" first and never repeats the call
unless `find_published` said NOT_PUBLISHED.
"""

from __future__ import annotations

from socialops.networks.ports.accounts import Account, Authorization, Credentials, Target
from socialops.networks.ports.connector import Connector
from socialops.networks.ports.content import (
    Content,
    Format,
    Media,
    MediaKind,
    Option,
    OptionKind,
    Place,
    Subtitles,
    VideoFacts,
)
from socialops.networks.ports.quota import Charge, Problem, Quota, Report, TextCount, nobody_listens
from socialops.networks.ports.reading import (
    Action,
    Finding,
    Handles,
    Held,
    MentionPage,
    MentionRef,
    Metrics,
    PostMetrics,
    Published,
    Reconciliation,
    RemoteMention,
    RemotePost,
    SaveHandles,
)
from socialops.networks.ports.webhooks import EventKind, WebhookAnswer, WebhookEvent

__all__ = [
    "Account",
    "Action",
    "Authorization",
    "Charge",
    "Connector",
    "Content",
    "Credentials",
    "EventKind",
    "Finding",
    "Format",
    "Handles",
    "Held",
    "Media",
    "MediaKind",
    "MentionPage",
    "MentionRef",
    "Metrics",
    "Option",
    "OptionKind",
    "Place",
    "PostMetrics",
    "Problem",
    "Published",
    "Quota",
    "Reconciliation",
    "RemoteMention",
    "RemotePost",
    "Report",
    "SaveHandles",
    "Subtitles",
    "Target",
    "TextCount",
    "VideoFacts",
    "WebhookAnswer",
    "WebhookEvent",
    "nobody_listens",
]
