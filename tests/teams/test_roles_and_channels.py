"""Composing roles within one's own rights; what a channel's troubles tell and to whom."""

from __future__ import annotations

import pytest
from django.utils import translation

from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Account, Credentials
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from teams.catalogue import CATALOGUE
from teams.errors import RuleRefused
from teams.models import Assignment, Channel
from teams.selectors.actors import actor_for
from teams.selectors.channels import target_for
from teams.services.assignments import assign_role
from teams.services.channels import connect_channel, disconnect_channel, mark_broken, mark_healthy
from teams.services.roles import archive_role, create_role, edit_role
from tests.factories.teams import BrandFactory, CredentialFactory


def test_every_role_of_the_trade_has_its_mission_in_both_languages(catalogue) -> None:
    assert len(catalogue) == len(CATALOGUE) == 14
    for role in catalogue.values():
        with translation.override("fr"):
            assert role.mission_text != role.mission
        assert role.rights


def test_nobody_composes_or_edits_a_role_beyond_their_own_rights(junior_admin, organization, catalogue) -> None:
    with pytest.raises(RuleRefused, match="Schedule and publish"):
        create_role(organization=organization, name="Plus", rights=["view", "publish"], actor=junior_admin)
    with pytest.raises(RuleRefused, match="See figures"):
        edit_role(role=catalogue["designer"], rights=["view", "write", "see_kpis"], actor=junior_admin)
    own = Assignment.objects.get(member=junior_admin.member).role
    with pytest.raises(RuleRefused):
        edit_role(role=own, rights=[*own.rights, "publish"], actor=junior_admin)
    edit_role(role=catalogue["designer"], rights=["view"], actor=junior_admin)


def test_an_edited_role_takes_effect_at_once(boss, catalogue, organization, brand, member) -> None:
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    edit_role(role=catalogue["designer"], rights=["view"], actor=boss)
    actor = actor_for(user=member.user, organization=organization)
    assert actor.can(Right.VIEW, brand)
    assert not actor.can(Right.WRITE, brand)


def test_a_role_somebody_holds_is_not_archived(boss, catalogue, brand, member) -> None:
    assign_role(member=member, role=catalogue["designer"], scope=brand, actor=boss)
    with pytest.raises(RuleRefused, match="1 person holds"):
        archive_role(role=catalogue["designer"], actor=boss)
    with pytest.raises(RuleRefused, match="always stays"):
        archive_role(role=catalogue["organization_admin"], actor=boss)


def test_a_broken_channel_tells_its_managers_once_and_heals(boss, catalogue, channel, member) -> None:
    CredentialFactory(channel=channel)
    assign_role(member=member, role=catalogue["designer"], scope=channel.brand, actor=boss)
    for _ in range(3):
        mark_broken(channel=channel, code="token_revoked")
    told = Notification.objects.filter(kind="channel.broken")
    assert [notification.user_id for notification in told] == [boss.user_id]
    mark_healthy(channel=channel)
    channel.refresh_from_db()
    assert (channel.status, channel.status_reason) == ("connected", "")
    assert channel.last_success_at


def test_a_disconnected_channel_stays_disconnected_whatever_a_late_worker_says(admin, channel) -> None:
    CredentialFactory(channel=channel)
    disconnect_channel(channel=channel, actor=admin)
    mark_healthy(channel=channel)
    mark_broken(channel=channel, code="token_revoked")
    assert Channel.objects.get().status == Channel.Status.DISCONNECTED
    with pytest.raises(AuthError) as refusal:
        target_for(Channel.objects.get())
    assert refusal.value.code == Code.TOKEN_MISSING


def test_one_account_is_one_channel_of_one_brand(admin, brand) -> None:
    account = Account("did:plc:x", "maison.test", "Maison", "", credentials=Credentials({"access_token": "a"}))
    first = connect_channel(brand=brand, network="bluesky", base_url="", account=account, actor=admin)
    again = connect_channel(brand=brand, network="bluesky", base_url="https://pds.test", account=account, actor=admin)
    assert again.pk == first.pk
    with pytest.raises(RuleRefused, match="another brand"):
        connect_channel(brand=BrandFactory(), network="bluesky", base_url="", account=account, actor=admin)
