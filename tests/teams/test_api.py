"""The REST endpoints of teams and of the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from socialops.permissions.rights import Right
from teams.models import Assignment, Brand, Channel, Invitation, Member, Role

BASE = "/api/v1/organizations/lumiere/"


@pytest.fixture
def api(boss, api_for) -> Any:
    return api_for(boss)


def test_me_says_who_and_what(api, boss, organization) -> None:
    body = api.get(BASE + "me/").json()
    assert body["email"] == boss.user.email
    assert set(body["rights"][0]["rights"]) == set(Right.values)


def test_brands_are_made_read_and_changed(api, organization) -> None:
    made = api.post(BASE + "brands/", {"slug": "neuve", "name": "Neuve", "time_zone": "UTC", "approval": "required"})
    assert made.status_code == 201
    assert {"slug", "name", "time_zone", "approval"} <= made.json().keys()
    assert api.patch(BASE + "brands/neuve/", {"approval": "none"}).json()["approval"] == "none"
    assert api.get(BASE + "brands/").json()["results"][0]["slug"] == "neuve"
    wrong = api.post(BASE + "brands/", {"slug": "neuve", "name": "X", "time_zone": "Mars/Olympus"})
    assert wrong.status_code == 400
    assert wrong["Content-Type"] == "application/problem+json"
    assert Brand.objects.count() == 1


def test_channels_are_read_and_disconnected(api, channel, actor_with, api_for) -> None:
    assert api.get(BASE + "channels/?brand=maison").json()["results"][0]["id"] == channel.pk
    reader = api_for(actor_with(Right.VIEW))
    assert reader.delete(f"{BASE}channels/{channel.pk}/").status_code == 403
    assert api.delete(f"{BASE}channels/{channel.pk}/").status_code == 204
    assert Channel.objects.get().status == Channel.Status.DISCONNECTED
    assert api.get(BASE + "channels/").json()["results"] == []


def test_roles_are_composed_changed_and_archived(api, catalogue) -> None:
    made = api.post(BASE + "roles/", {"name": "Relecture", "rights": ["view"], "persona": "manager"})
    assert made.status_code == 201
    one = f"{BASE}roles/{made.json()['id']}/"
    assert api.patch(one, {"rights": ["view", "approve"]}).json()["rights"] == ["view", "approve"]
    assert api.patch(one, {"rights": ["fly"]}).status_code == 400
    assert api.delete(one).status_code == 204
    assert Role.objects.get(name="Relecture").is_archived
    fixed = api.delete(f"{BASE}roles/{catalogue['organization_admin'].pk}/")
    assert fixed.status_code == 409


def test_members_are_invited_given_roles_and_deactivated(api, catalogue, brand, member) -> None:
    end = (timezone.now() + dt.timedelta(days=9)).isoformat()
    grant = {"role": catalogue["freelancer"].pk, "scope": {"brand": "maison"}, "ends_at": end}
    assert api.post(BASE + "members/", {"email": "n@example.com", "grants": [grant]}).status_code == 201
    assert Invitation.objects.get().email == "n@example.com"
    given = api.post(BASE + "assignments/", {"member": member.pk, **grant})
    assert given.status_code == 201
    assert given.json()["scope"] == {"brand": "maison"}
    one = f"{BASE}assignments/{given.json()['id']}/"
    assert api.patch(one, {"ends_at": None}).status_code == 409  # a freelancer always has an end
    assert api.get(f"{BASE}assignments/?member={member.pk}").json()["results"][0]["id"] == given.json()["id"]
    assert api.delete(one).status_code == 204
    assert api.patch(f"{BASE}members/{member.pk}/", {"is_active": False, "title": "Ex"}).json()["is_active"] is False
    assert not Member.objects.get(pk=member.pk).is_active


def test_the_last_administrator_stays(api, boss, own_assignment) -> None:
    answer = api.delete(f"{BASE}assignments/{own_assignment.pk}/")
    assert answer.status_code == 409
    assert "without an administrator" in answer.json()["detail"]
    assert api.patch(f"{BASE}members/{boss.member.pk}/", {"is_active": False}).status_code == 409


def test_what_belongs_to_others_is_404_in_paths_and_bodies(foreign, api, catalogue, member) -> None:
    grant = {"member": member.pk, "role": catalogue["designer"].pk}
    for scope in ({"brand": foreign.brand.slug}, {"channel": foreign.channel.pk}, {"channel": "x"}):
        assert api.post(BASE + "assignments/", {**grant, "scope": scope}).status_code == 404
    assert api.post(BASE + "assignments/", {**grant, "member": foreign.actor.member.pk}).status_code == 404
    assert api.get(f"{BASE}members/{foreign.actor.member.pk}/").status_code == 404
    assert api.get(f"{BASE}channels/{foreign.channel.pk}/").status_code == 404
    assert not Assignment.objects.filter(member=member).exists()


@pytest.mark.parametrize("path", ["members/", "assignments/", "invitations/", "audit/"])
def test_without_the_right_it_is_403(actor_with, api_for, path: str) -> None:
    answer = api_for(actor_with(Right.VIEW, Right.MANAGE_BRANDS)).get(BASE + path)
    assert answer.status_code == 403
    assert "You need the right" in answer.json()["detail"]


def test_the_audit_log_is_read_only_and_filtered(api, organization) -> None:
    api.post(BASE + "brands/", {"slug": "neuve", "name": "Neuve"})
    found = api.get(BASE + "audit/?action=brand").json()["results"]
    assert found[0]["action"] == "brand.created"
    assert found[0]["actor_kind"] == "token"
    assert api.get(BASE + "audit/?action=role").json()["results"] == []
    assert api.post(BASE + "audit/", {}).status_code == 405
