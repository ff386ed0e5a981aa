"""Figures over the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.dictionary import metrics_of, networks
from kpis.enums import Metric
from kpis.period_filter import FiguresFilter
from kpis.selectors.figures import Totals, brand_channels, dashboard, posts_in
from kpis.selectors.scope import brands_of, channels_with_figures
from socialops.api.views import TenantAPIView
from socialops.permissions.rights import Right


class MetricSerializer(serializers.Serializer[Any]):
    """One named number, and what each network calls it."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF has an attribute of that name
    networks = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class RateSerializer(serializers.Serializer[Any]):
    """`value` is a fraction: 0.034 is 3.4 %."""

    value = serializers.FloatField(allow_null=True)
    denominator = serializers.CharField()
    interactions = serializers.IntegerField()
    base = serializers.IntegerField()
    posts = serializers.IntegerField()


class TotalsSerializer(serializers.Serializer[Any]):
    posts = serializers.IntegerField()
    measured = serializers.IntegerField()
    interactions = serializers.IntegerField(allow_null=True)
    impressions = serializers.IntegerField(allow_null=True)
    with_impressions = serializers.IntegerField()
    rate = RateSerializer()


class DayValueSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    interactions = serializers.IntegerField(allow_null=True)
    followers = serializers.IntegerField(allow_null=True)


class DashboardSerializer(serializers.Serializer[Any]):
    """Lifetime results of the posts published from `first` to `last` (both included) in `time_zone`. null: not given or not read."""

    first = serializers.DateField()
    last = serializers.DateField()
    time_zone = serializers.CharField()
    now = TotalsSerializer()
    before = TotalsSerializer()
    followers = serializers.IntegerField(allow_null=True)
    followers_before = serializers.IntegerField(allow_null=True)
    by_day = DayValueSerializer(many=True)


class PostFiguresSerializer(serializers.Serializer[Any]):
    delivery = serializers.IntegerField(source="delivery_id")
    channel = serializers.IntegerField(source="channel_id")
    network = serializers.CharField()
    published_at = serializers.DateTimeField()
    label = serializers.CharField(source="delivery.label")  # type: ignore[assignment]  # as above
    url = serializers.CharField(source="delivery.external_url")
    interactions = serializers.IntegerField(allow_null=True)
    likes = serializers.IntegerField(allow_null=True)
    comments = serializers.IntegerField(allow_null=True)
    shares = serializers.IntegerField(allow_null=True)
    quotes = serializers.IntegerField(allow_null=True)
    saves = serializers.IntegerField(allow_null=True)
    clicks = serializers.IntegerField(allow_null=True)
    impressions = serializers.IntegerField(allow_null=True)
    views = serializers.IntegerField(allow_null=True)
    reach = serializers.IntegerField(allow_null=True)
    votes = serializers.IntegerField(allow_null=True)
    followers = serializers.IntegerField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)


_FILTERS = [
    OpenApiParameter("brand", str, description="slug; all brands when absent"),
    OpenApiParameter("period", str, enum=["7", "28", "90", "365", "custom"]),
    OpenApiParameter("first", str, description="with period=custom: YYYY-MM-DD"),
    OpenApiParameter("last", str, description="with period=custom: YYYY-MM-DD, included"),
]


class MetricList(TenantAPIView):
    """The metric dictionary."""

    pagination_class = None

    @extend_schema(responses=MetricSerializer(many=True))
    def get(self, request: Request, organization: str) -> Response:
        entries = [
            {
                "name": m.value,
                "label": m.label,
                "networks": {n: metrics_of(n).post[m.value] for n in networks() if m.value in metrics_of(n).post},
            }
            for m in Metric
        ]
        return Response(MetricSerializer(entries, many=True).data)


class _Figures(TenantAPIView):
    def read(self) -> Any:
        """(channels, period) of the query; 400 with the reason when it can't be read, 403 without the right, 404 for a foreign brand."""
        if not self.actor.can_anywhere(Right.SEE_KPIS):
            self.actor.require(Right.SEE_KPIS, self.organization)
        channels = channels_with_figures(self.actor)
        brands = brands_of(channels)
        form = FiguresFilter(self.request.query_params, brands=brands)
        wanted = self.request.query_params.get("brand")
        if wanted and wanted not in form.brands:
            raise Http404
        if not form.is_valid():
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        brand = form.chosen_brand
        zone = brand.zone if brand else (brands[0].zone if brands else None)
        if zone is None:
            raise Http404
        return brand_channels(channels, brand), form.chosen_period(zone)


class Dashboards(_Figures):
    """Totals of a period, of the one before, and day by day."""

    @extend_schema(parameters=_FILTERS, responses=DashboardSerializer)
    def get(self, request: Request, organization: str) -> Response:
        channels, period = self.read()
        board = dashboard(channels=channels, period=period)
        body = {
            "first": period.first,
            "last": period.last,
            "time_zone": str(period.zone),
            "now": _totals(board.now),
            "before": _totals(board.before),
            "followers": board.followers,
            "followers_before": board.followers_before,
            "by_day": [
                {"day": day, "interactions": board.by_day[n], "followers": board.followers_by_day[n]}
                for n, day in enumerate(period.dates())
            ],
        }
        return Response(DashboardSerializer(body).data)


class Kpis(_Figures):
    """Each post of the period with its last reading, newest first."""

    ordering = "-published_at"
    serializer_class = PostFiguresSerializer

    @extend_schema(parameters=_FILTERS, responses=PostFiguresSerializer(many=True))
    def get(self, request: Request, organization: str) -> Response:
        channels, period = self.read()
        page = self.paginate_queryset(posts_in(channels=channels, period=period))
        return self.get_paginated_response(PostFiguresSerializer(page, many=True).data)


def _totals(totals: Totals) -> dict[str, Any]:
    rate = totals.rate
    return {
        "posts": totals.posts, "measured": totals.measured, "interactions": totals.interactions, "impressions": totals.impressions,
        "with_impressions": totals.with_impressions,
        "rate": {"value": rate.value, "denominator": rate.denominator, "interactions": rate.interactions, "base": rate.base, "posts": rate.posts},
    }  # fmt: skip
