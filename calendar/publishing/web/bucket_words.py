"""What a bucket of a network's quotas counts, in people's words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, str | Promise] = {
    "posts": _("Publications"),
    "replies": _("Replies"),
    "deletions": _("Deletions"),
    "containers": _("Prepared publications"),
    "requests": _("Calls"),
    "writes": _("Writes"),
    "reads": _("Reads"),
    "media": _("Uploads"),
    "videos": _("Videos"),
    "videos.insert": _("Video uploads"),
    "search": _("Searches"),
    "units": _("Units"),
    "messages": _("Private messages"),
    "app": _("Calls of our application"),
    "member": _("Calls of this person"),
}


def bucket_word(network: str, bucket: str) -> str:
    """The word of a bucket; its own name, made readable, where nobody gave it one."""
    known = _WORDS.get(f"{network}.{bucket}") or _WORDS.get(bucket)
    return str(known) if known else bucket.replace("_", " ").replace(".", " ").capitalize()
