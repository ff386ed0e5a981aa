"""Images that come in: judged by their content, cleaned of where and by whom they were made."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from editorial.models import MediaAsset, Post, Variant
from editorial.rules import one_line
from editorial.selectors.access import decide
from socialops.audit.models import record
from socialops.networks.errors import MediaError
from socialops.networks.images import fit_image, inspect_image
from socialops.networks.ports import Media
from socialops.permissions.actor import Actor
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from teams.models import Brand


class Readable(Protocol):
    """An uploaded or opened file."""

    def read(self, size: int = -1, /) -> bytes: ...


MAX_BYTES = 20 * 1024 * 1024
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
# What we keep; each network's own limits are applied when it is sent.
RULE: dict[str, Any] = {
    "types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
    "max_bytes": MAX_BYTES,
    "max_pixels": 50_000_000,
    "max_side": 0,
}


def upload_media(
    *, brand: Brand, file: Readable, filename: str, size: int, alt_text: str = "", actor: Actor
) -> MediaAsset:
    """Store an image; the same image of the same brand twice is one asset. ValidationError(file) for what is none, or is too large."""
    require(decide(actor, Right.WRITE, brand.scope_path, _writable_channels(actor)))
    if size > MAX_BYTES:
        raise _refused(_("This image is larger than %(size)s MB: make it smaller.") % {"size": MAX_BYTES // 2**20})
    asset: MediaAsset
    image = _clean(file.read(MAX_BYTES + 1))
    data = image.read()
    digest = hashlib.sha256(data).hexdigest()
    alt_text = one_line(alt_text)[:2000]
    with transaction.atomic():
        known: MediaAsset | None = MediaAsset.objects.filter(brand=brand, sha256=digest).first()
        if known is not None:
            if alt_text and not known.alt_text:
                known.alt_text = alt_text
                known.save(update_fields=["alt_text"])
            return known
        name = f"media/{actor.organization_id}/{digest[:2]}/{digest}.{EXTENSIONS[image.content_type]}"
        asset, created = MediaAsset.objects.get_or_create(
            brand=brand,
            sha256=digest,
            defaults={
                "path": default_storage.save(name, ContentFile(data)),
                "filename": (filename.replace("\x00", "").rsplit("/", 1)[-1] or "image")[:200],
                "content_type": image.content_type,
                "size": len(data),
                "width": image.width or 0,
                "height": image.height or 0,
                "alt_text": alt_text,
                "uploaded_by_id": actor.user_id,
            },
        )
        if created:
            record(actor=actor, action="media.uploaded", target=asset)
    return asset


def _writable_channels(actor: Actor) -> set[int]:
    """Somebody who writes for one channel of a brand may bring images to it."""
    return actor.channel_ids(Right.WRITE)


def _clean(data: bytes) -> Media:
    try:
        facts = inspect_image(data)
        if facts.content_type not in EXTENSIONS:
            raise _refused(_("Only JPEG, PNG, GIF and WebP images can be published."))
        media = Media(key="", content_type=facts.content_type, size=len(data), alt_text="", read=lambda: data)
        if facts.animated and len(data) <= MAX_BYTES:
            # an animation is kept frame for frame; GIF and WebP animations carry no place
            return replace(media, width=facts.width, height=facts.height)
        return fit_image(media, RULE)
    except (MediaError, OSError, ValueError, SyntaxError) as error:  # Pillow's ways to say that a file is cut short
        raise _refused(_("This file is not an image that can be read, whatever its name says.")) from error


def _refused(sentence: str) -> ValidationError:
    return ValidationError({"file": ValidationError(sentence, code="image")})


@transaction.atomic
def describe_media(*, asset: MediaAsset, alt_text: str, actor: Actor) -> MediaAsset:
    """Change an image's usual description. Posts that were submitted keep the one they were submitted with."""
    require(decide(actor, Right.WRITE, asset.scope_path, _writable_channels(actor)))
    before, asset.alt_text = asset.alt_text, one_line(alt_text)[:2000]
    asset.save(update_fields=["alt_text"])
    record(actor=actor, action="media.described", target=asset, changes={"alt_text": [before, asset.alt_text]})
    return asset


@transaction.atomic
def delete_media(*, asset: MediaAsset, actor: Actor) -> None:
    """Delete an image that no post carries. ValidationError when one does."""
    require(decide(actor, Right.WRITE, asset.scope_path, _writable_channels(actor)))
    carried = [{"id": asset.pk}]
    if (
        Post.objects.filter(media__contains=carried).exists()
        or Variant.objects.filter(media__contains=carried).exists()
    ):
        raise ValidationError(_("A post carries this image: remove it there first."))
    record(actor=actor, action="media.deleted", target=asset)
    path = asset.path
    asset.delete()
    transaction.on_commit(lambda: default_storage.delete(path))
