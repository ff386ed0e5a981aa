"""Images: judged by content, cleaned, made to fit."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from socialops.networks.data import default_limits
from socialops.networks.errors import MediaError
from socialops.networks.images import fit_image, inspect_image
from socialops.networks.ports import Media

RULE: Any = {"types": ["image/jpeg", "image/png"], "max_bytes": 2_000_000, "max_pixels": 0, "max_side": 0}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def media(data: bytes, content_type: str = "image/jpeg") -> Media:
    return Media("m", content_type, len(data), "alt", lambda: data)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.merge(mode, [Image.effect_noise((width, height), 90) for _ in mode])


def test_a_clean_image_that_fits_goes_out_byte_for_byte() -> None:
    data = encoded(Image.new("RGB", (50, 40), "teal"), "JPEG")
    fitted = fit_image(media(data), RULE)
    assert fitted.read() == data
    assert (fitted.width, fitted.height, fitted.size) == (50, 40, len(data))


def test_the_content_counts_not_the_declared_type() -> None:
    data = encoded(Image.new("RGB", (5, 5)), "PNG")
    assert fit_image(media(data, "image/jpeg"), RULE).content_type == "image/png"


def test_place_and_camera_go_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    sent = fit_image(media(encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif)), RULE)
    assert (sent.width, sent.height) == (40, 60)
    assert b"Secret" not in sent.read()
    assert not Image.open(io.BytesIO(sent.read())).getexif()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_comments_and_xmp_go(kind: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Secret place</x:xmpmeta>'
    options: dict[str, Any] = {"xmp": xmp}
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Author", "Secret author")
        options = {"pnginfo": info}
    data = encoded(Image.new("RGB", (20, 20)), kind, **options)
    assert b"Secret" in data
    assert b"Secret" not in fit_image(media(data), RULE).read()


@pytest.mark.parametrize(("limit", "value"), [("max_bytes", 60_000), ("max_side", 300), ("max_pixels", 50_000)])
def test_a_large_image_is_made_to_fit(limit: str, value: int) -> None:
    rule = {**RULE, limit: value}
    data = encoded(noise(900, 600), "JPEG", quality=98)
    fitted = fit_image(media(data), rule)
    facts = inspect_image(fitted.read())
    assert facts.size <= rule["max_bytes"]
    assert not rule["max_side"] or max(facts.width, facts.height) <= rule["max_side"]
    assert not rule["max_pixels"] or facts.width * facts.height <= rule["max_pixels"]
    assert abs(facts.width / facts.height - 1.5) < 0.02


def test_a_large_transparent_png_falls_on_white() -> None:
    data = encoded(noise(700, 700, "RGBA"), "PNG")
    fitted = fit_image(media(data), {**RULE, "max_bytes": 80_000})
    assert fitted.content_type == "image/jpeg"


def test_what_a_network_does_not_take_is_converted() -> None:
    data = encoded(Image.new("CMYK", (30, 30)), "TIFF")
    assert fit_image(media(data, "image/tiff"), RULE).content_type == "image/jpeg"


def test_an_animation_is_kept_whole_or_refused() -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "green", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert fit_image(media(data), {**RULE, "types": ["image/gif"]}).read() == data
    with pytest.raises(MediaError) as refused:
        fit_image(media(data), RULE)
    assert refused.value.code == "image_type"


@pytest.mark.parametrize("data", [b"", b"not an image", b"\x89PNG\r\n\x1a\n broken", b"<svg xmlns='x'/>", b"%PDF-1.7"])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError) as refused:
        fit_image(media(data), RULE)
    assert refused.value.code == "image_unreadable"


def test_a_truncated_image_is_refused() -> None:
    data = encoded(noise(300, 300), "JPEG")[:5000]
    with pytest.raises(MediaError) as refused:
        fit_image(media(data), {**RULE, "max_side": 100})
    assert refused.value.code == "image_unreadable"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_decompression_bomb_is_refused_from_its_header(side: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0" * 100)) + chunk(b"IEND", b"")
    )
    with pytest.raises(MediaError) as refused:
        inspect_image(bomb)
    assert refused.value.code == "image_too_many_pixels"


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "facebook"])
def test_a_phone_photo_fits_every_network(network: str) -> None:
    rule = default_limits(network)["image"]
    data = encoded(noise(2000, 1500), "JPEG", quality=97)
    fitted = fit_image(media(data), rule)
    assert fitted.size <= rule["max_bytes"]
