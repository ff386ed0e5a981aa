"""Several pages came back from a network: which of them, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from socialops.http import TenantRequest
from socialops.networks.ports import Account
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.ui.messages import toast
from socialops.ui.networks import NETWORK_NAMES
from teams.models import Brand, Channel, Organization
from teams.selectors.actors import actor_for
from teams.selectors.channels import accounts_known
from teams.services import connections
from teams.services.channels import connect_channel
from teams.web import kept as session
from teams.web.present import MissingScope, cannot, missing_scopes


@dataclass(frozen=True, slots=True)
class Offered:
    """An account that may be connected. `elsewhere` says where it already is, "" when it may be chosen; `note` what choosing it does."""

    account: Account
    elsewhere: str
    note: str
    missing: list[MissingScope]
    cannot: str


@require_http_methods(["GET", "POST"])
def choose_accounts(request: TenantRequest, organization: str, state: str) -> HttpResponse:
    """Choose among what came back; then what became of each, at the same address."""
    kept = session.peek(request, state)
    if (
        kept is None
        or kept["organization"] != request.organization.pk
        or not (kept.get("accounts") or kept.get("done"))
    ):
        toast(request, _("This choice has expired. Start the connection again."), level="error")
        return redirect("teams:channels", organization)
    actor, brand = still_allowed(request, request.organization, kept)
    about = {"brand": brand, "network": kept["network"], "network_label": NETWORK_NAMES[kept["network"]]}
    if kept.get("done"):
        failed = any(row["problem"] for row in kept["done"])
        return render(request, "teams/connect_done.html", {**about, "rows": kept["done"], "failed": failed})
    accounts = {stored["external_id"]: connections.unpacked(stored) for stored in kept["accounts"]}
    offered = _offered(kept, list(accounts.values()), brand, actor)
    free = {one.account.external_id for one in offered if not one.elsewhere}
    chosen = [key for key in dict.fromkeys(request.POST.getlist("account")) if key in free]
    if request.method == "POST" and chosen:
        done = [_result(kept, accounts[key], brand, actor) for key in chosen]
        session.keep(request, {**kept, "accounts": None, "done": done}, state=state)
        return redirect("teams:choose_accounts", organization, state)
    context = {**about, "offered": offered, "nothing_chosen": request.method == "POST", "any_free": bool(free)}
    return render(request, "teams/connect_choose.html", context)


def still_allowed(request: HttpRequest, organization: Organization, kept: dict[str, Any]) -> tuple[Actor, Brand]:
    """Rights are asked again: much may change while somebody is away. Needs tenant(organization)."""
    actor = actor_for(user=request.user, organization=organization)
    brand = Brand.objects.filter(pk=kept["brand"], is_active=True).first()
    if actor is None or brand is None:
        raise Http404
    actor.require(Right.MANAGE_CHANNEL, brand)
    return actor, brand


def connect_one(kept: dict[str, Any], account: Account, brand: Brand, actor: Actor) -> Channel:
    return connect_channel(
        brand=brand,
        network=kept["network"],
        base_url=kept["base_url"],
        account=account,
        actor=actor,
        client_id=kept["client_id"],
    )


def _offered(kept: dict[str, Any], accounts: Sequence[Account], brand: Brand, actor: Actor) -> list[Offered]:
    known = accounts_known(
        network=kept["network"], base_url=kept["base_url"], external_ids=[account.external_id for account in accounts]
    )
    offered = []
    for account in accounts:
        elsewhere, note = "", ""
        channel = known.get(account.external_id)
        if channel is not None and channel.status == Channel.Status.DISCONNECTED:
            note = _("was connected before: its history comes back with it")
        elif channel is not None and channel.brand_id == brand.pk:
            note = _("already connected: its access is renewed, its history stays")
        elif channel is not None:
            seen = actor.can(Right.VIEW, channel)
            elsewhere = channel.brand.name if seen else _("another brand of your organization")
        missing = missing_scopes(kept["network"], account.missing_scopes)
        offered.append(Offered(account, elsewhere, note, missing, cannot(kept["network"], account.missing_scopes)))
    return offered


def _result(kept: dict[str, Any], account: Account, brand: Brand, actor: Actor) -> dict[str, Any]:
    row: dict[str, Any] = {"name": account.name, "handle": account.handle, "channel": None, "problem": "", "cannot": ""}
    try:
        row["channel"] = connect_one(kept, account, brand, actor).pk
    except ValidationError as error:
        return {**row, "problem": " ".join(error.messages)}
    return {**row, "cannot": cannot(kept["network"], account.missing_scopes)}
