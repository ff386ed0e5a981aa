"""Messages that appear as toasts: after a redirect, or with an htmx fragment that ends in {% toasts oob=True %}."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise

_LEVELS = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}
UNDO = "undo:"


def toast(request: HttpRequest, text: str | Promise, *, level: str = "success", undo_url: str = "") -> None:
    """Say it once, politely. `undo_url` is POSTed to by the toast's Undo button. KeyError for an unknown level."""
    messages.add_message(request, _LEVELS[level], str(text), extra_tags=f"{UNDO}{undo_url}" if undo_url else "")
