"""Giving and ending roles."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from socialops.audit.models import Event
from socialops.permissions.rights import Right
from socialops.tenancy import scope as tenancy
from teams.errors import RuleRefused
from teams.models import Assignment
from teams.selectors.actors import actor_for
from teams.selectors.members import administrators, users_with_right
from teams.services.assignments import assign_role, change_dates, end_assignment
from teams.services.members import deactivate_member, reactivate_member
from teams.services.roles import edit_role
from teams.tasks import refresh_due_rights
from tests.factories.teams import BrandFactory, ChannelFactory, MemberFactory, RoleFactory

ELEVEN = dt.datetime(2026, 11, 24, 11, 0, tzinfo=dt.UTC)


def held(member: Any, organization: Any, right: Right, scope: Any, now: dt.datetime | None = None) -> bool:
    actor = actor_for(user=member.user, organization=organization, now=now)
    return bool(actor and actor.can(right, scope))


def test_a_role_on_a_channel_gives_its_rights_there_alone(boss, catalogue, organization, channel, member) -> None:
    sibling = ChannelFactory(brand=channel.brand)
    assign_role(member=member, role=catalogue["community_manager"], scope=channel, actor=boss)
    assert held(member, organization, Right.PUBLISH, channel)
    assert not held(member, organization, Right.PUBLISH, sibling)
    assert not held(member, organization, Right.APPROVE, channel)
    assert Event.objects.filter(action="member.role_assigned", target_id=str(member.pk)).count() == 1


def test_a_right_is_gone_at_its_minute_with_nobody_acting(boss, catalogue, organization, brand, member, monkeypatch):
    now = ELEVEN - dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    role = catalogue["freelancer"]
    assign_role(member=member, role=role, scope=brand, actor=boss, ends_at=ELEVEN)
    now = ELEVEN - dt.timedelta(seconds=1)
    assert held(member, organization, Right.WRITE, brand)
    now = ELEVEN
    assert not held(member, organization, Right.WRITE, brand)


def test_a_right_starts_at_its_minute(boss, catalogue, organization, brand, member, monkeypatch) -> None:
    now = ELEVEN - dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss, starts_at=ELEVEN)
    assert not held(member, organization, Right.WRITE, brand)
    now = ELEVEN
    assert held(member, organization, Right.WRITE, brand)


def test_the_sweep_rebuilds_those_who_do_not_come_by(boss, catalogue, brand, member, monkeypatch) -> None:
    now = ELEVEN - dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assign_role(member=member, role=catalogue["freelancer"], scope=brand, actor=boss, ends_at=ELEVEN)
    assert member.user in users_with_right(Right.WRITE, brand)
    now = ELEVEN
    token = tenancy._scope.set(None)  # a worker starts with no organization in scope
    try:
        assert refresh_due_rights() == 1
    finally:
        tenancy._scope.reset(token)
        tenancy._tell_database(tenancy._scope.get())
    assert member.user not in users_with_right(Right.WRITE, brand)


@pytest.mark.parametrize("key", ["agency_guest", "freelancer"])
def test_guests_need_an_end_date(boss, catalogue, brand, member, key: str) -> None:
    with pytest.raises(RuleRefused, match="end date"):
        assign_role(member=member, role=catalogue[key], scope=brand, actor=boss)
    assign_role(
        member=member, role=catalogue[key], scope=brand, actor=boss, ends_at=timezone.now() + dt.timedelta(days=1)
    )
    with pytest.raises(RuleRefused, match="end date"):
        change_dates(assignment=Assignment.objects.get(member=member), starts_at=None, ends_at=None, actor=boss)


def test_an_end_in_the_past_or_before_the_start_is_refused(boss, catalogue, brand, member) -> None:
    now = timezone.now()
    with pytest.raises(ValidationError, match="future"):
        assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss, ends_at=now)
    with pytest.raises(ValidationError, match="after the start"):
        assign_role(
            member=member,
            role=catalogue["designer"],
            scope=brand,
            actor=boss,
            starts_at=now + dt.timedelta(days=2),
            ends_at=now + dt.timedelta(days=1),
        )
    assert not Assignment.objects.filter(member=member).exists()


def test_the_same_role_twice_is_refused_unless_the_times_are_apart(boss, catalogue, brand, member) -> None:
    soon = timezone.now() + dt.timedelta(days=1)
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss, ends_at=soon)
    with pytest.raises(RuleRefused, match="already has this role"):
        assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss, starts_at=soon)


def test_nobody_grants_what_they_do_not_hold(junior_admin, boss, catalogue, brand, organization, member) -> None:
    with pytest.raises(RuleRefused, match="Schedule and publish"):
        assign_role(member=member, role=catalogue["community_manager"], scope=brand, actor=junior_admin)
    with pytest.raises(RuleRefused):
        assign_role(
            member=junior_admin.member, role=catalogue["organization_admin"], scope=organization, actor=junior_admin
        )
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=junior_admin)


def test_rights_that_have_no_effect_on_a_brand_do_not_stand_in_the_way(junior_admin, brand, member) -> None:
    role = RoleFactory(rights=["view", "see_audit"])  # see_audit can't be held on a brand
    assign_role(member=member, role=role, scope=brand, actor=junior_admin)


def test_who_may_not_manage_members_may_not_give_or_end(boss, actor_with, catalogue, brand, member) -> None:
    manager = actor_with(*(right for right in Right if right != Right.MANAGE_MEMBERS))
    with pytest.raises(PermissionDenied):
        assign_role(member=member, role=catalogue["designer"], scope=brand, actor=manager)
    given = assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    for forbidden in (
        lambda: end_assignment(assignment=given, actor=manager),
        lambda: change_dates(assignment=given, starts_at=None, ends_at=None, actor=manager),
        lambda: deactivate_member(member=member, actor=manager),
        lambda: edit_role(role=catalogue["designer"], actor=manager, name="Autre"),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


# ---------------------------------------------------------------- the last administrator


def test_the_last_administrator_can_not_be_ended_dated_or_deactivated(boss, own_assignment) -> None:
    later = timezone.now() + dt.timedelta(days=30)
    for attempt in (
        lambda: end_assignment(assignment=own_assignment, actor=boss),
        lambda: change_dates(assignment=own_assignment, starts_at=None, ends_at=later, actor=boss),
        lambda: change_dates(assignment=own_assignment, starts_at=later, ends_at=None, actor=boss),
        lambda: deactivate_member(member=boss.member, actor=boss),
    ):
        with pytest.raises(RuleRefused, match="without an administrator"):
            attempt()
    assert administrators() == {boss.member.pk}


def test_the_last_administrators_own_role_can_not_lose_a_right(organization, actor_with, catalogue) -> None:
    only = actor_with(*Right)
    role = Assignment.objects.get(member=only.member).role
    with pytest.raises(RuleRefused, match="without an administrator"):
        edit_role(role=role, actor=only, rights=[right.value for right in Right if right != Right.PUBLISH])


def test_an_administrator_whose_access_ends_does_not_count(boss, catalogue, organization, own_assignment) -> None:
    guest = MemberFactory()
    later = timezone.now() + dt.timedelta(days=30)
    role = catalogue["organization_admin"]
    assign_role(member=guest, role=role, scope=organization, actor=boss, ends_at=later)
    with pytest.raises(RuleRefused):
        end_assignment(assignment=own_assignment, actor=boss)


def test_with_a_second_administrator_the_first_may_go(boss, catalogue, organization, own_assignment) -> None:
    second = MemberFactory()
    assign_role(member=second, role=catalogue["organization_admin"], scope=organization, actor=boss)
    end_assignment(assignment=own_assignment, actor=boss)
    assert administrators() == {second.pk}


def test_ending_keeps_history_and_takes_effect_at_once(boss, catalogue, organization, brand, member) -> None:
    given = assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    Assignment.objects.filter(pk=given.pk).update(created_at=timezone.now() - dt.timedelta(days=1))
    end_assignment(assignment=given, actor=boss)
    assert not held(member, organization, Right.WRITE, brand)
    assert Assignment.objects.get(pk=given.pk).ends_at is not None


def test_deactivated_members_hold_nothing_and_come_back_with_what_runs(boss, catalogue, organization, brand, member):
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    deactivate_member(member=member, actor=boss)
    assert actor_for(user=member.user, organization=organization) is None
    assert member.user not in users_with_right(Right.WRITE, brand)
    reactivate_member(member=member, actor=boss)
    assert held(member, organization, Right.WRITE, brand)


def test_a_member_can_not_be_brought_back_with_more_than_one_could_grant(
    boss, junior_admin, catalogue, brand, member
) -> None:
    assign_role(member=member, role=catalogue["community_manager"], scope=brand, actor=boss)
    deactivate_member(member=member, actor=boss)
    with pytest.raises(RuleRefused):
        reactivate_member(member=member, actor=junior_admin)


def test_users_with_right_counts_wider_scopes_and_active_people_only(boss, catalogue, organization) -> None:
    brand, other = BrandFactory(), BrandFactory()
    channel = ChannelFactory(brand=brand)
    lead, elsewhere, gone = MemberFactory(), MemberFactory(), MemberFactory()
    for person, place in ((lead, brand), (elsewhere, other), (gone, brand)):
        assign_role(member=person, role=catalogue["legal_reviewer"], scope=place, actor=boss)
    deactivate_member(member=gone, actor=boss)
    assert set(users_with_right(Right.APPROVE, channel)) == {boss.user, lead.user}
