"""What hangs on a post beside its words and files: hidden words, a long text, a GIF, and what makes it a ghost post."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from socialops.sandbox.models import Post
from socialops.sandbox.threads import places
from socialops.sandbox.threads.call import Call, invalid

PARAMS: Final = frozenset(
    {"text_entities", "text_attachment", "gif_attachment", "is_spoiler_media", "is_ghost_post"}
    | {"enable_reply_approvals", "location_id", "allowlisted_country_codes"}
    | {"crossreshare_to_ig", "crossreshare_to_ig_dark_mode"}
)
GHOST_SECONDS: Final = 86_400
SPOILERS, LONG = 10, 10_000
COUNTRY: Final = re.compile(r"[A-Z]{2}")
STYLES: Final = frozenset({"bold", "italic", "highlight", "underline", "strikethrough"})
BESIDE_A_GHOST: Final = ("access_token", "media_type", "text", "text_entities", "is_ghost_post", "auto_publish_text")


def read_extras(call: Call, kind: str) -> dict[str, Any]:
    """As facts of the post to be."""
    text = call.params.text("text")
    facts: dict[str, Any] = {
        "spoilers": _spoilers(call, text),
        "long_text": _long_text(call, kind),
        "gif": _gif(call, kind),
        "spoiler_media": call.params.flag("is_spoiler_media"),
        "ghost": call.params.flag("is_ghost_post"),
        "approvals": call.params.flag("enable_reply_approvals"),
        "location_id": places.tagged(call),
        "story": call.params.flag("crossreshare_to_ig") or call.params.flag("crossreshare_to_ig_dark_mode"),
        "countries": [code for code in call.params.text("allowlisted_country_codes").split(",") if code],
    }
    if facts["story"]:
        call.need("threads_share_to_instagram")
    if any(not COUNTRY.fullmatch(code) for code in facts["countries"]):
        raise invalid("Param allowlisted_country_codes must hold ISO 3166-1 alpha-2 codes")
    if facts["spoiler_media"] and kind == "TEXT":
        raise invalid("Param is_spoiler_media goes with IMAGE, VIDEO and CAROUSEL only")
    if facts["ghost"] and (kind != "TEXT" or set(call.params.values) - set(BESIDE_A_GHOST)):
        raise invalid("Param is_ghost_post goes with text and its spoilers only")
    return facts


def _json(call: Call, name: str, kind: type) -> Any:
    """None where it isn't there."""
    written = call.params.text(name)
    if not written:
        return None
    try:
        value = json.loads(written)
    except json.JSONDecodeError as error:
        raise invalid(f"Param {name} must be JSON") from error
    if not isinstance(value, kind):
        raise invalid(f"Param {name} must be a JSON {kind.__name__}")
    return value


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _ranges(name: str, text: str, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Inside the text, without overlaps, in order."""
    end = 0
    for entry in sorted(given, key=lambda entry: int(entry["offset"])):
        if entry["offset"] < end or entry["length"] < 1:
            raise invalid(f"Param {name} has ranges that overlap or are empty")
        end = entry["offset"] + entry["length"]
    if end > units(text):
        raise invalid(f"Param {name} has a range outside the text")
    return given


def _spoilers(call: Call, text: str) -> list[dict[str, Any]]:
    given = _json(call, "text_entities", list) or []
    if len(given) > SPOILERS:
        raise invalid(f"Param text_entities must hold at most {SPOILERS} entities")
    if any(entry.keys() != {"entity_type", "offset", "length"} for entry in given):
        raise invalid("Param text_entities must hold entity_type, offset and length")
    if any(entry["entity_type"] not in {"SPOILER", "spoiler"} for entry in given):
        raise invalid("Param text_entities must be of the type SPOILER")
    return _ranges("text_entities", text, given)


def _long_text(call: Call, kind: str) -> dict[str, Any]:
    """{} without one."""
    given = _json(call, "text_attachment", dict)
    if given is None:
        return {}
    if kind != "TEXT" or call.params.text("poll_attachment"):
        raise invalid("Param text_attachment goes with text-only posts without a poll")
    plain = given.get("plaintext")
    if not isinstance(plain, str) or not 1 <= len(plain) <= LONG:
        raise invalid(f"Param text_attachment must have a plaintext of 1 to {LONG} characters")
    if given.keys() - {"plaintext", "link_attachment_url", "text_with_styling_info"}:
        raise invalid("Param text_attachment has an unknown field")
    if given.get("link_attachment_url") and call.params.text("link_attachment"):
        raise invalid("Param text_attachment can't have a link beside link_attachment")
    styled = given.get("text_with_styling_info") or []
    if any(entry.keys() != {"offset", "length", "styling_info"} for entry in styled):
        raise invalid("Param text_attachment must have styles with offset, length and styling_info")
    if any(not entry["styling_info"] or set(entry["styling_info"]) - STYLES for entry in styled):
        raise invalid(f"Param text_attachment must have styles of {{{', '.join(sorted(STYLES))}}}")
    _ranges("text_attachment", plain, styled)
    return dict(given)


def _gif(call: Call, kind: str) -> str:
    """Its id, "" without one."""
    given = _json(call, "gif_attachment", dict)
    if given is None:
        return ""
    if kind != "TEXT" or call.params.text("poll_attachment"):
        raise invalid("Param gif_attachment goes with text-only posts")
    if given.keys() != {"gif_id", "provider"} or given["provider"] != "GIPHY" or not str(given["gif_id"]).isalnum():
        raise invalid("Param gif_attachment must hold a gif_id of the provider GIPHY")
    return str(given["gif_id"])


def ghost_end(post: Post) -> float | None:
    """When a ghost post is archived; None for any other."""
    return post.created_at + GHOST_SECONDS if post.facts.get("ghost") else None


def is_archived(post: Post) -> bool:
    end = ghost_end(post)
    return end is not None and end <= time.time()


def veiled(post: Post) -> str:
    """The text as it looks before anybody asks for what is hidden."""
    cut = post.text.encode("utf-16-le")
    for entry in post.facts.get("spoilers") or ():
        start, end = 2 * entry["offset"], 2 * (entry["offset"] + entry["length"])
        cut = cut[:start] + ("▒" * entry["length"]).encode("utf-16-le") + cut[end:]
    return cut.decode("utf-16-le")


TAGS: Final = {"bold": "strong", "italic": "em", "underline": "u", "strikethrough": "s", "highlight": "mark"}


def long_html(attachment: dict[str, Any]) -> str:
    """The long text with its styles."""
    raw, end, out = attachment["plaintext"].encode("utf-16-le"), 0, ""
    for entry in sorted(attachment.get("text_with_styling_info") or (), key=lambda entry: int(entry["offset"])):
        start, stop = 2 * entry["offset"], 2 * (entry["offset"] + entry["length"])
        words = escape(raw[start:stop].decode("utf-16-le"))
        for style in entry["styling_info"]:
            words = f"<{TAGS[style]}>{words}</{TAGS[style]}>"
        out += escape(raw[end:start].decode("utf-16-le")) + words
        end = stop
    return (out + escape(raw[end:].decode("utf-16-le"))).replace("\n", "<br>")


def notes_of(post: Post) -> Iterator[str]:
    """What readers are told of the post, as names of words."""
    for name in ("spoiler_media", "ghost", "approvals", "story", "countries"):
        if post.facts.get(name):
            yield name
