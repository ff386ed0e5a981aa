"""Images, judged by what they are and not by their name: measured, cleaned of EXIF and place, made to fit a network."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from socialops.networks.errors import Code, MediaError
from socialops.networks.ports import Media

CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}
MAX_PIXELS = 100_000_000  # beyond: a decompression bomb, whatever the network allows
QUALITIES = (90, 82, 72)  # tried in this order at each size before it shrinks
SHRINK = 0.8
SMALLEST_SIDE = 200
CLEAN_INFO = frozenset(
    {
        "icc_profile",
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "dpi",
        "gamma",
        "srgb",
        "adobe",
        "adobe_transform",
    }
    | {
        "version",
        "background",
        "transparency",
        "duration",
        "loop",
        "extension",
        "progressive",
        "progression",
        "aspect",
        "interlace",
    }
    | {"chromaticity", "timestamp", "bl", "compression"}
)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image is. `clean`: it carries no metadata that could tell where or by whom it was made."""

    content_type: str
    width: int
    height: int
    size: int  # bytes
    animated: bool
    clean: bool


def inspect_image(data: bytes, *, media: str = "") -> ImageFacts:
    """Facts from the header alone; nothing is decoded. MediaError image_unreadable or image_too_many_pixels."""
    image = _open(data, media)
    return ImageFacts(
        content_type=CONTENT_TYPES[image.format or ""],
        width=image.width,
        height=image.height,
        size=len(data),
        animated=bool(getattr(image, "is_animated", False)),
        clean=set(image.info) <= CLEAN_INFO and not image.getexif(),
    )


def fit_image(media: Media, rule: Mapping[str, Any]) -> Media:
    """The image as the network takes it: `rule` has types, max_bytes, max_pixels (0: any) and max_side (0: any).

    An image that already fits and carries no metadata goes out byte for byte. An animation is never re-encoded.
    """
    data = media.read()
    facts = inspect_image(data, media=media.key)
    fits = (
        facts.content_type in rule["types"]
        and facts.size <= rule["max_bytes"]
        and _scale(facts.width, facts.height, rule) == 1.0
    )
    if not fits and facts.animated:
        code = Code.IMAGE_TOO_LARGE if facts.content_type in rule["types"] else Code.IMAGE_TYPE
        raise MediaError(code, detail=_detail(media, facts, rule))
    if not (fits and (facts.clean or facts.animated)):
        data = _encode(_open(data, media.key), media, facts, rule)
        facts = inspect_image(data, media=media.key)
    return replace(
        media,
        content_type=facts.content_type,
        size=facts.size,
        width=facts.width,
        height=facts.height,
        read=lambda: data,
    )


def planned_changes(media: Media, rule: Mapping[str, Any]) -> tuple[str, ...]:
    """What `fit_image` will do to an image that carries no metadata, told from its facts alone: "jpeg" or "png" (converted), "WIDTHxHEIGHT" (resized), "lighter"."""
    types = rule.get("types", [media.content_type])
    changes = []
    if media.content_type not in types:
        changes.append("jpeg" if "image/jpeg" in types else "png")
    scale = _scale(media.width or 0, media.height or 0, rule)
    if scale != 1.0:
        changes.append(f"{int((media.width or 0) * scale)}x{int((media.height or 0) * scale)}")
    elif media.size > rule.get("max_bytes", media.size):
        changes.append("lighter")
    return tuple(changes)


def _open(data: bytes, media: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=tuple(CONTENT_TYPES))
    except Image.DecompressionBombError as error:
        raise MediaError(
            Code.IMAGE_TOO_MANY_PIXELS, detail={"field": "media", "media": media, "limit": MAX_PIXELS}
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise MediaError(Code.IMAGE_UNREADABLE, detail={"field": "media", "media": media}) from error
    if image.width * image.height > MAX_PIXELS:
        detail = {"field": "media", "media": media, "width": image.width, "height": image.height, "limit": MAX_PIXELS}
        raise MediaError(Code.IMAGE_TOO_MANY_PIXELS, detail=detail)
    return image


def _detail(media: Media, facts: ImageFacts, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "field": "media",
        "media": media.key,
        "type": facts.content_type,
        "allowed": ", ".join(rule["types"]),
        "size": facts.size,
        "limit": rule["max_bytes"],
    }


def _scale(width: int, height: int, rule: Mapping[str, Any]) -> float:
    """By how much the image must shrink to respect max_pixels and max_side, 1.0 for not at all."""
    pixels, side = rule.get("max_pixels") or 0, rule.get("max_side") or 0
    scale = 1.0
    if pixels and width * height > pixels:
        scale = (pixels / (width * height)) ** 0.5
    if side and max(width, height) > side:
        scale = min(scale, side / max(width, height))
    return scale


def _encode(image: Image.Image, media: Media, facts: ImageFacts, rule: Mapping[str, Any]) -> bytes:
    """Turn upright, shrink, drop metadata (the colour profile stays), recompress until it fits."""
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(Code.IMAGE_UNREADABLE, detail={"field": "media", "media": media.key}) from error
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = image.convert("RGBA" if see_through else "RGB")
    scale = _scale(image.width, image.height, rule)
    smallest = min(SMALLEST_SIDE, image.width * scale, image.height * scale)
    while min(image.width * scale, image.height * scale) >= smallest:
        # floor, so that rounding up never breaks the pixel limit again
        size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
        smaller = image if scale == 1.0 else image.resize(size, Image.Resampling.LANCZOS)
        for data in _candidates(smaller, facts, rule, profile, see_through=see_through):
            if len(data) <= rule["max_bytes"]:
                return data
        scale *= SHRINK
    raise MediaError(Code.IMAGE_TOO_LARGE, detail=_detail(media, facts, rule))


def _candidates(
    image: Image.Image, facts: ImageFacts, rule: Mapping[str, Any], profile: bytes | None, *, see_through: bool
) -> Iterator[bytes]:
    """The image encoded ever smaller: PNG stays PNG while it fits, then JPEG; transparency falls on white in JPEG."""
    extra: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if "image/png" in rule["types"] and (see_through or facts.content_type in ("image/png", "image/gif", "image/bmp")):
        yield _save(image, "PNG", optimize=True, **extra)
    if "image/jpeg" in rule["types"]:
        flat = image
        if see_through:
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image, mask=image.getchannel("A"))
        for quality in QUALITIES:
            yield _save(flat, "JPEG", quality=quality, optimize=True, progressive=True, **extra)


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
