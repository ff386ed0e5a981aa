"""Inviting, and what the link does."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from socialops.permissions.rights import Right
from socialops.tenancy import scope as tenancy
from teams.errors import RuleRefused
from teams.models import Assignment, Invitation, Member, User
from teams.selectors.actors import actor_for
from teams.services.invitations import (
    Grant,
    accept_invitation,
    invite_member,
    resend_invitation,
    revoke_invitation,
    token_of,
)
from teams.services.mail import invitation_mail
from teams.services.members import deactivate_member
from tests.factories.teams import MemberFactory, UserFactory

PASSWORD = "quatre mots sans rapport"


@pytest.fixture
def invite(boss, catalogue, organization, brand) -> Any:
    def make(email: str = "nina@example.com", *, actor: Any = boss, role: str = "designer", **about: Any) -> Invitation:
        grants = [Grant(role=catalogue[role], scope=brand, ends_at=about.pop("ends_at", None))]
        return invite_member(organization=organization, email=email, grants=grants, actor=actor, **about)

    return make


def link(invitation: Invitation) -> str:
    return f"/invitations/{token_of(invitation)}/"


@pytest.mark.parametrize(("language", "words"), [("fr", "vous invite à rejoindre"), ("en", "invites you to join")])
def test_the_mail_speaks_the_invitees_language_and_carries_the_link(invite, language: str, words: str) -> None:
    invitation = invite(language=language, name="Nina")
    mail = invitation_mail(invitation)
    assert words in mail.body
    assert link(invitation) in mail.body
    assert token_of(invitation) not in str(Invitation.objects.values())


def test_the_mail_waits_for_the_commit(invite, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        invite()
    assert len(callbacks) == 1


def test_nobody_invites_with_rights_they_do_not_hold(invite, junior_admin) -> None:
    with pytest.raises(RuleRefused, match="Schedule and publish"):
        invite(role="community_manager", actor=junior_admin)
    with pytest.raises(RuleRefused, match="end date"):
        invite(role="freelancer")
    assert not Invitation.objects.exists()


def test_one_open_invitation_an_address_and_none_for_members(invite, member) -> None:
    first = invite()
    with pytest.raises(ValidationError, match="already has an invitation"):
        invite("NINA@example.com")
    with pytest.raises(ValidationError, match="already a member"):
        invite(member.user.email)
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - dt.timedelta(1))
    assert invite().pk != first.pk  # an expired one is replaced


def test_a_new_person_joins_with_name_and_password(invite, organization, brand) -> None:
    invitation = invite()
    client = Client(headers={"accept-language": "en"})
    assert "Rejoindre" in client.get(link(invitation)).content.decode()  # the invitation's language
    weak = client.post(link(invitation), {"name": "Nina", "password": "court"})
    assert weak.status_code == 200
    assert not User.objects.filter(email="nina@example.com").exists()
    response = client.post(link(invitation), {"name": "Nina Roy", "password": PASSWORD})
    assert response["Location"] == f"/o/{organization.slug}/"
    user = User.objects.get(email="nina@example.com")
    assert EmailAddress.objects.get(user=user).verified
    assert "_auth_user_id" in client.session
    assert actor_for(user=user, organization=organization).can(Right.WRITE, brand)
    assert client.get(link(invitation)).status_code == 410


def test_somebody_with_an_account_signs_in_and_accepts(invite, client_for, organization) -> None:
    user = UserFactory(email="nina@example.com")
    invitation = invite()
    anonymous = Client().get(link(invitation)).content.decode()
    assert re.search(r"/accounts/login/\?next=/invitations/", anonymous)
    assert Client().post(link(invitation), {"name": "X", "password": PASSWORD}).status_code == 200
    assert not Member.objects.filter(user=user).exists()  # a link never opens an existing account
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(link(invitation))["Location"] == f"/o/{organization.slug}/"
    assert Member.objects.get(user=user).is_active


def test_somebody_else_signed_in_can_not_take_it(invite, client_for, member, organization) -> None:
    invitation = invite()
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(link(invitation))
    assert Invitation.objects.get().accepted_at is None
    with pytest.raises(RuleRefused) as refusal:
        accept_invitation(invitation=invitation, user=member.user)
    assert refusal.value.code == "other_address"


def test_expired_revoked_resent_and_forged_links_are_closed_with_a_sentence(invite, boss) -> None:
    invitation = invite()
    old = link(invitation)
    resend_invitation(invitation=invitation, actor=boss)
    invitation.refresh_from_db()
    assert Client().get(old).status_code == 410
    assert Client().get(link(invitation)).status_code == 200
    assert Client().get(link(invitation)[:-4] + "xxx/").status_code == 410
    revoke_invitation(invitation=invitation, actor=boss)
    assert Client().get(link(invitation)).status_code == 410
    other = invite("zoe@example.com")
    Invitation.objects.filter(pk=other.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    with pytest.raises(RuleRefused) as refusal:
        accept_invitation(invitation=other, user=UserFactory(email="zoe@example.com"))
    assert refusal.value.code == "expired"


def test_an_invitation_dies_with_the_rights_of_who_sent_it(invite, boss, actor_with, organization) -> None:
    second = actor_with(*Right)
    invitation = invite(actor=second)
    deactivate_member(member=second.member, actor=boss)
    with pytest.raises(RuleRefused, match="no longer grant"):
        accept_invitation(invitation=invitation, user=UserFactory(email="nina@example.com"))


def test_coming_back_gives_what_is_offered_now_and_nothing_older(invite, boss, catalogue, organization, brand) -> None:
    gone = MemberFactory(user__email="nina@example.com")
    Assignment.objects.create(member=gone, role=catalogue["social_media_manager"], brand=brand)
    deactivate_member(member=gone, actor=boss)
    accept_invitation(invitation=invite(), user=gone.user)
    actor = actor_for(user=gone.user, organization=organization)
    assert actor.can(Right.WRITE, brand)
    assert not actor.can(Right.PUBLISH, brand)


def test_nobody_signs_up_without_an_invitation(db) -> None:
    response = Client().post(
        "/accounts/signup/", {"email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.filter(email="x@example.com").exists()
    assert response.status_code in {200, 403, 404}
    assert tenancy._scope.get() is None
