"""Small real pictures, videos and documents, as people bring them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

from socialops.networks.ports import Media, VideoFacts

HOSTS: list[Callable[[Media], str]] = []  # the last one puts files where the networks may fetch them


def _host() -> Callable[[Media], str] | None:
    return HOSTS[-1] if HOSTS else None


@cache
def picture(color: str = "teal", width: int = 640, height: int = 480, kind: str = "JPEG") -> bytes:
    """A photo that says where and with what it was taken."""
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (width, height), color).save(buffer, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return buffer.getvalue()


@cache
def movie(seconds: float = 3, width: int = 360, height: int = 640, rate: int = 25) -> bytes:
    """An H.264 video without sound, its index first: the muxer opens the file a second time for that, so it needs a name."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        _film(file.name, seconds, width, height, rate)
        return Path(file.name).read_bytes()


def _film(path: str, seconds: float, width: int, height: int, rate: int) -> None:
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (width, height), "teal")).reformat(format="yuv420p")
        for number in range(int(seconds * rate)):
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def media(key: str = "m1", alt: str = "Une lampe en laiton sur un bureau", **more: Any) -> Media:
    data = more.pop("data", None) or picture()
    facts = {"width": 640, "height": 480, "filename": "lampe.jpg", "host": _host(), **more}
    return Media(key, "image/jpeg", len(data), alt, lambda: data, **facts)


def video(key: str = "v1", seconds: float = 3, width: int = 360, height: int = 640, **more: Any) -> Media:
    data = movie(seconds, width, height)
    facts = VideoFacts(seconds, "mp4", "h264", "", 25, int(len(data) * 8 / seconds), streamable=True)
    known = {"width": width, "height": height, "filename": "atelier.mp4", "video": facts, "host": _host(), **more}
    return Media(key, "video/mp4", len(data), "", lambda: data, **known)
