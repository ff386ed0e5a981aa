"""Publishing on TikTok. A video is published by the arrival of its last byte under a publish_id known before the first; photos by the one call that names
their addresses.

One publish_id never gives two posts. So a video can't be doubled: the last PUT may even be repeated. The call for photos can't be: when its answer is lost
nobody told us the publish_id, and TikTok may go on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from socialops.networks import http
from socialops.networks.checks import raise_first
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, MediaError, NetworkError, OutageError, RateLimitError, UnknownOutcomeError
from socialops.networks.images import fit_image
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Format,
    Handles,
    Media,
    MediaKind,
    Published,
    Reconciliation,
    SaveHandles,
    Target,
)
from socialops.networks.text import comparable
from socialops.networks.tiktok.answers import NETWORK, call, known_error
from socialops.networks.tiktok.creator import has_photos, post_info, post_text, problems_now
from socialops.networks.tiktok.read import Status, fetch_status, own_videos, post_url, remote_post

INIT = {Format.POST: "/v2/post/publish/video/init/", Format.DRAFT: "/v2/post/publish/inbox/video/init/"}
PHOTO_INIT = "/v2/post/publish/content/init/"
MODES = {Format.POST: "DIRECT_POST", Format.DRAFT: "MEDIA_UPLOAD"}


def prepare(target: Target, content: Content) -> Content:
    """Photos made to fit, and what the account may do asked again, as TikTok demands before each post."""
    raise_first(list(problems_now(target, content)))
    rule = merge_limits(NETWORK, target.limits)["image"]
    fitted = (
        fit_image(media, _either_way_round(media, rule)) if media.kind == MediaKind.IMAGE else media
        for media in content.media
    )
    return replace(content, media=tuple(fitted))


def _either_way_round(media: Media, rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The long side that leaves the short one within its own limit."""
    shorter, longer = sorted((media.width or 1, media.height or 1))
    return {**rule, "max_side": min(rule["max_side"], int(rule["short_side"] * longer / shorter))}


def charge(content: Content) -> Charge:
    return Charge("drafts" if content.format == Format.DRAFT else "posts")


def chunks_of(size: int) -> list[tuple[int, int]]:
    """[start, stop) of each chunk: TikTok counts floor(size / chunk), so the last takes the rest."""
    length = network_data(NETWORK)["upload"]["chunk"]
    count = max(1, size // length)
    return [(n * length, size if n == count - 1 else (n + 1) * length) for n in range(count)]


# ---------------------------------------------------------------- what publishes nothing


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """A video: publish_id and upload_url, then all chunks but the last. Photos: an address for each."""
    if has_photos(content):
        return _host(content, handles, save)
    video = content.media[0]
    if "publish_id" in handles:
        handles = _resumed(target, video, handles)
    if "publish_id" not in handles:
        handles |= _open_upload(target, content, video)
        save(handles)
    chunks = chunks_of(video.size)
    while handles["sent"] < len(chunks) - 1:
        _put(handles, video, chunks[handles["sent"]], one_shot=False)
        handles["sent"] += 1
        save(handles)
    return handles


def _host(content: Content, handles: Handles, save: SaveHandles) -> Handles:
    """TikTok fetches photos: `handles["photos"]` maps the file's key to its address, used again only while it certainly lives."""
    if time.time() - handles.get("hosted_at", 0) > network_data(NETWORK)["hosting"]["seconds"]:
        handles = {"hosted_at": int(time.time()), "photos": {}}
    for media in content.media:
        if media.key not in handles["photos"]:
            handles["photos"][media.key] = media.public_url()
            save(handles)
    return handles


def _open_upload(target: Target, content: Content, video: Media) -> Handles:
    """A lost answer costs nothing: without bytes nothing is published."""
    chunks = chunks_of(video.size)
    source = {
        "source": "FILE_UPLOAD",
        "video_size": video.size,
        "chunk_size": chunks[0][1],
        "total_chunk_count": len(chunks),
    }
    body: dict[str, Any] = {"source_info": source}
    if content.format == Format.POST:
        body["post_info"] = post_info(content)
    answer = call(target, "POST", INIT[content.format], json=body)
    publish_id, address = answer.text("data", "publish_id"), answer.text("data", "upload_url")
    return {"publish_id": publish_id, "upload_url": address, "opened_at": int(time.time()), "sent": 0}


def _resumed(target: Target, video: Media, handles: Handles) -> Handles:
    """Where an earlier try left off by TikTok's own account; {} where nothing can come of it any more."""
    status = fetch_status(target, handles["publish_id"])
    if status is None or status.failed:
        return {}
    if status.arrived(video.size):
        return handles  # all there: the one shot will say so
    if time.time() - handles["opened_at"] > network_data(NETWORK)["upload"]["url_seconds"]:
        return {}
    if status.uploaded is not None:
        handles["sent"] = sum(stop <= status.uploaded for _start, stop in chunks_of(video.size))
    return handles


def _put(handles: Handles, video: Media, chunk: tuple[int, int], *, one_shot: bool) -> None:
    """One chunk, without our token: the address is the permission. After the last one 201, or a question."""
    start, stop = chunk
    address = str(handles["upload_url"])
    secrets = tuple(value for values in parse_qs(urlsplit(address).query).values() for value in values)
    answer = http.call(
        "PUT",
        address,
        headers={"Content-Type": video.content_type, "Content-Range": f"bytes {start}-{stop - 1}/{video.size}"},
        content=video.chunk(start, stop),
        one_shot=one_shot,
        secrets=secrets,
    )
    if answer.ok and (answer.status != 206) == one_shot:
        return
    if answer.status == 429:
        until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["rate_limit"]["default_wait_seconds"])
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=until, raw=answer.raw())
    # 400, 403, 416: also what a chunk gets that had arrived already. The status tells which, before anything is sent again.
    lost = UnknownOutcomeError if one_shot else OutageError
    raise lost(Code.SERVER_ERROR, detail={"status": answer.status}, raw=answer.raw())


# ---------------------------------------------------------------- the one shot, and what comes of it


def commit(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """Always None: TikTok works on it. The publish_id of photos is added to `handles`."""
    if has_photos(content):
        photos = [handles["photos"][media.key] for media in content.media]
        body = {
            "media_type": "PHOTO",
            "post_mode": MODES[content.format],
            "post_info": post_info(content),
            "source_info": {"source": "PULL_FROM_URL", "photo_images": photos, "photo_cover_index": 0},
        }
        answer = call(target, "POST", PHOTO_INIT, json=body, one_shot=True)
        handles["publish_id"] = answer.text("data", "publish_id")
    else:
        video = content.media[0]
        _put(handles, video, chunks_of(video.size)[-1], one_shot=True)
    target.report(charge(content))
    return None


def confirm(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """Live, or in the inbox. Without a public id it is live too: there is none for a private post, and none before moderation has passed."""
    if "publish_id" not in handles:  # photos whose handles were not kept
        return find_published(target, content, handles=handles, since=content.created_at).published
    status = fetch_status(target, handles["publish_id"])
    if status is None:
        return None
    if status.failed:
        raise _failure(status)
    return _published(target, content, status) if status.done else None


def _failure(status: Status) -> NetworkError:
    known = known_error("failures", status.fail_reason, "", status.raw)
    detail = {"field": "media", "message": status.fail_reason}
    return known or MediaError(Code.MEDIA_REFUSED, detail=detail, raw=status.raw)


def _published(target: Target, content: Content, status: Status) -> Published:
    kind = "photo" if has_photos(content) else "video"
    extra = {"publish_id": status.publish_id, "draft": status.state == "SEND_TO_USER_INBOX"}
    if not status.public_ids:
        return Published(status.publish_id, "", extra)
    return Published(status.public_ids[0], post_url(target, status.public_ids[0], kind), extra)


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """By the publish_id where it is known, which leaves no doubt. Else by our own public posts: the same words in the window."""
    if publish_id := handles.get("publish_id"):
        return _by_status(target, content, str(publish_id), since)
    rule = network_data(NETWORK)["reconcile"]
    posts, complete = own_videos(target, since - timedelta(seconds=rule["skew_seconds"]))
    wanted = comparable(post_text(content))
    found = [remote_post(target, post) for post in posts if comparable(_words(post)) == wanted]
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    if found:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(found))
    settled_at = since + timedelta(seconds=rule["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    # no publish_id, so not a byte of a video was sent; photos may be in moderation, or private and never listed
    certain = complete and not has_photos(content)
    return Reconciliation(Finding.NOT_PUBLISHED if certain else Finding.UNDECIDED)


def _words(post: Mapping[str, Any]) -> str:
    return str(post.get("video_description") or post.get("title") or "")


def _by_status(target: Target, content: Content, publish_id: str, since: datetime) -> Reconciliation:
    status = fetch_status(target, publish_id)
    if status is not None and status.done:
        return Reconciliation(Finding.PUBLISHED, _published(target, content, status))
    if status is not None and status.failed:
        return Reconciliation(Finding.NOT_PUBLISHED)
    now = datetime.now(UTC)
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if status is None or has_photos(content) or status.arrived(content.media[0].size) is not False:
        later = now + timedelta(seconds=network_data(NETWORK)["upload"]["processing_seconds"])
        return Reconciliation(Finding.UNDECIDED, look_again_at=later)
    if settled_at > now:
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)
