"""The seam. Whoever acts is an Actor; every check in the product is `actor.can(right, scope)` or `actor.require(right, scope)`.

The rights come from guardian's direct foreign-key tables (see `teams.selectors.actors`), loaded once a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext as _

from socialops.permissions.decision import Allowed, Decision, Denied, require
from socialops.permissions.rights import Right


class Scoped(Protocol):
    """Anything rights are held on, or that hangs under such a thing."""

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        """From narrow to wide: (("channel", 7), ("brand", 2), ("organization", 1))."""
        ...


@dataclass(frozen=True, slots=True)
class Rights:
    """What one member holds: rights by ("organization" | "brand" | "channel", id); and each held channel's brand."""

    by_scope: Mapping[tuple[str, int], frozenset[str]]
    brand_of_channel: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in one organization. `kind` is member, token or system; a system actor (dispatcher, pulls) has no user and may do everything."""

    kind: str
    name: str
    organization_id: int
    user: Any = None
    member: Any = None
    rights: Rights = field(default_factory=lambda: Rights({}))

    @classmethod
    def system(cls, name: str, *, organization_id: int) -> Actor:
        """The software itself, named for the audit log."""
        return cls(kind="system", name=name, organization_id=organization_id)

    @property
    def user_id(self) -> int | None:
        return None if self.user is None else int(self.user.pk)

    def can(self, right: Right, scope: Scoped) -> Decision:
        """May this actor do that here? A right on a wider scope covers the narrower."""
        path = scope.scope_path
        if path[-1] != ("organization", self.organization_id):
            return Denied(_("This belongs to another organization."))
        if self.kind == "system" or any(right.value in self.rights.by_scope.get(step, ()) for step in path):
            return Allowed()
        return Denied(
            _("You need the right “%(right)s” here. Ask an administrator of your organization.")
            % {"right": right.label}
        )

    def require(self, right: Right, scope: Scoped) -> None:
        """403 with the reason when `can` says no."""
        require(self.can(right, scope))

    def can_anywhere(self, right: Right) -> bool:
        """Whether the right is held on any scope at all: decides what navigation shows."""
        return self.kind == "system" or any(right.value in held for held in self.rights.by_scope.values())

    def everywhere(self, right: Right) -> bool:
        """Whether the right is held on the whole organization."""
        return self.kind == "system" or right.value in self.rights.by_scope.get(
            ("organization", self.organization_id), ()
        )

    def brand_ids(self, right: Right) -> set[int]:
        """Brands on which the right is held as a whole (meaningless when `everywhere`)."""
        return {pk for (kind, pk), held in self.rights.by_scope.items() if kind == "brand" and right.value in held}

    def channel_ids(self, right: Right) -> set[int]:
        """Channels on which the right is held directly (meaningless when `everywhere`)."""
        return {pk for (kind, pk), held in self.rights.by_scope.items() if kind == "channel" and right.value in held}

    def channels_q(self, right: Right, *, channel: str = "", brand: str = "brand_id") -> Q:
        """Filter to rows whose channel this actor holds the right on. `channel` and `brand` are the lookup paths of the ids
        ("channel_id", "channel__brand_id"); with channel="" the rows are channels themselves.
        """
        if self.everywhere(right):
            return Q()
        return Q(**{f"{channel or 'pk'}__in": self.channel_ids(right)}) | Q(**{f"{brand}__in": self.brand_ids(right)})

    def brands_q(self, right: Right, *, brand: str = "pk") -> Q:
        """Filter to rows of brands on which the right is held, as a whole or on at least one channel of the brand."""
        if self.everywhere(right):
            return Q()
        through_channels = {
            self.rights.brand_of_channel[pk] for pk in self.channel_ids(right) if pk in self.rights.brand_of_channel
        }
        return Q(**{f"{brand}__in": self.brand_ids(right) | through_channels})


def held_everywhere(actor: Actor, rights: Iterable[Right], scope: Scoped) -> bool:
    """Whether the actor holds all of these rights on the scope: nobody grants what they don't hold."""
    return all(actor.can(right, scope) for right in rights)
