"""Publishing on X: files first, each with its alt text, then one POST. There is no idempotency key: a create is sent once, and a lost answer is settled by reading back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks.articles import article_of
from socialops.networks.checks import check_content
from socialops.networks.data import limits_of, merge_limits, network_data
from socialops.networks.errors import Code, PolicyError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.options import options_of
from socialops.networks.polls import poll_of
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Format,
    Handles,
    Media,
    MediaKind,
    Problem,
    Published,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
)
from socialops.networks.subtitles import left_out, with_unfinished
from socialops.networks.text import comparable, with_link
from socialops.networks.x import article as long_form
from socialops.networks.x import audience, people
from socialops.networks.x.answers import NETWORK, call, post_url, price
from socialops.networks.x.media import is_described, is_gif, tracks_of, upload
from socialops.networks.x.read import has_poll, media_keys, own_posts, referenced, remote_post, settle, text_of
from socialops.networks.x.weighted import find_cashtags, find_links, links_of

REPLY_SETTINGS = {
    "following": "following",
    "mentioned": "mentionedUsers",
    "subscribers": "subscribers",
    "verified": "verified",
}  # everyone: X wants the field left out


def post_text(content: Content) -> str:
    """X makes the card from the address in the text."""
    return with_link(content.text, content.link)


def check(content: Content, *, limits: Mapping[str, Any], formats: Sequence[Format]) -> Iterator[Problem]:
    merged, options, article = merge_limits(NETWORK, limits), options_of(NETWORK), article_of(content)
    text = (article.text or article.source) if article else post_text(content)
    yield from check_content(content, text=text, limits=merged, options=options, formats=formats)
    yield from _check_cashtags(content, "" if article else text, merged["text"]["max_cashtags"])
    if article:
        yield from long_form.check(content, article, limits_of(merged, Format.ARTICLE))
    elif any(map(is_gif, content.media)) and len(content.media) > 1:
        yield Problem(Code.MEDIA_MIXED, "media", {"kinds": "gif, image"})
    yield from people.check(content)
    yield from audience.check(content)
    if content.cover is not None and content.cover.kind != MediaKind.IMAGE:
        detail = {"media": content.cover.key, "kind": str(content.cover.kind), "allowed": str(MediaKind.IMAGE)}
        yield Problem(Code.MEDIA_KIND, "cover", detail)


def _check_cashtags(content: Content, text: str, most: int) -> Iterator[Problem]:
    """Each post of a thread may have as many, and the first comment too; of articles X says nothing."""
    parts = [("parts", text, {"part": number}) for number, text in enumerate(content.parts, start=1)]
    for field, said, which in [("text", text, {}), *parts, ("first_comment", content.first_comment, {})]:
        if (count := sum(1 for _ in find_cashtags(said))) > most:
            yield Problem(Code.TOO_MANY_CASHTAGS, field, {"count": count, "limit": most, **which})


def prepare(target: Target, content: Content) -> Content:
    """Pictures are made to fit; a GIF stays what it is, or is refused."""
    limits = merge_limits(NETWORK, target.limits)
    cover = cover_of(content)
    return replace(
        content,
        cover=cover and fit_image(cover, limits["image"]),
        media=tuple(
            fit_image(media, limits["gif" if is_gif(media) else "image"]) if media.kind == MediaKind.IMAGE else media
            for media in content.media
        ),
    )


def cover_of(content: Content) -> Media | None:
    """The still picture; only a video has one. X takes no description of it."""
    has_video = any(media.kind == MediaKind.VIDEO for media in content.media)
    return replace(content.cover, alt_text="") if content.cover is not None and has_video else None


# ---------------------------------------------------------------- what it costs


def charges(content: Content) -> Sequence[Charge]:
    """A post with a link in it costs thirteen times one without: the post, each part of the thread, the first comment, and the alt text of each picture."""
    article = content.format == Format.ARTICLE
    texts = [*content.parts, *([content.first_comment] if content.first_comment else [])]
    described = sum(map(is_described, content.media))
    found = long_form.charges() if article else [charge_of(post_text(content))]
    found += [*map(charge_of, texts), *lookups(content)]
    return [*found, Charge("metadata", described, price("metadata") * described)] if described else found


def lookups(content: Content) -> list[Charge]:
    """Each person tagged is read."""
    count = len(people.names_of(content))
    return [Charge("reads", 0, price("user_read") * count)] if count else []


def charge_of(text: str) -> Charge:
    return Charge("posts", 1, price("post_with_link" if links_of(text) else "post"))


# ---------------------------------------------------------------- going out


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Each file goes up once: `handles["media"]` maps its key to {"id", "media_key", …}, see `media.upload`. `handles["article"]`: the draft, which has them from then on;
    `handles["tagged"]`: ids of people; `handles["cover"]`: as the whole, of the still picture alone.
    """
    if handles.get("article"):
        return handles
    if "tagged" not in handles and people.names_of(content):
        handles["tagged"] = people.ids_of(target, content)
        save(handles)
    for media in content.media:
        upload(target, media, handles=handles, save=save)
    if cover := cover_of(content):
        upload(target, cover, handles=handles.setdefault("cover", {}), save=lambda _: save(handles))
    if article := article_of(content):
        handles["article"] = long_form.draft(target, content, article, _media_ids(content, handles))
        save(handles)
    return handles


def _media_ids(content: Content, handles: Handles) -> list[str]:
    return [handles["media"][media.key]["id"] for media in content.media]


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    if content.format == Format.ARTICLE:
        return long_form.publish(target, article_id=handles["article"]["id"])
    body = body_of(content, _media_ids(content, handles), tagged=handles.get("tagged", ()))
    if cover := cover_of(content):
        body["media"]["preview_media_id"] = handles["cover"]["media"][cover.key]["id"]
    return _whole(content, post(target, post_text(content), body))


def _whole(content: Content, published: Published) -> Published:
    """With what is told of subtitles that X has no place for."""
    for media in content.media:
        taken = tracks_of(media).values()
        beyond = left_out(track.language for track in media.subtitles if track not in taken)
        published = with_unfinished(published, beyond)
    return published


def body_of(content: Content, media_ids: Sequence[str], *, tagged: Sequence[str] = ()) -> dict[str, Any]:
    """What a post is made of beside its text."""
    body = audience.fields_of(content)
    if poll := poll_of(content, options_of(NETWORK)):
        body["poll"] = {"options": list(poll.choices), "duration_minutes": poll.minutes}
    elif media_ids:
        body["media"] = {"media_ids": list(media_ids), **({"tagged_user_ids": list(tagged)} if tagged else {})}
    if who := REPLY_SETTINGS.get(str(content.options.get("reply_settings"))):
        body["reply_settings"] = who
    if content.options.get("ai_generated"):
        body["made_with_ai"] = True
    if content.options.get("paid_partnership"):
        body["paid_partnership"] = True
    return body


def commit_part(target: Target, content: Content, *, parent: Published, text: str) -> Published:
    """A reply to our own post: the next of a thread, or the first comment."""
    body = {"reply": {"in_reply_to_tweet_id": parent.external_id}, **audience.for_subscribers(content)}
    return post(target, text, body)


def post(target: Target, text: str, body: dict[str, Any]) -> Published:
    """One shot. A 201 without an id in it is no proof of anything."""
    if text:
        body["text"] = text
    try:
        answer = call(
            target, "POST", "/2/tweets", json=body, one_shot=True, scope="tweet.write", bucket="posts", accept=(404,)
        )
    except (PolicyError, ValidationError) as error:
        raise audience.refused(body, error) from error
    if answer.status == 404:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    post_id = answer.text("data", "id")
    target.report(charge_of(text))
    return published_of(target, post_id)


def published_of(target: Target, post_id: str) -> Published:
    return Published(post_id, post_url(target, target.handle, post_id))


def delete(target: Target, *, external_id: str) -> None:
    path = f"/2/tweets/{quote(external_id, safe='')}"
    if call(target, "DELETE", path, accept=(404,), scope="tweet.write", bucket="deletes").ok:
        target.report(Charge("deletes", 1, price("manage")))


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """Our own recent posts: the same uploaded files are proof, the same text in the window is as good where it is alone.

    The same text that is a poll on one side only is for a person to judge. So is what is not found and not for everybody: whether our list shows it is not told.
    """
    if content.format == Format.ARTICLE:
        return long_form.find_published(target, content, handles=handles, since=since)
    uploaded = handles.get("media", {}) if content.media else {}
    files = frozenset(str(file["media_key"]) for file in uploaded.values() if file.get("media_key"))
    poll = content.format == Format.POLL
    found = _find(target, text=post_text(content), parent="", files=files, poll=poll, since=since)
    if found.finding == Finding.NOT_PUBLISHED and audience.is_narrow(content):
        return Reconciliation(Finding.UNDECIDED)
    return replace(found, published=found.published and _whole(content, found.published))


def find_part(target: Target, *, parent: str, text: str, since: datetime) -> Reconciliation:
    """A reply of ours under `parent`."""
    return _find(target, text=text, parent=parent, files=frozenset(), poll=False, since=since)


def _find(
    target: Target, *, text: str, parent: str, files: frozenset[str], poll: bool, since: datetime
) -> Reconciliation:
    rule = network_data(NETWORK)["reconcile"]
    posts, complete = own_posts(target, since - timedelta(seconds=rule["skew_seconds"]))
    wanted = comparable_text(text)
    same: list[RemotePost] = []
    alike: list[RemotePost] = []
    for row in posts:
        if referenced(row, "replied_to") != parent:
            continue
        if files and files <= set(media_keys(row)):
            return Reconciliation(Finding.PUBLISHED, published_of(target, str(row["id"])))
        if not files and comparable_text(text_of(row)) == wanted:
            (same if has_poll(row) == poll else alike).append(remote_post(target, row))
    return settle(target, same, since, complete=complete, alike=alike)


def comparable_text(text: str) -> str:
    """A text as it compares after X composed its characters and gave links without a scheme one."""
    composed = unicodedata.normalize("NFC", text)
    for link in reversed(list(find_links(composed))):
        bare = link.value.partition("://")[2] or link.value
        composed = composed[: link.start] + bare.rstrip("/") + composed[link.end :]
    return comparable(composed)
