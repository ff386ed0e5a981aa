"""The endpoints of publishing: the same selectors and services as the screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from publishing.api import serializers as bodies
from publishing.enums import DeliveryState
from publishing.errors import DeliveryConflict, sentence_for
from publishing.models import Delivery, Suspension
from publishing.selectors.deliveries import get_delivery, visible
from publishing.selectors.suspensions import get_suspension, held, list_suspensions
from publishing.services.allowance import set_budget
from publishing.services.correction import correct_published, may_correct, price_of, why_not
from publishing.services.deliveries import resolve_delivery, retry_delivery
from publishing.services.forecast import accounts_of, by_network
from publishing.services.suspensions import Decision, Review, lift, review_held, suspend
from socialops.api.problems import Conflict
from socialops.api.views import TenantAPIView
from socialops.networks.errors import NetworkError
from socialops.networks.registry import networks
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from socialops.ui.formats import show_price
from teams.selectors.brands import get_brand
from teams.selectors.channels import get_channel, visible_channels

_FILTERS = [
    OpenApiParameter("state", OpenApiTypes.STR, enum=DeliveryState.values, many=True),
    OpenApiParameter("brand", OpenApiTypes.STR),
    OpenApiParameter("channel", OpenApiTypes.INT),
    OpenApiParameter("post", OpenApiTypes.INT),
    OpenApiParameter("due_from", OpenApiTypes.DATETIME),
    OpenApiParameter("due_until", OpenApiTypes.DATETIME),
]


class PublishingView(TenantAPIView):
    """What can't be done now answers 409 with what to do instead."""

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(Conflict(str(exc)) if isinstance(exc, DeliveryConflict) else exc)

    def valid(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The request's body, validated."""
        body = serializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def page(self, rows: Any) -> Response:
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class Deliveries(PublishingView):
    serializer_class = bodies.DeliverySerializer

    @extend_schema(parameters=_FILTERS)
    def get(self, request: Request, **_: Any) -> Response:
        """Newest first."""
        asked, rows = request.query_params, visible(self.actor)
        if states := asked.getlist("state"):
            rows = rows.filter(state__in=states)
        if brand := asked.get("brand"):
            rows = rows.filter(brand__slug=brand)
        for name, column in (("channel", "channel_id"), ("post", "post_key")):
            if value := asked.get(name):
                rows = rows.filter(**{column: _number(name, value)})
        for name, lookup in (("due_from", "due_at__gte"), ("due_until", "due_at__lt")):
            if value := asked.get(name):
                rows = rows.filter(**{lookup: _moment(name, value)})
        return self.page(rows)


def _number(name: str, value: str) -> int:
    if not value.isdecimal() or len(value) > 18:
        raise serializers.ValidationError({name: "A number is expected."})
    return int(value)


def _moment(name: str, value: str) -> Any:
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise serializers.ValidationError(
            {name: "A date and time with its offset is expected, such as 2026-11-23T09:00:00+01:00."}
        )
    return moment


class DeliveryOrder(PublishingView):
    """An address that takes orders about one delivery."""

    serializer_class = bodies.DeliveryDetailSerializer

    def act(self, pk: int, act: Callable[[Delivery], None]) -> Response:
        row = get_delivery(self.actor, pk, Right.PUBLISH)
        act(row)
        return Response(self.get_serializer(row).data)


class OneDelivery(PublishingView):
    serializer_class = bodies.DeliveryDetailSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        """With its parts and every attempt."""
        return Response(self.get_serializer(get_delivery(self.actor, pk)).data)


class Retry(DeliveryOrder):
    @extend_schema(request=None, responses=bodies.DeliveryDetailSerializer)
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """Send what failed or was missed now."""
        return self.act(pk, lambda row: retry_delivery(delivery=row, actor=self.actor))


class Resolve(DeliveryOrder):
    @extend_schema(request=bodies.ResolveSerializer, responses=bodies.DeliveryDetailSerializer)
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """Say whether an unconfirmed delivery is live."""
        body = self.valid(bodies.ResolveSerializer)
        return self.act(pk, lambda row: resolve_delivery(delivery=row, actor=self.actor, **body))


class Correct(PublishingView):
    serializer_class = bodies.DeliveryDetailSerializer
    without_request_transaction = True  # the network is waited for

    @extend_schema(request=bodies.CorrectSerializer, responses=bodies.DeliveryDetailSerializer)
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """Change the text of what is live, where the network lets us; 409 with why where it can't be, or costs more than `price`."""
        body = self.valid(bodies.CorrectSerializer)
        with self.scope():
            row = get_delivery(self.actor, pk, Right.PUBLISH)
            require(may_correct(self.actor, row))
            price = price_of(row, body["text"])
            if not why_not(row) and price > body["price"]:
                words = {"price": show_price(price)}
                raise DeliveryConflict(gettext("This text costs %(price)s: correct it again if you agree.") % words)
        try:
            correct_published(delivery=row, text=body["text"], actor=self.actor)
        except NetworkError as error:
            why = {"why": sentence_for(error.kind, error.code, error.detail)}
            raise DeliveryConflict(gettext("It could not be corrected. %(why)s") % why) from error
        with self.scope():
            return Response(self.get_serializer(get_delivery(self.actor, pk)).data)


class Suspensions(PublishingView):
    serializer_class = bodies.SuspensionSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Open and lifted, newest first."""
        return self.page(list_suspensions(self.actor))

    @extend_schema(request=bodies.NewSuspensionSerializer, responses={201: bodies.SuspensionSerializer})
    def post(self, request: Request, **_: Any) -> Response:
        """Stop everything in one scope from this moment on."""
        body = self.valid(bodies.NewSuspensionSerializer)
        where: dict[str, Any] = {}
        scope: Any = self.organization
        if "brand" in body:
            scope = where["brand"] = get_brand(self.actor, body["brand"])
        elif "channel" in body:
            scope = where["channel"] = get_channel(self.actor, body["channel"])
        elif "campaign" in body:
            where["campaign_key"] = body["campaign"]
        self.actor.require(Right.SUSPEND, scope)
        row = suspend(reason=body["reason"], actor=self.actor, **where)
        return Response(self.get_serializer(row).data, status=201)


class OneSuspension(PublishingView):
    serializer_class = bodies.SuspensionSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        return Response(self.get_serializer(get_suspension(self.actor, pk)).data)


class Lift(PublishingView):
    serializer_class = bodies.SuspensionSerializer

    @extend_schema(request=None)
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """What it held stays held until reviewed."""
        row = get_suspension(self.actor, pk, Right.SUSPEND)
        lift(suspension=row, actor=self.actor)
        return Response(self.get_serializer(row).data)


class ReviewHeld(PublishingView):
    serializer_class = bodies.ReviewSerializer

    @extend_schema(responses=bodies.ReviewedSerializer)
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """Keep, reschedule or cancel what a lifted suspension held; all or nothing."""
        row: Suspension = get_suspension(self.actor, pk, Right.SUSPEND)
        reviews = [
            Review(delivery_id=one["delivery"], decision=Decision(one["decision"]), due_at=one["due_at"])
            for one in self.valid(bodies.ReviewSerializer)["reviews"]
        ]
        decided = review_held(suspension=row, reviews=reviews, actor=self.actor)
        return Response({"decided": decided, "held": held(row).count()})


class Costs(PublishingView):
    serializer_class = bodies.NetworkCostSerializer

    @extend_schema(responses=bodies.NetworkCostSerializer(many=True))
    def get(self, request: Request, **_: Any) -> Response:
        """This month's cost, the ceiling, and what is left of each quota, of the channels that the caller manages. Money in US dollars."""
        channels = list(visible_channels(self.actor, right=Right.MANAGE_CHANNEL))
        return Response(self.get_serializer(by_network(accounts_of(channels)), many=True).data)


class OneBudget(PublishingView):
    serializer_class = bodies.BudgetSerializer

    def put(self, request: Request, network: str, **_: Any) -> Response:
        """What this network may cost in a month; `monthly` null lifts the ceiling."""
        if network not in networks():
            raise Http404
        body = self.valid(bodies.BudgetSerializer)
        set_budget(organization=self.organization, network=network, monthly=body["monthly"], actor=self.actor)
        return Response(self.get_serializer(body).data)
