"""The icons of the sprite: those that frontend/icons.json lists, and no other."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

_LIST = Path(__file__).resolve().parents[1] / "frontend" / "icons.json"
SPRITE = "dist/icons.svg"


class UnknownIconError(LookupError):
    """An icon that frontend/icons.json doesn't list."""


@cache
def icon_names() -> frozenset[str]:
    """Names an icon may have."""
    return frozenset(json.loads(_LIST.read_text(encoding="utf-8")))


def render_icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """An <svg> that points into the sprite; silent to screen readers unless labelled. UnknownIconError for a name not in the list."""
    if name not in icon_names():
        raise UnknownIconError(f"No icon is called “{name}”: add it to socialops/frontend/icons.json.")
    if not label:
        return _decorative(name, size)
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', _css(size), label, static(SPRITE), name
    )


def _css(size: str) -> str:
    return f"icon icon-{size}" if size else "icon"


@cache  # a page may hold a thousand; names and sizes are few
def _decorative(name: str, size: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', _css(size), static(SPRITE), name)
