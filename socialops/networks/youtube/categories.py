"""Which categories a video may be given: those YouTube lists for the channel's country, under its own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import NetworkError
from socialops.networks.options import options_of
from socialops.networks.ports import Option, Target
from socialops.networks.youtube.answers import NETWORK, call

OPTION = "category"
Names = Mapping[str, Mapping[str, str]]  # language → id → name


def fetch(target: Target, country: str) -> Names:
    """Table `categories` of the limits, in YouTube's order. What was known before where the channel names no country or the list can't be had: the account's other limits count more."""
    known: Names = target.limits.get("categories") or {}
    if not country:
        return known
    try:
        return {language: _assignable(target, country, language) for language in _languages()}
    except NetworkError:
        return known


def _languages() -> list[str]:
    found: list[str] = network_data(NETWORK)["categories"]["languages"]
    return found


def _assignable(target: Target, country: str, language: str) -> dict[str, str]:
    params = {"part": "snippet", "regionCode": country, "hl": language}
    answer = call(target, "GET", "videoCategories.list", params=params)
    rows = answer.object().get("items")
    if not isinstance(rows, list):
        answer.unexpected()
    told = [(str(row.get("id") or ""), row.get("snippet") or {}) for row in rows]
    return {key: str(snippet.get("title") or "") for key, snippet in told if key and snippet.get("assignable")}


def options(limits: Mapping[str, Any]) -> tuple[Option, ...]:
    """The data file's, with the categories of the channel's country where they are known."""
    names: Names = limits.get("categories") or {}
    ids = tuple(next(iter(names.values()), {}))
    if not ids:
        return options_of(NETWORK)
    return tuple(_narrowed(option, ids, names) if option.name == OPTION else option for option in options_of(NETWORK))


def _narrowed(option: Option, ids: tuple[str, ...], names: Names) -> Option:
    return replace(option, choices=ids, default=option.default if option.default in ids else None, names=names)
