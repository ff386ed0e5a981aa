"""Publishing for a Page or a member. There is no idempotency key: a create is sent once (`find` settles a lost answer)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import AuthError, Code, OutageError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.linkedin import little, quotes, targeting
from socialops.networks.linkedin.answers import GONE, NETWORK, call, host
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.upload import COVER, upload_all
from socialops.networks.linkedin.urns import comment_parts, comment_urn
from socialops.networks.options import options_of
from socialops.networks.polls import poll_of
from socialops.networks.ports import (
    Charge,
    Content,
    Format,
    Handles,
    Media,
    MediaKind,
    Option,
    Problem,
    Published,
    SaveHandles,
    Target,
)
from socialops.networks.quotes import quote_of
from socialops.networks.subtitles import left_out, with_unfinished
from socialops.networks.text import with_link

VISIBILITY = {"public": "PUBLIC", "connections": "CONNECTIONS", "logged_in": "LOGGED_IN"}


def prepare(target: Target, content: Content) -> Content:
    rule = merge_limits(NETWORK, target.limits)["image"]

    def fitted(media: Media) -> Media:
        return fit_image(media, rule) if media.kind == MediaKind.IMAGE else media

    cover = content.cover and fitted(content.cover)
    return replace(content, media=tuple(fitted(media) for media in content.media), cover=cover)


def post_text(content: Content) -> str:
    """With files, a poll or a quoted post there is no card: the link goes into the text. A text that is a poll's question isn't said twice."""
    if is_poll(content):
        return with_link(content.text if content.options.get("poll_question") else "", content.link)
    return with_link(content.text, content.link) if content.media or quote_of(content) else content.text


def said(content: Content) -> str:
    """What a reader sees of its words: the text, for a poll without one the question."""
    return post_text(content) or question_of(content)


def is_poll(content: Content) -> bool:
    return content.options.get("format") == Format.POLL


def question_of(content: Content) -> str:
    """What a poll asks: its own question, else the text. "" for what is no poll."""
    return (str(content.options.get("poll_question") or "") or little.named(content.text)) if is_poll(content) else ""


def check_question(content: Content, options: Sequence[Option]) -> Iterator[Problem]:
    """The text that is a poll's question is not too long for one."""
    if not is_poll(content) or content.options.get("poll_question"):
        return
    most = next(option.limit for option in options if option.name == "poll_question")
    if (length := len(question_of(content))) > most:
        yield Problem(Code.OPTION_MISSING, "options", {"option": "poll_question", "length": length, "limit": most})


def charges(content: Content) -> tuple[Charge, ...]:
    """One post, for the account and for the app. Comments have a quota of their own that LinkedIn doesn't tell."""
    del content
    return (Charge("posts"), Charge("posts_of_the_app"))


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Files only: a text or a card without a picture needs nothing before the one shot."""
    if is_poll(content) or quote_of(content) or (not content.media and not (content.link and content.cover)):
        return handles
    return upload_all(target, content, handles=handles, save=save)


def commit(target: Target, content: Content, *, handles: Handles) -> Published:
    try:
        answer = call(target, "POST", address("posts"), json=_post(target, content, handles), one_shot=True)
    except (AuthError, ValidationError) as problem:
        raise targeting.about_audience(quotes.about_quote(content, problem)) from problem
    urn = unquote(answer.headers.get("x-restli-id") or answer.headers.get("x-linkedin-id") or "")
    if not urn.startswith("urn:li:"):
        answer.unexpected()
    for charge in charges(content):
        target.report(charge)
    return whole(content, Published(urn, web_url(target, urn), {"at": datetime.now(UTC).isoformat()}), handles)


def whole(content: Content, published: Published, handles: Handles) -> Published:
    """With what is told of subtitles: those LinkedIn refused, and those beyond the one track it takes."""
    for media in content.media:
        sent = handles.get("uploads", {}).get(media.key, {}).get("subtitles") or {"language": "", "refused": []}
        beyond = left_out(track.language for track in media.subtitles if track.language != sent["language"])
        published = with_unfinished(published, [*sent["refused"], *beyond])
    return published


def _post(target: Target, content: Content, handles: Handles) -> dict[str, Any]:
    body: dict[str, Any] = {
        "author": target.external_id,
        "commentary": little.commentary(post_text(content)),
        "visibility": VISIBILITY[content.options.get("audience") or "public"],
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": targeting.entities(target, content),
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": not content.options.get("reshare_allowed", True),
    }
    if parent := quotes.parent_of(content):
        return {**body, "reshareContext": {"parent": parent}}
    shown = _shown(content, handles.get("uploads", {}))
    return {**body, "content": shown} if shown else body


def _shown(content: Content, uploads: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What stands under the text: a poll, a file, several images, or a link's card, whose words and picture are ours to send. {} for text alone."""
    if poll := poll_of(content, options_of(NETWORK)):
        settings = {"duration": poll.duration.upper()}  # our names are its own, in small letters
        choices = [{"text": text} for text in poll.choices]
        return {"poll": {"question": question_of(content), "options": choices, "settings": settings}}
    if len(content.media) > 1:
        images = [{"id": uploads[media.key]["urn"], **_alt(media)} for media in content.media]
        return {"multiImage": {"images": images}}
    if content.media:
        media = content.media[0]
        return {"media": {"id": uploads[media.key]["urn"], **_alt(media), **_title(content, media)}}
    if not content.link:
        return {}
    title = content.options.get("link_title") or urlsplit(content.link).hostname
    article = {"source": content.link, "title": title}
    if description := content.options.get("link_description"):
        article["description"] = description
    if content.cover is not None:
        article["thumbnail"] = uploads[COVER]["urn"]
    return {"article": article}


def _alt(media: Media) -> dict[str, str]:
    return {"altText": media.alt_text} if media.alt_text.strip() else {}


def _title(content: Content, media: Media) -> dict[str, str]:
    """A document must have one: its file's name where nobody gave one."""
    if media.kind == MediaKind.IMAGE:
        return {}
    given = str(content.options.get("title") or "")
    if media.kind == MediaKind.DOCUMENT:
        given = given or PurePath(media.filename).stem or media.filename
    return {"title": given} if given else {}


def web_url(target: Target, urn: str, comment: str = "") -> str:
    page = f"{host(target.base_url, 'web')}/feed/update/{urn}/"
    return f"{page}?commentUrn={quote(comment, safe='')}" if comment else page


# ---------------------------------------------------------------- comments


def commit_part(target: Target, *, root: Published, text: str) -> Published:
    """A comment under the post. A 404 made nothing: right after the post it means "not yet", and is tried again; later the post is gone."""
    answer = comment_on(target, post=root.external_id, text=text)
    if answer.status not in GONE:
        return _commented(target, root.external_id, answer)
    rule, now = network_data(NETWORK)["comments"], datetime.now(UTC)
    published_at = _published_at(root)
    if published_at is not None and now < published_at + timedelta(seconds=rule["new_post_seconds"]):
        later = now + timedelta(seconds=rule["new_post_wait_seconds"])
        raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status}, until=later, raw=answer.raw())
    raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())


def _published_at(root: Published) -> datetime | None:
    try:
        return datetime.fromisoformat(str(root.extra.get("at")))
    except ValueError:
        return None


def comment_on(target: Target, *, post: str, text: str, parent: str = "") -> Any:
    """One shot: a comment, or with `parent` (a comment's URN) an answer to it. A 404 is the caller's to judge."""
    body: dict[str, Any] = {"actor": target.external_id, "object": post, "message": little.message(text)}
    if parent:
        body["parentComment"] = parent
    where = address("socialActions", parent or post, "comments")
    return call(target, "POST", where, json=body, one_shot=True, accept=GONE)


def _commented(target: Target, post: str, answer: Any) -> Published:
    urn = comment_urn(answer.object()) or answer.unexpected()
    return Published(urn, web_url(target, post, urn))


def reply(target: Target, *, post: str, parent: str, text: str) -> Published:
    """An answer under a comment, or with `parent` "" a comment on somebody's post."""
    answer = comment_on(target, post=post, text=text, parent=parent)
    if answer.status in GONE:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    return _commented(target, post, answer)


# ---------------------------------------------------------------- afterwards

PATCH = {"X-RestLi-Method": "PARTIAL_UPDATE"}


def edit(target: Target, content: Content, *, external_id: str) -> None:
    """The text of a post (files and cards can't be changed), or of one of our comments."""
    if comment := comment_parts(external_id):
        where = address("socialActions", *comment.path, actor=target.external_id)
        changed: dict[str, Any] = {"message": {"$set": little.message(content.text)}}
    elif is_poll(content) and not content.options.get("poll_question"):
        raise ValidationError(
            Code.POLL_FIXED, detail={"field": "text"}
        )  # LinkedIn changes no poll, and this text is its question
    else:
        where = address("posts", external_id)
        changed = {"$set": {"commentary": little.commentary(post_text(content))}}
    answer = call(target, "POST", where, json={"patch": changed}, headers=PATCH, accept=GONE)
    if not answer.ok:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())


def delete(target: Target, *, external_id: str) -> None:
    """A post, or a comment: ours anywhere, anybody's under our post."""
    if comment := comment_parts(external_id):
        call(
            target,
            "DELETE",
            address("socialActions", *comment.path, actor=target.external_id),
            accept=GONE,
        )
        return
    call(target, "DELETE", address("posts", external_id), headers={"X-RestLi-Method": "DELETE"}, accept=GONE)
