"""Settings of the organization and of its brands."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from socialops.http import TenantRequest
from socialops.permissions.rights import Right
from socialops.ui.messages import toast
from teams.selectors.brands import get_brand
from teams.selectors.seen import brands_seen
from teams.services.organizations import create_brand, edit_brand, edit_organization
from teams.web.answers import into_form
from teams.web.fields import time_zones
from teams.web.forms import BrandForm, OrganizationForm


@require_http_methods(["GET", "POST"])
def organization_settings(request: TenantRequest, organization: str) -> HttpResponse:
    """The organization's name and zone, and its brands."""
    if not request.actor.can_anywhere(Right.MANAGE_BRANDS):
        raise PermissionDenied(
            _("Settings are for those who may edit brands. Ask an administrator of your organization.")
        )
    place = request.organization
    form = OrganizationForm(request.POST or None, initial={"name": place.name, "time_zone": place.time_zone})
    if request.method == "POST" and form.is_valid():
        changed = into_form(
            form, lambda: edit_organization(organization=place, actor=request.actor, **form.cleaned_data)
        )
        if changed:
            toast(request, _("Saved."))
            return redirect("teams:settings", organization)
    context = {
        "form": form,
        "may_edit": bool(request.actor.can(Right.MANAGE_BRANDS, place)),
        "brands": [(brand, bool(request.actor.can(Right.MANAGE_BRANDS, brand))) for brand in brands_seen(request)],
        "time_zones": time_zones(),
    }
    return render(request, "teams/settings.html", context)


@require_http_methods(["GET", "POST"])
def brand_create(request: TenantRequest, organization: str) -> HttpResponse:
    request.actor.require(Right.MANAGE_BRANDS, request.organization)
    initial = {"time_zone": request.organization.time_zone, "languages": ["fr"]}
    form = BrandForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        brand = into_form(
            form, lambda: create_brand(organization=request.organization, actor=request.actor, **form.cleaned_data)
        )
        if brand:
            toast(request, _("%(name)s is ready. Connect its channels.") % {"name": brand.name})
            return redirect("teams:channels", organization)
    return render(request, "teams/brand.html", {"form": form, "brand": None, "time_zones": time_zones()})


@require_http_methods(["GET", "POST"])
def brand_settings(request: TenantRequest, organization: str, brand: str) -> HttpResponse:
    found = get_brand(request.actor, brand)
    request.actor.require(Right.MANAGE_BRANDS, found)
    form = BrandForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        fresh = get_brand(request.actor, brand)
        edited = into_form(form, lambda: edit_brand(brand=fresh, actor=request.actor, **form.cleaned_data))
        if edited:
            toast(request, _("Saved."))
            return redirect("teams:brand_settings", organization, edited.slug)
    return render(request, "teams/brand.html", {"form": form, "brand": found, "time_zones": time_zones()})
