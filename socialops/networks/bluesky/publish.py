"""Publishing on Bluesky: blobs first, then one putRecord under a record key chosen beforehand.

The same record put twice under the same key is one post, so that reading the key back settles every lost answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from socialops.networks import http
from socialops.networks.bluesky import gate, quotes, tags, video
from socialops.networks.bluesky.answers import NETWORK, call, pds, refuse
from socialops.networks.bluesky.identity import resolve_handle
from socialops.networks.bluesky.read import POST, get_record, record_key, web_url
from socialops.networks.bluesky.richtext import facets
from socialops.networks.bluesky.tid import moment_of, part_key, post_key
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.ports import (
    Content,
    Finding,
    Handles,
    Media,
    MediaKind,
    Published,
    Reconciliation,
    SaveHandles,
    Subtitles,
    Target,
)
from socialops.networks.quotes import quote_of
from socialops.networks.subtitles import left_out, with_unfinished
from socialops.networks.text import with_link

WEBVTT = "text/vtt"
GALLERY = "app.bsky.embed.gallery"
LABELS = "com.atproto.label.defs#selfLabels"
UNLABELLED = "none"


def prepare(target: Target, content: Content) -> Content:
    rule = merge_limits(NETWORK, target.limits)["image"]
    fitted = (fit_image(media, rule) if media.kind == MediaKind.IMAGE else media for media in content.media)
    return replace(content, media=tuple(fitted)) if content.media else content


def post_text(content: Content) -> str:
    """With images a post can't carry a link card: the link goes into the text."""
    return with_link(content.text, content.link) if content.media else content.text


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Find the post to quote, upload the blobs, choose the record key, freeze the record: `handles` = {"quoted", "blobs": {key: blob}, "subtitles": {key: {language: blob}}, "rkey",
    "record"}.
    """
    if (address := quote_of(content)) and "quoted" not in handles:
        handles["quoted"] = quotes.resolve(target, address)
        save(handles)
    blobs = handles.setdefault("blobs", {})
    for media in content.media:
        if media.key not in blobs:
            is_video = media.kind == MediaKind.VIDEO
            blobs[media.key] = (
                _upload_video(target, media, handles, save)
                if is_video
                else _upload(target, media.read(), media.content_type)
            )
            save(handles)
        _upload_subtitles(target, media, handles, save)
    if "record" not in handles:
        handles["rkey"] = post_key(content.created_at, content.idempotency_key)
        handles["record"] = _record(target, content, handles)
        save(handles)
    return handles


def _upload(target: Target, content: bytes, content_type: str) -> dict[str, Any]:
    """The blob object, to be used verbatim: the server compares type and size with what it stored."""
    answer = call(
        target,
        "POST",
        "com.atproto.repo.uploadBlob",
        headers={"Content-Type": content_type},
        content=content,
        bucket="blobs",
    )
    blob = answer.object().get("blob")
    return blob if isinstance(blob, dict) else answer.unexpected()


def _upload_video(target: Target, media: Media, handles: Handles, save: SaveHandles) -> dict[str, Any]:
    """`handles["jobs"]` maps the file's key to the job that processes it, asked again until its blob is there."""
    jobs = handles.setdefault("jobs", {})
    if media.key in jobs:
        status = video.look(target, jobs[media.key])
        if status.get("state") == video.FAILED:
            del jobs[media.key]  # a later try, if a person wants one, sends the file again
            save(handles)
        return video.blob_of(media, status)
    video.require_room(target)
    status = video.start(target, media)
    if status.get("jobId"):
        jobs[media.key] = status["jobId"]
        save(handles)
    return video.blob_of(media, status)


def _upload_subtitles(target: Target, media: Media, handles: Handles, save: SaveHandles) -> None:
    """Each track is a blob of its own, beside the video's."""
    for track in _taken(media):
        sent = handles.setdefault("subtitles", {}).setdefault(media.key, {})
        if track.language not in sent:
            sent[track.language] = _upload(target, track.webvtt.encode(), WEBVTT)
            save(handles)


def _taken(media: Media) -> tuple[Subtitles, ...]:
    return media.subtitles[: network_data(NETWORK)["limits"]["subtitles"]["max_count"]]


def _record(target: Target, content: Content, handles: Mapping[str, Any]) -> dict[str, Any]:
    record = text_record(target, post_text(content), content.created_at, content.language) | _beside(content)
    shown = _shown(content, handles)
    if quoted := handles.get("quoted"):
        beside = {"$type": "app.bsky.embed.record", "record": dict(quoted)}
        shown = {"$type": "app.bsky.embed.recordWithMedia", "record": beside, "media": shown} if shown else beside
    return {**record, "embed": shown} if shown else record


def _beside(content: Content) -> dict[str, Any]:
    """What is said of the post itself: the author's own label of its files, and hashtags that don't stand in the text."""
    label = str(content.options.get("content_label") or UNLABELLED)
    labels = {"labels": {"$type": LABELS, "values": [{"val": label}]}} if label != UNLABELLED and content.media else {}
    named = tags.tags_of(content)
    return {**labels, "tags": named} if named else labels


def _shown(content: Content, handles: Mapping[str, Any]) -> dict[str, Any]:
    """A video, images or a link's card; {} for text alone."""
    blobs = handles["blobs"]
    if content.media and content.media[0].kind == MediaKind.VIDEO:
        film = content.media[0]
        return _video(film, blobs[film.key], handles.get("subtitles", {}).get(film.key, {}))
    if content.media:
        return _pictures([_image(media, blobs[media.key]) for media in content.media])
    if not content.link:
        return {}
    card = {
        "uri": content.link,
        "title": str(content.options.get("link_title") or urlsplit(content.link).hostname or content.link),
        "description": str(content.options.get("link_description") or ""),
    }
    return {"$type": "app.bsky.embed.external", "external": card}


def _pictures(images: list[dict[str, Any]]) -> dict[str, Any]:
    """As older apps know them too, while they are few enough; else a gallery."""
    if len(images) <= network_data(NETWORK)["pictures"]["embedded"]:
        return {"$type": "app.bsky.embed.images", "images": images}
    return {"$type": GALLERY, "items": [{"$type": f"{GALLERY}#image", **image} for image in images]}


def _image(media: Media, blob: Mapping[str, Any]) -> dict[str, Any]:
    return {"alt": media.alt_text, "image": blob, **_ratio(media)}


def _video(media: Media, blob: Mapping[str, Any], tracks: Mapping[str, Any]) -> dict[str, Any]:
    alt = {"alt": media.alt_text} if media.alt_text else {}
    spoken = {"captions": [{"lang": language, "file": file} for language, file in tracks.items()]} if tracks else {}
    return {"$type": "app.bsky.embed.video", "video": blob, **spoken, **alt, **_ratio(media)}


def _ratio(media: Media) -> dict[str, Any]:
    return {"aspectRatio": {"width": media.width, "height": media.height}} if media.width and media.height else {}


def text_record(target: Target, text: str, created_at: datetime, language: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": gate.stamp(created_at),
    }
    server = pds(target)
    found = facets(text, lambda handle: resolve_handle(server, handle))
    if found:
        record["facets"] = found
    if language:
        record["langs"] = [language]
    return record


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    return _finished(target, content, put(target, handles["rkey"], handles["record"]))


def _finished(target: Target, content: Content, published: Published) -> Published:
    """With who may answer and quote, which may be set again and again. What the server refuses of it is told and undoes nothing."""
    for media in content.media:
        beyond = media.subtitles[len(_taken(media)) :]
        published = with_unfinished(published, left_out(track.language for track in beyond))
    for option in gate.RULES:
        control = str(content.options.get(option) or gate.EVERYONE)
        if control == gate.EVERYONE:
            continue
        try:
            gate.set_rules(target, published.external_id, option, control, content.created_at)
        except NetworkError as error:
            unfinished = [{"field": option, "code": str(error.code), "detail": error.detail}]
            published = with_unfinished(published, unfinished)
    return published


def commit_part(
    target: Target, content: Content, *, root: Published, parent: Published, text: str, key: str
) -> Published:
    rkey = part_key(record_key(parent.external_id), key)
    record = text_record(target, text, moment_of(rkey), content.language)
    record["reply"] = {"root": _reference(target, root), "parent": _reference(target, parent)}
    return put(target, rkey, record)


def _reference(target: Target, post: Published) -> dict[str, str]:
    cid = str(post.extra.get("cid") or "")
    if not cid:
        found = get_record(target, post.external_id)
        if found is None:
            raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"})
        cid = str(found["cid"])
    return {"uri": post.external_id, "cid": cid}


def put(target: Target, rkey: str, record: Mapping[str, Any]) -> Published:
    body = {"repo": target.external_id, "collection": POST, "rkey": rkey, "validate": True, "record": record}
    answer = call(target, "POST", "com.atproto.repo.putRecord", json=body, one_shot=True, bucket="writes")
    return _published(target, {"uri": answer.text("uri"), "cid": answer.text("cid")})


def _published(target: Target, found: Mapping[str, Any]) -> Published:
    uri = str(found["uri"])
    return Published(uri, web_url(target, uri), {"cid": str(found["cid"])})


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles) -> Reconciliation:
    found = find_key(target, str(handles.get("rkey") or post_key(content.created_at, content.idempotency_key)))
    if found.published is None:
        return found
    return replace(found, published=_finished(target, content, found.published))


def find_part(target: Target, *, parent: Published, key: str) -> Reconciliation:
    return find_key(target, part_key(record_key(parent.external_id), key))


def find_key(target: Target, rkey: str) -> Reconciliation:
    """Whether the record is there is certain; where it isn't, committing again is safe even if the lost request still lands."""
    found = get_record(target, f"at://{target.external_id}/{POST}/{rkey}")
    if found is None:
        return Reconciliation(Finding.NOT_PUBLISHED)
    return Reconciliation(Finding.PUBLISHED, _published(target, found))


def delete(target: Target, *, external_id: str) -> None:
    body = {"repo": target.external_id, "collection": POST, "rkey": record_key(external_id)}
    call(target, "POST", "com.atproto.repo.deleteRecord", json=body, accept=("RecordNotFound",))
    gate.remove(target, external_id)


def fetch_limits(base: str) -> dict[str, dict[str, Any]]:
    """A self-hosted server may take smaller files than the lexicon allows."""
    answer = http.call("GET", f"{base}/xrpc/com.atproto.server.describeServer")
    if not answer.ok:
        refuse(answer)
    most, usual = answer.object().get("blobUploadLimit"), network_data(NETWORK)["limits"]["image"]["max_bytes"]
    return {"image": {"max_bytes": min(most, usual)}} if isinstance(most, int) and most > 0 else {}
