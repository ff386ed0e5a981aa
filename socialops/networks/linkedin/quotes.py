"""The post to reshare with words of our own: which URN an address names. Others' posts can't be read, so whether it may be reshared only the one shot tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from socialops.networks.errors import AuthError, Code, NetworkError
from socialops.networks.linkedin.answers import NETWORK
from socialops.networks.ports import Content, Problem
from socialops.networks.quotes import OPTION, check_quote, quote_of, refused

# …/feed/update/urn:li:share:1, …/embed/feed/update/urn:li:ugcPost:1, …/posts/somebody_some-words-share-1-aBcD, or the URN alone
URN = re.compile(r"(?:https?://\S+/)?urn:li:(share|ugcPost|activity):(\d+)/?(?:[?#]\S*)?")
PAGE = re.compile(r"https?://[^/\s]+/posts/\S*-(share|ugcPost|activity)-(\d+)(?:-\w*)?/?(?:[?#]\S*)?")
ACTIVITY = "urn:li:activity:"
UNSAID = (Code.SCOPE_MISSING, Code.ROLE_LOST)  # what a 403 is taken for


def named(address: str) -> str | None:
    """The URN in an address, None for what is no post's."""
    written = unquote(address)
    match = URN.fullmatch(written) or PAGE.fullmatch(written)
    return f"urn:li:{match[1]}:{match[2]}" if match else None


def parent_of(content: Content) -> str:
    """The URN of the post it quotes, "" for none."""
    return named(quote_of(content)) or ""


def check(content: Content, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """An activity is what a post looks like in the feed: it has another number, which no call of ours turns into the post's, and LinkedIn refuses it here."""
    yield from check_quote(NETWORK, content, read=named, limits=limits)
    if parent_of(content).startswith(ACTIVITY):
        yield Problem(Code.QUOTE_ACTIVITY, "options", {"option": OPTION})


def about_quote(content: Content, problem: NetworkError) -> NetworkError:
    """What a refused reshare means. LinkedIn names the field, or answers 403 without a word of the reason: a right that is missing is seen with the next plain post."""
    named_it = "reshareContext" in str(problem.detail.get("message") or "")
    if quote_of(content) and (named_it or (isinstance(problem, AuthError) and problem.code in UNSAID)):
        return refused(Code.QUOTE_REFUSED, quote_of(content), raw=problem.raw)
    return problem
