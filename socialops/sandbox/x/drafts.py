"""Drafts of articles, checked field by field as X's document has them, and their publication, which makes a post. Nothing reads, changes or deletes a draft."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from starlette.routing import BaseRoute

from socialops.sandbox.models import Record
from socialops.sandbox.x.articles import media_of
from socialops.sandbox.x.call import Call, XError, endpoint, invalid
from socialops.sandbox.x.edits import subscription
from socialops.sandbox.x.posts import WRITE, add_post, next_id, weight

COLLECTION: Final = "x.article"
DAY: Final = 86_400
DRAFTS: Final = 10
PUBLISHED: Final = 5
LONGEST: Final = 100_000
MARKDOWN: Final = 10_000
TYPES: Final = (
    "unstyled",
    "header-one",
    "header-two",
    "header-three",
    "unordered-list-item",
    "ordered-list-item",
    "blockquote",
    "atomic",
)
STYLES: Final = ("bold", "italic", "strikethrough")
KINDS: Final = ("post", "link", "image", "emoji", "markdown", "divider", "latex")
NEEDS: Final = {"link": "url", "image": "media_items", "markdown": "markdown", "post": "post_id"}

Check = Callable[[str, Any], None]


# ---------------------------------------------------------------- what a draft may be made of


def _refuse(path: str, value: Any, why: str) -> XError:
    return invalid(path, value, f"$.{path}: {why}")


def _text(path: str, value: Any) -> None:
    if not isinstance(value, str):
        raise _refuse(path, value, "is not a string")


def _place(path: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _refuse(path, value, "must be a whole number of 0 at least")


def _one_of(*allowed: str) -> Check:
    def check(path: str, value: Any) -> None:
        if value not in allowed:
            raise _refuse(path, value, f"does not have a value in the enumeration [{', '.join(allowed)}]")

    return check


def _list(check: Check) -> Check:
    def check_all(path: str, value: Any) -> None:
        if not isinstance(value, list):
            raise _refuse(path, value, "is not an array")
        for number, one in enumerate(value):
            check(f"{path}[{number}]", one)

    return check_all


def _object(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    known = {**required, **(optional or {})}

    def check(path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise _refuse(path, value, "is not an object")
        for name in required.keys() - value.keys():
            raise _refuse(f"{path}.{name}", None, "is missing but it is required")
        for name, one in value.items():
            if name not in known:
                why = "is not defined in the schema and the schema does not allow additional properties"
                raise _refuse(f"{path}.{name}", one, why)
            known[name](f"{path}.{name}", one)

    return check


_MEDIA: Final = _object({"media_category": _text, "media_id": _text})
_SPANS: Final = _list(_object({"from_index": _place, "to_index": _place, "text": _text}))
_BLOCK: Final = _object(
    {"text": _text, "type": _one_of(*TYPES)},
    {
        "key": _text,
        "data": _object({}, dict.fromkeys(("cashtags", "hashtags", "mentions", "urls"), _SPANS)),
        "entity_ranges": _list(_object({"key": _place, "offset": _place, "length": _place})),
        "inline_style_ranges": _list(_object({"offset": _place, "length": _place, "style": _one_of(*STYLES)})),
    },
)
_DATA: Final = _object(
    {},
    {
        **dict.fromkeys(("caption", "entity_key", "markdown", "post_id", "url"), _text),
        "media_items": _list(_MEDIA),
    },
)
_VALUE: Final = _object(
    {"type": _one_of(*KINDS), "mutability": _one_of("immutable", "mutable", "segmented"), "data": _DATA}
)
_STATE: Final = _object({"blocks": _list(_BLOCK), "entities": _list(_object({"key": _text, "value": _VALUE}))})


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check_ranges(state: dict[str, Any]) -> None:
    """Ranges lie inside of their text, and point to what is there; what is no text stands for something."""
    for number, block in enumerate(state["blocks"]):
        path, length = f"content_state.blocks[{number}]", _units(block["text"])
        spans = [(r["offset"], r["offset"] + r["length"]) for r in block.get("inline_style_ranges", ())]
        spans += [(r["offset"], r["offset"] + r["length"]) for r in block.get("entity_ranges", ())]
        spans += [(s["from_index"], s["to_index"]) for some in block.get("data", {}).values() for s in some]
        if any(not start < end <= length for start, end in spans):
            raise _refuse(path, spans, "has a range outside of its text")
        keys = [r["key"] for r in block.get("entity_ranges", ())]
        if any(key >= len(state["entities"]) for key in keys) or (block["type"] == "atomic" and not keys):
            raise _refuse(f"{path}.entity_ranges", keys, "refers to no entity")
    for number, entity in enumerate(state["entities"]):
        kind, data = entity["value"]["type"], entity["value"]["data"]
        if kind in NEEDS and not data.get(NEEDS[kind]):
            raise _refuse(f"content_state.entities[{number}].value.data", data, f"needs {NEEDS[kind]}")


def _check_lengths(state: dict[str, Any]) -> None:
    if sum(len(block["text"]) for block in state["blocks"]) > LONGEST:
        raise _refuse("content_state.blocks", "…", "Your Article text is too long.")
    written = [entity["value"]["data"].get("markdown", "") for entity in state["entities"]]
    if weight("\n".join(filter(None, written))) > MARKDOWN:
        raise _refuse("content_state.entities", "…", "Your Article holds too much markdown.")


def _check_media(call: Call, asked_for: dict[str, str]) -> None:
    media = call.world.media.get(asked_for["media_id"])
    usable = media is not None and media.account_id == call.me.id and media.facts.get("whole")
    if media is None or not usable or media.facts["expires_at"] < time.time():
        raise invalid("media_id", asked_for["media_id"], "Your media IDs are invalid.")
    if media.facts["category"] != asked_for["media_category"]:
        raise invalid("media_category", asked_for["media_category"], "The media category is not that of the upload.")


# ---------------------------------------------------------------- writing


async def create_draft(call: Call) -> tuple[int, dict[str, Any]]:
    title, state, cover = (call.body.get(name) for name in ("title", "content_state", "cover_media"))
    _text("title", title)
    if not title:
        raise _refuse("title", title, "must be at least 1 characters long")
    _STATE("content_state", state)
    if cover is not None:
        _MEDIA("cover_media", cover)
    assert isinstance(state, dict)
    _check_ranges(state)
    _check_lengths(state)
    for media in media_of(state, cover):
        _check_media(call, media)
    value = {"title": title, "state": state, "cover": cover["media_id"] if cover else "", "post": ""}
    draft = Record(next_id(call.world), call.me.id, COLLECTION, "", value, call.world.now())
    call.world.records.put(draft)
    call.bill("0.015")
    call.log(str(title), draft.id)
    return 201, {"data": {"id": draft.id, "title": title}}


async def publish(call: Call) -> tuple[int, dict[str, Any]]:
    draft = call.world.records.get(call.path("article_id"))
    if draft is None or draft.collection != COLLECTION or draft.account_id != call.me.id:
        raise XError(404, "Could not find article.", kind="resource-not-found", resource_type="article")
    if subscription(call.world, call.me) == "None":
        raise XError(403, "Articles are available to Premium subscribers only.")
    if draft.value["post"]:
        raise invalid("article_id", draft.id, "The Article is published already.")
    article = {"id": draft.id, **{name: draft.value[name] for name in ("title", "state", "cover")}}
    post = add_post(call.world, call.me, f"https://x.com/i/article/{draft.id}", facts={"article": article})
    draft.value["post"] = post.id
    call.world.records.put(draft)
    call.bill("0.200")
    call.log(str(article["title"]), post.id)
    return 200, {"data": {"post_id": post.id}}


routes: list[BaseRoute] = [
    endpoint(
        "/2/articles/draft",
        create_draft,
        "POST",
        limit=DRAFTS,
        window=DAY,
        scopes=WRITE,
        body=("title", "content_state", "cover_media"),
    ),
    endpoint("/2/articles/{article_id}/publish", publish, "POST", limit=PUBLISHED, window=DAY, scopes=WRITE),
]
