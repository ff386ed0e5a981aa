"""Subtitles: one text, read from SRT or WebVTT as people have them, and written as each network takes them."""

from __future__ import annotations

import html
import io

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError


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
