"""Addresses under which a network may fetch the files of one delivery: signed, unguessable, good for a day."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from publishing.models import Delivery
from socialops.networks.ports import Media
from socialops.tenancy.scope import tenant

LIFE = timedelta(days=1)
PREPARED = "prepared"  # folder of what was converted for one network: prepared/<day>/<organization>-<sha256>.<ext>
KEPT_DAYS = 2
_SALT = "publishing.hosting"


@dataclass(frozen=True, slots=True)
class Hosted:
    """A file that a delivery carries."""

    path: str  # in the default storage
    content_type: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Host:
    """`Media.host` of one delivery."""

    organization_id: int
    delivery_id: int

    def __call__(self, media: Media, *, stored: Callable[[], bytes]) -> str:
        """Where this very file can be fetched from now on for a day. What was converted on the way (its bytes are no longer `stored`) is put into the storage first."""
        claim: list[Any] = [self.organization_id, self.delivery_id, media.key]
        if media.read is not stored:
            claim += [self._prepare(media), media.content_type, media.size]
        stem = slugify(PurePosixPath(media.filename).stem)[:40] or "file"
        name = f"{stem}{extension_of(media.content_type)}"
        return settings.PUBLIC_URL + reverse("hosted_file", args=[signing.dumps(claim, salt=_SALT), name])

    def _prepare(self, media: Media) -> str:
        data = media.read()
        digest = hashlib.sha256(data).hexdigest()
        day = timezone.now().date().isoformat()
        path = f"{PREPARED}/{day}/{self.organization_id}-{digest}{extension_of(media.content_type)}"
        return path if default_storage.exists(path) else default_storage.save(path, ContentFile(data))


def hosted(token: str) -> Hosted | None:
    """What a token of ours opens, while its delivery is there and carries it; None for anything else. Opens the organization's scope for one query."""
    try:
        organization_id, delivery_id, key, *prepared = signing.loads(token, salt=_SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError):
        return None
    with tenant(organization_id):
        payload = Delivery.objects.filter(pk=delivery_id).values_list("payload", flat=True).first() or {}
    carried = next(
        (item for item in [*payload.get("media", ()), payload.get("cover")] if item and item["key"] == key), None
    )
    if carried is None:
        return None
    if prepared:
        return Hosted(*prepared)
    return Hosted(carried["path"], carried["content_type"], carried["size"])


def extension_of(content_type: str) -> str:
    """As networks that look at names expect it: .jpg, .mp4, .mov, .pdf."""
    return (
        {"image/jpeg": ".jpg", "video/quicktime": ".mov"}.get(content_type)
        or mimetypes.guess_extension(content_type)
        or ""
    )


def forget_prepared(*, today: date | None = None) -> int:
    """Delete what was converted more than two days ago. → how many files."""
    oldest = (today or timezone.now().date()) - timedelta(days=KEPT_DAYS)
    try:
        days = [day for day in default_storage.listdir(PREPARED)[0] if day < oldest.isoformat()]
    except FileNotFoundError:
        return 0  # nothing was ever converted
    gone = 0
    for day in days:
        for name in default_storage.listdir(f"{PREPARED}/{day}")[1]:
            default_storage.delete(f"{PREPARED}/{day}/{name}")
            gone += 1
        default_storage.delete(f"{PREPARED}/{day}")
    return gone
