"""The demo is there, whole, once."""

from __future__ import annotations

import io

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from socialops.demo.cast import GROUP, PASSWORD, PEOPLE
from socialops.tenancy.scope import tenant
from teams.models import Brand, Channel, Member, Organization


@pytest.mark.django_db
def test_without_the_networks_nothing_is_made_and_it_says_what_to_do() -> None:
    nowhere = {
        name: {"client_id": "", "client_secret": "", "base_url": "http://127.0.0.1:9"}
        for name in ("mastodon", "bluesky", "facebook")
    }
    with override_settings(NETWORKS=nowhere), pytest.raises(CommandError, match="start them with"):
        call_command("load_demo")
    assert not Organization.objects.filter(slug=GROUP).exists()


@pytest.fixture
def group(demo: str) -> Organization:
    return Organization.objects.get(slug=GROUP)


def test_it_says_that_it_is_loaded_and_a_second_time_does_nothing(demo: str) -> None:
    said = io.StringIO()
    call_command("load_demo", stdout=said)
    assert "loaded" in demo
    assert "nothing to do" in said.getvalue()
    assert Organization.objects.count() == 2


def test_the_accounts_are_printed_one_a_line(demo: str) -> None:
    said = io.StringIO()
    call_command("load_demo", accounts=True, stdout=said)
    for person in PEOPLE:
        assert sum(person.email in line and PASSWORD in line for line in said.getvalue().splitlines()) == 1


def test_everybody_may_sign_in(demo: str) -> None:
    for person in PEOPLE:
        assert EmailAddress.objects.get(email=person.email).verified
        assert Client().login(email=person.email, password=PASSWORD), person.email


def test_the_group_has_three_brands_nine_channels_and_guests_with_an_end(group: Organization) -> None:
    with tenant(group):
        assert dict(Brand.objects.values_list("slug", "approval")) == {
            "maison-lumiere": "required",
            "velo-citadin": "required",
            "cafe-riviera": "none",
        }
        assert Channel.objects.filter(status="connected").count() == 9
        personas = dict(Member.objects.values_list("user__email", "persona"))
    assert personas["claire@lumiere.example"] == "manager"
    assert personas["antoine@lumiere.example"] == "director"
    assert personas["nadia@lumiere.example"] == "admin"
