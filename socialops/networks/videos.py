"""Videos, judged by what they are and not by their name: measured, cleaned of place and camera, index first. The pixels and the sound are never encoded again."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from socialops.networks.errors import Code, MediaError
from socialops.networks.ports import VideoFacts

CONTENT_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
STARTS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})  # first boxes of QuickTime and its children
NOT_FILMS = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"M4A ", b"M4B ", b"crx "})
EBML = b"\x1a\x45\xdf\xa3"
MAX_BOXES = 100_000  # a fragmented film of a day
SECONDS, BYTES_A_SECOND = (
    30,
    10_000_000,
)  # how long the probe may take: this, and the time to copy the file on a slow disk
_AT_ONCE = threading.BoundedSemaphore(2)  # each may use a core
_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True, slots=True)
class CleanVideo:
    """A video made fit to keep. Width and height as people see it (rotation respected); `located`: it said where it was filmed, now it doesn't."""

    content_type: str
    width: int
    height: int
    facts: VideoFacts
    located: bool


def container_of(head: bytes) -> str:
    """mp4, mov, webm by the first bytes (64 are enough), "" for anything else."""
    if head.startswith(EBML):
        return "webm" if b"webm" in head[:64] else ""
    if head[4:8] not in STARTS:
        return ""
    if head[4:8] != b"ftyp" or head[8:12] == b"qt  ":
        return "mov"
    return "" if head[8:12] in NOT_FILMS else "mp4"


def clean_video(source: Path, target: Path, poster: Path) -> CleanVideo:
    """Copy `source` to `target` without metadata and foreign tracks, with a still picture as JPEG at `poster`.

    MediaError video_unreadable (cut short, damaged, no film, or it takes longer than such a file may) or video_resolution.
    """
    with source.open("rb") as file:
        container = container_of(file.read(64))
        if container in ("mp4", "mov") and is_cut_short(source):
            raise MediaError(Code.VIDEO_UNREADABLE, detail={"field": "media", "why": "cut_short"})
    if not container:
        raise MediaError(Code.VIDEO_UNREADABLE, detail={"field": "media", "why": "container"})
    found = run_probe(source, container, target, poster)
    if refused := found.get("refused"):
        code = Code.VIDEO_RESOLUTION if refused["why"] == "size" else Code.VIDEO_UNREADABLE
        raise MediaError(code, detail={"field": "media", **refused})
    size, seconds = target.stat().st_size, float(found["duration"])
    facts = VideoFacts(
        duration=seconds,
        container=container,
        video_codec=found["video_codec"],
        audio_codec=found["audio_codec"],
        frame_rate=found["frame_rate"],
        bit_rate=int(size * 8 / seconds) if seconds else 0,
        streamable=container == "webm" or _index_first(target),
    )
    return CleanVideo(CONTENT_TYPES[container], found["width"], found["height"], facts, found["located"])


def run_probe(source: Path, container: str, target: Path, poster: Path) -> dict[str, Any]:
    """What `probe.py` found, or {"refused": {"why", …}}; a probe that crashed or took too long refuses too."""
    command = [sys.executable, "-I", str(_PROBE), str(source), container, str(target), str(poster)]
    seconds = SECONDS + source.stat().st_size / BYTES_A_SECOND
    try:
        with _AT_ONCE:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=True, env={})  # noqa: S603 -- our own interpreter and script, paths of our making
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        return {"refused": {"why": type(error).__name__}}
    return found


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """(type, where it ends) of each top-level box, by ISO/IEC 14496-12 section 4.2; stops at what is none."""
    position = 0
    for _ in range(MAX_BOXES):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        end = size if length == 0 else position + length
        if end < position + 8:
            return
        yield head[4:8], end
        position = end


def is_cut_short(path: Path) -> bool:
    """Whether something of the index or of the frames of a QuickTime or MP4 file is missing."""
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = list(_boxes(file, size))
    return not any(name == b"moov" for name, _end in boxes) or any(
        end > size for name, end in boxes if name in (b"moov", b"mdat")
    )


def _index_first(path: Path) -> bool:
    with path.open("rb") as file:
        names = [name for name, _end in _boxes(file, path.stat().st_size)]
    return b"moov" in names and (b"mdat" not in names or names.index(b"moov") < names.index(b"mdat"))
