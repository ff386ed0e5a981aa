"""Publishing on a Page. There is no idempotency key: a create is sent once, and a lost answer is settled by reading back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from socialops.networks.data import limits_of, merge_limits
from socialops.networks.errors import Code, ValidationError
from socialops.networks.facebook import audience, carousel, story, video
from socialops.networks.facebook.answers import NETWORK, absolute, is_video, web_url
from socialops.networks.facebook.captions import with_captions
from socialops.networks.facebook.read import POST_FIELDS, attached_ids, remote_comment, remote_post
from socialops.networks.images import fit_image
from socialops.networks.meta.graph import GONE, call, error_code
from socialops.networks.meta.reconcile import listed, settle
from socialops.networks.ports import (
    Content,
    Finding,
    Format,
    Handles,
    Media,
    MediaKind,
    Published,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
)
from socialops.networks.text import comparable, with_link


def prepare(target: Target, content: Content) -> Content:
    rule = limits_of(merge_limits(NETWORK, target.limits), content.format)["image"]
    media = tuple(fit_image(item, rule) if item.kind == MediaKind.IMAGE else item for item in content.media)
    cover = fit_image(content.cover, rule) if content.cover is not None else None
    return replace(content, media=media, cover=cover) if media else content


def post_text(content: Content) -> str:
    """A post with photos or a video can't carry a link preview: the link goes into the text. A carousel has cards for links."""
    apart = not content.media or content.options.get("format") == Format.CAROUSEL
    return content.text if apart else with_link(content.text, content.link)


def clip(content: Content) -> Media | None:
    """The video of a post, which has no other file beside it."""
    return next((media for media in content.media if media.kind == MediaKind.VIDEO), None)


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Photos go up unpublished first: `handles["photos"]` maps the file's key to the photo's id. A video goes up whole: `handles["video"]`.

    One photo too: `/photos` could publish it at once, but only a photo known before the one shot proves later that it went out.
    """
    film = clip(content)
    if content.format == Format.CAROUSEL:
        return carousel.host(content, handles, save)
    if film is not None and content.format == Format.POST:
        video.send_in_chunks(target, film, handles=handles, save=save)
    elif film is not None:
        edge = video.REELS if content.format == Format.REEL else story.VIDEOS
        video.send_whole(target, film, edge=edge, handles=handles, save=save)
        if content.format == Format.STORY:
            video.wait_until_processed(target, handles)
    else:
        for media in content.media:
            _upload_photo(target, media, handles, save)
    return handles


def _upload_photo(target: Target, media: Media, handles: Handles, save: SaveHandles) -> None:
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


def commit(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """None for videos and reels: accepted, and live once they are processed."""
    film = clip(content)
    if content.format == Format.STORY:
        published = story.commit(target, handles=handles)
        return published if film is None else with_captions(target, content, film, published)
    if content.format == Format.REEL:
        video.finish_reel(target, content, text=post_text(content), handles=handles)
        return None
    if film is not None:
        video.finish(target, content, text=post_text(content), handles=handles)
        return None
    body: dict[str, Any] = {"message": post_text(content), **audience.fields(content)}
    if content.format == Format.CAROUSEL:
        body |= carousel.fields(content, handles)
    elif content.media:
        body["attached_media"] = [{"media_fbid": handles["photos"][media.key]} for media in content.media]
    elif content.link:
        body["link"] = content.link
    params = {"fields": "id,permalink_url"}
    answer = call(target, "POST", f"{target.external_id}/feed", params=params, json=body, one_shot=True)
    return _published(answer.text("id"), answer.object().get("permalink_url"))


def _published(external_id: str, url: Any) -> Published:
    return Published(external_id, absolute(url, external_id))


def confirm(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """A video or reel once it is live; everything else is live when `commit` answers."""
    film = clip(content)
    if film is None or content.format == Format.STORY:
        return None
    published = video.read(target, content, handles=handles).published
    return published and with_captions(target, content, film, published)


def commit_part(target: Target, *, root: Published, text: str) -> Published:
    """A comment under the post."""
    return comment_under(target, root.external_id, text, address=root.url or web_url(root.external_id))


def comment_under(target: Target, parent: str, text: str, *, address: str) -> Published:
    """One shot: a comment under a post, or an answer under a comment."""
    body = {"message": text}
    answer = call(target, "POST", f"{parent}/comments", json=body, one_shot=True, accept=(GONE,))
    if error_code(answer) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    comment_id = answer.text("id")
    return Published(comment_id, f"{address}?comment_id={comment_id.rpartition('_')[2]}")


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """A video, reel or story by the id it had before the one shot. The Page's recent posts: the same attached photos are proof, the same text in the window is as good where
    it is alone. Of a carousel the cards must lead to the same addresses too; the same text with others is for a person to judge.
    """
    film = clip(content)
    if content.format == Format.STORY:
        found = story.find(target, handles=handles, since=since)
    elif film is not None and handles.get("video"):
        found = video.find(target, content, handles=handles, since=since)
    else:
        return _find_post(target, content, handles=handles, since=since)
    if film is None or found.published is None:
        return found
    return replace(found, published=with_captions(target, content, film, found.published))


def _find_post(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    photos = {str(photo) for photo in handles.get("photos", {}).values()}
    wanted = comparable(post_text(content))
    cards = content.format == Format.CAROUSEL
    fields = f"{POST_FIELDS},{carousel.FIELD}" if cards else POST_FIELDS
    posts, complete = listed(target, f"{target.external_id}/published_posts", fields, since, window=True)
    found: list[RemotePost] = []
    alike: list[RemotePost] = []
    for post in posts:
        if photos and photos <= attached_ids(post):
            return Reconciliation(Finding.PUBLISHED, _published(str(post["id"]), post.get("permalink_url")))
        if not photos and comparable(str(post.get("message") or "")) == wanted:
            (alike if cards and not carousel.is_ours(content, post) else found).append(remote_post(post))
    return settle(found, since, complete=complete, alike=alike)


def find_part(target: Target, *, parent: str, text: str, since: datetime) -> Reconciliation:
    """Our own comment under a post or comment, since then, by its words."""
    fields = "id,message,created_time,from{id},permalink_url"
    comments, complete = listed(
        target, f"{parent}/comments", fields, since, filter="stream", order="reverse_chronological"
    )
    wanted = comparable(text)
    found = [
        remote_comment(parent, comment)
        for comment in comments
        if comparable(str(comment.get("message") or "")) == wanted
        and str((comment.get("from") or {}).get("id", target.external_id)) == target.external_id
    ]
    return settle(found, since, complete=complete)


def edit(target: Target, content: Content, *, external_id: str) -> None:
    """Only the text (and a reel's title), and only of posts that this app made: Meta refuses others."""
    body = {"message": post_text(content)}
    if is_video(external_id):
        body = {"description": post_text(content), **video.title_of(content)}
    if error_code(call(target, "POST", external_id, json=body, accept=(GONE,))) == GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"})


def delete(target: Target, *, external_id: str) -> None:
    call(target, "DELETE", external_id, accept=(GONE,))
