"""URNs of comments, which LinkedIn writes in more than one way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMMENT = re.compile(r"urn:li:comment:\((?:urn:li:)?(\w+):(\d+),(\d+)\)")


@dataclass(frozen=True, slots=True)
class CommentParts:
    """`thread` is the URN of what is commented, `number` the comment's own id."""

    thread: str
    number: str

    @property
    def path(self) -> tuple[str, str, str]:
        """Under socialActions."""
        return self.thread, "comments", self.number


def comment_parts(urn: str) -> CommentParts | None:
    """None for what is no comment."""
    match = COMMENT.fullmatch(urn)
    return CommentParts(f"urn:li:{match[1]}:{match[2]}", match[3]) if match else None


def canonical(urn: str) -> str:
    """Notifications leave `urn:li:` out inside a comment's URN."""
    parts = comment_parts(urn)
    return f"urn:li:comment:({parts.thread},{parts.number})" if parts else urn


def comment_urn(row: Mapping[str, Any]) -> str:
    """Of a comment as the API gives it; "" where it tells neither a URN nor what it is made of."""
    known = canonical(str(row.get("commentUrn") or row.get("$URN") or ""))
    if known:
        return known
    thread, number = str(row.get("object") or ""), str(row.get("id") or "")
    return f"urn:li:comment:({thread},{number})" if thread.startswith("urn:li:") and number else ""
