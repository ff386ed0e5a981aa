"""The places of editorial in the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.models import Post
from editorial.web.views.reviews import waiting_for
from socialops.permissions.rights import Right
from socialops.ui.navigation import NEW, NavItem, NewLink, register, register_rail_provider

COUNTED_UP_TO = 100


def waiting_rows(request: Any) -> QuerySet[Post, Any] | None:
    """Posts that wait for this person, counted up to a hundred. None for who approves nothing."""
    if not request.actor.can_anywhere(Right.APPROVE):
        return None
    return waiting_for(request).order_by().values("pk")[:COUNTED_UP_TO]


def new_links(request: Any) -> Sequence[NewLink]:
    actor, organization = request.actor, request.organization
    if not actor.can_anywhere(Right.WRITE):
        return []
    links = [NewLink(_("New post"), reverse("editorial:post-new", args=[organization.slug]))]
    if actor.can_anywhere(Right.MANAGE_CAMPAIGNS):
        links.append(NewLink(_("New campaign"), reverse("editorial:campaign-new", args=[organization.slug]), "flag"))
    return links


def register_places() -> None:
    """Called once, when the app is ready."""
    manager, director = "manager", "director"
    register(
        NavItem(
            key="today",
            label=pgettext_lazy("navigation", "Today"),
            url_name="editorial:today",
            icon="home",
            section="today",
            personas=(manager,),
            order=10,
        )
    )
    register(
        NavItem(
            key="calendar",
            label=_("Calendar"),
            url_name="editorial:calendar",
            icon="calendar",
            section="plan",
            personas=(manager,),
            order=10,
        )
    )
    register(
        NavItem(
            key="approvals",
            label=_("Approvals"),
            url_name="editorial:approvals",
            icon="checks",
            section="plan",
            personas=(manager, director),
            order=20,
            right="approve",
            count=waiting_rows,
        )
    )
    register(
        NavItem(
            key="campaigns",
            label=_("Campaigns"),
            url_name="editorial:campaigns",
            icon="flag",
            section="plan",
            personas=(manager,),
            order=30,
        )
    )
    register_rail_provider(NEW, new_links)
    NEW.providers.insert(0, NEW.providers.pop())  # writing is the main action, whichever app registered first
