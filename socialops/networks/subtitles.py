"""Subtitles: one text, read from SRT or WebVTT as people have them, and written as each network takes them."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import webvtt
from babel import Locale, UnknownLocaleError
from webvtt.errors import MalformedCaptionError, MalformedFileError

from socialops.networks.errors import Code, NetworkError, OutageError
from socialops.networks.ports import Published, Subtitles

Found = TypeVar("Found")


class UnreadableSubtitlesError(ValueError):
    """Neither SRT nor WebVTT, not UTF-8, or nothing is said in it."""


def read_subtitles(data: bytes) -> str:
    """SRT or WebVTT to WebVTT with nothing but words and times, in order: no network keeps places, colours, italics or the speakers' names.

    UnreadableSubtitlesError for what can't be read.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in text:
            raise UnreadableSubtitlesError
        is_webvtt = text.startswith("WEBVTT")
        read = webvtt.from_buffer(io.StringIO(text), format="vtt" if is_webvtt else "srt")
    except (UnicodeDecodeError, MalformedFileError, MalformedCaptionError) as error:
        raise UnreadableSubtitlesError from error
    said = [
        webvtt.Caption(cue.start, cue.end, html.escape(words, quote=False))
        for cue in sorted(read.captions, key=lambda cue: cue.start_time)
        # & and < are written as entities in WebVTT, and as they are in SRT; an empty line would end the cue
        if (words := _lines(html.unescape(cue.text) if is_webvtt else cue.text)) and cue.start_time < cue.end_time
    ]
    if not said:
        raise UnreadableSubtitlesError
    return webvtt.WebVTT(captions=said).content


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def as_srt(text: str) -> str:
    """What `read_subtitles` gave, as SRT."""
    cues = [
        f"{number}\n{cue.start.replace('.', ',')} --> {cue.end.replace('.', ',')}\n{html.unescape(cue.text)}\n"
        for number, cue in enumerate(webvtt.from_string(text).captions, start=1)
    ]
    return "\n".join(cues)


def end_of(text: str) -> float:
    """When the last words of what `read_subtitles` gave end, in seconds."""
    return max(
        cue.end_time.in_seconds() + cue.end_time.milliseconds / 1000 for cue in webvtt.from_string(text).captions
    )


def name_of(language: str) -> str:
    """What its speakers call a language, for networks that want a name beside the tag: "fr" is français. The tag itself where nobody told us."""
    try:
        return Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language


def of_language(language: str, table: Mapping[str, Found]) -> Found | None:
    """What a table by BCP 47 tag, in small letters, has for a language: under its whole tag, else under the nearest shorter one."""
    subtags = language.lower().split("-")
    tags = ("-".join(subtags[:count]) for count in range(len(subtags), 0, -1))
    return next((table[tag] for tag in tags if tag in table), None)


def added(tracks: Iterable[Subtitles], add: Callable[[Subtitles], object]) -> list[dict[str, Any]]:
    """Each track given to a video that is live, where the same one again does nothing: what was refused of them, for `with_unfinished`."""
    told: list[dict[str, Any]] = []
    for track in tracks:
        try:
            _add(track, add)
        except NetworkError as error:
            told += refused(error)
    return told


def _add(track: Subtitles, add: Callable[[Subtitles], object]) -> None:
    try:
        add(track)
    except OutageError:  # a track whose answer was lost may have arrived: sent once more, the network says so
        add(track)


def refused(error: NetworkError) -> list[dict[str, Any]]:
    """Subtitles that a network would not take for what is live."""
    return [{"field": "subtitles", "code": str(error.code), "detail": error.detail}]


def left_out(languages: Iterable[str]) -> list[dict[str, Any]]:
    """Tracks that were not sent: the network knows no such language, or takes fewer."""
    tags = list(languages)
    detail = {"languages": tags}
    return [{"field": "subtitles", "code": str(Code.SUBTITLES_LEFT_OUT), "detail": detail}] if tags else []


def with_unfinished(published: Published, items: list[dict[str, Any]]) -> Published:
    """The post, with what of it is missing added to what was told already."""
    if not items:
        return published
    extra = {**published.extra, "unfinished": [*published.extra.get("unfinished", ()), *items]}
    return replace(published, extra=extra)
