"""The rail shows a persona its places first, only what its rights allow, and where it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import path

from socialops.permissions.actor import Actor, Rights
from socialops.ui import navigation
from socialops.ui.counting import count_together
from socialops.ui.navigation import CHANNELS, NavItem, Rail, RailChannel, register, register_rail_provider

urlpatterns = [
    path("o/<slug:organization>/posts/", lambda request, organization: None, name="nav_posts"),
    path("o/<slug:organization>/posts/late/", lambda request, organization: None, name="nav_late"),
    path("o/<slug:organization>/team/", lambda request, organization: None, name="nav_team"),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _empty_rail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_places", {})
    monkeypatch.setattr(navigation, "_counts", {})
    monkeypatch.setattr(CHANNELS, "providers", [])


def _request(*rights: str, persona: str = "manager", at: str = "/o/rivage/posts/late/7/") -> Any:
    actor = Actor(
        kind="member",
        name="Camille",
        organization_id=1,
        member=SimpleNamespace(persona=persona),
        rights=Rights({("brand", 2): frozenset(rights)}),
    )
    return SimpleNamespace(actor=actor, organization=SimpleNamespace(slug="rivage", name="Rivage"), path=at)


def four_rows() -> Any:
    return Permission.objects.order_by().values("pk")[:4]


def _register_three() -> list[str]:
    asked: list[str] = []
    register(
        NavItem(
            key="team",
            label="Team",
            url_name="nav_team",
            icon="users",
            section="team",
            personas=("admin",),
            order=1,
            right="manage_members",
        )
    )
    register(
        NavItem(
            key="late",
            label="Late",
            url_name="nav_late",
            icon="clock",
            section="plan",
            personas=("manager",),
            order=2,
            count=lambda request: asked.append("late") or four_rows(),
        )
    )
    register(
        NavItem(
            key="posts",
            label="Posts",
            url_name="nav_posts",
            icon="notes",
            section="plan",
            personas=("manager",),
            order=1,
        )
    )
    return asked


def test_places_follow_persona_rights_and_address() -> None:
    asked = _register_three()
    rail = Rail(_request("view", "manage_members"))
    assert [(place.key, place.url, place.current, place.count) for place in rail.places] == [
        ("posts", "/o/rivage/posts/", False, None),
        ("late", "/o/rivage/posts/late/", True, 4),
    ]
    assert [place.key for place in rail.more] == ["team"]
    assert asked == ["late"], "a count is asked for once a page"


def test_all_numbers_are_one_question(django_assert_num_queries: Any) -> None:
    rows = {"four": four_rows(), "none": Permission.objects.none(), "empty": Permission.objects.filter(pk=0)}
    with django_assert_num_queries(1):
        assert count_together(rows) == {"four": 4, "none": 0, "empty": 0}
    with django_assert_num_queries(0):
        assert count_together({"none": Permission.objects.none()}) == {"none": 0}


def test_a_place_without_the_right_is_not_shown() -> None:
    _register_three()
    rail = Rail(_request("view", persona="admin"))
    assert [place.key for place in (*rail.places, *rail.more)] == ["posts", "late"]


def test_providers_fill_the_rail() -> None:
    register_rail_provider(CHANNELS, lambda request: [RailChannel("@rivage", "mastodon", "/c/1/", "down")])
    assert [channel.health for channel in Rail(_request("view")).channels] == ["down"]


@pytest.mark.parametrize("change", [{"section": "elsewhere"}, {"right": "rule"}])
def test_nonsense_is_refused(change: dict[str, str]) -> None:
    wanted = {
        "key": "a",
        "label": "A",
        "url_name": "nav_posts",
        "icon": "notes",
        "section": "plan",
        "personas": (),
        "order": 1,
    }
    with pytest.raises(ValueError, match=next(iter(change.values()))):
        register(NavItem(**(wanted | change)))


def test_two_places_with_one_key_are_refused() -> None:
    _register_three()
    with pytest.raises(ValueError, match="Two places"):
        register(
            NavItem(key="posts", label="P", url_name="nav_team", icon="notes", section="plan", personas=(), order=1)
        )
