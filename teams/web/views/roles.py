"""Roles: the trade's catalogue, and the organization's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialops.http import TenantRequest
from socialops.permissions.decision import Denied
from socialops.permissions.rights import Right
from socialops.ui.messages import toast
from teams import rules
from teams.catalogue import ORGANIZATION_ADMIN
from teams.models import Role
from teams.selectors.roles import get_role, holders_by_role, holders_of, list_roles
from teams.services.roles import archive_role, create_role, edit_role, restore_role
from teams.web.answers import into_form, or_toast
from teams.web.forms import RoleForm


@require_safe
def role_list(request: TenantRequest, organization: str) -> HttpResponse:
    """Everybody in the organization may read what the roles are."""
    roles, archived = list_roles(), list_roles(archived=True)
    holders = holders_by_role(roles)
    context = {
        "rows": [(role, holders.get(role.pk, 0)) for role in roles],
        "archived": archived,
        "rights": list(Right),
        "manages": bool(request.actor.can(Right.MANAGE_MEMBERS, request.organization)),
    }
    return render(request, "teams/roles.html", context)


@require_http_methods(["GET", "POST"])
def create(request: TenantRequest, organization: str) -> HttpResponse:
    """A role of one's own, blank or from another one (?from=)."""
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    initial: dict[str, Any] = {"rights": [Right.VIEW.value]}
    if request.GET.get("from"):
        model = get_role(request.GET["from"])
        initial = {**_initial(model), "name": _("%(name)s (copy)") % {"name": model.label}}
    form = RoleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        role = into_form(
            form, lambda: create_role(organization=request.organization, actor=request.actor, **form.cleaned_data)
        )
        if role:
            toast(request, _("The role “%(name)s” can now be given.") % {"name": role.label})
            return redirect("teams:roles", organization)
    return _form_page(request, form, role=None)


@require_http_methods(["GET", "POST"])
def detail(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    role = get_role(pk)
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    form = RoleForm(request.POST or None, initial=_initial(role))
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if into_form(form, lambda: edit_role(role=role, actor=request.actor, **changes)):
            toast(request, _("Saved. Whoever holds this role has the new rights now."))
            return redirect("teams:roles", organization)
    return _form_page(request, form, role=role)


@require_POST
def archive(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    role = get_role(pk)
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    if role.is_archived:
        or_toast(request, lambda: restore_role(role=role, actor=request.actor), _("The role is back in use."))
        return redirect("teams:roles", organization)
    undo = reverse("teams:role_archive", args=[organization, pk])
    or_toast(request, lambda: archive_role(role=role, actor=request.actor), _("The role is archived."), undo_url=undo)
    return redirect("teams:roles", organization)


def _form_page(request: TenantRequest, form: RoleForm, *, role: Role | None) -> HttpResponse:
    holders = holders_of(role) if role else 0
    may_archive = rules.may_archive(holders)
    context = {
        "form": form,
        "role": role,
        "holders": holders,
        "is_fixed": role is not None and role.catalogue_key == ORGANIZATION_ADMIN,
        "archive_reason": may_archive.reason if isinstance(may_archive, Denied) else "",
        "not_held": [right for right in Right if not request.actor.everywhere(right)],
    }
    return render(request, "teams/role.html", context)


def _initial(role: Role) -> dict[str, Any]:
    return {
        "name": role.label,
        "mission": role.mission_text,
        "rights": role.rights,
        "persona": role.persona,
        "needs_end_date": role.needs_end_date,
    }
