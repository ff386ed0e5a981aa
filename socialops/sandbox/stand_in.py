"""What the sandbox needs to know of one network: everything else about it is in its own folder.

`socialops/sandbox/<network>/stand_in.py` holds `STAND_IN`; nothing outside that folder asks which network it is dealing with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler

from socialops.sandbox.faults import ErrorAnswer
from socialops.sandbox.feed import Face
from socialops.sandbox.models import NETWORKS, Account, Brand, Media, Post
from socialops.sandbox.world import World


class Say(Protocol):
    """Somebody of the crowd writes: a comment under `above`, or a post about a brand."""

    def __call__(
        self, world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str
    ) -> Post: ...


def _nothing(_: World) -> None:
    """No people, no apps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """One network. `routes` come after the sandbox's own; `wrap` goes round them.

    `handle` makes an account's handle from a slug (maison_lumiere); `account_id` a new id for a handle, `brand_id` the id of the nth seeded brand, always the same, so that a restart keeps
    connected channels. `credentials` gives the fixed credentials of an account, made on first asking, as `Connector.connect_with_token` takes them. `publish` puts a post of the past into the
    world; `whisper` is None where nobody writes privately to a brand. `media_key` gives the id and facts of a file kept for an account.
    """

    network: str
    face: Face
    routes: Sequence[BaseRoute]
    fault_answer: ErrorAnswer
    not_found: ExceptionHandler
    handle_pattern: str = r"\w+"
    handle: Callable[[str], str] = lambda slug: slug
    account_id: Callable[[World, str], str]
    brand_id: Callable[[int, str], str]
    account_details: Mapping[str, Any] = field(default_factory=dict)
    note: Callable[[Brand], str] = lambda brand: brand.note
    credentials: Callable[[World, Account], dict[str, str]]
    say: Say
    publish: Callable[[World, Account, str, str, list[Media]], Post]  # world, brand, text, language, media
    media_key: Callable[[World, Account, bytes], tuple[str, dict[str, Any]]] = lambda world, _account, _content: (
        world.next_id(),
        {},
    )
    whisper: Callable[[World, Account, Account, str], object] | None = None  # brand, author, text: a private message
    seed: Callable[[World], None] = _nothing
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app
    at: Callable[[Account], str] = lambda account: f"@{account.handle}"
    has_mentions: bool = True
    has_text_posts: bool = True
    describe: Callable[[Post], dict[str, str]] = lambda _: {}


@cache
def stand_ins() -> dict[str, StandIn]:
    """By network, in the order of `NETWORKS`."""
    return {name: import_module(f"socialops.sandbox.{name}.stand_in").STAND_IN for name in NETWORKS}
