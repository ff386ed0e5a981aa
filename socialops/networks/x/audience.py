"""Posts that not everybody gets: for the account's subscribers alone, or in a community. https://docs.x.com/x-api/posts/create-post"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from socialops.networks.data import network_data
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.ports import Content, Format, Problem
from socialops.networks.x.answers import NETWORK, says

COMMUNITY, SHARED, SUBSCRIBERS = "community", "community_share", "subscribers_only"
ADDRESS = re.compile(r"/i/communities/([0-9]{1,19})(?:/.*)?")
NUMBER = re.compile(r"[0-9]{1,19}")


def community_of(content: Content) -> str:
    """The id in what was typed, which may be the community's address; "" for neither."""
    typed = str(content.options.get(COMMUNITY) or "").strip()
    if NUMBER.fullmatch(typed):
        return typed
    found = ADDRESS.fullmatch(urlsplit(typed).path)
    return found[1] if found else ""


def is_narrow(content: Content) -> bool:
    return bool(content.options.get(SUBSCRIBERS) or content.options.get(COMMUNITY))


def check(content: Content) -> Iterator[Problem]:
    """X's own composer lets people choose one audience."""
    typed = content.options.get(COMMUNITY)
    if isinstance(typed, str) and typed.strip():
        if not community_of(content):
            example = network_data(NETWORK)["community"]["example"]
            yield Problem(Code.OPTION_ADDRESS, "options", {"option": COMMUNITY, "example": example})
        if content.options.get(SUBSCRIBERS):
            yield Problem(Code.OPTION_EXCLUDES, "options", {"option": SUBSCRIBERS, "other": COMMUNITY})


def fields_of(content: Content) -> dict[str, Any]:
    """What a post says of its audience."""
    found: dict[str, Any] = for_subscribers(content)
    if community := community_of(content):
        found["community_id"] = community
        if content.options.get(SHARED):
            found["share_with_followers"] = True
    return found


def for_subscribers(content: Content) -> dict[str, Any]:
    """What the posts under it say too: else the rest of a thread would be everybody's. An article has no audience."""
    chosen = content.options.get(SUBSCRIBERS) and content.format != Format.ARTICLE
    return {"for_super_followers_only": True} if chosen else {}


def refused(body: dict[str, Any], error: NetworkError) -> NetworkError:
    """A refusal that speaks of the audience that was asked for, by its setting; any other as it is."""
    message = str(error.detail.get("message") or "")
    for field, words, option in (
        ("community_id", "community", COMMUNITY),
        ("for_super_followers_only", "subscribers", SUBSCRIBERS),
    ):
        if field in body and says(message, words):
            detail = {"field": "options", "option": option, "message": message}
            return ValidationError(Code.OPTION_REFUSED, detail=detail, raw=error.raw)
    return error
