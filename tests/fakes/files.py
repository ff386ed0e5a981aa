"""Small real pictures, videos and documents, as people bring them."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

from socialops.networks.ports import Media, Subtitles, VideoFacts

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


def subtitles(language: str = "fr", words: str = "Sel & poivre") -> Subtitles:
    """What `read_subtitles` makes of a file with two sentences."""
    said = words.replace("&", "&amp;")
    times = ("00:00:00.000 --> 00:00:01.000", "00:00:01.000 --> 00:00:02.500")
    return Subtitles(language, f"WEBVTT\n\n{times[0]}\nBonjour\n\n{times[1]}\n{said}")


@cache
def sound(container: str = "mp3", codec: str = "mp3", seconds: float = 3, **metadata: str) -> bytes:
    """A tone, with what recorders note about themselves and the place."""
    with tempfile.NamedTemporaryFile() as file:
        with av.open(file.name, "w", format=container) as out:
            out.metadata.update(metadata)
            stream = out.add_stream(codec, rate=48_000, layout="stereo", options={"strict": "experimental"})
            for number in range(int(seconds * 48_000 / 1024)):
                frame = av.AudioFrame(format=stream.format.name, layout="stereo", samples=1024)
                frame.sample_rate, frame.pts = 48_000, number * 1024
                for plane in frame.planes:
                    plane.update(bytes(plane.buffer_size))
                out.mux(stream.encode(frame))
            out.mux(stream.encode())
        return Path(file.name).read_bytes()


def audio(key: str = "s1", alt: str = "Un extrait de notre podcast", **more: Any) -> Media:
    data = more.pop("data", None) or sound()
    return Media(key, "audio/mpeg", len(data), alt, lambda: data, filename="extrait.mp3", host=_host(), **more)


def film(
    container: str = "mp4",
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (320, 240),
    rotation: int = 0,
    faststart: bool = True,
    sound: bool = False,
    **metadata: str,
) -> bytes:
    """Two seconds, left half red and right half blue, with what cameras note about themselves and the place."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    with tempfile.NamedTemporaryFile() as file:
        flags = {"movflags": "use_metadata_tags" + ("+faststart" if faststart else "")} if container != "webm" else {}
        with av.open(file.name, "w", format=container, options=flags) as out:
            out.metadata.update(metadata)
            stream = out.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            track = out.add_stream("pcm_s16le", rate=8000) if sound else None
            if rotation:
                stream.set_display_rotation(rotation)
            for number in range(50):
                frame.pts, frame.time_base = number, Fraction(1, 25)
                out.mux(stream.encode(frame))
            out.mux(stream.encode())
            if sound:
                be_silent(out, track)
        return Path(file.name).read_bytes()


def be_silent(out: av.container.OutputContainer, stream: Any) -> None:
    """Two seconds of silence, 8,000 samples each."""
    for number in range(20):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=800)
        frame.sample_rate, frame.pts = 8000, number * 800
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(stream.encode(frame))
    out.mux(stream.encode())


def paper(pages: int = 2, *, packed: bool = False, **extra: str) -> bytes:
    """A PDF; `packed`: its pages stand in a compressed table, as most programs write them today."""
    kids = b"\n".join(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>" for _ in range(pages))
    if packed:
        table = zlib.compress(kids)
        body = (
            b"4 0 obj << /Type /ObjStm /N %d /First 0 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream endobj"
            % (
                pages,
                len(table),
                table,
            )
        )
    else:
        body = kids
    more = "".join(f"/{name} {value} " for name, value in extra.items()).encode()
    return (
        b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        + body
        + b"\ntrailer << "
        + more
        + b">>\n%%EOF\n"
    )


def slides(*, macros: bool = False) -> bytes:
    """The outside of a PowerPoint file."""
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{kind}"/></Types>')
        archive.writestr("ppt/presentation.xml", "<p/>")
        if macros:
            archive.writestr("ppt/vbaProject.bin", b"\xd0\xcf")
    return buffer.getvalue()
