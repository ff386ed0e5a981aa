"""The OpenAPI document says everything the API does."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db
SETTLED = "/api/v1/organizations/{organization}/"
PROMISED = [
    "brands",
    "channels",
    "campaigns",
    "posts",
    "posts/bulk",
    "posts/{id}/submit",
    "posts/{id}/approve",
    "posts/{id}/request-changes",
    "posts/{id}/schedule",
    "posts/{id}/cancel",
    "deliveries",
    "deliveries/{id}/retry",
    "deliveries/{id}/resolve",
    "media",
    "mentions",
    "suspensions",
    "metrics",
    "kpis",
    "dashboards",
    "members",
    "roles",
    "assignments",
    "audit",
]


def _document(tmp_path: Path) -> dict:
    call_command("spectacular", file=str(tmp_path / "schema.yml"), validate=True, fail_on_warn=True, stderr=StringIO())
    return yaml.safe_load((tmp_path / "schema.yml").read_text())


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> set[str]:
    found: set[str] = set()
    for entry in patterns:
        route = prefix + str(entry.pattern)
        found |= _routes(entry.url_patterns, route) if isinstance(entry, URLResolver) else {route}
    return found


def test_every_endpoint_is_in_it_without_a_warning(tmp_path: Path) -> None:
    paths = _document(tmp_path)["paths"]
    ours = {route for route in _routes(get_resolver().url_patterns) if route.startswith("/api/v1/organizations/")}
    assert len(paths) == len(ours)
    assert len(ours) >= 30


def test_what_the_design_promises_is_there(tmp_path: Path) -> None:
    paths = set(_document(tmp_path)["paths"])
    assert {f"{SETTLED}{name}/" for name in PROMISED} - paths == set()


def test_it_is_served_to_anybody() -> None:
    answer = Client().get("/api/v1/schema/")
    assert (answer.status_code, b"openapi" in answer.content[:40]) == (200, True)
