"""Valkey is away: people still sign in, the API still answers, and limits still hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse


@pytest.fixture(autouse=True)
def _away(settings: Any) -> None:
    nobody = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": nobody}
    cache.clear()


def test_the_api_answers(admin, api_for, organization, brand) -> None:
    answer = api_for(admin).get(f"/api/v1/organizations/{organization.slug}/brands/")
    assert [row["slug"] for row in answer.json()["results"]] == [brand.slug]


def test_people_sign_in_and_guessing_is_still_limited(admin) -> None:
    login, english = reverse("account_login"), {"accept-language": "en"}
    right = {"login": admin.user.email, "password": "un mot de passe long"}
    assert Client().post(login, right).status_code == 302
    pages = [Client(headers=english).post(login, {**right, "password": "pas le bon"}) for _ in range(12)]
    assert "Too many failed login attempts" not in pages[0].content.decode()
    assert "Too many failed login attempts" in pages[-1].content.decode()
