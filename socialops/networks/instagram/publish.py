"""Publishing on Instagram: containers, one `media_publish`, and the container's own word when its answer is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import limits_of, merge_limits, network_data
from socialops.networks.errors import Code, NetworkError, RateLimitError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.instagram import containers
from socialops.networks.instagram.answers import NETWORK, profile_url, read_object
from socialops.networks.instagram.containers import PUBLISHED, caption_of, status_of, wait_until_ready
from socialops.networks.instagram.read import MEDIA_FIELDS, comment_url, remote_comment, remote_media
from socialops.networks.meta.graph import GONE, META, by_instagram_login, call, error_code, rows
from socialops.networks.meta.reconcile import listed, look_again, settle
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Format,
    Handles,
    MediaKind,
    Published,
    Quota,
    Reconciliation,
    SaveHandles,
    Target,
)
from socialops.networks.text import comparable

STORY = "STORY"


def prepare(target: Target, content: Content) -> Content:
    """Pictures become JPEG; a cover too."""
    rule = limits_of(merge_limits(NETWORK, target.limits), content.format)["image"]
    media = tuple(fit_image(item, rule) if item.kind == MediaKind.IMAGE else item for item in content.media)
    cover = fit_image(content.cover, rule) if content.cover is not None else None
    return replace(content, media=media, cover=cover)


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """`handles["container"]` is what will be published, `handles["children"]` a carousel's items by file. Returns when it is ready."""
    if "container" not in handles and not handles.get("children"):
        check_quota(target)
    if len(content.media) > 1:
        if "container" not in handles:
            containers.make_carousel(target, content, handles, save)
    else:
        containers.make_single(target, content, handles, save)
    video = any(media.kind == MediaKind.VIDEO for media in content.media)
    status = wait_until_ready(target, handles, "container", lambda: _forget(handles, save), video=video)
    handles["published"] = status == PUBLISHED  # then it is out, and nothing may be sent again
    return handles


def _forget(handles: Handles, save: SaveHandles) -> None:
    """A carousel that failed or expired takes its children with it."""
    handles.pop("children", None)
    save(handles)


def check_quota(target: Target) -> None:
    """What is left of the day's posts, before containers are made for nothing."""
    params = {"fields": "quota_usage,config"}
    found = rows(call(target, "GET", f"{target.external_id}/content_publishing_limit", params=params))
    told = found[0] if found else {}
    total, used = (told.get("config") or {}).get("quota_total"), told.get("quota_usage")
    if isinstance(total, int) and isinstance(used, int):
        target.report(Quota("posts", total, max(0, total - used), None))
        if used >= total:
            wait = network_data(META)["processing"]["quota_poll_seconds"]
            until = datetime.now(UTC) + timedelta(seconds=wait)
            raise RateLimitError(Code.QUOTA_SPENT, detail={"bucket": "posts"}, until=until)


def commit(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """None when the container says that it has been published already: `confirm` finds what became of it."""
    container = handles["container"]
    if handles.get("published"):
        return None
    form = {"creation_id": container["id"]}
    answer = call(target, "POST", f"{target.external_id}/media_publish", form=form, one_shot=True)
    media_id = answer.text("id")
    target.report(Charge("posts"))
    try:
        media = read_object(target, media_id, fields=MEDIA_FIELDS).object()
    except NetworkError:
        media = {}  # it is out: an address that can't be read now is no reason to doubt it
    return _published(target, content, media_id, media)


def _published(target: Target, content: Content, media_id: str, media: Mapping[str, Any]) -> Published:
    """With its comments closed where that is asked for, which has no place in a container; repeatable. What doesn't succeed is told in `extra`."""
    extra = {"product": str(media.get("media_product_type") or "")}
    if content.options.get("comments_enabled") is False and content.format != Format.STORY:
        try:
            call(target, "POST", media_id, params={"comment_enabled": "false"})
        except NetworkError as error:
            extra["comments_enabled"] = str(error.code)
    return Published(media_id, str(media.get("permalink") or profile_url(target.handle)), extra)


def confirm(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """The media of a container that was published; None while it can't be found."""
    found = find_published(target, content, handles=handles, since=_made_at(handles))
    return found.published


def _made_at(handles: Handles) -> datetime:
    return datetime.fromisoformat(str(handles["container"]["made_at"]))


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """The container tells whether it was published, and never which media it became: that is found among the newest, by caption, kind and time.

    Published for certain but not found yet is no question for a person; several of the same words are.
    """
    if "container" in handles:
        code, _words, _answer = status_of(target, handles["container"])
        if code != PUBLISHED:
            return settle((), since)  # one that is unfinished, failed or too old can't have been published either
    found, complete = _candidates(target, content, since)
    if len(found) == 1:
        media = found[0]
        return Reconciliation(Finding.PUBLISHED, _published(target, content, str(media["id"]), media))
    if not found and "container" in handles:
        return look_again()
    return settle([remote_media(media) for media in found], since, complete=complete)


def _candidates(target: Target, content: Content, since: datetime) -> tuple[list[dict[str, Any]], bool]:
    story = content.format == Format.STORY
    edge = f"{target.external_id}/{'stories' if story else 'media'}"
    posts, complete = listed(
        target, edge, MEDIA_FIELDS, since, time="timestamp", window=not story, newest_first=not story
    )
    wanted = comparable(caption_of(content))
    clip = len(content.media) == 1 and content.media[0].kind == MediaKind.VIDEO
    kind = "CAROUSEL_ALBUM" if len(content.media) > 1 else "VIDEO" if clip else "IMAGE"
    return [
        post
        for post in posts
        if (story or comparable(str(post.get("caption") or "")) == wanted)
        and str(post.get("media_type") or kind) == kind
    ], complete


# ---------------------------------------------------------------- the first comment, and taking back


def commit_part(target: Target, *, root: Published, text: str) -> Published:
    form = {"message": text}
    answer = call(target, "POST", f"{root.external_id}/comments", form=form, one_shot=True, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    comment_id = answer.text("id")
    return Published(comment_id, comment_url(root.url or profile_url(target.handle), comment_id))


def find_part(target: Target, *, edge: str, address: str, text: str, since: datetime) -> Reconciliation:
    """Our own comment under a media (`<id>/comments`) or comment (`<id>/replies`), since then, by its words."""
    fields = "id,text,timestamp,username,from{id,username}"
    newest_first = edge.endswith("/comments")
    comments, complete = listed(target, edge, fields, since, time="timestamp", newest_first=newest_first)
    wanted = comparable(text)
    found = [
        remote_comment(address, comment)
        for comment in comments
        if comparable(str(comment.get("text") or "")) == wanted
        and str(comment.get("username") or target.handle) == target.handle
    ]
    return settle(found, since, complete=complete)


def delete(target: Target, *, external_id: str) -> None:
    """Only with Facebook Login; the Instagram login has no way."""
    if by_instagram_login(target):
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "delete"})
    call(target, "DELETE", external_id, accept=(GONE,))
