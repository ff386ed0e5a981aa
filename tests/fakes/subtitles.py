"""Files of subtitles, as people export them."""

from __future__ import annotations


def srt(words: str, *, end: str = "00:00:02,500") -> bytes:
    """One cue from the first second on."""
    return f"1\r\n00:00:01,000 --> {end}\r\n{words}\r\n".encode()
