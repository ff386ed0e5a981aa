"""Publishing on a Page. There is no idempotency key: a create is sent once, and a lost answer is settled by reading back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.facebook.answers import GONE, NETWORK, call, error_code
from socialops.networks.facebook.read import POST_FIELDS, attached_ids, posted_at, remote_comment, remote_post, web_url
from socialops.networks.images import fit_image
from socialops.networks.ports import (
    Content,
    Finding,
    Handles,
    Published,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
)
from socialops.networks.text import comparable, with_link


def prepare(target: Target, content: Content) -> Content:
    rule = merge_limits(NETWORK, target.limits)["image"]
    return (
        replace(content, media=tuple(fit_image(media, rule) for media in content.media)) if content.media else content
    )


def post_text(content: Content) -> str:
    """A photo post can't carry a link preview: the link goes into the text."""
    return with_link(content.text, content.link) if content.media else content.text


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Photos go up unpublished first: `handles["photos"]` maps the file's key to the photo's id.

    One photo too: `/photos` could publish it at once, but only a photo known before the one shot proves later that it went out.
    """
    for media in content.media:
        photos = handles.setdefault("photos", {})
        if media.key not in photos:
            photos[media.key] = call(
                target,
                "POST",
                f"{target.external_id}/photos",
                files={"source": (media.filename, media.read(), media.content_type)},
                form={"published": "false", "alt_text_custom": media.alt_text},
            ).text("id")
            save(handles)
    return handles


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    body: dict[str, Any] = {"message": post_text(content)}
    if content.media:
        body["attached_media"] = [{"media_fbid": handles["photos"][media.key]} for media in content.media]
    elif content.link:
        body["link"] = content.link
    params = {"fields": "id,permalink_url"}
    answer = call(target, "POST", f"{target.external_id}/feed", params=params, json=body, one_shot=True)
    return _published(answer.text("id"), str(answer.object().get("permalink_url") or ""))


def _published(external_id: str, url: str) -> Published:
    return Published(external_id, url or web_url(external_id))


def commit_part(target: Target, *, root: Published, text: str) -> Published:
    """A comment under the post."""
    body = {"message": text}
    answer = call(
        target,
        "POST",
        f"{root.external_id}/comments",
        json=body,
        one_shot=True,
        accept=(GONE,),
    )
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    comment_id = answer.text("id")
    address = root.url or web_url(root.external_id)
    return Published(comment_id, f"{address}?comment_id={comment_id.rpartition('_')[2]}")


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """The Page's recent posts: the same attached photos are proof, the same text in the window is as good where it is alone."""
    photos = {str(photo) for photo in handles.get("photos", {}).values()}
    wanted = comparable(post_text(content))
    posts, complete = _listed(target, f"{target.external_id}/published_posts", POST_FIELDS, since)
    found = []
    for post in posts:
        if photos and photos <= attached_ids(post):
            return Reconciliation(Finding.PUBLISHED, _published(str(post["id"]), str(post.get("permalink_url") or "")))
        if not photos and comparable(str(post.get("message") or "")) == wanted:
            found.append(remote_post(post))
    return _settle(found, since, complete=complete)


def find_part(target: Target, *, root: Published, text: str, since: datetime) -> Reconciliation:
    fields = "id,message,created_time,from{id},permalink_url"
    comments, complete = _listed(
        target, f"{root.external_id}/comments", fields, since, filter="stream", order="reverse_chronological"
    )
    wanted = comparable(text)
    found = [
        remote_comment(root.external_id, comment)
        for comment in comments
        if comparable(str(comment.get("message") or "")) == wanted
        and str((comment.get("from") or {}).get("id", target.external_id)) == target.external_id
    ]
    return _settle(found, since, complete=complete)


def _settle(found: list[RemotePost], since: datetime, *, complete: bool) -> Reconciliation:
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    if found or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(found))
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def _listed(target: Target, edge: str, fields: str, since: datetime, **more: str) -> tuple[list[dict[str, Any]], bool]:
    """Objects of an edge, newest first, created after `since` less a clock's skew; and whether all of them were seen."""
    rule = network_data(NETWORK)["reconcile"]
    earliest = since - timedelta(seconds=rule["skew_seconds"])
    params: dict[str, Any] = {"fields": fields, "limit": rule["page_size"], **more}
    if edge.endswith("published_posts"):
        params["since"] = int(earliest.timestamp())
    seen: list[dict[str, Any]] = []
    for _page in range(rule["pages"]):
        answer = call(target, "GET", edge, params=params)
        rows = answer.object().get("data")
        for row in rows if isinstance(rows, list) else answer.unexpected():
            moment = posted_at(row)
            if moment is not None and moment < earliest:
                return seen, True
            seen.append(row)
        paging = answer.object().get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after:
            return seen, True
        params["after"] = after
    return seen, False


def delete(target: Target, *, external_id: str) -> None:
    call(target, "DELETE", external_id, accept=(GONE,))
