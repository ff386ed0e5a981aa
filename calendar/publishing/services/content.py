"""From a frozen payload to what a connector takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone

from publishing.models import Delivery
from publishing.services.hosting import Host
from socialops.networks.ports import Content, Media, Published, Subtitles, VideoFacts
from socialops.storage import read_file, read_range


def content_of(delivery: Delivery) -> Content:
    """The same for every try: key, content and creation time are frozen."""
    return content_from(
        delivery.payload,
        idempotency_key=str(delivery.idempotency_key),
        created_at=delivery.first_tried_at or timezone.now(),
        host=Host(delivery.organization_id, delivery.pk),
    )


def content_from(
    payload: Mapping[str, Any],
    *,
    idempotency_key: str = "",
    created_at: datetime,
    host: Callable[..., str] | None = None,
) -> Content:
    """A `Delivery.payload` as connectors read it. Without `host` its files have no public address: enough to check, not to send."""
    cover = payload.get("cover")
    return Content(
        text=payload.get("text", ""),
        idempotency_key=idempotency_key,
        created_at=created_at,
        media=tuple(_media(item, host) for item in payload.get("media", ())),
        link=payload.get("link", ""),
        parts=tuple(payload.get("parts", ())),
        first_comment=payload.get("first_comment", ""),
        language=payload.get("language", ""),
        cover=_media(cover, host) if cover else None,
        options=payload.get("options", {}),
    )


def root_of(delivery: Delivery) -> Published:
    """The published post, as its parts answer under it."""
    return Published(delivery.external_id, delivery.external_url, delivery.external_extra)


def _media(item: Mapping[str, Any], host: Callable[..., str] | None) -> Media:
    read = partial(read_file, item["path"])
    return Media(
        key=item["key"],
        content_type=item["content_type"],
        size=item["size"],
        alt_text=item.get("alt_text", ""),
        read=read,
        width=item.get("width"),
        height=item.get("height"),
        filename=item.get("filename") or "image",
        video=VideoFacts(**item["video"]) if item.get("video") else None,
        subtitles=tuple(Subtitles(said["language"], said["webvtt"]) for said in item.get("subtitles", ())),
        read_range=partial(read_range, item["path"]),
        host=None if host is None else partial(host, stored=read),
    )
