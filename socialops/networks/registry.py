"""Which networks exist here. One line a network; the rest is in its folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from socialops.networks.ports import Connector

# network → "module:class"; imported on first use, so that a page that only lists names stays light
_CONNECTORS = {
    "facebook": "socialops.networks.facebook.connector:FacebookConnector",
    "instagram": "socialops.networks.instagram.connector:InstagramConnector",
    "linkedin": "socialops.networks.linkedin.connector:LinkedInConnector",
    "x": "socialops.networks.x.connector:XConnector",
    "tiktok": "socialops.networks.tiktok.connector:TikTokConnector",
    "youtube": "socialops.networks.youtube.connector:YouTubeConnector",
    "threads": "socialops.networks.threads.connector:ThreadsConnector",
    "bluesky": "socialops.networks.bluesky.connector:BlueskyConnector",
    "mastodon": "socialops.networks.mastodon.connector:MastodonConnector",
}


def networks() -> tuple[str, ...]:
    """Names of the networks that can be connected, in the order screens show them."""
    return tuple(_CONNECTORS)


@cache
def connector_for(network: str) -> Connector:
    """The shared connector of a network. KeyError for a name that `networks()` does not list."""
    module, _, name = _CONNECTORS[network].partition(":")
    factory: Callable[[], Connector] = getattr(import_module(module), name)
    return factory()
