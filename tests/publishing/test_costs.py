"""The screen and the API of costs and quotas, and the warnings ahead of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from publishing.models import Budget, Usage
from publishing.selectors import usage
from publishing.selectors.usage import slot_of
from publishing.services.forecasts import warn_ahead
from publishing.web.views import costs as costs_view
from socialops.networks.ports import Charge
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import ChannelFactory

PAGE = "/o/lumiere/costs/"
API = "/api/v1/organizations/lumiere/"

RARE = {"limit": 50, "window": "rolling_24h", "per": "channel"}


@pytest.fixture
def billed(monkeypatch, network, connected):
    """A network that bills and counts: two dollars spent, one post of three used, two more planned."""
    rules = {"posts": {"limit": 3, "window": "rolling_24h", "per": "channel"}}
    monkeypatch.setattr(usage, "buckets_of", lambda _: rules)
    monkeypatch.setattr(costs_view, "network_data", lambda _: {"prices": {}})
    network.costs = [Charge("posts", 1, Decimal("0.20"))]
    Usage.objects.create(
        channel=connected,
        network="mastodon",
        bucket="posts",
        slot_at=slot_of(timezone.now()),
        units=1,
        amount=Decimal(2),
    )
    for hours in (1, 2):
        DeliveryFactory(channel=connected, due_at=timezone.now() + dt.timedelta(hours=hours))
    return connected


def test_the_page_says_what_it_costs_what_is_left_and_what_is_planned(billed, client_for, admin):
    shown = client_for(admin).get(PAGE).content.decode()
    assert "$2.00" in shown or "2.00" in shown
    assert "<span>Publications <b>1 / 3</b></span>" in shown
    assert "2 planned within 24 hours" in shown
    assert "The plan does not fit" not in shown


def test_a_plan_that_does_not_fit_is_said_on_the_page_and_once_a_day_to_people(billed, client_for, admin):
    DeliveryFactory(channel=billed, due_at=timezone.now() + dt.timedelta(hours=3))
    Budget.objects.create(network="mastodon", monthly=Decimal("2.50"))
    assert "The plan does not fit" in client_for(admin).get(PAGE).content.decode()
    warn_ahead()
    warn_ahead()
    told = Notification.objects.filter(user_id=admin.user_id).order_by("kind")
    assert [(n.kind, n.params) for n in told] == [
        ("budget.forecast", {"network": "Mastodon", "cost": "2.60", "budget": "2.50"}),
        ("quota.forecast", {"channel": billed.name, "planned": 3, "left": 2}),
    ]


def test_a_shared_quota_is_shown_once_and_planned_by_all(billed, monkeypatch, client_for, admin, brand):
    rules = {"posts": {"limit": 3, "window": "rolling_24h", "per": "app"}, "deletions": RARE}
    monkeypatch.setattr(usage, "buckets_of", lambda _: rules)
    DeliveryFactory(channel=ChannelFactory(brand=brand), due_at=timezone.now() + dt.timedelta(hours=3))
    shown = client_for(admin).get(PAGE).content.decode()
    assert shown.count("<span>Publications <b>") == 1
    assert "3 planned within 24 hours" in shown
    assert shown.count("Nothing used. Allowed: 50 deletions") == 2


def test_a_ceiling_is_set_and_lifted_in_the_browser(billed, client_for, admin):
    client = client_for(admin)
    wrong = client.post(f"{PAGE}mastodon/", {"monthly": "-1"})
    assert wrong.status_code == 422
    assert client.post(f"{PAGE}mastodon/", {"monthly": "30"}).status_code == 302
    assert Budget.objects.get().monthly == 30
    assert client.post(f"{PAGE}mastodon/", {"monthly": ""}).status_code == 302
    assert not Budget.objects.exists()
    assert client.post(f"{PAGE}nowhere/", {"monthly": "1"}).status_code == 404


def test_who_may_not_manage_channels_sees_no_costs(billed, client_for, actor_with):
    client = client_for(actor_with(Right.VIEW, Right.PUBLISH))
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}mastodon/", {"monthly": "1"}).status_code == 403


def test_the_api_says_the_same(billed, api_for, admin, actor_with):
    api = api_for(admin)
    (found,) = api.get(f"{API}costs/").json()
    assert (found["network"], found["cost"], found["planned_cost"], found["budget"]) == (
        "mastodon",
        "2.0000",
        "0.4000",
        None,
    )
    (quota,) = found["channels"][0]["quotas"]
    assert (quota["bucket"], quota["limit"], quota["used"], quota["left"], quota["planned"]) == ("posts", 3, 1, 2, 2)
    assert api.put(f"{API}budgets/mastodon/", {"monthly": "12.50"}).json() == {"monthly": "12.50"}
    assert api.put(f"{API}budgets/mastodon/", {"monthly": "x"}).status_code == 400
    assert api_for(actor_with(Right.VIEW)).put(f"{API}budgets/mastodon/", {"monthly": "1"}).status_code == 403


def test_costs_take_the_same_queries_for_many_channels(billed, client_for, admin, brand, django_assert_max_num_queries):
    ChannelFactory.create_batch(30, brand=brand)
    client = client_for(admin)
    client.get(PAGE)
    with django_assert_max_num_queries(25):
        assert client.get(PAGE).status_code == 200
