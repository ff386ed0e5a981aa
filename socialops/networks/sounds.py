"""Sound by itself (a podcast's extract), judged by what it is and not by its name: measured, and copied without what it says of place, people and programs. It is never encoded again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socialops.networks.errors import Code, MediaError
from socialops.networks.videos import is_cut_short, run_probe

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
}
BRANDS = frozenset({b"M4A ", b"M4B "})  # of ISO media files that hold sound alone
MP3_SYNC = 0xFFE0  # the first eleven bits of a frame


@dataclass(frozen=True, slots=True)
class CleanSound:
    """A sound file made fit to keep. `duration` in seconds, `codec` by FFmpeg's name; `located`: it said where it was recorded, now it doesn't."""

    content_type: str
    duration: float
    codec: str
    located: bool


def sound_container_of(head: bytes) -> str:
    """mp3, m4a, ogg, wav, flac by the first bytes (64 are enough), "" for anything else."""
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"fLaC"):
        return "flac"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp" and head[8:12] in BRANDS:
        return "m4a"
    return "mp3" if head.startswith(b"ID3") or _is_mp3_frame(head) else ""


def _is_mp3_frame(head: bytes) -> bool:
    """ISO/IEC 11172-3, section 2.4.1.3: sync, layer III, and neither a bit rate nor a sampling rate that is forbidden."""
    if len(head) < 4 or int.from_bytes(head[:2], "big") & MP3_SYNC != MP3_SYNC:
        return False
    return head[1] >> 1 & 3 == 1 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3


def clean_sound(source: Path, target: Path, *, container: str) -> CleanSound:
    """Copy the sound of `source` to `target` without metadata and without pictures. MediaError audio_unreadable."""
    if container == "m4a" and is_cut_short(source):
        raise MediaError(Code.AUDIO_UNREADABLE, detail={"field": "media", "why": "cut_short"})
    found = run_probe(source, container, target, target.with_suffix(".none"))
    if refused := found.get("refused"):
        raise MediaError(Code.AUDIO_UNREADABLE, detail={"field": "media", **refused})
    return CleanSound(CONTENT_TYPES[container], found["duration"], found["audio_codec"], found["located"])
