"""Publishing: containers that Meta fills from public addresses, their status, and the call that brings one out."""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import av
import httpx
import regex
from av.error import FFmpegError

from socialops.sandbox.images import sniff
from socialops.sandbox.models import THREADS, Media, Record
from socialops.sandbox.polls import new_poll
from socialops.sandbox.threads import extras
from socialops.sandbox.threads.call import Call, ThreadsError, invalid, missing, select
from socialops.sandbox.threads.media import add_post
from socialops.sandbox.webhooks import is_local
from socialops.sandbox.world import World

COLLECTION: Final = "threads.container"
LIFETIME: Final = 86_400
POLL_SECONDS: Final = 86_400
CHOICE: Final = 25
IMAGE_SECONDS, VIDEO_SECONDS = 0.2, 0.7
FETCH_SECONDS: Final = 10
TEXT, ALT, TOPIC, LINKS = 500, 1000, 50, 5
IMAGE_BYTES: Final = 8_000_000
POSTS: Final = (250, 86_400)
REPLIES: Final = (1_000, 86_400)
QUOTAS: Final[Mapping[str, tuple[str, int]]] = {
    "": ("posts", 250),
    "reply_": ("replies", 1_000),
    "delete_": ("deletions", 100),
    "location_search_": ("locations", 500),
}
QUOTA_SCOPES: Final = {
    "": "threads_content_publish",
    "reply_": "threads_manage_replies",
    "delete_": "threads_delete",
    "location_search_": "threads_location_tagging",
}
CONTROLS: Final = (
    "everyone",
    "accounts_you_follow",
    "mentioned_only",
    "parent_post_author_only",
    "followers_only",
)
PARAMS: Final = frozenset(
    {"access_token", "media_type", "text", "image_url", "video_url", "is_carousel_item", "children", "reply_to_id"}
    | {"reply_control", "alt_text", "link_attachment", "topic_tag", "auto_publish_text"}
    | {"poll_attachment", "quote_post_id", *extras.PARAMS}
)
EMOJI: Final = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\uFE0F|\u20E3")
LINK: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_tasks: set[asyncio.Task[None]] = set()


def length(text: str) -> int:
    """An emoji counts as many as its UTF-8 bytes, anything else as one."""
    return sum(len(c.encode()) if EMOJI.search(c) and not c.isascii() else len(c) for c in regex.findall(r"\X", text))


def _check_words(call: Call, kind: str) -> None:
    text, link = call.params.text("text"), call.params.text("link_attachment")
    if length(text) > TEXT:
        raise invalid("Param text must be at most 500 characters long")
    if len({*LINK.findall(text), *([link] if link else [])}) > LINKS:
        raise invalid("THREADS_API__LINK_LIMIT_EXCEEDED: The post has more than 5 links.")
    if link and (kind != "TEXT" or urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).netloc):
        raise invalid("Param link_attachment must be a URL, and goes with TEXT only")
    if kind == "TEXT" and not text.strip() and not link:
        raise invalid("Param text is required for media_type TEXT")
    if len(call.params.text("alt_text")) > ALT:
        raise invalid("Param alt_text must be at most 1000 characters long")
    topic = call.params.text("topic_tag")
    if len(topic) > TOPIC or "." in topic or "&" in topic:
        raise invalid("Param topic_tag must be 1 to 50 characters without . and &")
    if (control := call.params.text("reply_control")) and control not in CONTROLS:
        raise invalid(f"Param reply_control must be one of {{{', '.join(CONTROLS)}}}")


def _choices(call: Call, kind: str) -> list[str]:
    """Of a poll, [] without one."""
    written = call.params.text("poll_attachment")
    if not written:
        return []
    if kind != "TEXT" or call.params.text("link_attachment"):
        raise invalid("Param poll_attachment goes with text-only posts")
    try:
        asked = json.loads(written)
    except json.JSONDecodeError as error:
        raise invalid("Param poll_attachment must be a JSON object") from error
    names = [f"option_{letter}" for letter in "abcd"]
    if not isinstance(asked, dict) or list(asked) != names[: len(asked)] or len(asked) < 2:
        raise invalid("Param poll_attachment must hold option_a and option_b, and may hold option_c and option_d")
    if not all(isinstance(text, str) and 1 <= len(text) <= CHOICE for text in asked.values()):
        raise invalid(f"Param poll_attachment must have options of 1 to {CHOICE} characters")
    return list(asked.values())


async def create(call: Call) -> dict[str, Any]:
    call.need("threads_content_publish")
    me = call.own()
    if unknown := set(call.params.values) - PARAMS:
        raise invalid(f"Param {min(unknown)} is unknown")
    kind = call.params.text("media_type")
    if kind not in {"TEXT", "IMAGE", "VIDEO", "CAROUSEL"}:
        raise invalid("Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")
    _check_words(call, kind)
    above = call.params.text("reply_to_id")
    if above and (above not in call.world.posts or call.world.posts.objects[above].network != THREADS):
        raise invalid("Param reply_to_id is not a valid Threads media ID")
    quoted = call.params.text("quote_post_id")
    if quoted and (quoted not in call.world.posts or call.world.posts.objects[quoted].network != THREADS):
        raise invalid("Param quote_post_id is not a valid Threads media ID")
    item = call.params.flag("is_carousel_item")
    value: dict[str, Any] = {
        "media_type": kind,
        "text": call.params.text("text"),
        "reply_to_id": above,
        "quotes": quoted,
        "item": item,
        "status": "FINISHED",
        "error_message": "",
        "ready_at": 0.0,
        "media": [],
        "published": "",
        "choices": _choices(call, kind),
        "extras": extras.read_extras(call, kind),
        **{name: call.params.text(name) for name in ("reply_control", "topic_tag", "link_attachment", "alt_text")},
    }
    record = Record(call.world.next_id(), me.id, COLLECTION, "", value, time.time())
    if kind == "CAROUSEL":
        value["media"] = _children(call, item=item)
    elif kind == "IMAGE":
        await _take_image(call, record)
    elif kind == "VIDEO":
        _take_video(call, record)
    call.world.records.put(record)
    call.log(value["text"], record.id)
    if call.params.flag("auto_publish_text"):
        if kind != "TEXT":
            raise invalid("Param auto_publish_text goes with TEXT only")
        return {"id": _bring_out(call, record)}
    return {"id": record.id}


def _children(call: Call, *, item: bool) -> list[str]:
    ids = [key for key in call.params.text("children").split(",") if key]
    if item or not 2 <= len(ids) <= 20:
        raise invalid("Param children must hold 2 to 20 ids")
    media: list[str] = []
    for key in ids:
        child = call.world.records.get(key)
        if child is None or child.account_id != call.me.id or not child.value.get("item"):
            raise invalid(f"Param children holds {key}, which is no carousel item")
        if status_of(child) != "FINISHED":
            raise ThreadsError(24, f"The media {key} isn't ready", subcode=4_279_009, kind="THApiException")
        media += child.value["media"]
    return media


async def _fetched(address: str) -> bytes | None:
    """None where it can't be had: the sandbox fetches from this machine only."""
    if not is_local(address):
        return None
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as http:
            answer = await http.get(address)
            return answer.content if answer.status_code == 200 else None
    except httpx.HTTPError:
        return None


async def _take_image(call: Call, record: Record) -> None:
    address = call.params.text("image_url")
    content = await _fetched(address) if address else None
    if content is None:
        raise ThreadsError(
            100, f"The media could not be fetched from this URI: {address}", subcode=2_207_052, kind="THApiException"
        )
    kind = sniff(content)
    ratio = kind.width / kind.height if kind.height else 0
    if kind.mime not in {"image/jpeg", "image/png"} or len(content) > IMAGE_BYTES or not 0.1 <= ratio <= 10:
        raise invalid("The image must be JPEG or PNG, of 8 MB at most, with a ratio of 10:1 at most")
    record.value.update(status="IN_PROGRESS", ready_at=call.world.after(IMAGE_SECONDS))
    _keep(call.world, record, content, kind.mime, kind.width, kind.height)


def _take_video(call: Call, record: Record) -> None:
    address = call.params.text("video_url")
    if not address:
        raise invalid("Param video_url is required for media_type VIDEO")
    record.value.update(status="IN_PROGRESS", ready_at=call.world.after(VIDEO_SECONDS + FETCH_SECONDS))
    task = asyncio.get_running_loop().create_task(_process(call.world, record, address))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _process(world: World, record: Record, address: str) -> None:
    content = await _fetched(address)
    if content is None:
        record.value.update(status="ERROR", error_message="FAILED_DOWNLOADING_VIDEO")
    elif failure := _failure(content):
        record.value.update(status="ERROR", error_message=failure)
    else:
        _keep(world, record, content, sniff(content).mime, 0, 0)
        record.value["ready_at"] = world.after(VIDEO_SECONDS)
    world.records.put(record)


def _failure(content: bytes) -> str:
    """error_message of a video that Threads doesn't take, "" for a good one."""
    try:
        with av.open(io.BytesIO(content), "r") as container:
            stream = container.streams.video[0]
            rate, seconds = float(stream.average_rate or 0), (container.duration or 0) / 1_000_000
            ratio, wide = stream.width / stream.height, stream.width > 1920
    except (FFmpegError, IndexError, ValueError):
        return "FAILED_PROCESSING_VIDEO"
    if not 0 < seconds <= 300:
        return "INVALID_DURATION"
    if not 22.9 <= rate <= 60.1:
        return "INVALID_FRAME_RATE"
    return "INVALID_ASPEC_RATIO" if wide or not 0.01 <= ratio <= 10 else ""


def _keep(world: World, record: Record, content: bytes, mime: str, width: int, height: int) -> None:
    media = Media(world.next_id(), THREADS, record.account_id, mime, len(content), time.time())
    media.alt, media.width, media.height = record.value["alt_text"], width, height
    world.disk.put_bytes(media.id, content)
    world.media.put(media)
    record.value["media"] = [media.id]


def status_of(record: Record) -> str:
    value = record.value
    if value["status"] == "IN_PROGRESS" and value["media"] and value["ready_at"] <= time.time():
        value["status"] = "FINISHED"
    if value["status"] in {"FINISHED", "IN_PROGRESS"} and time.time() - record.created_at > LIFETIME:
        value["status"] = "EXPIRED"
    return str(value["status"])


def container_node(call: Call, record: Record) -> dict[str, Any]:
    if record.account_id != call.me.id:
        raise missing(call.id)
    values = {
        "id": lambda: record.id,
        "status": lambda: status_of(record),
        "error_message": lambda: record.value["error_message"] or None,
    }
    return select(values, call, ("id",), "ThreadsContainer")


async def publish(call: Call) -> dict[str, Any]:
    call.need("threads_content_publish")
    call.own()
    key = call.params.text("creation_id")
    record = call.world.records.get(key)
    if record is None or record.collection != COLLECTION or record.account_id != call.me.id or record.value["item"]:
        raise ThreadsError(24, "The requested resource does not exist", subcode=4_279_009, kind="THApiException")
    status = status_of(record)
    if status == "IN_PROGRESS":
        raise ThreadsError(24, "Media not found: it isn't ready yet", subcode=4_279_009, kind="THApiException")
    if status != "FINISHED":
        raise invalid(f"The container can't be published: its status is {status}")
    return {"id": _bring_out(call, record)}


def _bring_out(call: Call, record: Record) -> str:
    value, world = record.value, call.world
    above = world.posts.get(value["reply_to_id"]) if value["reply_to_id"] else None
    if value["reply_to_id"] and above is None:
        raise invalid("The post that is answered does not exist")
    bucket, (limit, window) = ("replies", REPLIES) if above else ("posts", POSTS)
    if world.spend(f"threads {bucket}", call.me.id, limit=limit, window=window)[0] < 0:
        raise ThreadsError(4, "(#4) Application request limit reached", subcode=2_207_042)
    facts = {name: value[name] for name in ("media_type", "reply_control", "topic_tag", "link_attachment", "quotes")}
    if value.get("choices"):
        facts["poll"] = new_poll(world, value["choices"], POLL_SECONDS)
    facts |= {name: said for name, said in value.get("extras", {}).items() if said}
    post = add_post(world, call.me, value["text"], above=above, media=value["media"], **facts)
    value.update(status="PUBLISHED", published=post.id)
    world.records.put(record)
    call.log(value["text"], post.id)
    return post.id


async def publishing_limit(call: Call) -> dict[str, Any]:
    """Each pair of fields with its scope."""
    call.own()
    row: dict[str, Any] = {}
    for name in call.params.text("fields").split(","):
        prefix = name.removesuffix("quota_usage").removesuffix("config")
        if prefix not in QUOTAS or name not in {f"{prefix}quota_usage", f"{prefix}config"}:
            raise invalid(f"(#100) Tried accessing nonexisting field ({name}) on node type (ThreadsPublishingLimit)")
        call.need(QUOTA_SCOPES[prefix])
        bucket, limit = QUOTAS[prefix]
        left = call.world.spend(f"threads {bucket}", call.me.id, limit=limit, window=LIFETIME, cost=0)[0]
        used = {"quota_total": limit, "quota_duration": LIFETIME}
        row[name] = used if name.endswith("config") else limit - left
    return {"data": [row]}
