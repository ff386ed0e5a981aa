"""The rail and the bottom bar: apps bring their places and providers; nothing here knows an app.

Filled by each AppConfig.ready through `register`, `register_rail_provider` and `register_count`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from socialops.permissions.rights import Right
from socialops.ui.counting import count_together

Text = str | Promise
SECTIONS = ("today", "plan", "listen", "measure", "team", "settings")
BOTTOM_BAR_PLACES = 4
_T = TypeVar("_T")
Counted = Callable[[Any], QuerySet[Any, Any] | None]
"""From a request to the rows to count, sliced and unordered; None for who has no use for the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A place. `personas` see it first, others under More if they hold `right` anywhere ("" asks for none). `count` runs on every page: see `counts_of`."""

    key: str
    label: Text
    url_name: str
    icon: str
    section: str
    personas: tuple[str, ...]
    order: int
    right: str = "view"
    count: Counted | None = None


@dataclass(frozen=True, slots=True)
class RailLink:
    label: Text
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class RailBrand:
    name: str
    url: str
    colour: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class RailChannel:
    """health: ok, warning (expires soon, quota near), down (revoked, failing), paused (suspended)."""

    name: str
    network: str
    url: str
    health: str = "ok"
    note: Text = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    label: Text
    url: str
    icon: str = "plus"


@dataclass(frozen=True, slots=True)
class Bell:
    url: str
    unread: int


@dataclass(frozen=True, slots=True)
class RailBanner:
    """Something everybody must know now: publishing is suspended, or not alive."""

    text: Text
    tone: str = "warning"
    action_label: Text = ""
    action_url: str = ""


class Slot(Generic[_T]):
    """A part of the rail that one or more apps fill."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.providers: list[Callable[[HttpRequest], Sequence[_T]]] = []

    def collect(self, request: HttpRequest) -> list[_T]:
        """What all providers bring, in the order they registered."""
        return [thing for provider in self.providers for thing in provider(request)]


ORGANIZATIONS: Slot[RailLink] = Slot("organizations")
BRANDS: Slot[RailBrand] = Slot("brands")
CHANNELS: Slot[RailChannel] = Slot("channels")
NEW: Slot[NewLink] = Slot("new")
NOTIFICATIONS: Slot[Bell] = Slot("notifications")
BANNERS: Slot[RailBanner] = Slot("banners")
ACCOUNT: Slot[RailLink] = Slot("account")

_places: dict[str, NavItem] = {}
_counts: dict[str, Counted] = {}


def register(item: NavItem) -> None:
    """Add a place. ValueError for an unknown section, right or a key that is taken by another place."""
    if item.section not in SECTIONS:
        raise ValueError(f"“{item.section}” is no section: {', '.join(SECTIONS)}.")
    if item.right and item.right not in Right.values:
        raise ValueError(f"“{item.right}” is no right.")
    if _places.setdefault(item.key, item).url_name != item.url_name:
        raise ValueError(f"Two places are called “{item.key}”.")


def register_count(key: str, rows: Counted) -> None:
    """Have a number read with those of the places: `counts_of(request)[key]`."""
    _counts[key] = rows


def counts_of(request: Any) -> dict[str, int]:
    """Every number of the rail by key, where this person has a use for it. One query, once a request."""
    if not hasattr(request, "rail_counts"):
        counted = {**{item.key: item.count for item in _places.values() if item.count}, **_counts}
        rows = {key: count(request) for key, count in counted.items()}
        request.rail_counts = count_together({key: found for key, found in rows.items() if found is not None})
    found: dict[str, int] = request.rail_counts
    return found


def register_rail_provider(slot: Slot[_T], provider: Callable[[HttpRequest], Sequence[_T]]) -> None:
    """Let `provider` fill `slot` on every page of an organization; [] when it has nothing."""
    if provider not in slot.providers:
        slot.providers.append(provider)


@dataclass(frozen=True, slots=True)
class Place:
    """A NavItem as one request sees it."""

    key: str
    label: Text
    url: str
    icon: str
    current: bool
    count: int | None


class Rail:
    """The rail of one request. Every part is read at most once, and only if the template shows it."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self._parts: dict[str, Any] = {}

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        if name not in self._parts:
            self._parts[name] = read()
        return self._parts[name]

    @property
    def persona(self) -> str:
        member = getattr(self.request.actor, "member", None)
        return str(getattr(member, "persona", "manager"))

    @property
    def organization_name(self) -> str:
        return str(self.request.organization.name)

    @property
    def places(self) -> list[Place]:
        """The persona's own, in order."""
        return [place for mine, place in self._all() if mine]

    @property
    def more(self) -> list[Place]:
        """What else the rights allow."""
        return [place for mine, place in self._all() if not mine]

    @property
    def bar(self) -> list[Place]:
        """The first few, for a phone."""
        return self.places[:BOTTOM_BAR_PLACES]

    @property
    def bar_has_current(self) -> bool:
        return any(place.current for place in self.bar)

    @property
    def organizations(self) -> list[RailLink]:
        return self._slot(ORGANIZATIONS)

    @property
    def brands(self) -> list[RailBrand]:
        return self._slot(BRANDS)

    @property
    def brand(self) -> RailBrand | None:
        return next((brand for brand in self.brands if brand.current), None)

    @property
    def channels(self) -> list[RailChannel]:
        return self._slot(CHANNELS)

    @property
    def new(self) -> list[NewLink]:
        return self._slot(NEW)

    @property
    def bell(self) -> Bell | None:
        return next(iter(self._slot(NOTIFICATIONS)), None)

    @property
    def banners(self) -> list[RailBanner]:
        return self._slot(BANNERS)

    @property
    def account(self) -> list[RailLink]:
        return self._slot(ACCOUNT)

    def _slot(self, slot: Slot[_T]) -> list[_T]:
        found: list[_T] = self._once(slot.name, lambda: slot.collect(self.request))
        return found

    def _all(self) -> list[tuple[bool, Place]]:
        found: list[tuple[bool, Place]] = self._once("places", self._read_places)
        return found

    def _read_places(self) -> list[tuple[bool, Place]]:
        actor, slug = self.request.actor, self.request.organization.slug
        allowed = [
            item
            for item in sorted(_places.values(), key=lambda i: (SECTIONS.index(i.section), i.order, i.key))
            if not item.right or actor.can_anywhere(Right(item.right))
        ]
        urls = {item.key: reverse(item.url_name, kwargs={"organization": slug}) for item in allowed}
        path = self.request.path
        here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
        persona, counts = self.persona, counts_of(self.request)
        return [
            (
                persona in item.personas,
                Place(
                    key=item.key,
                    label=item.label,
                    url=urls[item.key],
                    icon=item.icon,
                    current=urls[item.key] == here,
                    count=counts.get(item.key) or None,
                ),
            )
            for item in allowed
        ]
