"""Publishing on Mastodon: media first, then one POST with an Idempotency-Key, and reading back when its answer is lost."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, MediaError, OutageError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.mastodon.answers import NETWORK, call, message_of
from socialops.networks.mastodon.read import posted_at, remote_post
from socialops.networks.ports import (
    Content,
    Finding,
    Handles,
    Media,
    Published,
    Reconciliation,
    SaveHandles,
    Target,
)
from socialops.networks.text import comparable, html_to_text, with_link


def prepare(target: Target, content: Content) -> Content:
    rule = merge_limits(NETWORK, target.limits)["image"]
    return (
        replace(content, media=tuple(fit_image(media, rule) for media in content.media)) if content.media else content
    )


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Upload each image once; `handles["media"]` maps the file's key to the server's media id."""
    for media in content.media:
        uploaded = handles.setdefault("media", {})
        if media.key not in uploaded:
            uploaded[media.key] = _upload(target, media)
            save(handles)
    return handles


def _upload(target: Target, media: Media) -> str:
    answer = call(
        target,
        "POST",
        "/api/v2/media",
        accept=(400, 413, 415, 422),
        bucket="media",
        files={"file": (media.filename, media.read(), media.content_type)},
        form={"description": media.alt_text},
    )
    if not answer.ok:
        detail = {"field": "media", "media": media.key, "message": message_of(answer)}
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
    media_id = answer.text("id")
    if answer.status == 202:
        _wait(target, media_id)
    return media_id


def _wait(target: Target, media_id: str) -> None:
    """Until the server has processed a file: a status with an unfinished one is refused."""
    for seconds in network_data(NETWORK)["media"]["poll_seconds"]:
        answer = call(target, "GET", f"/api/v1/media/{quote(media_id, safe='')}", accept=(404, 422))
        if answer.status == 422:
            raise MediaError(
                Code.MEDIA_REFUSED, detail={"field": "media", "message": message_of(answer)}, raw=answer.raw()
            )
        if answer.status != 206:  # 200: ready; 404: attached already
            return
        time.sleep(seconds)
    raise OutageError(Code.MEDIA_PROCESSING, raw=answer.raw())


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    uploaded = handles.get("media", {})
    body = _body(content, with_link(content.text, content.link))
    if content.media:
        body["media_ids"] = [uploaded[media.key] for media in content.media]
    return _post(target, body, content.idempotency_key)


def commit_part(target: Target, content: Content, *, parent: Published, text: str, key: str) -> Published:
    return _post(target, {**_body(content, text), "in_reply_to_id": parent.external_id}, key)


def _body(content: Content, text: str) -> dict[str, Any]:
    """Always with a visibility, and the language where we know it: their defaults differ between servers and accounts."""
    body: dict[str, Any] = {"status": text, "visibility": content.options.get("visibility", "public")}
    if content.language:
        body["language"] = content.language.partition("-")[0].lower()
    if warning := content.options.get("spoiler_text"):
        body["spoiler_text"] = warning
    return body


def _post(target: Target, body: dict[str, Any], key: str) -> Published:
    answer = call(
        target,
        "POST",
        "/api/v1/statuses",
        accept=(404,) if "in_reply_to_id" in body else (),
        one_shot=True,
        json=body,
        headers={"Idempotency-Key": key},
    )
    if not answer.ok:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    return _published(answer.object(), answer.text("id"))


def _published(status: dict[str, Any], external_id: str) -> Published:
    return Published(
        external_id, str(status.get("url") or status.get("uri") or ""), {"uri": str(status.get("uri") or "")}
    )


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """Our own recent statuses: the same uploaded files are proof, the same text in the window is as good where it is alone."""
    media_ids = {str(media_id) for media_id in handles.get("media", {}).values()} if content.media else set()
    return _find(target, text=with_link(content.text, content.link), parent="", media_ids=media_ids, since=since)


def find_part(target: Target, *, parent: Published, text: str, since: datetime) -> Reconciliation:
    return _find(target, text=text, parent=parent.external_id, media_ids=set(), since=since)


def _find(target: Target, *, text: str, parent: str, media_ids: set[str], since: datetime) -> Reconciliation:
    rule = network_data(NETWORK)["reconcile"]
    statuses, complete = _own_statuses(target, since - timedelta(seconds=rule["skew_seconds"]), rule)
    wanted = comparable(text)
    found: list[dict[str, Any]] = []
    for status in statuses:
        if str(status.get("in_reply_to_id") or "") != parent:
            continue
        attached = {str(media.get("id")) for media in status.get("media_attachments") or ()}
        if media_ids and media_ids <= attached:
            return Reconciliation(Finding.PUBLISHED, _published(status, str(status["id"])))
        if not media_ids and comparable(html_to_text(str(status.get("content") or ""))) == wanted:
            found.append(status)
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, _published(found[0], str(found[0]["id"])))
    settled_at = since + timedelta(seconds=rule["settle_seconds"])
    if found or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(remote_post(status) for status in found))
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def _own_statuses(target: Target, earliest: datetime, rule: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """Newest first, back to `earliest`, and whether that was reached."""
    params: dict[str, Any] = {"limit": rule["page_size"], "exclude_reblogs": "true"}
    path = f"/api/v1/accounts/{quote(target.external_id, safe='')}/statuses"
    statuses: list[dict[str, Any]] = []
    for _page in range(rule["pages"]):
        page = call(target, "GET", path, params=params).list()
        for status in page:
            moment = posted_at(status)
            if moment is not None and moment < earliest:
                return statuses, True
            statuses.append(status)
        if not page:
            return statuses, True
        params["max_id"] = str(page[-1]["id"])
    return statuses, False


def delete(target: Target, *, external_id: str) -> None:
    path = f"/api/v1/statuses/{quote(external_id, safe='')}"
    call(target, "DELETE", path, accept=(404, 410))
