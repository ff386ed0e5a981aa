"""What is wrong with a content before any network is asked; the same for every network, driven by its limits.

`[limits]` of a network's data file: tables text, comment (a first comment, where it differs), alt_text, media, image, video, subtitles, audio, document, quote, each as the functions below read it; what a
table leaves out is not limited. `[limits.formats.<format>.<table>]` holds what differs for a reel, a story, a draft, a poll, an article, a carousel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from socialops.networks.data import limits_of
from socialops.networks.errors import Code, MediaError, ValidationError
from socialops.networks.options import check_options
from socialops.networks.ports import Content, Format, Media, MediaKind, Option, Problem
from socialops.networks.quotes import quote_of
from socialops.networks.text import count_bytes, count_graphemes, count_text, find_at_names, find_hashtags, find_urls

Limits = Mapping[str, Any]


def check_content(
    content: Content,
    *,
    text: str,
    limits: Limits,
    options: Sequence[Option] = (),
    formats: Sequence[Format] = (Format.POST,),
) -> Iterator[Problem]:
    """`text` is what goes out as the post's text (with the link where the network puts it there); `options` and `formats` what the network has."""
    name = content.options.get("format") or Format.POST
    if name not in list(formats):
        yield Problem(Code.NOT_SUPPORTED, "format", {"format": str(name)})
        return
    limits = limits_of(limits, content.format)
    alone = quote_of(content) and limits.get("quote", {}).get("alone")
    if not text.strip() and not content.media and not content.link and not alone:
        yield Problem(Code.TEXT_EMPTY, "text", {"files": limits["media"]["max_count"]})
    yield from _check_text(text, limits, "text")
    for number, part in enumerate(content.parts, start=1):
        if not part.strip():
            yield Problem(Code.TEXT_EMPTY, "parts", {"part": number})
        yield from _check_text(part, limits, "parts", part=number)
    if content.first_comment:
        yield from _check_text(
            content.first_comment, {**limits, "text": limits.get("comment", limits["text"])}, "first_comment"
        )
    if content.link and not (urlsplit(content.link).scheme in ("http", "https") and urlsplit(content.link).hostname):
        yield Problem(Code.LINK_INVALID, "link", {"link": content.link})
    yield from _check_media(content.media, limits)
    yield from check_options(content, options)


def _check_text(text: str, limits: Limits, field: str, **detail: Any) -> Iterator[Problem]:
    """text: unit, max, max_bytes, max_hashtags, max_mentions, max_links, refused (characters the network takes nowhere)."""
    rule = limits["text"]
    length = count_text(text, rule)
    if length > rule["max"]:
        yield Problem(Code.TEXT_TOO_LONG, field, {"length": length, "limit": rule["max"], **detail})
    if rule.get("max_bytes") and (size := count_bytes(text)) > rule["max_bytes"]:
        yield Problem(Code.TEXT_TOO_MANY_BYTES, field, {"length": size, "limit": rule["max_bytes"], **detail})
    counted = (
        ("max_hashtags", find_hashtags, Code.TOO_MANY_HASHTAGS),
        ("max_mentions", find_at_names, Code.TOO_MANY_MENTIONS),
        ("max_links", find_urls, Code.TOO_MANY_LINKS),
    )
    for name, find, code in counted:
        if name in rule and (count := len({span.value for span in find(text)})) > rule[name]:
            yield Problem(code, field, {"count": count, "limit": rule[name], **detail})
    if found := next((c for c in text if c in rule.get("refused", "")), ""):
        yield Problem(Code.CHARACTER_REFUSED, field, {"character": found, **detail})


# ---------------------------------------------------------------- files


def _check_media(files: tuple[Media, ...], limits: Limits) -> Iterator[Problem]:
    """media: min_count, max_count (0: no files at all), kinds (image alone unless said), required, mixed (kinds in one post; false unless said), max_videos (1 unless said; sounds stand alone everywhere)."""
    rule = limits["media"]
    kinds = rule.get("kinds", [MediaKind.IMAGE])
    if files and not rule["max_count"]:
        yield Problem(Code.NOT_SUPPORTED, "media", {"count": len(files)})
        return
    yield from _check_number(files, rule, kinds)
    for item in files:
        yield from _check_alt_text(item, limits)
        if item.kind not in kinds:
            yield Problem(
                Code.MEDIA_KIND, "media", {"media": item.key, "kind": str(item.kind), "allowed": ", ".join(kinds)}
            )
        elif item.kind == MediaKind.IMAGE:
            yield from check_image(item, limits.get("image", {}))
        elif item.kind == MediaKind.VIDEO:
            yield from check_video(item, limits.get("video", {}))
            yield from _check_subtitles(item, limits.get("subtitles", {}))
        elif item.kind == MediaKind.AUDIO:
            yield from _check_file(item, limits.get("audio", {}), Code.AUDIO_TYPE, Code.AUDIO_TOO_LARGE)
        else:
            yield from _check_file(item, limits.get("document", {}), Code.DOCUMENT_TYPE, Code.DOCUMENT_TOO_LARGE)


def _check_number(files: tuple[Media, ...], rule: Limits, kinds: Sequence[str]) -> Iterator[Problem]:
    if rule.get("required") and not files:
        yield Problem(Code.MEDIA_MISSING, "media", {"kinds": ", ".join(kinds)})
    if files and len(files) < (fewest := rule.get("min_count", 0)):
        yield Problem(Code.TOO_FEW_MEDIA, "media", {"count": len(files), "limit": fewest})
    if len(files) > rule["max_count"]:
        yield Problem(Code.TOO_MANY_MEDIA, "media", {"count": len(files), "limit": rule["max_count"]})
    for kind, most in ((MediaKind.VIDEO, rule.get("max_videos", 1)), (MediaKind.AUDIO, 1)):
        if (count := sum(item.kind == kind for item in files)) > most and kind in kinds:
            yield Problem(Code.TOO_MANY_MEDIA, "media", {"count": count, "limit": most})
    present = sorted({item.kind for item in files})
    if len(present) > 1 and not rule.get("mixed", False):
        yield Problem(Code.MEDIA_MIXED, "media", {"kinds": ", ".join(present)})


def _check_alt_text(item: Media, limits: Limits) -> Iterator[Problem]:
    """alt_text: max (0 for none), taken (true unless said; the composer says where it is left out). Images need one, on every network: people and the law do."""
    longest = limits["alt_text"]["max"]
    if item.kind == MediaKind.IMAGE and not item.alt_text.strip():
        yield Problem(Code.ALT_TEXT_MISSING, "alt_text", {"media": item.key})
    elif longest and (length := count_graphemes(item.alt_text)) > longest:
        yield Problem(Code.ALT_TEXT_TOO_LONG, "alt_text", {"media": item.key, "length": length, "limit": longest})


def check_image(item: Media, rule: Limits) -> Iterator[Problem]:
    """image: min_ratio, max_ratio (width / height), min_width. Type, weight and size are made to fit (`images.fit_image`)."""
    if not item.width or not item.height:
        return
    yield from _check_ratio(item, rule, Code.IMAGE_RATIO)
    if item.width < rule.get("min_width", 0):
        detail = {"media": item.key, "width": item.width, "height": item.height, "limit": rule["min_width"]}
        yield Problem(Code.IMAGE_TOO_SMALL, "media", detail)


def _check_ratio(item: Media, rule: Limits, code: Code) -> Iterator[Problem]:
    if not item.width or not item.height:
        return
    ratio = item.width / item.height
    smallest, largest = rule.get("min_ratio", 0.0), rule.get("max_ratio", 0.0)
    # a pixel lost in rounding is no crop: 1080 × 1351 passes for 4:5
    if ratio < smallest * 0.995 or (largest and ratio > largest * 1.005):
        detail = {"media": item.key, "ratio": round(ratio, 2), "smallest": smallest, "largest": largest}
        yield Problem(code, "media", detail)


def check_video(item: Media, rule: Limits) -> Iterator[Problem]:
    """video: types, max_bytes, min_seconds, max_seconds, min_ratio, max_ratio, min_side, max_side (pixels), codecs, audio_codecs (FFmpeg's names), min_frame_rate,
    max_frame_rate.
    """
    key: dict[str, Any] = {"media": item.key}
    if rule.get("types") and item.content_type not in rule["types"]:
        yield Problem(Code.VIDEO_TYPE, "media", {**key, "type": item.content_type, "allowed": ", ".join(rule["types"])})
    if rule.get("max_bytes") and item.size > rule["max_bytes"]:
        yield Problem(Code.VIDEO_TOO_LARGE, "media", {**key, "size": item.size, "limit": rule["max_bytes"]})
    yield from _check_ratio(item, rule, Code.VIDEO_RATIO)
    sides = (item.width or 0, item.height or 0)
    smallest, largest = rule.get("min_side", 0), rule.get("max_side", 0)
    if all(sides) and (min(sides) < smallest or (largest and max(sides) > largest)):
        detail = {**key, "width": item.width, "height": item.height, "smallest": smallest, "largest": largest}
        yield Problem(Code.VIDEO_RESOLUTION, "media", detail)
    if item.video is None:
        return
    length = round(item.video.duration, 1)
    if rule.get("max_seconds") and length > rule["max_seconds"]:
        yield Problem(Code.VIDEO_TOO_LONG, "media", {**key, "length": length, "limit": rule["max_seconds"]})
    if length < rule.get("min_seconds", 0):
        yield Problem(Code.VIDEO_TOO_SHORT, "media", {**key, "length": length, "limit": rule["min_seconds"]})
    for codec, allowed in (
        (item.video.video_codec, rule.get("codecs")),
        (item.video.audio_codec, rule.get("audio_codecs")),
    ):
        if allowed and codec and codec not in allowed:
            yield Problem(Code.VIDEO_CODEC, "media", {**key, "codec": codec, "allowed": ", ".join(allowed)})
    rate, slowest, fastest = item.video.frame_rate, rule.get("min_frame_rate", 0), rule.get("max_frame_rate", 0)
    if rate and (rate < slowest - 0.1 or (fastest and rate > fastest + 0.1)):  # 29.97 is 30
        detail = {**key, "rate": round(rate, 2), "smallest": slowest, "largest": fastest}
        yield Problem(Code.VIDEO_FRAME_RATE, "media", detail)


def _check_subtitles(item: Media, rule: Limits) -> Iterator[Problem]:
    """subtitles: max_bytes (of one language's, in UTF-8)."""
    for track in item.subtitles:
        if rule.get("max_bytes") and (size := count_bytes(track.webvtt)) > rule["max_bytes"]:
            heavy = {"media": item.key, "language": track.language, "size": size, "limit": rule["max_bytes"]}
            yield Problem(Code.SUBTITLES_TOO_LARGE, "subtitles", heavy)


def _check_file(item: Media, rule: Limits, wrong_type: Code, too_large: Code) -> Iterator[Problem]:
    """audio, document: types, max_bytes."""
    if item.content_type not in rule.get("types", [item.content_type]):
        detail = {"media": item.key, "type": item.content_type, "allowed": ", ".join(rule["types"])}
        yield Problem(wrong_type, "media", detail)
    if rule.get("max_bytes") and item.size > rule["max_bytes"]:
        heavy = {"media": item.key, "size": item.size, "limit": rule["max_bytes"]}
        yield Problem(too_large, "media", heavy)


def raise_first(problems: list[Problem]) -> None:
    """The first problem as an error, for callers that skipped `check`."""
    if problems:
        first = problems[0]
        error = MediaError if first.field == "media" else ValidationError
        raise error(first.code, detail={"field": first.field, **first.detail})
