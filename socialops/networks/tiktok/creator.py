"""What an account may post right now, as TikTok wants it asked before each post, and the rules of its content sharing guidelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code
from socialops.networks.options import options_of
from socialops.networks.ports import Content, Format, MediaKind, Option, Problem, Target
from socialops.networks.text import count_text, with_link
from socialops.networks.tiktok.answers import NETWORK, call, data_of

FORMATS = (Format.POST, Format.DRAFT)
SWITCHES = {"allow_comments": "comment_disabled", "allow_duet": "duet_disabled", "allow_stitch": "stitch_disabled"}


def fetch_account(target: Target) -> Mapping[str, Any]:
    """Table `account` of the limits: nickname, username, privacy (our names), max_seconds, comment_disabled, duet_disabled, stitch_disabled."""
    data = data_of(call(target, "POST", "/v2/post/publish/creator_info/query/"))
    ours = {theirs: name for name, theirs in network_data(NETWORK)["privacy"].items()}
    offered = data.get("privacy_level_options")
    seconds = data.get("max_video_post_duration_sec")
    account: dict[str, Any] = {
        "nickname": str(data.get("creator_nickname") or ""),
        "username": str(data.get("creator_username") or ""),
        "privacy": [ours[level] for level in (offered if isinstance(offered, list) else ()) if level in ours],
    }
    if isinstance(seconds, int) and seconds > 0:
        account["max_seconds"] = seconds
    return account | {disabled: bool(data.get(disabled)) for disabled in SWITCHES.values()}


def options(limits: Mapping[str, Any]) -> tuple[Option, ...]:
    """Privacy narrowed to what the account may choose; what it has switched off in the app isn't offered."""
    account = limits.get("account", {})
    found = []
    for option in options_of(NETWORK):
        if account.get(SWITCHES.get(option.name, "")):
            continue
        choices = tuple(c for c in option.choices if c in account["privacy"]) if account.get("privacy") else ()
        found.append(replace(option, choices=choices) if choices and option.name == "privacy" else option)
    return tuple(found)


def has_photos(content: Content) -> bool:
    return any(media.kind == MediaKind.IMAGE for media in content.media)


def post_text(content: Content) -> str:
    """There are no cards: a link is plain words under the text."""
    return with_link(content.text, content.link)


def check(content: Content, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything wrong with this content for this account."""
    merged = dict(merge_limits(NETWORK, limits))
    account = merged.get("account", {})
    if account.get("max_seconds"):
        own = min(account["max_seconds"], merged["video"]["max_seconds"])
        merged["video"] = {**merged["video"], "max_seconds": own}
    if has_photos(content):
        merged["text"] = {**merged["text"], **merged["photo_text"]}
    off = {option: False for option, disabled in SWITCHES.items() if account.get(disabled)}
    # what is switched off may be said to be off
    asked = {name: value for name, value in content.options.items() if not (name in off and value is False)}
    yield from check_content(
        replace(content, options=asked),
        text=post_text(content),
        limits=merged,
        options=options(limits),
        formats=FORMATS,
    )
    for field, given in (("parts", content.parts), ("first_comment", content.first_comment), ("cover", content.cover)):
        if given:
            yield Problem(Code.NOT_SUPPORTED, field)
    yield from _check_title(content, merged["text"])
    yield from _check_disclosure(content.options)
    yield from _check_cover(content)


def _check_title(content: Content, rule: Mapping[str, Any]) -> Iterator[Problem]:
    """In the unit of the text; code points, which every option counts, are fewer."""
    title, limit = content.options.get("title"), next(o.limit for o in options_of(NETWORK) if o.name == "title")
    if isinstance(title, str) and len(title) <= limit < (length := count_text(title, rule)):
        yield Problem(Code.OPTION_TOO_LONG, "options", {"option": "title", "length": length, "limit": limit})


def _check_disclosure(asked: Mapping[str, Any]) -> Iterator[Problem]:
    """Who promotes something says for whom, and a paid partnership is for others to see."""
    named = bool(asked.get("own_brand")) or bool(asked.get("paid_partnership"))
    if asked.get("discloses") and not named:
        yield Problem(Code.OPTION_MISSING, "options", {"option": "own_brand"})
    if named and not asked.get("discloses"):
        yield Problem(Code.OPTION_MISSING, "options", {"option": "discloses"})
    if asked.get("paid_partnership") and asked.get("privacy") == "only_me":
        allowed = ", ".join(level for level in network_data(NETWORK)["privacy"] if level != "only_me")
        yield Problem(Code.OPTION_INVALID, "options", {"option": "privacy", "allowed": allowed})


def _check_cover(content: Content) -> Iterator[Problem]:
    """The picture that stands for a video is one of its own."""
    at, video = content.options.get("cover_ms"), content.media[0].video if content.media else None
    if isinstance(at, int) and video is not None and at > video.duration * 1000:
        last = int(video.duration * 1000)
        yield Problem(Code.OPTION_TOO_LONG, "options", {"option": "cover_ms", "length": at, "limit": last})


def post_info(content: Content) -> dict[str, Any]:
    """What a post says and who may do what with it. Nothing is allowed that nobody allowed."""
    asked: Mapping[str, Any] = content.options
    words = {"title": post_text(content)}
    if has_photos(content):
        words = {"title": str(asked.get("title") or ""), "description": post_text(content)}
    words = {name: text for name, text in words.items() if text}
    if content.format == Format.DRAFT:
        return words
    info: dict[str, Any] = {
        **words,
        "privacy_level": network_data(NETWORK)["privacy"][asked["privacy"]],
        "disable_comment": not asked.get("allow_comments", False),
        "brand_content_toggle": bool(asked.get("paid_partnership", False)),
        "brand_organic_toggle": bool(asked.get("own_brand", False)),
    }
    if has_photos(content):
        return info | {"auto_add_music": bool(asked.get("auto_music", False))}
    info |= {
        "disable_duet": not asked.get("allow_duet", False),
        "disable_stitch": not asked.get("allow_stitch", False),
        "is_aigc": bool(asked.get("ai_generated", False)),
    }
    return info | ({"video_cover_timestamp_ms": asked["cover_ms"]} if asked.get("cover_ms") is not None else {})


def problems_now(target: Target, content: Content) -> Sequence[Problem]:
    """What TikTok says of the account at this moment may forbid; a draft is finished in the app, by its rules."""
    if content.format == Format.DRAFT:
        return ()
    found = check(content, {**target.limits, "account": fetch_account(target)})
    return tuple(p for p in found if p.field == "options" or p.code == Code.VIDEO_TOO_LONG)
