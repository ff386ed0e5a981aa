"""What a bucket of a network's quotas counts, in people's words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_WORDS: dict[str, Promise] = {
    "requests": gettext_lazy("Requests"),
    "reads": gettext_lazy("Reads"),
    "writes": gettext_lazy("Writes"),
    "media": gettext_lazy("Media uploads"),
    "blobs": gettext_lazy("Media uploads"),
    "uploads": gettext_lazy("Video uploads"),
    "videos": gettext_lazy("Videos"),
    "posts": gettext_lazy("Publications"),
    "posts_of_the_app": gettext_lazy("Publications by everyone"),
    "reels": gettext_lazy("Reels"),
    "drafts": gettext_lazy("Drafts"),
    "containers": gettext_lazy("Prepared publications"),
    "metadata": gettext_lazy("Image descriptions"),
    "moderation": gettext_lazy("Moderated comments"),
    "replies": gettext_lazy("Replies"),
    "comments": gettext_lazy("Comments"),
    "deletes": gettext_lazy("Deletions"),
    "deletions": gettext_lazy("Deletions"),
    "messages": gettext_lazy("Private messages"),
    "search": gettext_lazy("Searches"),
    "locations": gettext_lazy("Searches for a place"),
    "units": gettext_lazy("Quota units"),
    "app": gettext_lazy("Calls of the application"),
    "pages": gettext_lazy("Calls for this page"),
    "instagram": gettext_lazy("Calls for this account"),
    "member": gettext_lazy("Calls of this person"),
    "users_me": gettext_lazy("Readings of the account"),
    "users": gettext_lazy("Readings of people"),
    "mentions": gettext_lazy("Readings of mentions"),
    "message_reads": gettext_lazy("Readings of private messages"),
    "status": gettext_lazy("Checks of uploads"),
    "segments": gettext_lazy("Parts of uploads"),
    "subtitles": gettext_lazy("Subtitles"),
    "article_drafts": gettext_lazy("Drafts of articles"),
    "articles": gettext_lazy("Articles"),
    "chat": gettext_lazy("Bluesky messages"),
    "subscriptions": gettext_lazy("Subscriptions to events"),
}

OF_PUBLICATIONS = frozenset({"posts", "reels", "drafts", "uploads", "videos", "units", "articles"})
"""What ends first for somebody who publishes."""

SHARES = frozenset({"app", "pages", "instagram", "messenger", "business"})
"""Meta says how much is used in percent (X-App-Usage, and the types of X-Business-Use-Case-Usage), never how many calls."""


def bucket_word(bucket: str) -> str:
    """Of a bucket nobody gave a word to: its own name, said to be one."""
    known = _WORDS.get(bucket)
    return str(known) if known else _("Calls “%(name)s”") % {"name": bucket}
