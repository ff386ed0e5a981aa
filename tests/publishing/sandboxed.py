"""Channels on the sandbox networks, and what is sent there."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from socialops.networks.registry import connector_for
from teams.models import Brand, Channel, ChannelCredential
from tests.sandbox_server import Sandbox

NETWORKS = ("mastodon", "bluesky", "facebook")
TOKENS_END = ("bluesky",)  # the one network of the three that has them renewed


def connect_each(sandbox: Sandbox, brand: Brand) -> list[Channel]:
    """A new account on each network, connected; tokens that end do so in a minute."""
    return [_connect(sandbox, network, brand) for network in NETWORKS]


def _connect(sandbox: Sandbox, network: str, brand: Brand) -> Channel:
    made = sandbox.account(network, f"k{uuid.uuid4().hex[:12]}")
    account = connector_for(network).connect_with_token(base_url=sandbox.url(network), values=made)
    assert account.credentials is not None
    channel: Channel = Channel.objects.create(
        brand=brand,
        network=network,
        base_url=sandbox.url(network),
        external_id=account.external_id,
        handle=account.handle,
        name=network,
    )
    ends_at = timezone.now() + dt.timedelta(minutes=1) if network in TOKENS_END else None
    ChannelCredential.objects.create(channel=channel, secret=dict(account.credentials.values), expires_at=ends_at)
    return channel


def an_image() -> dict[str, Any]:
    """An item of a payload's media, its file stored."""
    image = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(image, "PNG")
    path = default_storage.save(f"sandboxed/{uuid.uuid4().hex}.png", ContentFile(image.getvalue()))
    return {"key": "un", "path": path, "content_type": "image/png", "size": image.tell(), "alt_text": "Un carré"}
