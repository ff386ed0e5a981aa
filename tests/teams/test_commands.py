"""The commands that scripts outside the repository call."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from socialops.networks import registry
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Account, Credentials
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import ApiToken, Brand, Channel, ChannelCredential, Organization, Role, User
from teams.selectors.actors import actor_for
from teams.selectors.channels import target_for


def run(*args: str) -> list[str]:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue().strip().splitlines()


@pytest.fixture
def acme(db: None) -> Organization:
    run("create_organization", "acme", "--name", "Acme", "--owner", "Owner@Example.com")
    return Organization.objects.get(slug="acme")


def test_create_organization_makes_a_tenant_ready_to_work_in(acme: Organization) -> None:
    owner = User.objects.get(email="owner@example.com")
    assert not owner.has_usable_password()
    with tenant(acme):
        brand = Brand.objects.get()
        assert (brand.slug, brand.time_zone, brand.approval) == ("main", "Europe/Paris", "none")
        assert Role.objects.count() == 14
        actor = actor_for(user=owner, organization=acme)
        assert actor is not None
        assert all(actor.everywhere(right) for right in Right)


def test_create_organization_with_password_lets_the_owner_in(db: None) -> None:
    lines = run(
        "create_organization", "acme", "--name", "Acme", "--owner", "o@example.com", "--password", "a long password 1"
    )
    assert User.objects.get(email="o@example.com").check_password("a long password 1")
    assert lines[-1].startswith("Sign in at ")


def test_create_organization_twice_changes_nothing(acme: Organization) -> None:
    with pytest.raises(CommandError, match="already exists"):
        run("create_organization", "acme", "--name", "Other", "--owner", "other@example.com")
    assert not User.objects.filter(email="other@example.com").exists()


@pytest.mark.parametrize(("slug", "owner"), [("Not A Slug", "o@example.com"), ("fine", "no address")])
def test_create_organization_refuses_nonsense_with_a_sentence(db: None, slug: str, owner: str) -> None:
    with pytest.raises(CommandError):
        run("create_organization", slug, "--name", "X", "--owner", owner)
    assert not Organization.objects.exists()


def test_api_token_is_alone_on_the_last_line_and_works(acme: Organization, client: Any) -> None:
    secret = run("create_api_token", "owner@example.com", "--organization", "acme")[-1]
    assert " " not in secret
    with tenant(acme):
        assert secret not in str(ApiToken.objects.values())
    with pytest.raises(CommandError, match="no active member"):
        run("create_api_token", "stranger@example.com", "--organization", "acme")
    with pytest.raises(CommandError, match="no organization"):
        run("create_api_token", "owner@example.com", "--organization", "nowhere")


class FakeConnector:
    label = "Mastodon"

    def connect_with_token(self, *, base_url: str, values: dict[str, str]) -> Account:
        if values["access_token"] != "good":
            raise AuthError(Code.TOKEN_REVOKED)
        return Account("42", "@acme@social.example", "Acme", base_url, credentials=Credentials(values))


def test_connect_channel_prints_the_id_last_and_reconnects_the_same_row(
    acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the command first: imported while the registry is replaced, it would keep the fake for good
    monkeypatch.setattr("teams.management.commands.connect_channel.connector_for", lambda network: FakeConnector())
    monkeypatch.setattr(registry, "connector_for", lambda network: FakeConnector())
    args = ["connect_channel", "--organization", "acme", "--brand", "main", "--network", "mastodon"]
    args += ["--base-url", "https://social.example/"]
    with pytest.raises(CommandError, match="token_revoked"):
        run(*args, "--access-token", "bad")
    first = int(run(*args, "--access-token", "good")[-1])
    assert int(run(*args, "--access-token", "good")[-1]) == first
    with tenant(acme):
        assert Channel.objects.get().base_url == "https://social.example"
        assert target_for(Channel.objects.get()).credentials.values == {"access_token": "good"}
        assert ChannelCredential.objects.count() == 1
    with pytest.raises(CommandError, match="It has: main"):
        run("connect_channel", "--organization", "acme", "--brand", "x", "--network", "mastodon", "--access-token", "g")
    with pytest.raises(CommandError, match="Give --access-token"):
        run(*args)
