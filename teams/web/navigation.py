"""What teams brings to the rail."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialops.permissions.rights import Right
from socialops.ui.navigation import (
    ACCOUNT,
    BRANDS,
    CHANNELS,
    NEW,
    ORGANIZATIONS,
    NavItem,
    NewLink,
    RailBrand,
    RailChannel,
    RailLink,
    register,
    register_rail_provider,
)
from teams.models import Channel
from teams.selectors.seen import brands_seen, channels_seen

_ADMIN = ("admin",)


def rail_organizations(request: Any) -> list[RailLink]:
    """The way to the others: listing them would cost a look across organizations on every page."""
    return [RailLink(label=_("My organizations"), url=reverse("home"))]


def rail_brands(request: Any) -> list[RailBrand]:
    slug = request.organization.slug
    try:
        place = reverse("editorial:calendar", args=[slug])
    except NoReverseMatch:
        place = reverse("teams:channels", args=[slug])
    chosen = request.GET.get("brand", "")
    return [
        RailBrand(name=brand.name, url=f"{place}?brand={brand.slug}", colour=brand.colour, current=brand.slug == chosen)
        for brand in brands_seen(request)
    ]


def rail_channels(request: Any) -> list[RailChannel]:
    health: dict[str, str] = {Channel.Status.CONNECTED: "ok", Channel.Status.NEEDS_RECONNECTION: "down"}
    return [
        RailChannel(
            name=channel.name,
            network=channel.network,
            url=reverse("teams:channel", args=[request.organization.slug, channel.pk]),
            health="warning" if channel.missing_scopes and channel.status == "connected" else health[channel.status],
            note=_("Must be reconnected") if channel.status == Channel.Status.NEEDS_RECONNECTION else "",
        )
        for channel in channels_seen(request)
    ]


def rail_new(request: Any) -> list[NewLink]:
    slug, links = request.organization.slug, []
    if request.actor.can(Right.MANAGE_MEMBERS, request.organization):
        links.append(NewLink(label=_("Invite somebody"), url=reverse("teams:invite", args=[slug]), icon="user-plus"))
    if request.actor.can_anywhere(Right.MANAGE_CHANNEL):
        links.append(NewLink(label=_("Connect a channel"), url=reverse("teams:connect", args=[slug]), icon="plug"))
    return links


def rail_account(request: Any) -> list[RailLink]:
    return [RailLink(label=_("Your account"), url=reverse("account"))]


def register_all() -> None:
    """Called once by TeamsConfig.ready."""
    places = (
        ("team", gettext_lazy("Team"), "teams:team", "users-group", "team", 10, Right.MANAGE_MEMBERS),
        ("members", gettext_lazy("Members"), "teams:members", "users", "team", 20, Right.MANAGE_MEMBERS),
        ("channels", gettext_lazy("Channels"), "teams:channels", "plug-connected", "team", 30, Right.VIEW),
        ("roles", gettext_lazy("Roles"), "teams:roles", "id-badge-2", "team", 40, Right.MANAGE_MEMBERS),
        ("audit", gettext_lazy("Audit log"), "teams:audit", "history", "settings", 20, Right.SEE_AUDIT),
        ("settings", gettext_lazy("Settings"), "teams:settings", "settings", "settings", 10, Right.MANAGE_BRANDS),
    )
    for key, label, url_name, icon, section, order, right in places:
        register(
            NavItem(
                key=key,
                label=label,
                url_name=url_name,
                icon=icon,
                section=section,
                personas=_ADMIN,
                order=order,
                right=right.value,
            )
        )
    register_rail_provider(ORGANIZATIONS, rail_organizations)
    register_rail_provider(BRANDS, rail_brands)
    register_rail_provider(CHANNELS, rail_channels)
    register_rail_provider(NEW, rail_new)
    register_rail_provider(ACCOUNT, rail_account)
