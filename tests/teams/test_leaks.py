"""Recognisable secrets, through connecting, failing and the API: none is found in logs, audit, pages or answers."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management import call_command

from socialops.audit.models import Event
from socialops.tenancy.scope import tenant
from teams.models import Channel, InstanceApp
from teams.selectors.channels import target_for
from teams.services.tokens import create_token
from tests.teams.test_connect import (  # fixtures
    brand,
    consent,
    house,
    leave,
    manager,
    page,
    sandbox,
    sandbox_process,
)

__all__ = ["brand", "house", "manager", "page", "sandbox", "sandbox_process"]
PASSWORD = "plante-mot-de-passe-7f3a"


def test_no_secret_is_told(sandbox, page, house, brand, manager, client, caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    def see(response: Any) -> Any:
        said.append(f"{dict(response.headers)} {response.content.decode()}")
        return response

    sandbox.reset()  # no token of ours was revoked, no fault is left by another test
    made = sandbox.account("bluesky", "maison")
    form = {"brand": brand.pk, "way": "password", "handle": made["handle"]}
    see(page.post("/o/lumiere/channels/connect/bluesky/", {**form, "password": PASSWORD}))
    app_password = str(made.get("password") or made["credentials"]["password"])
    see(page.post("/o/lumiere/channels/connect/bluesky/", {**form, "password": app_password}))
    see(page.post("/accounts/reauthenticate/", {"password": PASSWORD}))
    see(client.post("/accounts/login/", {"login": manager.user.email, "password": PASSWORD}))
    left = leave(page, "mastodon", brand, base_url=sandbox.mastodon)
    see(page.get(consent(left)))
    with tenant(house):
        channel = Channel.objects.get(network="mastodon")
        assert Channel.objects.get(network="bluesky").status == "connected"
        kept = {**target_for(channel).credentials.values, **InstanceApp.objects.get().secret}
        secrets = [str(kept["access_token"]), str(kept["client_secret"]), PASSWORD, app_password]
        _row, token = create_token(member=manager.member, name="essai", actor=manager)
    call_command("connect_channel", organization="lumiere", brand="maison", network="mastodon", base_url=sandbox.mastodon, access_token=secrets[0])  # fmt: skip
    for path in ("channels/", f"channels/{channel.pk}/", "audit/", "audit/export/"):
        answer = page.get(f"/o/lumiere/{path}")
        said.append(str(answer.getvalue()))
    bearer = {"authorization": f"Bearer {token}"}
    for path in ("channels/", "deliveries/", "posts/?brand[", "posts/0/"):
        see(client.get(f"/api/v1/organizations/lumiere/{path}", headers=bearer))
    see(client.post("/api/v1/organizations/lumiere/posts/", f'{{"text": "{token}', "application/json", headers=bearer))
    see(client.get("/api/v1/organizations/lumiere/channels/", headers={"authorization": f"Bearer {token}x"}))
    with tenant(house):
        said += [str(vars(event)) for event in Event.objects.all()]
    said += [record.getMessage() + str(vars(record)) for record in caplog.records]
    said += list(capsys.readouterr())
    for secret in (*secrets, token):
        assert len(secret) >= 16
        found = [text[max(0, text.index(secret) - 80) : text.index(secret) + 20] for text in said if secret in text]
        assert found == []
