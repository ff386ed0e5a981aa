"""The kill switch: start with a scope and a reason, see what was caught, lift, review what is held."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from publishing.errors import DeliveryConflict
from publishing.models import Suspension
from publishing.selectors.suspensions import get_suspension, held, in_flight, list_suspensions
from publishing.services.suspensions import Decision, Review, lift, review_held, suspend
from publishing.web.forms import ReviewForm, SuspendForm
from socialops.http import TenantRequest
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from socialops.ui.listing import paginate
from socialops.ui.messages import toast

REVIEW_AT_ONCE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def suspensions(request: TenantRequest, organization: str) -> HttpResponse:
    """What is suspended, what was, and the switch itself for those who may use it."""
    campaign = request.GET.get("campaign", "")
    form = SuspendForm(
        request.POST or None,
        actor=request.actor,
        organization=request.organization,
        campaign=int(campaign) if campaign.isdecimal() else None,
        initial={"scope": f"campaign:{campaign}" if campaign.isdecimal() else "organization"},
    )
    may_suspend = not form.is_empty
    if request.method == "POST":
        if not may_suspend:
            require(request.actor.can(Right.SUSPEND, request.organization))
        if form.is_valid():
            suspension = suspend(reason=form.cleaned_data["reason"], actor=request.actor, **form.place)
            toast(request, _("Publishing is suspended: nothing goes out from this moment on."), level="warning")
            return redirect("publishing:suspension", organization=request.organization.slug, pk=suspension.pk)
    page_obj = paginate(request, list_suspensions(request.actor), size=25)
    context = {"form": form, "may_suspend": may_suspend, "page_obj": page_obj}
    return render(request, "publishing/suspensions.html", context, status=422 if form.errors else 200)


def _review_page(
    request: TenantRequest, row: Suspension, forms: list[ReviewForm] | None = None, *, status: int = 200
) -> HttpResponse:
    count = held(row).count()
    may = request.actor.can(Right.SUSPEND, row)
    if forms is None:
        forms = [ReviewForm(delivery=delivery) for delivery in held(row)[:REVIEW_AT_ONCE]]
    context = {
        "suspension": row,
        "count": count,
        "forms": forms,
        "beyond": max(0, count - len(forms)),
        "in_flight": in_flight(row)[:REVIEW_AT_ONCE],
        "may_lift": bool(may) and row.lifted_at is None,
        "may_review": bool(may) and row.lifted_at is not None and count > 0,
    }
    return render(request, "publishing/suspension.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def suspension(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """One suspension; once lifted, POST decides about what it held."""
    row = get_suspension(request.actor, pk)
    if request.method != "POST":
        return _review_page(request, row)
    request.actor.require(Right.SUSPEND, row)
    forms = [ReviewForm(request.POST, delivery=delivery) for delivery in held(row)[:REVIEW_AT_ONCE]]
    wrong = [form for form in forms if not form.is_valid()]  # each is asked, so that each shows its errors
    if wrong:
        return _review_page(request, row, forms, status=422)
    reviews = [
        Review(
            delivery_id=form.delivery.pk,
            decision=Decision(form.cleaned_data["decision"]),
            due_at=form.cleaned_data.get("due_at"),
        )
        for form in forms
        if form.cleaned_data["decision"]
    ]
    try:
        done = review_held(suspension=row, reviews=reviews, actor=request.actor)
    except DeliveryConflict as refusal:
        toast(request, str(refusal), level="warning")
        return _review_page(request, row, forms, status=409)
    toast(request, ngettext("%(n)s post decided.", "%(n)s posts decided.", done) % {"n": done})
    return redirect("publishing:suspension", organization=request.organization.slug, pk=pk)


@require_POST
def lift_suspension(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Lifts and shows the review."""
    row = get_suspension(request.actor, pk, Right.SUSPEND)
    try:
        lift(suspension=row, actor=request.actor)
    except DeliveryConflict as refusal:
        toast(request, str(refusal), level="warning")
    else:
        toast(request, _("The suspension is lifted. What it held stays held until you decide."))
    return redirect("publishing:suspension", organization=request.organization.slug, pk=pk)
