"""Every screen of teams: who sees it, who is refused, and that it costs the same for one row and for three."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from socialops.audit.models import Event
from socialops.permissions.rights import Right
from teams.models import Assignment, Brand, Channel, Invitation, Member, Organization, Role
from teams.services.assignments import assign_role
from teams.services.channels import mark_broken
from teams.services.invitations import Grant, invite_member
from tests.counting import questions
from tests.factories.teams import BrandFactory, ChannelFactory, CredentialFactory, MemberFactory

SCREENS = [
    "team",
    "members",
    "invite",
    "roles",
    "role_create",
    "channels",
    "connect",
    "settings",
    "brand_create",
    "audit",
    "audit_export",
]


def url(organization: Organization, name: str, *args: Any) -> str:
    return reverse(f"teams:{name}", args=[organization.slug, *args])


@pytest.fixture
def page(boss, client_for) -> Client:
    return client_for(boss)


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_admin_sees_every_screen_in_both_languages(page, organization, channel, name, language) -> None:
    page.cookies["django_language"] = language
    response = page.get(url(organization, name))
    assert response.status_code == 200


@pytest.mark.parametrize("name", ["team", "members", "invite", "role_create", "connect", "settings", "brand_create"])
def test_without_the_right_it_is_403_with_a_reason(actor_with, client_for, organization, channel, name) -> None:
    response = client_for(actor_with(Right.VIEW)).get(url(organization, name))
    assert response.status_code == 403
    assert "Ask an administrator" in response.content.decode()


@pytest.mark.parametrize("name", ["audit", "audit_export"])
def test_the_audit_log_is_for_those_who_may_read_it(actor_with, client_for, organization, name) -> None:
    everything_else = [right for right in Right if right != Right.SEE_AUDIT]
    assert client_for(actor_with(*everything_else)).get(url(organization, name)).status_code == 403


def test_another_organizations_rows_are_404(foreign, page, organization, catalogue) -> None:
    member = foreign.actor.member.pk
    for name, pk in (
        ("member", member),
        ("channel", foreign.channel.pk),
        ("role", 999_999),
        ("brand_settings", foreign.brand.slug),
        ("assignment_dates", 999_999),
    ):
        assert page.get(url(organization, name, pk)).status_code == 404
    for name, pk in (
        ("assign", member),
        ("member_active", member),
        ("disconnect", foreign.channel.pk),
        ("reconnect", foreign.channel.pk),
    ):
        assert page.post(url(organization, name, pk)).status_code == 404


def test_a_channel_one_may_not_see_is_404(actor_with, client_for, organization, channel) -> None:
    other = ChannelFactory(brand=BrandFactory())
    client = client_for(actor_with(Right.VIEW, scope=channel))
    assert client.get(url(organization, "channel", channel.pk)).status_code == 200
    assert client.get(url(organization, "channel", other.pk)).status_code == 404


def test_members_see_their_own_page_but_not_the_others(actor_with, client_for, boss, organization) -> None:
    actor = actor_with(Right.VIEW)
    client = client_for(actor)
    assert client.get(url(organization, "member", actor.member.pk)).status_code == 200
    assert client.get(url(organization, "member", boss.member.pk)).status_code == 403


def test_a_members_page_says_each_right_and_where_it_came_from(page, boss, catalogue, channel, member, organization):
    assign_role(
        member=member,
        role=catalogue["freelancer"],
        scope=channel.brand,
        actor=boss,
        ends_at=timezone.now() + dt.timedelta(days=3),
    )
    assign_role(member=member, role=catalogue["community_manager"], scope=channel, actor=boss)
    text = page.get(url(organization, "member", member.pk)).content.decode()
    for words in ("Write and edit drafts", "Reply publicly", "Freelancer", "Community manager", "until"):
        assert words in text
    text = page.get(url(organization, "channel", channel.pk)).content.decode()
    for words in ("Bruno Nouveau", "Freelancer", "Community manager", "Alice Admin", "Organization admin"):
        assert words in text


def _fill(boss: Any, catalogue: dict[str, Role], brand: Brand, times: int) -> None:
    for _ in range(times):
        member = MemberFactory()
        end = timezone.now() + dt.timedelta(days=5)
        assign_role(member=member, role=catalogue["freelancer"], scope=brand, actor=boss, ends_at=end)
        channel = ChannelFactory(brand=brand)
        CredentialFactory(channel=channel, expires_at=end)
        mark_broken(channel=channel, code="token_revoked")
        grants = [Grant(role=catalogue["designer"], scope=brand)]
        invite_member(
            organization=brand.organization, email=f"invitee{member.pk}@example.com", grants=grants, actor=boss
        )


@pytest.mark.parametrize("name", ["team", "members", "channels", "roles", "audit"])
def test_screens_cost_the_same_for_one_row_and_three(page, boss, catalogue, brand, organization, name) -> None:
    _fill(boss, catalogue, brand, 1)
    page.get(url(organization, name))
    one = _queries_of(page, url(organization, name))
    _fill(boss, catalogue, brand, 2)
    three = _queries_of(page, url(organization, name))
    assert len(three) == len(one)
    reads = [sql for sql in three if sql.startswith("SELECT") and "set_config" not in sql]
    assert len(reads) <= 16  # 9 of them are the rail and the session


def _queries_of(page, path: str) -> list[str]:
    with questions() as asked:
        page.get(path)
    return asked


@pytest.mark.usefixtures("in_february")
def test_inviting_by_the_form(page, catalogue, organization, brand, mailoutbox) -> None:
    body = {
        "email": "New@Example.com",
        "name": "Nina",
        "language": "fr",
        "role": catalogue["freelancer"].pk,
        "scope": f"brand:{brand.pk}",
        "ends_at": "2027-03-31T18:00",
    }
    assert page.post(url(organization, "invite"), {**body, "ends_at": ""}).status_code == 200  # said beside the form
    assert not Invitation.objects.exists()
    assert page.post(url(organization, "invite"), body).status_code == 302
    invitation = Invitation.objects.get()
    assert invitation.email == "new@example.com"
    assert invitation.grants[0]["ends_at"] == "2027-03-31T18:00:00+02:00"  # the brand's zone, Europe/Paris


def test_a_wall_time_that_does_not_exist_is_said(page, catalogue, organization, brand, member) -> None:
    body = {"role": catalogue["freelancer"].pk, "scope": f"brand:{brand.pk}", "ends_at": "2027-03-28T02:30"}
    response = page.post(url(organization, "assign", member.pk), body)
    assert response.status_code == 400
    assert "does not exist" in response.content.decode()
    assert not Assignment.objects.filter(member=member).exists()


def test_the_last_administrator_is_told_why_not(page, boss, organization, own_assignment) -> None:
    response = page.post(url(organization, "assignment_end", own_assignment.pk), follow=True)
    assert "without an administrator" in response.content.decode()
    page.post(url(organization, "member_active", boss.member.pk), {"active": "0"})
    assert Member.objects.get(pk=boss.member.pk).is_active


def test_roles_are_composed_duplicated_archived_and_restored(page, catalogue, organization) -> None:
    source = catalogue["content_writer"]
    assert "Content writer (copy)" in page.get(url(organization, "role_create") + f"?from={source.pk}").content.decode()
    body = {"name": "Relecteur", "mission": "Relit.", "rights": ["view", "write"], "persona": "manager"}
    page.post(url(organization, "role_create"), body)
    role = Role.objects.get(name="Relecteur")
    page.post(url(organization, "role", role.pk), {**body, "rights": ["view"]})
    role.refresh_from_db()
    assert role.rights == ["view"]
    page.post(url(organization, "role_archive", role.pk))
    assert Role.objects.get(pk=role.pk).is_archived
    page.post(url(organization, "role_archive", role.pk))
    assert not Role.objects.get(pk=role.pk).is_archived
    again = page.post(url(organization, "role_create"), {**body, "name": "relecteur"})
    assert "already called" in again.content.decode()


def test_brand_and_organization_settings_are_kept_and_audited(page, organization, brand) -> None:
    body = {
        "name": "Maison",
        "slug": "maison",
        "time_zone": "America/Montreal",
        "languages": ["fr", "en"],
        "approval": "required",
        "late_tolerance_minutes": "30",
        "colour": "#AA3300",
        "voice": "Chaleureuse.",
    }
    assert page.post(url(organization, "brand_settings", brand.slug), body).status_code == 302
    brand.refresh_from_db()
    assert (brand.time_zone, brand.approval, brand.colour) == ("America/Montreal", "required", "#aa3300")
    wrong = page.post(url(organization, "brand_settings", brand.slug), {**body, "time_zone": "Paris"})
    assert "is not a time zone" in wrong.content.decode()
    page.post(url(organization, "brand_create"), {**body, "name": "Deux", "slug": "deux", "time_zone": "UTC"})
    assert Brand.objects.filter(slug="deux").exists()
    twice = page.post(url(organization, "brand_create"), {**body, "name": "Deux", "slug": "deux", "time_zone": "UTC"})
    assert "already has the address" in twice.content.decode()
    page.post(url(organization, "settings"), {"name": "Groupe", "time_zone": "Asia/Tokyo"})
    organization.refresh_from_db()
    assert organization.time_zone == "Asia/Tokyo"
    assert Event.objects.filter(action__in=["brand.edited", "brand.created", "organization.edited"]).count() == 3


def test_the_audit_export_defuses_formulas(page, boss, organization, member) -> None:
    member.user.name = "=HYPERLINK(1)"
    member.user.save()
    page.post(url(organization, "member", member.pk), {"title": "+33 1", "persona": "manager"})
    text = page.get(url(organization, "audit_export")).content.decode()
    assert "'=HYPERLINK(1)" in text
    assert ";=HYPERLINK" not in text


def test_the_audit_filters_narrow(page, boss, organization, member) -> None:
    page.post(url(organization, "member", member.pk), {"title": "Cheffe", "persona": "manager"})
    screen = url(organization, "audit")
    assert "Cheffe" in page.get(screen, {"action": "member", "actor": boss.user_id}).content.decode()
    assert "Cheffe" not in page.get(screen, {"action": "channel"}).content.decode()
    assert "Cheffe" not in page.get(screen, {"until": "2020-01-01"}).content.decode()


def test_disconnecting_keeps_the_row(page, organization, channel) -> None:
    assert page.post(url(organization, "disconnect", channel.pk)).status_code == 302
    assert Channel.objects.get(pk=channel.pk).status == Channel.Status.DISCONNECTED
    assert page.get(url(organization, "channel", channel.pk)).status_code == 200


@pytest.mark.parametrize("others", [0, 1])
def test_home_leads_to_the_only_organization_or_offers_the_choice(page, organization, boss, others: int) -> None:
    response = page.get("/")
    assert response.status_code == 302
    assert response["Location"] == f"/o/{organization.slug}/"
    assert page.get(response["Location"])["Location"] == url(organization, "team")
