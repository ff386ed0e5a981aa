"""Opens one video or sound, in a process of its own: `python probe.py SOURCE CONTAINER TARGET POSTER` writes the clean copy and a video's still picture, and prints facts as JSON.

A process, because FFmpeg is C and the file is a stranger's: what crashes, hangs or swallows memory here takes no page and no delivery with it, the parent ends it after its
time, and the libraries' 60 MB leave with it. Imports nothing of ours, so that it starts in a quarter of a second. Exit status 0 only with facts.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

MEMORY = 2 * 1024**3  # bytes of address space
CPU_SECONDS = 300
MAX_STREAMS = 32  # a camera writes up to a dozen
MAX_SIDE = 8192  # pixels; a frame of that size is 100 MB
POSTER_SIDE = 1280
DEMUXERS = {
    "mp4": "mov",
    "mov": "mov",
    "webm": "matroska",
    "m4a": "mov",
    "mp3": "mp3",
    "ogg": "ogg",
    "wav": "wav",
    "flac": "flac",
}  # FFmpeg's name for what may be opened; nothing else is tried
SOUNDS = {"m4a": "ipod", "mp3": "mp3", "ogg": "ogg", "wav": "wav", "flac": "flac"}  # and for what is written of sounds
LOCATION = ("location", "com.apple.quicktime.location", "xyz")


class Refused(Exception):
    """The file is no video that can be taken; what is known of why, for people."""

    def __init__(self, **detail: Any) -> None:
        super().__init__(str(detail))
        self.detail = detail


def main(source: str, container: str, target: str, poster: str) -> dict[str, Any]:
    """Facts of the copy: duration in seconds, codecs by FFmpeg's names, width and height as shown; `located`: the source said where it was filmed or recorded."""
    _confine(Path(source).stat().st_size)
    return _sound(source, container, target) if container in SOUNDS else _film(source, container, target, poster)


def _sound(source: str, container: str, target: str) -> dict[str, Any]:
    with _open(source, container) as file:
        audio = _only_sound(file)
        located = _says_where(file)
        _copy(file, [audio], target, container)
    with _open(target, container) as file:
        audio = _only_sound(file)
        seconds = (file.duration or 0) / av.time_base
        next(file.decode(audio))  # that it is sound, and no bytes that begin like some
        return {
            "duration": round(seconds, 3),
            "audio_codec": audio.codec_context.codec.canonical_name,
            "located": located,
        }


def _only_sound(file: InputContainer) -> Any:
    """The sound of a file without moving pictures; the cover of an album is none."""
    if any(not s.disposition & Disposition.attached_pic for s in file.streams.video):
        raise Refused(why="picture")
    found = next((stream for stream in file.streams.audio if _known(stream)), None)
    if found is None:
        raise Refused(why="no_sound")
    return found


def _says_where(file: InputContainer) -> bool:
    said = [key.lower() for stream in (file, *file.streams) for key in stream.metadata]
    return any(key.startswith(LOCATION) for key in said)


def _film(source: str, container: str, target: str, poster: str) -> dict[str, Any]:
    with _open(source, container) as file:
        video, audio = _streams(file)
        located = _says_where(file) or any(s.type == "data" for s in file.streams)
        _copy(file, [stream for stream in (video, audio) if stream is not None], target, container)
    with _open(target, container) as file:
        video, audio = _streams(file)
        seconds = (file.duration or 0) / av.time_base
        width, height = _poster(file, video, poster, at=min(1.0, seconds / 3))
        return {
            "duration": round(seconds, 3),
            "width": width,
            "height": height,
            "video_codec": video.codec_context.codec.canonical_name,
            "audio_codec": "" if audio is None else audio.codec_context.codec.canonical_name,
            "frame_rate": round(float(video.average_rate or 0), 3),
            "located": located,
        }


def _confine(size: int) -> None:
    limits = (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 2 * size + 2**24),
    )
    for limit, value in limits:
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):
            continue  # macOS has no RLIMIT_AS that can be set; the parent's clock is left


def _open(path: str, container: str) -> InputContainer:
    options = {"max_streams": str(MAX_STREAMS), "protocol_whitelist": "file"}
    return av.open(path, "r", format=DEMUXERS[container], options=options)


def _streams(file: InputContainer) -> tuple[VideoStream, Any]:
    """The picture and the sound; covers, subtitles and the tracks in which cameras note place and movement are left behind."""
    # a codec that FFmpeg doesn't know has no context, whatever its types say
    pictures = [s for s in file.streams.video if not s.disposition & Disposition.attached_pic and _known(s)]
    if not pictures:
        raise Refused(why="no_picture")
    video = pictures[0]
    if max(video.width, video.height) > MAX_SIDE or min(video.width, video.height) < 1:
        raise Refused(why="size", width=video.width, height=video.height, smallest=1, largest=MAX_SIDE)
    return video, next((stream for stream in file.streams.audio if _known(stream)), None)


def _known(stream: Any) -> bool:
    return stream.codec_context is not None


def _copy(file: InputContainer, streams: list[Any], target: str, container: str) -> int:
    """The same packets, no metadata, the index first. Nothing is encoded again. → how many packets."""
    options = {"fflags": "+bitexact"}  # the same film gives the same bytes, and is kept once
    if container in ("mp4", "mov", "m4a"):
        options["movflags"] = "faststart"
    copied = 0
    with av.open(target, "w", format=SOUNDS.get(container, container), options=options) as out:
        twins = {stream.index: out.add_stream_from_template(stream) for stream in streams}
        for stream in streams:
            if stream.codec_context.name == "hevc" and container != "webm":
                twins[
                    stream.index
                ].codec_context.codec_tag = "hvc1"  # the name under which Apple, and so the networks, play it
        for packet in file.demux(*streams):
            if packet.dts is None:
                continue  # the flush at the end
            packet.stream = twins[packet.stream_index]
            out.mux(packet)
            copied += 1
    if not copied:
        raise Refused(why="empty")
    return copied


def _poster(file: InputContainer, video: VideoStream, path: str, *, at: float) -> tuple[int, int]:
    """A frame as JPEG, turned upright. → (width, height) of the video as people see it."""
    video.thread_type = "NONE"
    file.seek(int(at * av.time_base))
    frame = next(file.decode(video), None)
    if frame is None:
        file.seek(0)
        frame = next(file.decode(video))
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it open
    image.thumbnail((POSTER_SIDE, POSTER_SIDE))
    image.rotate(frame.rotation, expand=True).convert("RGB").save(path, "JPEG", quality=82)
    turned = frame.rotation % 180 != 0
    return (video.height, video.width) if turned else (video.width, video.height)


if __name__ == "__main__":
    try:
        answer = main(*sys.argv[1:5])
    except Refused as refusal:
        answer = {"refused": refusal.detail}
    except (av.FFmpegError, OSError, ValueError, StopIteration, MemoryError) as error:
        answer = {"refused": {"why": f"{type(error).__name__}: {error}"[:200]}}
    sys.stdout.write(json.dumps(answer))
