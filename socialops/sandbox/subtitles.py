"""Subtitles, kept in a video's `facts["subtitles"]` by the language its network names: the same on every network."""

from __future__ import annotations

import re
from typing import Final

from socialops.sandbox.models import Media, Post
from socialops.sandbox.world import World

TIME: Final = r"\d{2}:\d{2}:\d{2}"
SRT: Final = re.compile(rf"\d+\n{TIME},\d{{3}} --> {TIME},\d{{3}}\n[^\n]+(\n[^\n]+)*\n*")
WEBVTT: Final = re.compile(rf"WEBVTT\n\n(.*\n)?{TIME}\.\d{{3}} --> {TIME}\.\d{{3}}\n[^\n]+")


def is_srt(content: bytes) -> bool:
    """Every block of it has a number, times and words."""
    blocks = _text(content).strip().split("\n\n")
    return all(SRT.fullmatch(block) for block in blocks)


def is_webvtt(content: bytes) -> bool:
    return WEBVTT.match(_text(content)) is not None


def _text(content: bytes) -> str:
    """Nothing for what is no UTF-8."""
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return ""


def add(world: World, video: Media, language: str, content: bytes) -> None:
    """A track of this language that was there is replaced."""
    video.facts["subtitles"] = {**subtitles_of(video), language: _text(content)}
    world.media.put(video)


def subtitles_of(video: Media) -> dict[str, str]:
    """Text by language."""
    return dict(video.facts.get("subtitles") or {})


def told(world: World, post: Post) -> dict[str, str]:
    """Those of all its videos."""
    files = [world.media.objects[key] for key in post.media if key in world.media]
    return {language: text for file in files for language, text in subtitles_of(file).items()}
