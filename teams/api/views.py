"""The endpoints of teams. Each authorises through the actor or a selector that does, then calls the same service as the screens."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from socialops.api.problems import Conflict
from socialops.api.views import TenantAPIView
from socialops.permissions.rights import Right
from teams.api import serializers as bodies
from teams.errors import RuleRefused
from teams.models import Assignment, Channel, Invitation, Role
from teams.selectors.brands import get_brand, visible_brands
from teams.selectors.channels import expiry_of, facts_of, get_channel, visible_channels
from teams.selectors.members import get_assignment, get_member, members_of
from teams.selectors.roles import get_role
from teams.services.assignments import assign_role, change_dates, end_assignment
from teams.services.channels import disconnect_channel, set_ownership
from teams.services.invitations import Grant, invite_member
from teams.services.members import deactivate_member, edit_member, reactivate_member
from teams.services.organizations import create_brand, edit_brand
from teams.services.roles import archive_role, create_role, edit_role


class TeamsView(TenantAPIView):
    """Rules of the house answer 409."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RuleRefused):
            exc = Conflict(" ".join(exc.messages), code=exc.code)
        return super().handle_exception(exc)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        return (
            context
            if getattr(self, "swagger_fake_view", False)
            else {**context, "organization": self.organization, "actor": self.actor}
        )

    def page(self, rows: QuerySet[Any], **context: Any) -> Response:
        """One page of rows through the view's serializer."""
        paginator: Any = self.paginator
        assert isinstance(paginator, BasePagination)
        found = paginator.paginate_queryset(rows, self.request, view=self)
        about = {**self.get_serializer_context(), **{key: value(found) for key, value in context.items()}}
        serializer: Any = self.serializer_class
        return self.get_paginated_response(serializer(found, many=True, context=about).data)

    def valid(self, serializer: type[Any], **kwargs: Any) -> dict[str, Any]:
        """The request's body, validated."""
        body = serializer(data=self.request.data, context=self.get_serializer_context(), **kwargs)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def shown(self, row: Any, status: int = 200) -> Response:
        return Response(self.get_serializer(row).data, status=status)


class Brands(TeamsView):
    serializer_class = bodies.BrandSerializer

    def get(self, request: Request, **_: Any) -> Response:
        return self.page(visible_brands(self.actor))

    def post(self, request: Request, **_: Any) -> Response:
        brand = create_brand(organization=self.organization, actor=self.actor, **self.valid(bodies.BrandSerializer))
        return self.shown(brand, 201)


class OneBrand(TeamsView):
    serializer_class = bodies.BrandSerializer

    def get(self, request: Request, slug: str, **_: Any) -> Response:
        return self.shown(get_brand(self.actor, slug))

    def patch(self, request: Request, slug: str, **_: Any) -> Response:
        brand = get_brand(self.actor, slug)
        return self.shown(edit_brand(brand=brand, actor=self.actor, **self.valid(bodies.BrandSerializer, partial=True)))


class Channels(TeamsView):
    serializer_class = bodies.ChannelSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """`?brand=<slug>` narrows; `?disconnected=1` includes those no longer in use."""
        slug = request.query_params.get("brand")
        channels = visible_channels(
            self.actor,
            brand=get_brand(self.actor, slug) if slug else None,
            disconnected=request.query_params.get("disconnected") in {"1", "true"},
        )
        return self.page(channels.select_related("owner__user"), expiry=expiry_of, facts=facts_of)


class OneChannel(TeamsView):
    serializer_class = bodies.ChannelSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        return self._shown(get_channel(self.actor, pk))

    @extend_schema(request=bodies.ChannelWrite)
    def patch(self, request: Request, pk: int, **_: Any) -> Response:
        """Who answers for the account, and how it is recovered."""
        channel = get_channel(self.actor, pk)
        self.actor.require(Right.MANAGE_CHANNEL, channel)
        body = self.valid(bodies.ChannelWrite)
        owner = channel.owner
        if "owner" in body:
            owner = None if body["owner"] is None else get_member(body["owner"])
        recovery = body.get("recovery", channel.recovery)
        set_ownership(channel=channel, owner=owner, recovery=recovery, actor=self.actor)
        return self._shown(get_channel(self.actor, pk))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, **_: Any) -> Response:
        """Disconnect: history stays."""
        disconnect_channel(channel=get_channel(self.actor, pk), actor=self.actor)
        return Response(status=204)

    def _shown(self, channel: Channel) -> Response:
        about = {"expiry": expiry_of([channel]), "facts": facts_of([channel])}
        serializer = bodies.ChannelSerializer(channel, context={**self.get_serializer_context(), **about})
        return Response(serializer.data)


class Roles(TeamsView):
    serializer_class = bodies.RoleSerializer

    def get(self, request: Request, **_: Any) -> Response:
        return self.page(Role.objects.filter(is_archived=False))

    def post(self, request: Request, **_: Any) -> Response:
        return self.shown(
            create_role(organization=self.organization, actor=self.actor, **self.valid(bodies.RoleSerializer)), 201
        )


class OneRole(TeamsView):
    serializer_class = bodies.RoleSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        return self.shown(get_role(pk))

    def patch(self, request: Request, pk: int, **_: Any) -> Response:
        changes = self.valid(bodies.RoleSerializer, partial=True)
        return self.shown(edit_role(role=get_role(pk), actor=self.actor, **changes))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, **_: Any) -> Response:
        """Archive: history keeps its name."""
        archive_role(role=get_role(pk), actor=self.actor)
        return Response(status=204)


class Members(TeamsView):
    serializer_class = bodies.MemberSerializer

    def get(self, request: Request, **_: Any) -> Response:
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        return self.page(members_of())

    @extend_schema(request=bodies.InvitationWrite, responses={201: bodies.InvitationSerializer})
    def post(self, request: Request, **_: Any) -> Response:
        """Invite by e-mail."""
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        body = self.valid(bodies.InvitationWrite)
        body["grants"] = [Grant(**grant) for grant in body["grants"]]
        invitation = invite_member(organization=self.organization, actor=self.actor, **body)
        return Response(bodies.InvitationSerializer(invitation).data, status=201)


class OneMember(TeamsView):
    serializer_class = bodies.MemberSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        return self.shown(get_member(pk))

    @extend_schema(request=bodies.MemberWrite)
    def patch(self, request: Request, pk: int, **_: Any) -> Response:
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        member = get_member(pk)
        changes = self.valid(bodies.MemberWrite)
        is_active = changes.pop("is_active", member.is_active)
        if changes:
            edit_member(member=member, actor=self.actor, **changes)
        if is_active and not member.is_active:
            reactivate_member(member=member, actor=self.actor)
        elif member.is_active and not is_active:
            deactivate_member(member=member, actor=self.actor)
        return self.shown(get_member(pk))


class Invitations(TeamsView):
    serializer_class = bodies.InvitationSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Those still open."""
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        return self.page(Invitation.objects.filter(accepted_at=None, revoked_at=None))


class Assignments(TeamsView):
    serializer_class = bodies.AssignmentSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Running and coming ones; `?member=<id>` narrows, `?ended=1` includes the past."""
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        rows = Assignment.objects.select_related("brand", "channel")
        if "member" in request.query_params:
            rows = rows.filter(member=get_member(request.query_params["member"]))
        if request.query_params.get("ended") not in {"1", "true"}:
            rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
        return self.page(rows)

    @extend_schema(request=bodies.AssignmentWrite)
    def post(self, request: Request, **_: Any) -> Response:
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        body = self.valid(bodies.AssignmentWrite)
        member = get_member(body.pop("member"))
        return self.shown(assign_role(member=member, actor=self.actor, **body), 201)


class OneAssignment(TeamsView):
    serializer_class = bodies.AssignmentSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        return self.shown(get_assignment(pk))

    @extend_schema(request=bodies.DatesWrite)
    def patch(self, request: Request, pk: int, **_: Any) -> Response:
        """Move the dates."""
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        assignment = get_assignment(pk)
        dates = {
            "starts_at": assignment.starts_at,
            "ends_at": assignment.ends_at,
            **self.valid(bodies.DatesWrite, partial=True),
        }
        return self.shown(change_dates(assignment=assignment, actor=self.actor, **dates))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, **_: Any) -> Response:
        """End it now."""
        self.actor.require(Right.MANAGE_MEMBERS, self.organization)
        end_assignment(assignment=get_assignment(pk), actor=self.actor)
        return Response(status=204)


class Me(TeamsView):
    serializer_class = bodies.MeSerializer
    pagination_class = None

    def get(self, request: Request, **_: Any) -> Response:
        actor = self.actor
        return Response(
            {
                "member": actor.member.pk,
                "name": str(actor.user),
                "email": actor.user.email,
                "organization": self.organization.slug,
                "language": actor.user.language,
                "persona": actor.member.persona,
                "rights": [
                    {"scope": kind, "id": pk, "rights": sorted(held)}
                    for (kind, pk), held in sorted(actor.rights.by_scope.items())
                ],
            }
        )
