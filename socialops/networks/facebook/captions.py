"""Subtitles of a video or reel that is live, one file a language. A locale that has its track already is refused, which is as good.

https://developers.facebook.com/docs/graph-api/reference/video/captions/
"""

from __future__ import annotations

from socialops.networks.data import network_data
from socialops.networks.facebook.answers import NETWORK
from socialops.networks.meta.graph import call, error_code
from socialops.networks.ports import Content, Format, Media, Published, Subtitles, Target
from socialops.networks.subtitles import added, as_srt, left_out, of_language, with_unfinished

NO_DEFAULT = "none"
THERE_ALREADY = (482, 0)  # "contain locales that had been applied to video"


def with_captions(target: Target, content: Content, film: Media, published: Published) -> Published:
    """As often as it is called. What Facebook refuses, or has no locale for, undoes nothing and is told; a story takes none."""
    taken = _by_locale(film) if content.format != Format.STORY else {}
    spoken = next((locale for locale, track in taken.items() if track.language == content.language), NO_DEFAULT)
    tracks = sorted(taken.values(), key=lambda track: _locale(track) != spoken)  # the default must be there first
    told = added(tracks, lambda track: _send(target, str(published.extra["video_id"]), track, default=spoken))
    beyond = left_out(track.language for track in film.subtitles if track not in tracks)
    return with_unfinished(published, [*told, *beyond])


def _by_locale(film: Media) -> dict[str, Subtitles]:
    """The first of each: fr-CH and fr are one for Facebook."""
    found: dict[str, Subtitles] = {}
    for track in film.subtitles:
        if locale := _locale(track):
            found.setdefault(locale, track)
    return found


def _locale(track: Subtitles) -> str | None:
    locales: dict[str, str] = network_data(NETWORK)["subtitles"]["locales"]
    return of_language(track.language, locales)


def _send(target: Target, video_id: str, track: Subtitles, *, default: str) -> None:
    """The file's name says the locale. Its type is told to be bytes: others have been refused as a wrong format."""
    locale = _locale(track)
    answer = call(
        target,
        "POST",
        f"{video_id}/captions",
        files={"captions_file": (f"subtitles.{locale}.srt", as_srt(track.webvtt).encode(), "application/octet-stream")},
        form={"default_locale": default},
        accept=(THERE_ALREADY,),
    )
    if error_code(answer) != THERE_ALREADY and answer.object().get("success") is not True:
        answer.unexpected()
