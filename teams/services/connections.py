"""Talking to a network while connecting or disconnecting: never inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from socialops.networks.ports import Credentials, Target
from socialops.networks.registry import connector_for
from teams.models import Channel


def app_of(network: str) -> Mapping[str, str]:
    """Our client id and secret at a network; {} where the connector registers itself."""
    configured = settings.NETWORKS[network]
    if not configured["client_id"]:
        return {}
    return {"client_id": configured["client_id"], "client_secret": configured["client_secret"]}


def revoke_at_network(*, channel: Channel, credentials: Credentials) -> None:
    """Give a token back. NetworkError when the network would not answer."""
    target = Target(
        network=channel.network,
        base_url=channel.base_url,
        external_id=channel.external_id,
        handle=channel.handle,
        credentials=credentials,
        limits=channel.limits,
    )
    connector_for(channel.network).revoke(target, app=app_of(channel.network))
