"""What LinkedIn's tests share: the seeded member, the API's own answer, and what only the stand-in can be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.linkedin.restli import address
from socialops.networks.ports import Connector, Published, Target
from tests.sandbox_server import Sandbox

ANALYST_ONLY = "urn:li:organization:2900001"  # a Page on which the seeded member may only look
MEMBER = "urn:li:person:CamilleM01"


def seeded_member(sandbox: Sandbox, connector: Connector) -> Target:
    """The member's own profile, with all that an app is granted."""
    scopes = " ".join(network_data("linkedin")["oauth"]["scopes"])
    values = {"access_token": "sandbox-linkedin-member", "scopes": scopes}
    account = connector.connect_with_token(base_url=sandbox.url("linkedin"), values=values)
    assert account.credentials is not None
    assert account.external_id == MEMBER
    return Target("linkedin", sandbox.url("linkedin"), account.external_id, account.handle, account.credentials)


def ask(sandbox: Sandbox, target: Target, where: str) -> dict[str, Any]:
    """Plainly, without our connector's reading."""
    headers = {
        "Authorization": f"Bearer {target.credentials.values['access_token']}",
        "LinkedIn-Version": "202609",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    answer = sandbox.http.get(f"{sandbox.url('linkedin')}/rest/{where}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def stored(sandbox: Sandbox, target: Target, published: Published) -> dict[str, Any]:
    """A post as LinkedIn's API gives it."""
    return ask(sandbox, target, address("posts", published.external_id))


def steer(sandbox: Sandbox, **what: Any) -> None:
    """See socialops/sandbox/linkedin/steering.py."""
    assert sandbox.http.post(f"{sandbox.url('linkedin')}/_linkedin", json=what).status_code == 200


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=10)
