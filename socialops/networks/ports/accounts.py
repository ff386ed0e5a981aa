"""Who acts: credentials, accounts, and the target of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from socialops.networks.ports.quota import Report, nobody_listens


@dataclass(frozen=True, slots=True)
class Credentials:
    """Secrets of one connected account. Never logged; stored encrypted by the caller.

    `values` keys are the connector's own (access_token, refresh_token, dpop_key, app_password, …), all JSON-able.
    `expires_at` is when the access token stops working (None: until revoked).
    """

    values: Mapping[str, Any]
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Keep secrets out of tracebacks and logs."""
        return f"Credentials(keys={sorted(self.values)}, expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class Account:
    """A page or profile on a network that can become a Channel."""

    external_id: str  # opaque; unique within (network, base_url)
    handle: str  # as people write it: @name@host, name.bsky.social, page name
    name: str
    url: str
    avatar_url: str = ""
    credentials: Credentials | None = None  # the account's own token where it differs (Facebook page tokens)
    missing_scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Everything a connector needs to act for one channel. `limits` are the instance's or account's own, from `fetch_limits`.

    `app` is our developer app there ({"client_id", "client_secret"}, {} for the environment's). A connector tells `report` of every quota header it reads and of every
    billable or counted call the network accepted, reads included.
    """

    network: str
    base_url: str
    external_id: str
    handle: str
    credentials: Credentials
    limits: Mapping[str, Any] = field(default_factory=dict)
    app: Mapping[str, str] = field(default_factory=dict, repr=False)
    report: Report = field(default=nobody_listens, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send the person, and what must be kept (encrypted, tied to their session) until they return."""

    url: str
    state: str
    pending: Mapping[str, Any]
