"""Signing in: guesses are limited, nobody learns who has an account, a changed password ends the other sessions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client

from teams.models import User
from tests.factories.teams import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe long"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    user: User = UserFactory(language="en")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def _browser() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    return client


def _sign_in(user: User, password: str = PASSWORD) -> Client:
    client = _browser()
    client.post(LOGIN, {"login": user.email, "password": password})
    return client


def test_the_sixth_wrong_password_is_refused_whatever_it_is(user: User) -> None:
    client = _browser()
    for _ in range(5):
        wrong = client.post(LOGIN, {"login": user.email, "password": "wrong"})
        assert wrong.status_code == 200
    said = client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert "Too many failed login attempts" in said.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_reset_says_the_same_to_those_who_have_an_account_and_those_who_have_none(user: User) -> None:
    known = _browser().post("/accounts/password/reset/", {"email": user.email}, follow=True)
    unknown = _browser().post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    strip = re.compile(r'csrf[^>]*value="[^"]*"|"X-CSRFToken":"[^"]*"')
    assert known.redirect_chain == unknown.redirect_chain
    assert strip.sub("", known.content.decode()) == strip.sub("", unknown.content.decode())
    assert [message.to for message in mail.outbox] == [[user.email], ["nobody@example.org"]]


def test_only_a_post_signs_out(user: User) -> None:
    client = _sign_in(user)
    client.get("/accounts/logout/")
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_a_changed_password_ends_the_other_sessions(user: User) -> None:
    here, elsewhere = _sign_in(user), _sign_in(user)
    assert elsewhere.get("/account/").status_code == 200
    new = "une autre phrase longue"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/")["Location"].startswith(LOGIN)


def test_an_authenticator_app_is_added_and_then_asked_for(user: User) -> None:
    client = _sign_in(user)
    client.get("/accounts/2fa/totp/activate/", follow=True)  # who enters here says the password again
    form = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    page: Any = client.post("/accounts/reauthenticate/", form, follow=True)
    secret = page.context["form"].secret
    code = hotp_value(secret, next(yield_hotp_counters_from_time()))
    client.post("/accounts/2fa/totp/activate/", {"code": f"{code:06}"})
    kept = Authenticator.objects.get(user=user, type="totp")
    assert secret not in str(kept.data)
    again = _browser()
    asked = again.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert asked["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in again.session
