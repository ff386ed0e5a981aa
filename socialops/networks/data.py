"""What is known about each network, as data: `<network>/limits.toml`, with when and where it was checked; and our settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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
    """The network's usual limits, with an instance's own over them, table by table."""
    usual = default_limits(network)
    if not limits:
        return usual
    return {table: {**values, **limits.get(table, {})} for table, values in usual.items()}


def network_settings(network: str) -> Mapping[str, str]:
    """client_id, client_secret and base_url from the environment, "" where unset."""
    empty = {"client_id": "", "client_secret": "", "base_url": ""}
    return {**empty, **getattr(settings, "NETWORKS", {}).get(network, {})}


def app_credentials(network: str, app: Mapping[str, Any]) -> tuple[str, str]:
    """(client_id, client_secret): the caller's, else the environment's. AuthError app_not_configured where there is neither."""
    kept = app if app.get("client_id") else network_settings(network)
    client_id, client_secret = str(kept.get("client_id") or ""), str(kept.get("client_secret") or "")
    if not client_id or not client_secret:
        names = f"{network.upper()}_CLIENT_ID, {network.upper()}_CLIENT_SECRET"
        raise AuthError(Code.APP_NOT_CONFIGURED, detail={"setting": names})
    return client_id, client_secret
