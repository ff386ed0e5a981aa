"""From a frozen payload to what a connector takes."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from publishing.models import Delivery
from socialops.networks.ports import Content, Media, Published


def content_of(delivery: Delivery) -> Content:
    """The same for every try: key, content and creation time are frozen."""
    payload = delivery.payload
    return Content(
        text=payload.get("text", ""),
        idempotency_key=str(delivery.idempotency_key),
        created_at=delivery.first_tried_at or timezone.now(),
        media=tuple(_media(item) for item in payload.get("media", ())),
        link=payload.get("link", ""),
        parts=tuple(payload.get("parts", ())),
        first_comment=payload.get("first_comment", ""),
        language=payload.get("language", ""),
        options=payload.get("options", {}),
    )


def root_of(delivery: Delivery) -> Published:
    """The published post, as its parts answer under it."""
    return Published(delivery.external_id, delivery.external_url, delivery.external_extra)


def _media(item: dict[str, Any]) -> Media:
    def read() -> bytes:
        with default_storage.open(item["path"]) as file:
            content: bytes = file.read()
        return content

    return Media(
        key=item["key"],
        content_type=item["content_type"],
        size=item["size"],
        alt_text=item.get("alt_text", ""),
        read=read,
        width=item.get("width"),
        height=item.get("height"),
        filename=item.get("filename") or "image",
    )
