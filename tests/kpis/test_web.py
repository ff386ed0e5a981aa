"""The screens and the API of figures: who sees which, in which shape."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from kpis.models import ChannelPull, PostFigures
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel
from tests.factories.kpis import ChannelDayFactory, PostFiguresFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
BASE = "/o/lumiere"
API = "/api/v1/organizations/lumiere"


def _post(channel: Channel, days_ago: int = 1, **values: object) -> PostFigures:
    return PostFiguresFactory(
        delivery__channel=channel, delivery__published_at=timezone.now() - dt.timedelta(days=days_ago), **values
    )


@pytest.fixture
def _figures(channel: Channel) -> None:
    ChannelDayFactory(channel=channel, followers=1000)
    _post(channel, interactions=30, likes=25, comments=5, followers=1000, delivery__label='=HYPERLINK("x")')
    _post(channel, days_ago=30, interactions=10, followers=1000)


@pytest.mark.parametrize("screen", ["overview", "figures"])
@pytest.mark.usefixtures("_figures")
def test_a_screen_shows_the_numbers_with_their_denominator(screen: str, admin: Actor, client_for) -> None:
    page = client_for(admin).get(f"{BASE}/{screen}/").content.decode()
    assert "interactions ÷ followers at publication" in page
    assert "3%" in page
    assert "+200%" in page
    assert "Mastodon and Bluesky count neither" in page


@pytest.mark.parametrize("screen", ["overview", "figures"])
def test_an_empty_organization_is_told_what_to_do(screen: str, admin: Actor, client_for) -> None:
    assert "No figures yet" in client_for(admin).get(f"{BASE}/{screen}/").content.decode()


@pytest.mark.usefixtures("_figures")
def test_only_the_channels_one_may_see_are_summed(actor_with, client_for, channel: Channel) -> None:
    other = ChannelFactory(name="Compte secret")
    _post(other, interactions=7000, followers=10)
    page = client_for(actor_with(Right.SEE_KPIS, scope=channel)).get(f"{BASE}/figures/").content.decode()
    assert "Compte secret" not in page
    assert "7,000" not in page


def test_without_the_right_the_reason_is_said(actor_with, client_for) -> None:
    client = client_for(actor_with(Right.VIEW))
    assert client.get(f"{BASE}/figures/").status_code == 403
    assert client.post(f"{BASE}/figures/refresh/").status_code == 403


@pytest.mark.usefixtures("_figures")
def test_export_needs_its_right_and_runs_nothing_in_a_spreadsheet(actor_with, client_for, admin: Actor) -> None:
    assert client_for(actor_with(Right.SEE_KPIS)).get(f"{BASE}/figures/export/").status_code == 403
    answer = client_for(admin).get(f"{BASE}/figures/export/")
    assert answer["Content-Type"].startswith("text/csv")
    [header, line] = answer.content.decode("utf-8-sig").strip().split("\r\n")
    assert "Engagement" not in header
    assert "'=HYPERLINK" in line
    assert ",,," in line  # missing is empty, never 0


def test_a_wrong_period_says_so_and_still_shows_figures(admin: Actor, client_for, channel: Channel) -> None:
    page = client_for(admin).get(f"{BASE}/figures/?period=custom&first=2026-05-02&last=2026-05-01").content.decode()
    assert "The end comes before the start" in page


def test_refresh_makes_everything_recent_due(
    admin: Actor, client_for, channel: Channel, django_capture_on_commit_callbacks
) -> None:
    figures = _post(channel, next_read_at=None)
    client_for(admin).post(f"{BASE}/figures/refresh/")
    figures.refresh_from_db()
    assert figures.next_read_at is not None
    assert ChannelPull.objects.get().next_at <= timezone.now()


@pytest.mark.usefixtures("_figures")
def test_dashboards_over_the_api(admin: Actor, api_for, brand) -> None:
    body = api_for(admin).get(f"{API}/dashboards/?brand={brand.slug}&period=7").json()
    assert (body["now"]["interactions"], body["now"]["impressions"], body["time_zone"]) == (30, None, "Europe/Paris")
    assert body["now"]["rate"] == {
        "value": 0.03,
        "denominator": "followers",
        "interactions": 30,
        "base": 1000,
        "posts": 1,
    }
    assert len(body["by_day"]) == 7


@pytest.mark.usefixtures("_figures")
def test_kpis_over_the_api_list_posts(admin: Actor, api_for) -> None:
    [row] = api_for(admin).get(f"{API}/kpis/").json()["results"]
    assert (row["likes"], row["impressions"]) == (25, None)


def test_the_dictionary_over_the_api(admin: Actor, api_for) -> None:
    rows = {row["name"]: row for row in api_for(admin).get(f"{API}/metrics/").json()}
    assert rows["likes"]["networks"]["bluesky"] == ["likeCount"]
    assert "bluesky" not in rows["impressions"]["networks"]


def test_a_foreign_brand_is_absent_and_a_bad_period_is_a_problem(
    foreign, admin: Actor, api_for, channel: Channel
) -> None:
    client = api_for(admin)
    assert client.get(f"{API}/dashboards/?brand={foreign.brand.slug}").status_code == 404
    answer = client.get(f"{API}/dashboards/?period=custom")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("count", [1, 3])
def test_the_dashboard_page_costs_the_same_for_many_channels(
    count: int, admin: Actor, client_for, brand, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        _post(ChannelFactory(brand=brand), interactions=3, followers=10)
    client = client_for(admin)
    client.get(f"{BASE}/figures/")
    with django_assert_max_num_queries(24):
        client.get(f"{BASE}/figures/")
