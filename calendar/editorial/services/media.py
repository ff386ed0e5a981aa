"""Files that come in: judged by their content, cleaned of where and by whom they were made, streamed through the disk."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from editorial.models import MediaAsset, Post, Variant
from editorial.rules import one_line
from editorial.selectors.access import decide
from socialops.audit.models import record
from socialops.networks import documents, sounds, videos
from socialops.networks.errors import Code, MediaError
from socialops.networks.images import fit_image, inspect_image
from socialops.networks.ports import Media, MediaKind
from socialops.permissions.actor import Actor
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Brand


class Readable(Protocol):
    """An uploaded or opened file."""

    def read(self, size: int = -1, /) -> bytes: ...


PIECE = 1024 * 1024  # bytes copied at once
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    **{content_type: name for name, content_type in videos.CONTENT_TYPES.items()},
    **{content_type: name for name, content_type in sounds.CONTENT_TYPES.items()},
    **documents.EXTENSIONS,
}
# What we keep of an image; each network's own limits are applied when it is sent.
IMAGE_RULE: dict[str, Any] = {
    "types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
    "max_pixels": 50_000_000,
    "max_side": 0,
}


@dataclass(frozen=True, slots=True)
class _Clean:
    """A file as it is kept, on the disk."""

    path: Path
    content_type: str
    width: int | None = None
    height: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    poster: Path | None = None


def upload_media(
    *, brand: Brand, file: Readable, filename: str, size: int, alt_text: str = "", actor: Actor
) -> MediaAsset:
    """Store a file; the same file of the same brand twice is one asset. ValidationError(file) for what can't be judged, or is too large.

    Nothing is open in the database while the file is measured and stored: that may take a minute. Call it without a transaction where you can.
    """
    with tenant(actor.organization_id):
        require(decide(actor, Right.WRITE, brand.scope_path, _writable_channels(actor)))
    with tempfile.TemporaryDirectory(prefix="socialops-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        source, kind = _on_disk(file, Path(folder))
        if max(size, source.stat().st_size) > settings.MEDIA_MAX_BYTES[kind]:
            raise _too_large(kind)
        clean = _CLEANERS[kind](source, Path(folder))
        return _keep(clean, brand=brand, filename=filename, alt_text=one_line(alt_text)[:2000], actor=actor)


def _on_disk(file: Readable, folder: Path) -> tuple[Path, MediaKind]:
    """The file by its path, and what its first bytes say it is. Never more of it in memory than a piece."""
    path = Path(file.temporary_file_path()) if hasattr(file, "temporary_file_path") else folder / "source"
    most = max(settings.MEDIA_MAX_BYTES.values())
    if path == folder / "source":
        with path.open("wb") as copy:
            while (piece := file.read(PIECE)) and copy.tell() <= most:
                copy.write(piece)
    with path.open("rb") as start:
        head = start.read(1024)
    if videos.container_of(head):
        return path, MediaKind.VIDEO
    if sounds.sound_container_of(head):
        return path, MediaKind.AUDIO
    return path, MediaKind.DOCUMENT if b"%PDF-" in head or head.startswith(b"PK\x03\x04") else MediaKind.IMAGE


# ---------------------------------------------------------------- judged, cleaned


def _image(source: Path, folder: Path) -> _Clean:
    data = source.read_bytes()  # at most 20 MB
    rule = {**IMAGE_RULE, "max_bytes": settings.MEDIA_MAX_BYTES[MediaKind.IMAGE]}
    try:
        facts = inspect_image(data)
        if facts.content_type not in EXTENSIONS:
            raise _refused(_("Only JPEG, PNG, GIF and WebP images can be published."))
        image = Media(key="", content_type=facts.content_type, size=len(data), alt_text="", read=lambda: data)
        # an animation is kept frame for frame; GIF and WebP animations carry no place
        image = replace(image, width=facts.width, height=facts.height) if facts.animated else fit_image(image, rule)
    except (MediaError, OSError, ValueError, SyntaxError) as error:  # Pillow's ways to say that a file is cut short
        sentence = _(
            "This file is not an image, a video (MP4, MOV, WebM), an audio file (MP3, M4A, OGG, WAV, FLAC) or a document (PDF, Word, PowerPoint) that can be read, whatever its name says."
        )
        raise _refused(sentence) from error
    path = folder / "image"
    path.write_bytes(image.read())
    cleaned = {"cleaned": True} if not facts.clean and not facts.animated else {}
    return _Clean(path, image.content_type, image.width, image.height, cleaned)


def _video(source: Path, folder: Path) -> _Clean:
    target, poster = folder / "video", folder / "poster"
    try:
        video = videos.clean_video(source, target, poster)
    except MediaError as error:
        if error.detail.get("why") == "no_picture":
            return _sound(source, folder, container="m4a")  # as recorders of many phones write it
        if error.code == Code.VIDEO_RESOLUTION:
            sentence = _("This video has too many pixels (%(width)s × %(height)s): export it smaller.")
            raise _refused(sentence % error.detail) from error
        sentence = _("This video can’t be read: it is damaged or cut short. Export it again as MP4 (H.264, AAC).")
        raise _refused(sentence) from error
    facts = {**asdict(video.facts), **({"cleaned": True} if video.located else {})}
    return _Clean(target, video.content_type, video.width, video.height, facts, poster)


def _sound(source: Path, folder: Path, *, container: str = "") -> _Clean:
    """`container` where it is known better than the first bytes say."""
    if not container:
        with source.open("rb") as start:
            container = sounds.sound_container_of(start.read(64))
    target = folder / "sound"
    try:
        sound = sounds.clean_sound(source, target, container=container)
    except MediaError as error:
        sentence = _(
            "This audio file can’t be read: it is damaged, cut short, or shows pictures as well. Export it again as MP3."
        )
        raise _refused(sentence) from error
    facts = {
        "duration": sound.duration,
        "audio_codec": sound.codec,
        **({"cleaned": True} if sound.located else {}),
    }
    return _Clean(target, sound.content_type, facts=facts)


def _document(source: Path, folder: Path) -> _Clean:
    found = documents.inspect_document(source)
    if found is None:
        sentence = _(
            "This document can’t be published: it is damaged, locked by a password, carries macros, or is neither PDF, Word nor PowerPoint."
        )
        raise _refused(sentence)
    return _Clean(source, found.content_type, facts={"pages": found.pages} if found.pages else {})


_CLEANERS: dict[MediaKind, Callable[[Path, Path], _Clean]] = {
    MediaKind.IMAGE: _image,
    MediaKind.VIDEO: _video,
    MediaKind.AUDIO: _sound,
    MediaKind.DOCUMENT: _document,
}


# ---------------------------------------------------------------- kept


def _keep(clean: _Clean, *, brand: Brand, filename: str, alt_text: str, actor: Actor) -> MediaAsset:
    with clean.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with tenant(actor.organization_id):
        known: MediaAsset | None = MediaAsset.objects.filter(brand=brand, sha256=digest).first()
        if known is not None:
            return _described(known, alt_text)
    stem = f"media/{actor.organization_id}/{digest[:2]}/{digest}"
    stored = [_store(clean.path, f"{stem}.{EXTENSIONS[clean.content_type]}")]
    facts = clean.facts
    if clean.poster is not None:
        stored.append(_store(clean.poster, f"{stem}.poster.jpg"))
        with Image.open(clean.poster) as still:
            shape = {"size": clean.poster.stat().st_size, "width": still.width, "height": still.height}
        facts = {**facts, "poster": {"path": stored[1], **shape}}
    asset: MediaAsset
    created = False
    try:
        with tenant(actor.organization_id):
            asset, created = MediaAsset.objects.get_or_create(
                brand=brand,
                sha256=digest,
                defaults={
                    "path": stored[0],
                    "filename": (
                        filename.replace("\x00", "").rsplit("/", 1)[-1] or str(MediaKind.of(clean.content_type))
                    )[:200],
                    "content_type": clean.content_type,
                    "size": clean.path.stat().st_size,
                    "width": clean.width,
                    "height": clean.height,
                    "facts": facts,
                    "alt_text": alt_text,
                    "uploaded_by_id": actor.user_id,
                },
            )
            if created:
                record(actor=actor, action="media.uploaded", target=asset)
        return asset
    finally:
        if not created:  # somebody was faster, or it failed: nobody knows these
            for path in stored:
                default_storage.delete(path)


def _store(path: Path, name: str) -> str:
    with path.open("rb") as file:
        stored: str = default_storage.save(name, File(file))
    return stored


def _described(asset: MediaAsset, alt_text: str) -> MediaAsset:
    if alt_text and not asset.alt_text:
        asset.alt_text = alt_text
        asset.save(update_fields=["alt_text"])
    return asset


def _writable_channels(actor: Actor) -> set[int]:
    """Somebody who writes for one channel of a brand may bring files to it."""
    return actor.channel_ids(Right.WRITE)


def too_large() -> str:
    """What to say about an upload that was not even read to its end."""
    return _("This is more than %(size)s MB: make it smaller, or upload the files one after the other.") % {
        "size": max(settings.MEDIA_MAX_BYTES.values()) // 2**20
    }


def _too_large(kind: MediaKind) -> ValidationError:
    sentence = {
        MediaKind.IMAGE: _("This image is larger than %(size)s MB: make it smaller."),
        MediaKind.VIDEO: _("This video is larger than %(size)s MB: export it smaller."),
        MediaKind.AUDIO: _("This audio file is larger than %(size)s MB: export it smaller."),
        MediaKind.DOCUMENT: _("This document is larger than %(size)s MB: make it smaller."),
    }[kind]
    return _refused(sentence % {"size": settings.MEDIA_MAX_BYTES[kind] // 2**20})


def _refused(sentence: str) -> ValidationError:
    return ValidationError({"file": ValidationError(sentence, code="file")})


@transaction.atomic
def describe_media(*, asset: MediaAsset, alt_text: str, actor: Actor) -> MediaAsset:
    """Change a file's usual description. Posts that were submitted keep the one they were submitted with."""
    require(decide(actor, Right.WRITE, asset.scope_path, _writable_channels(actor)))
    before, asset.alt_text = asset.alt_text, one_line(alt_text)[:2000]
    asset.save(update_fields=["alt_text"])
    record(actor=actor, action="media.described", target=asset, changes={"alt_text": [before, asset.alt_text]})
    return asset


@transaction.atomic
def delete_media(*, asset: MediaAsset, actor: Actor) -> None:
    """Delete a file that no post carries. ValidationError when one does."""
    require(decide(actor, Right.WRITE, asset.scope_path, _writable_channels(actor)))
    carried = [{"id": asset.pk}]
    if (
        Post.objects.filter(media__contains=carried).exists()
        or Variant.objects.filter(media__contains=carried).exists()
        or Variant.objects.filter(cover=asset).exists()
    ):
        raise ValidationError(_("A post carries this file: remove it there first."))
    record(actor=actor, action="media.deleted", target=asset)
    for path in (asset.path, *([asset.poster["path"]] if asset.poster else [])):
        transaction.on_commit(partial(default_storage.delete, path))
    asset.delete()
