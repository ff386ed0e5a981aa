"""What TikTok does with a file once it has it: look at it, bring it out after a moment, let it through moderation a little later."""

from __future__ import annotations

import asyncio
import io
import time
from dataclasses import dataclass
from typing import Any, Final

import av
import httpx
from av.error import FFmpegError

from socialops.sandbox.images import sniff
from socialops.sandbox.models import TIKTOK, Account, Media, Post, Record
from socialops.sandbox.tiktok.call import creator
from socialops.sandbox.tiktok.webhooks import tell
from socialops.sandbox.webhooks import is_local
from socialops.sandbox.world import World

COLLECTION: Final = "tiktok.publish"
PROCESSING_SECONDS: Final = 0.7
FETCH_SECONDS: Final = 10
FIRST_ID: Final = 7_000_000_000_000_000_000  # public ids are 64-bit integers, beyond what a float holds
PUBLIC: Final = "PUBLIC_TO_EVERYONE"
CODECS: Final = ("h264", "hevc", "vp8", "vp9")
PHOTO_BYTES: Final = 20_000_000
PHOTO_SIDES: Final = (1080, 1920)
_tasks: set[asyncio.Task[None]] = set()


class FailedCheck(Exception):
    """Its text is the fail_reason."""


@dataclass(frozen=True, slots=True)
class Film:
    """What a video file is."""

    seconds: float
    rate: float
    width: int
    height: int


def start(world: World, record: Record) -> None:
    """TikTok has the bytes, or the addresses to fetch them from: the rest comes by itself."""
    record.value["ready_at"] = world.after(PROCESSING_SECONDS)
    world.records.put(record)
    task = asyncio.get_running_loop().create_task(_work(world, record.id))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _work(world: World, publish_id: str) -> None:
    record = world.records.get(publish_id)
    if record is None:
        return
    if record.value["photos"]:
        await _fetch(world, record)
    await asyncio.sleep(max(0.0, record.value["ready_at"] - time.time()))
    finish(world, publish_id)
    post = world.posts.get(record.value["post_id"])
    if post is not None:
        await asyncio.sleep(max(0.0, post.facts["public_at"] - time.time()))
        moderate(world, post)


async def _fetch(world: World, record: Record) -> None:
    """Photos come from their addresses, which must be this machine's here."""
    account = world.accounts.objects[record.account_id]
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as http:
            for address in record.value["photos"]:
                answer = await http.get(address) if is_local(address) else None
                if answer is None or answer.status_code != 200:
                    raise FailedCheck("photo_pull_failed")
                _keep_photo(world, account, record, answer.content)
    except httpx.HTTPError:
        record.value["fail_reason"] = "photo_pull_failed"
    except FailedCheck as failure:
        record.value["fail_reason"] = str(failure)


def _keep_photo(world: World, account: Account, record: Record, content: bytes) -> None:
    kind = sniff(content)
    if kind.mime not in {"image/jpeg", "image/webp"} or len(content) > PHOTO_BYTES:
        raise FailedCheck("file_format_check_failed")
    if any(side > most for side, most in zip(sorted((kind.width, kind.height)), PHOTO_SIDES, strict=True)):
        raise FailedCheck("picture_size_check_failed")
    media = Media(world.next_id(), TIKTOK, account.id, kind.mime, len(content), time.time())
    media.width, media.height = kind.width, kind.height
    world.disk.put_bytes(media.id, content)
    world.media.put(media)
    record.value["media"].append(media.id)
    record.value["downloaded"] += len(content)


def finish(world: World, publish_id: str) -> None:
    """Out, in the inbox, or failed; once. Nothing before its time."""
    record = world.records.get(publish_id)
    if record is None or record.value["status"] not in {"PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD"}:
        return
    value = record.value
    if not value["ready_at"] or value["ready_at"] > time.time():
        return
    account = world.accounts.objects[record.account_id]
    try:
        _check(world, account, value)
    except FailedCheck as failure:
        value.update(status="FAILED", fail_reason=str(failure))
        about = {"reason": str(failure), "publish_id": publish_id, "publish_type": value["type"]}
        tell(world, "post.publish.failed", account.id, about)
    else:
        about = {"publish_id": publish_id, "publish_type": value["type"]}
        if value["type"] == "INBOX_SHARE":
            value["status"] = "SEND_TO_USER_INBOX"
            tell(world, "post.publish.inbox_delivered", account.id, about)
        else:
            value.update(status="PUBLISH_COMPLETE", post_id=_bring_out(world, account, record).id)
            tell(world, "post.publish.complete", account.id, about)
    world.records.put(record)


def _check(world: World, account: Account, value: dict[str, Any]) -> None:
    asked = creator(world, account)
    if reason := value["fail_reason"] or asked["fail"]:
        raise FailedCheck(reason)
    if value["photos"]:
        return
    film = probe(world.disk.get_bytes(value["media"][0]) or b"")
    if film.seconds > asked["max_video_post_duration_sec"]:
        raise FailedCheck("duration_check_failed")
    if not 22.9 <= film.rate <= 60.1:
        raise FailedCheck("frame_rate_check_failed")
    if min(film.width, film.height) < 360 or max(film.width, film.height) > 4096:
        raise FailedCheck("picture_size_check_failed")


def probe(content: bytes) -> Film:
    try:
        with av.open(io.BytesIO(content), "r") as container:
            stream = container.streams.video[0]
            seconds = (container.duration or 0) / 1_000_000
            if stream.codec_context.name.removeprefix("lib") not in CODECS:
                raise FailedCheck("file_format_check_failed")
            return Film(seconds, float(stream.average_rate or 0), stream.width, stream.height)
    except (FFmpegError, IndexError, ValueError) as error:
        raise FailedCheck("file_format_check_failed") from error


def _bring_out(world: World, account: Account, record: Record) -> Post:
    info, value = record.value["post_info"], record.value
    text = info.get("description") or info.get("title") or ""
    public_at = time.time() + creator(world, account)["moderation_seconds"]
    facts = {
        "publish_id": record.id,
        "privacy": info["privacy_level"],
        "kind": "photo" if value["photos"] else "video",
        "title": info.get("title", ""),
        "public_at": public_at,
        "info": info,
    }
    post = add_post(world, account, text, value["media"], facts)
    world.accept(TIKTOK, "POST", "/published", account.handle, text, post.id)
    return post


def add_post(world: World, account: Account, text: str, media: list[str], facts: dict[str, Any]) -> Post:
    """Not to be seen before moderation has passed, and only if it is for everybody."""
    post = Post(str(FIRST_ID + int(world.next_id())), TIKTOK, account.id, text, world.now(), media=media, facts=facts)
    post.live = False
    for key in media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    world.add_post(post)
    moderate(world, post)
    return post


def moderate(world: World, post: Post) -> None:
    """Public once its time has come."""
    if post.live or post.facts["privacy"] != PUBLIC or post.facts["public_at"] > time.time():
        return
    post.live = True
    world.posts.put(post)
    if publish_id := post.facts.get("publish_id"):
        about = {"publish_id": publish_id, "post_id": int(post.id), "publish_type": "DIRECT_PUBLISH"}
        tell(world, "post.publish.publicly_available", post.account_id, about)
