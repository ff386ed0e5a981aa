"""What is known about each network, as data: `<network>/limits.toml`, with when and where it was checked; and our settings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings

from socialops.networks.errors import AuthError, Code


@cache
def network_data(network: str) -> Mapping[str, Any]:
    """The whole data file of a network: its `limits` table is what browsers and `check` use. Never change what it returns."""
    return tomllib.loads((files("socialops.networks") / network / "limits.toml").read_text(encoding="utf-8"))


def default_limits(network: str) -> Mapping[str, Any]:
    """The network's usual limits: `{"text": {…}, "alt_text": {…}, "media": {…}, "image": {…}}`."""
    limits: Mapping[str, Any] = network_data(network)["limits"]
    return limits


def merge_limits(network: str, limits: Mapping[str, Any]) -> Mapping[str, Any]:
    """The network's usual limits, with an instance's or account's own over them, table by table; a table only it has (`account`) is kept."""
    usual = default_limits(network)
    if not limits:
        return usual
    return {table: {**usual.get(table, {}), **limits.get(table, {})} for table in {**usual, **limits}}


def limits_of(limits: Mapping[str, Any], form: str) -> Mapping[str, Any]:
    """The limits of one format: its own tables over the network's, value by value."""
    own = limits.get("formats", {}).get(form, {})
    return {**limits, **{table: {**limits.get(table, {}), **values} for table, values in own.items()}}


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a network lets what other people are (`profile`) and say (`activity`) be kept, from when it was stored."""

    profile: timedelta
    activity: timedelta


def retention_of(network: str) -> Retention | None:
    """`[retention]` of the data file; None where the network sets no term."""
    rule = network_data(network).get("retention")
    return rule and Retention(timedelta(hours=rule["profile_hours"]), timedelta(hours=rule["activity_hours"]))


def network_settings(network: str) -> Mapping[str, str]:
    """client_id, client_secret and base_url from the environment, "" where unset."""
    empty = {"client_id": "", "client_secret": "", "base_url": ""}
    return {**empty, **getattr(settings, "NETWORKS", {}).get(network, {})}


def disabled_by(network: str, missing_scopes: Iterable[str]) -> tuple[str, ...]:
    """What can't be done without these scopes, as `[oauth.disables]` of the data file says: publish, read, reply, moderate, measure, message, locate, share. In the file's order."""
    table: Mapping[str, Sequence[str]] = network_data(network).get("oauth", {}).get("disables", {})
    return tuple(dict.fromkeys(what for scope in missing_scopes for what in table.get(scope, ())))


def app_credentials(network: str, app: Mapping[str, Any]) -> tuple[str, str]:
    """(client_id, client_secret): the caller's, else the environment's. AuthError app_not_configured where there is neither."""
    kept = app if app.get("client_id") else network_settings(network)
    client_id, client_secret = str(kept.get("client_id") or ""), str(kept.get("client_secret") or "")
    if not client_id or not client_secret:
        names = f"{network.upper()}_CLIENT_ID, {network.upper()}_CLIENT_SECRET"
        raise AuthError(Code.APP_NOT_CONFIGURED, detail={"setting": names})
    return client_id, client_secret
