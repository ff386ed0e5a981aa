"""Every URL × {nobody, a stranger, a member without rights}: sign in first; 404 for strangers; never a server error."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Organization

pytestmark = pytest.mark.django_db
FILLERS = {
    "organization": "lumiere",
    "network": "mastodon",
    "slug": "nobody",
    "brand": "nobody",
    "token": "nothing",
    "key": "nothing",
    "year": "2026",
    "month": "11",
    "day": "23",
}
CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        else:
            yield route


def _fill(route: str) -> str:
    return "/" + CONVERTER.sub(lambda m: FILLERS.get(m[2], "999999"), route)


ROUTES = sorted(set(_walk(get_resolver().url_patterns)))
SCREENS = [route for route in ROUTES if route.startswith("o/<slug:organization>/")]
ENDPOINTS = [route for route in ROUTES if route.startswith("api/v1/organizations/")]


def test_the_sweep_sees_the_whole_map() -> None:
    assert len(SCREENS) >= 20
    assert len(ENDPOINTS) >= 20


@pytest.mark.parametrize("route", SCREENS)
def test_nobody_is_asked_to_sign_in(route: str, bare_organization: Organization) -> None:
    response = Client().get(_fill(route))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("route", ENDPOINTS)
def test_the_api_wants_a_token(route: str, bare_organization: Organization) -> None:
    for method in ("get", "post", "patch", "delete"):
        response = getattr(Client(), method)(_fill(route), content_type="application/json")
        assert response.status_code in {401, 405}
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("route", SCREENS)
def test_a_stranger_finds_nothing(route: str, foreign, bare_organization: Organization, client_for) -> None:
    client = client_for(foreign.actor)
    for method in (client.get, client.post):
        assert method(_fill(route)).status_code == 404


@pytest.mark.parametrize("route", ENDPOINTS)
def test_a_strangers_session_finds_nothing_in_the_api(
    route: str, foreign, bare_organization: Organization, client_for
) -> None:
    assert client_for(foreign.actor).get(_fill(route)).status_code in {404, 405}


@pytest.mark.parametrize("route", SCREENS + ENDPOINTS)
def test_a_member_without_rights_is_refused_but_never_meets_an_error(route: str, actor_with, client_for) -> None:
    powerless: Actor = actor_with()
    client = client_for(powerless)
    for method in (client.get, client.post):
        assert method(_fill(route)).status_code < 500


@pytest.mark.parametrize("route", SCREENS + ENDPOINTS)
def test_somebody_with_every_right_meets_no_error_on_what_does_not_exist(route: str, actor_with, client_for) -> None:
    client = client_for(actor_with(*Right))
    assert client.get(_fill(route)).status_code < 500
