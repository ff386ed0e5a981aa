"""The panels of Today that other apps bring, without anybody importing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`template` is included with `context` as `panel`; a panel without things to show says so itself."""

    title: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    url_label: str | Promise = ""


_providers: list[tuple[int, Callable[[HttpRequest], Panel | None]]] = []


def register_panel(provider: Callable[[HttpRequest], Panel | None], *, order: int = 50) -> None:
    """In AppConfig.ready: `provider(request)` gives a panel, or None when this person has no use for it."""
    if (order, provider) not in _providers:
        _providers.append((order, provider))


def panels_for(request: HttpRequest) -> list[Panel]:
    """In their order."""
    ordered = sorted(_providers, key=lambda pair: pair[0])
    return [panel for _order, provider in ordered if (panel := provider(request)) is not None]
