"""What the networks cost and what is left of their quotas."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from publishing.services.allowance import set_budget
from publishing.services.forecast import Line, accounts_of, by_network
from publishing.web.forms import BudgetForm
from socialops.http import TenantRequest
from socialops.networks.data import network_data
from socialops.networks.registry import networks
from socialops.permissions.decision import RightMissing
from socialops.permissions.rights import Right
from socialops.ui.buckets import bucket_word
from socialops.ui.messages import toast
from socialops.ui.networks import NETWORK_NAMES
from teams.selectors.channels import visible_channels


class Counted:
    """Buckets as shown: `busy` with a bar each, (line, word); `idle` in one sentence, as (word, limit): nothing used, nothing planned."""

    def __init__(self, lines: Sequence[Line]) -> None:
        worded = [(line, bucket_word(line.room.bucket)) for line in lines]
        self.busy = [(line, word) for line, word in worded if line.room.used or line.planned]
        self.idle = [(word, line.room.limit) for line, word in worded if not line.room.used and not line.planned]


def _page(request: TenantRequest, *, wrong: dict[str, BudgetForm] | None = None, status: int = 200) -> HttpResponse:
    if not request.actor.can_anywhere(Right.MANAGE_CHANNEL):
        raise RightMissing(_("You need the right “%(right)s” here.") % {"right": Right.MANAGE_CHANNEL.label})
    channels = list(visible_channels(request.actor, right=Right.MANAGE_CHANNEL))
    may_set = bool(request.actor.can(Right.MANAGE_CHANNEL, request.organization))
    rows, quiet = [], []
    for account in by_network(accounts_of(channels)):
        bills = "prices" in network_data(account.network)
        if not bills and not any(one.lines for one in account.channels):
            quiet.append((account.network, NETWORK_NAMES[account.network]))
            continue
        form = (wrong or {}).get(account.network) or BudgetForm(initial={"monthly": account.budget})
        form.auto_id = f"{account.network}-%s"
        rows.append(
            {
                "account": account,
                "name": NETWORK_NAMES[account.network],
                "bills": bills,
                "form": form if may_set else None,
                "shared": Counted([line for line in account.channels[0].lines if line.room.shared]),
                "channels": [
                    (one, Counted([line for line in one.lines if not line.room.shared])) for one in account.channels
                ],
            }
        )
    return render(request, "publishing/costs.html", {"rows": rows, "quiet": quiet}, status=status)


@require_safe
def costs(request: TenantRequest, organization: str) -> HttpResponse:
    """Of the channels the actor manages."""
    return _page(request)


@require_POST
def budget(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    """`monthly` in US dollars; empty lifts the ceiling."""
    if network not in networks():
        raise Http404
    request.actor.require(Right.MANAGE_CHANNEL, request.organization)
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return _page(request, wrong={network: form}, status=422)
    monthly = form.cleaned_data["monthly"]
    set_budget(organization=request.organization, network=network, monthly=monthly, actor=request.actor)
    toast(request, _("Budget saved.") if monthly is not None else _("No ceiling any more."))
    return redirect("publishing:costs", organization=organization)
