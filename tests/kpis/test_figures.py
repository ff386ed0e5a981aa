"""A dashboard's arithmetic, by hand."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kpis.selectors.figures import Period, by_brand, dashboard
from teams.models import Channel, Organization
from tests.factories.kpis import ChannelDayFactory, PostFiguresFactory
from tests.factories.teams import BrandFactory, ChannelFactory

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
WEEK = Period(dt.date(2026, 10, 19), dt.date(2026, 10, 25), PARIS)  # the last day has 25 hours


def _post(channel: Channel, when: str, **values: object) -> object:
    moment = dt.datetime.fromisoformat(when).replace(tzinfo=PARIS)
    return PostFiguresFactory(delivery__channel=channel, delivery__published_at=moment, **values)


def test_a_period_is_whole_days_of_the_brand_also_when_clocks_change() -> None:
    start, end = WEEK.bounds
    assert (end.astimezone(dt.UTC) - start.astimezone(dt.UTC)) == dt.timedelta(days=7, hours=1)
    assert (WEEK.previous.first, WEEK.previous.last) == (dt.date(2026, 10, 12), dt.date(2026, 10, 18))


def test_sums_rates_and_the_change(organization: Organization) -> None:
    mastodon, facebook = ChannelFactory(network="mastodon"), ChannelFactory(network="facebook")
    _post(mastodon, "2026-10-19T00:30", interactions=10, followers=100)
    _post(mastodon, "2026-10-25T23:59", interactions=20, followers=200)
    _post(facebook, "2026-10-20T12:00", interactions=30, views=600, followers=None)
    _post(mastodon, "2026-10-21T12:00", interactions=None, followers=100, readings=0)
    _post(mastodon, "2026-10-18T23:59", interactions=5, followers=100)
    _post(mastodon, "2026-10-26T00:00", interactions=999, followers=100)
    result = dashboard(channels=[mastodon, facebook], period=WEEK)
    assert (result.now.posts, result.now.measured, result.now.interactions) == (4, 3, 60)
    assert (result.now.rate.denominator, result.now.rate.interactions, result.now.rate.base, result.now.rate.posts) == (
        "followers",
        30,
        300,
        2,
    )
    assert result.now.rate.value == pytest.approx(0.1)
    assert (result.now.impressions, result.now.with_impressions) == (600, 1)
    assert result.before.interactions == 5
    assert result.by_day == [10, 30, None, None, None, None, 20]
    rows = {row.network: row for row in result.networks}
    assert (rows["facebook"].rate.denominator, rows["facebook"].rate.value) == ("views", pytest.approx(0.05))
    assert (rows["mastodon"].impressions, rows["mastodon"].rate.denominator) == (None, "followers")
    assert [post.interactions for post in result.top] == [30, 20, 10]


def test_nothing_known_is_none_never_zero(organization: Organization) -> None:
    result = dashboard(channels=[ChannelFactory()], period=WEEK)
    assert (
        result.now.posts,
        result.now.interactions,
        result.now.impressions,
        result.now.rate.value,
        result.followers,
    ) == (0, None, None, None, None)
    assert result.by_day == [None] * 7


def test_followers_are_carried_between_readings_and_only_summed_when_every_channel_is_known(
    organization: Organization,
) -> None:
    one, two = ChannelFactory(), ChannelFactory()
    ChannelDayFactory(channel=one, day=dt.date(2026, 10, 17), followers=90)
    ChannelDayFactory(channel=one, day=dt.date(2026, 10, 20), followers=100)
    ChannelDayFactory(channel=two, day=dt.date(2026, 10, 22), followers=50)
    result = dashboard(channels=[one, two], period=WEEK)
    assert result.followers_by_day == [None, None, None, 150, 150, 150, 150]
    assert (result.followers, result.followers_before) == (150, None)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_channels(organization: Organization, count: int, django_assert_num_queries) -> None:
    channels = [ChannelFactory() for _ in range(count)]
    for channel in channels:
        _post(channel, "2026-10-20T12:00", interactions=3, followers=10)
    with django_assert_num_queries(5):
        result = dashboard(channels=channels, period=WEEK)
        assert [post.delivery.label + post.channel.name + post.brand.name for post in result.top]


def test_brand_by_brand_is_the_same_as_each_brand_alone(organization: Organization, django_assert_num_queries) -> None:
    tokyo = BrandFactory(time_zone="Asia/Tokyo")
    channels = [ChannelFactory(network="facebook"), ChannelFactory(network="mastodon"), ChannelFactory(brand=tokyo)]
    for number, channel in enumerate(channels, start=1):
        _post(channel, "2026-10-20T12:00", interactions=number, impressions=100 * number, followers=10)
        _post(channel, "2026-10-25T20:00", interactions=5)  # the next day in Tokyo
        _post(channel, "2026-10-14T12:00", interactions=7)
        ChannelDayFactory(channel=channel, day=dt.date(2026, 10, 18), followers=number)
        ChannelDayFactory(channel=channel, day=dt.date(2026, 10, 21), followers=10 * number)

    def week(zone: dt.tzinfo) -> Period:
        return Period(WEEK.first, WEEK.last, zone)

    with django_assert_num_queries(3):
        together, alone = by_brand(channels=channels, period=WEEK, period_in=week)
    assert together.now.interactions is not None
    for channel in channels:
        expected = dashboard(channels=[channel], period=week(channel.brand.zone))
        found = alone[channel.brand_id]
        assert (found.now, found.before, found.networks) == (expected.now, expected.before, expected.networks)
        assert (found.followers, found.followers_before) == (expected.followers, expected.followers_before)
    assert [alone[channel.brand_id].now.interactions for channel in channels] == [6, 7, 3]
