"""Where people land."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from socialops.http import TenantRequest
from teams.models import Member
from teams.selectors.organizations import organizations_of

_LANDINGS = {
    Member.Persona.MANAGER: "editorial:today",
    Member.Persona.DIRECTOR: "kpis:overview",
    Member.Persona.ADMIN: "teams:team",
}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The only organization's landing; a choice of several; a kind word when there is none."""
    organizations = organizations_of(request.user)
    if len(organizations) == 1:
        return redirect("teams:home", organizations[0].slug)
    return render(request, "teams/home.html", {"organizations": organizations})


def landing(request: HttpRequest, organization: str) -> HttpResponse:
    """The screen that fits the member's work."""
    tenant_request = cast("TenantRequest", request)
    return redirect(_LANDINGS[tenant_request.actor.member.persona], organization)
