"""Members: who is here, what each may do and where that came from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialops.http import TenantRequest
from socialops.permissions.decision import Denied
from socialops.permissions.rights import Right
from socialops.ui.listing import paginate, sort
from socialops.ui.messages import toast
from teams import rules
from teams.models import Assignment, Invitation, Member
from teams.selectors.access import access_of
from teams.selectors.members import (
    administrators,
    assignments_of,
    get_assignment,
    get_member,
    members_of,
    roles_at_a_glance,
)
from teams.selectors.roles import list_roles
from teams.selectors.seen import brands_seen, channels_seen
from teams.services.assignments import assign_role, change_dates, end_assignment, scope_of
from teams.services.invitations import Grant, invite_member, resend_invitation, revoke_invitation
from teams.services.members import deactivate_member, edit_member, reactivate_member
from teams.web.answers import into_form, or_toast
from teams.web.fields import zone_of
from teams.web.forms import AssignForm, DatesForm, InviteForm, MemberForm
from teams.web.views.channels import attention_needed

_SOON_DAYS = 30
_SHOWN = 12


@require_safe
def team(request: TenantRequest, organization: str) -> HttpResponse:
    """The admin's first screen: who is here, who was invited, what ends soon, which channels need somebody."""
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    now = timezone.now()
    members = list(members_of().filter(is_active=True).order_by("user__name", "pk")[:_SHOWN])
    roles = roles_at_a_glance(members, now=now)
    ending = (
        Assignment.objects.filter(ends_at__gt=now, ends_at__lte=now + timedelta(days=_SOON_DAYS))
        .filter(member__is_active=True)
        .select_related("member__user", "role", "brand", "channel")
        .order_by("ends_at")
    )
    return render(
        request,
        "teams/team.html",
        {
            "people": [(member, roles[member.pk]) for member in members],
            "member_count": len(members) if len(members) < _SHOWN else members_of().filter(is_active=True).count(),
            "invitations": _open_invitations()[:8],
            "ending": ending[:8],
            "attention": attention_needed(channels_seen(request), actor=request.actor),
            "now": now,
        },
    )


@require_safe
def member_list(request: TenantRequest, organization: str) -> HttpResponse:
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    asked = request.GET
    members = members_of()
    if asked.get("q"):
        members = members.filter(Q(user__name__icontains=asked["q"]) | Q(user__email__icontains=asked["q"]))
    if asked.get("role", "").isdigit():
        members = members.filter(pk__in=_running().filter(role_id=int(asked["role"])).values("member_id"))
    if asked.get("brand"):
        of_brand = Q(brand__slug=asked["brand"]) | Q(channel__brand__slug=asked["brand"]) | Q(brand=None, channel=None)
        members = members.filter(pk__in=_running().filter(of_brand).values("member_id"))
    state = asked.get("state", "active")
    if state in {"active", "inactive"}:
        members = members.filter(is_active=state == "active")
    columns = {"name": "user__name", "email": "user__email", "joined": "joined_at", "seen": "user__last_login"}
    page = paginate(request, sort(request, members, columns, default="name"), size=50)
    roles = roles_at_a_glance(list(page))
    return render(
        request,
        "teams/members.html",
        {
            "page_obj": page,
            "rows": [(member, roles[member.pk]) for member in page],
            "filter_roles": list_roles(),
            "filter_brands": brands_seen(request),
            "asked": asked,
            "state": state,
            "invitations": _open_invitations(),
            "now": timezone.now(),
        },
    )


@require_http_methods(["GET", "POST"])
def detail(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """One's own page is open to everybody; the others' to those who manage members."""
    member = get_member(pk)
    manages = bool(request.actor.can(Right.MANAGE_MEMBERS, request.organization))
    if not manages and member.user_id != request.actor.user_id:
        raise PermissionDenied(_("Only those who manage members can see what others may do."))
    form = MemberForm(request.POST or None, instance=member)
    if request.method == "POST" and form.is_valid():
        fresh = get_member(pk)
        if into_form(form, lambda: edit_member(member=fresh, actor=request.actor, **form.cleaned_data)):
            return redirect("teams:member", organization, pk)
    return _member_page(request, member, form=form)


@require_POST
def assign(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    member = get_member(pk)
    form = AssignForm(request.POST, request=request)
    given: Assignment | None = None
    if form.is_valid():
        given = into_form(form, lambda: assign_role(member=member, actor=request.actor, **form.cleaned_data))
    if given is not None:
        return redirect("teams:member", organization, pk)
    return _member_page(request, member, assign_form=form)


@require_http_methods(["GET", "POST"])
def dates(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Move an assignment's dates."""
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    assignment = get_assignment(pk)
    place = scope_of(assignment, request.organization)
    zone = zone_of(place)
    initial = {
        name: moment and moment.astimezone(zone).replace(tzinfo=None)
        for name, moment in (("starts_at", assignment.starts_at), ("ends_at", assignment.ends_at))
    }
    form = DatesForm(request.POST or None, place=place, initial=initial)
    if request.method == "POST" and form.is_valid():
        moved = into_form(form, lambda: change_dates(assignment=assignment, actor=request.actor, **form.cleaned_data))
        if moved:
            return redirect("teams:member", organization, assignment.member_id)
    context = {"form": form, "assignment": assignment, "place": place, "zone": zone.key}
    return render(request, "teams/dates.html", context)


@require_POST
def end(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    assignment = get_assignment(pk)
    done = _("%(role)s ended for %(name)s.") % {"role": assignment.role.label, "name": assignment.member}
    or_toast(request, lambda: end_assignment(assignment=assignment, actor=request.actor), done)
    return redirect("teams:member", organization, assignment.member_id)


@require_POST
def activate(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Deactivate or reactivate, as `active` says."""
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    member = get_member(pk)
    if request.POST.get("active") == "1":
        done = _("%(name)s is a member again.") % {"name": member}
        or_toast(request, lambda: reactivate_member(member=member, actor=request.actor), done)
    else:
        done = _("%(name)s can no longer open this organization. What they wrote stays.") % {"name": member}
        or_toast(request, lambda: deactivate_member(member=member, actor=request.actor), done)
    return redirect("teams:member", organization, pk)


@require_http_methods(["GET", "POST"])
def invite(request: TenantRequest, organization: str) -> HttpResponse:
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    form = InviteForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        grant = Grant(role=data["role"], scope=data["scope"], starts_at=data["starts_at"], ends_at=data["ends_at"])
        done = _("Invitation sent to %(email)s. It works for 7 days.") % {"email": data["email"]}

        def send() -> Invitation:
            return invite_member(
                organization=request.organization,
                email=data["email"],
                name=data["name"],
                language=data["language"],
                grants=[grant],
                actor=request.actor,
            )

        if into_form(form, send):
            toast(request, done)
            return redirect("teams:members", organization)
    return render(request, "teams/invite.html", {"form": form})


@require_POST
def invitation(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Resend or revoke, as `do` says."""
    request.actor.require(Right.MANAGE_MEMBERS, request.organization)
    found = Invitation.objects.select_related("organization").filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.POST.get("do") == "revoke":
        done = _("The invitation of %(email)s is revoked: its link no longer works.") % {"email": found.email}
        or_toast(request, lambda: revoke_invitation(invitation=found, actor=request.actor), done)
    else:
        done = _("A new link was sent to %(email)s; the earlier one no longer works.") % {"email": found.email}
        or_toast(request, lambda: resend_invitation(invitation=found, actor=request.actor), done)
    return redirect("teams:members", organization)


def _member_page(
    request: TenantRequest, member: Member, *, form: Any = None, assign_form: AssignForm | None = None
) -> HttpResponse:
    manages = bool(request.actor.can(Right.MANAGE_MEMBERS, request.organization))
    assignments = assignments_of(member, ended=True)
    now = timezone.now()
    admins = administrators()
    last_admin = rules.keeps_an_administrator(admins, admins - {member.pk})
    if manages and assign_form is None:
        assign_form = AssignForm(None, request=request)
    return render(
        request,
        "teams/member.html",
        {
            "member": member,
            "form": form or MemberForm(instance=member),
            "assign_form": assign_form,
            "manages": manages,
            "current": [row for row in assignments if row.ends_at is None or row.ends_at > now],
            "past": [row for row in assignments if row.ends_at is not None and row.ends_at <= now],
            "access": access_of(member, request.organization),
            "last_admin": last_admin.reason if isinstance(last_admin, Denied) else "",
            "now": now,
        },
        status=400 if assign_form is not None and assign_form.errors else 200,
    )


def _open_invitations() -> Any:
    return (
        Invitation.objects.filter(accepted_at=None, revoked_at=None)
        .select_related("invited_by")
        .order_by("-created_at")
    )


def _running() -> Any:
    return Assignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
