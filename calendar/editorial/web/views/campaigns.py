"""Campaigns: a list, one with its posts, and its form."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from editorial.selectors.calendar import cards_of
from editorial.selectors.campaigns import get_campaign, visible_campaigns, with_counts
from editorial.selectors.posts import PostFilter, filtered
from editorial.services.campaigns import CampaignFields, create_campaign, update_campaign
from editorial.web.forms import CampaignForm
from socialops.http import TenantRequest
from socialops.permissions.rights import Right
from socialops.ui.listing import paginate
from socialops.ui.messages import toast
from teams.models import Brand
from teams.selectors.brands import get_brand


@require_safe
def campaigns(request: TenantRequest, organization: str) -> HttpResponse:
    page_obj = paginate(request, with_counts(visible_campaigns(request.actor)), size=50)
    can_create = request.actor.can_anywhere(Right.MANAGE_CAMPAIGNS)
    return render(request, "editorial/campaigns.html", {"page_obj": page_obj, "can_create": can_create})


@require_safe
def campaign(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    found = get_campaign(request.actor, pk)
    posts = filtered(request.actor, PostFilter(campaign=found.pk)).select_related("brand", "author", "campaign")
    page_obj = paginate(request, posts.order_by("scheduled_at", "pk"), size=50)
    context = {
        "campaign": found,
        "page_obj": page_obj,
        "cards": cards_of(page_obj, colour="campaign"),
        "may_edit": request.actor.can(Right.MANAGE_CAMPAIGNS, found),
    }
    return render(request, "editorial/campaign.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: TenantRequest, organization: str) -> HttpResponse:
    actor = request.actor
    asked = request.POST.get("brand") or request.GET.get("brand")
    brands = list(Brand.objects.filter(actor.brands_q(Right.MANAGE_CAMPAIGNS), is_active=True))
    brand = get_brand(actor, asked) if asked else next(iter(brands), None)
    actor.require(Right.MANAGE_CAMPAIGNS, brand or request.organization)
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and brand is not None and form.is_valid():
        try:
            made = create_campaign(brand=brand, fields=_fields(form), actor=actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            toast(request, _("Campaign created."))
            return redirect("editorial:campaign", organization, made.pk)
    context = {"form": form, "brand": brand, "brands": brands}
    return render(request, "editorial/campaign_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    found = get_campaign(request.actor, pk)
    request.actor.require(Right.MANAGE_CAMPAIGNS, found)
    form = CampaignForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            update_campaign(campaign=get_campaign(request.actor, pk), fields=_fields(form), actor=request.actor)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            toast(request, _("Saved."))
            return redirect("editorial:campaign", organization, found.pk)
    context = {"form": form, "brand": found.brand, "campaign": found}
    return render(request, "editorial/campaign_form.html", context, status=400 if form.errors else 200)


def _fields(form: CampaignForm) -> CampaignFields:
    data = form.cleaned_data
    return {
        "name": data["name"],
        "objective": data["objective"],
        "starts_on": data["starts_on"],
        "ends_on": data["ends_on"],
        "colour": data["colour"].lower(),
        "state": data["state"],
    }
