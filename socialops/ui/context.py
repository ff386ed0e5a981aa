"""What every template may ask about the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from socialops.ui.navigation import Rail
from socialops.ui.theme import theme_of


def page(request: HttpRequest) -> dict[str, Any]:
    """`theme` (auto, light or dark) and, inside an organization, `rail`."""
    inside = getattr(request, "organization", None) is not None and getattr(request, "actor", None) is not None
    return {"theme": theme_of(request), "rail": Rail(request) if inside else None}
