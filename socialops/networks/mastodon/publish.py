"""Publishing on Mastodon: media first, then one POST with an Idempotency-Key, and reading back when its answer is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.mastodon import polls, quotes
from socialops.networks.mastodon.answers import NETWORK, call
from socialops.networks.mastodon.media import upload_all
from socialops.networks.mastodon.read import posted_at, remote_post
from socialops.networks.ports import (
    Content,
    Finding,
    Format,
    Handles,
    MediaKind,
    Published,
    Reconciliation,
    SaveHandles,
    Target,
)
from socialops.networks.quotes import quote_of, refused
from socialops.networks.text import comparable, html_to_text, with_link

Under = tuple[tuple[str, ...], str]  # the choices of a poll, () for none; the id of what is quoted, "" for nothing


def prepare(target: Target, content: Content) -> Content:
    rule = merge_limits(NETWORK, target.limits)["image"]
    fitted = tuple(fit_image(media, rule) if media.kind == MediaKind.IMAGE else media for media in content.media)
    cover = None if content.cover is None else fit_image(content.cover, rule)
    return replace(content, media=fitted, cover=cover) if content.media else content


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """`handles` = {"quoted": the status to quote, "media": {key: id}}."""
    if (address := quote_of(content)) and "quoted" not in handles:
        handles["quoted"] = quotes.resolve(target, address)
        save(handles)
    if content.media:
        upload_all(target, content.media, content.cover, handles=handles, save=save)
    return handles


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    uploaded = handles.get("media", {})
    body = _body(content, with_link(content.text, content.link)) | polls.parameters(content, target.limits)
    if content.media:
        body["media_ids"] = [uploaded[media.key] for media in content.media]
    if address := quote_of(content):
        body["quoted_status_id"] = handles["quoted"]
    answer = _send(target, body, content.idempotency_key)
    if not answer.ok:  # the same answer whether it is gone or not ours to quote
        raise refused(Code.QUOTE_NOT_FOUND, address, raw=answer.raw())
    return _published(answer.object(), answer.text("id"), content)


def commit_part(target: Target, content: Content, *, parent: Published, text: str, key: str) -> Published:
    return post_status(target, {**_body(content, text), "in_reply_to_id": parent.external_id}, key)


def _body(content: Content, text: str) -> dict[str, Any]:
    """Always with a visibility and the mark for sensitive content, and the language where we know it: their defaults differ between servers and accounts."""
    body: dict[str, Any] = {
        "status": text,
        "visibility": content.options.get("visibility", "public"),
        "sensitive": bool(content.options.get("sensitive", False)),
    }
    if content.language:
        body["language"] = content.language.partition("-")[0].lower()
    if warning := content.options.get("spoiler_text"):
        body["spoiler_text"] = warning
    return body


def post_status(target: Target, body: dict[str, Any], key: str) -> Published:
    answer = _send(target, body, key)
    if not answer.ok:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    return _published(answer.object(), answer.text("id"))


def _send(target: Target, body: dict[str, Any], key: str) -> http.Answer:
    """A 404 is about the status it answers or quotes: the caller's to judge."""
    accept = (404,) if body.keys() & {"in_reply_to_id", "quoted_status_id"} else ()
    headers = {"Idempotency-Key": key}
    return call(target, "POST", "/api/v1/statuses", accept=accept, one_shot=True, json=body, headers=headers)


def _published(status: dict[str, Any], external_id: str, content: Content | None = None) -> Published:
    """`content`: what was sent, for what is to be told of its quote."""
    url, uri = str(status.get("url") or status.get("uri") or ""), str(status.get("uri") or "")
    return Published(external_id, url, {"uri": uri, **(quotes.unfinished(content, status) if content else {})})


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """Our own recent statuses: the same uploaded files are proof, the same text in the window is as good where it is alone."""
    media_ids = {str(media_id) for media_id in handles.get("media", {}).values()} if content.media else set()
    choices = tuple(content.options.get("poll_choices") or ()) if content.format == Format.POLL else ()
    text, quoted = with_link(content.text, content.link), str(handles.get("quoted") or "?") if quote_of(content) else ""
    return find(target, text=text, parent="", media_ids=media_ids, under=(choices, quoted), since=since)


def find_part(target: Target, *, parent: Published, text: str, since: datetime) -> Reconciliation:
    return find(target, text=text, parent=parent.external_id, media_ids=set(), since=since)


def find(
    target: Target, *, text: str, parent: str, media_ids: set[str], since: datetime, under: Under = ((), "")
) -> Reconciliation:
    """`under`: what stands under the text. The same text with other choices or another quote, or without, is for a person to judge; so is one whose quote the server doesn't tell."""
    rule = network_data(NETWORK)["reconcile"]
    statuses, complete = _own_statuses(target, since - timedelta(seconds=rule["skew_seconds"]), rule)
    wanted = comparable(text)
    found: list[dict[str, Any]] = []
    alike: list[dict[str, Any]] = []
    for status in statuses:
        if str(status.get("in_reply_to_id") or "") != parent:
            continue
        attached = {str(media.get("id")) for media in status.get("media_attachments") or ()}
        if media_ids and media_ids <= attached:
            return Reconciliation(Finding.PUBLISHED, _published(status, str(status["id"])))
        if not media_ids and comparable(html_to_text(str(status.get("content") or ""))) == wanted:
            shown = (polls.titles_of(status), quotes.quoted_by(status))
            (found if shown == under and shown[1] != "?" else alike).append(status)
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, _published(found[0], str(found[0]["id"])))
    settled_at = since + timedelta(seconds=rule["settle_seconds"])
    if found or alike or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(map(remote_post, (*found, *alike))))
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


def edit(target: Target, content: Content, *, external_id: str) -> None:
    """What is sent replaces the whole status: files, warnings and the poll that are there are read first and sent along. Who sees it can't be changed."""
    path = f"/api/v1/statuses/{quote(external_id, safe='')}"
    answer = call(target, "GET", path, accept=(404, 410))
    if not answer.ok:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "edit"}, raw=answer.raw())
    now, options = answer.object(), content.options
    body = {
        "status": with_link(content.text, content.link),
        "spoiler_text": str(options.get("spoiler_text", now.get("spoiler_text") or "")),
        "sensitive": bool(options.get("sensitive", now.get("sensitive") or False)),
        "media_ids": [str(media["id"]) for media in now.get("media_attachments") or ()],
        **polls.kept(content, now),
    }
    language = content.language.partition("-")[0].lower() or now.get("language")
    if language:
        body["language"] = language
    call(target, "PUT", path, json=body)


def delete(target: Target, *, external_id: str) -> None:
    path = f"/api/v1/statuses/{quote(external_id, safe='')}"
    call(target, "DELETE", path, accept=(404, 410))
