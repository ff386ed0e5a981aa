"""Articles on X: a draft in DraftJS blocks and entities, which is nothing public, then published by its id; X makes a post of it that shows its title.

X lets nobody read, change or delete a draft: one whose answer was lost stays in the account's own editor. Offsets are UTF-16 code units, as DraftJS counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.articles import Article, article_of
from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.markdown import Block, BlockKind
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Handles,
    Problem,
    Published,
    Reconciliation,
    RemotePost,
    Target,
)
from socialops.networks.text import Span, comparable, count_utf16, find_at_names, find_hashtags, without_overlaps
from socialops.networks.x import read
from socialops.networks.x.answers import NETWORK, NO_SUBSCRIPTION, call, post_url, price, problem_of, refuse
from socialops.networks.x.media import is_gif
from socialops.networks.x.read import own_posts, referenced, remote_post, settle
from socialops.networks.x.weighted import find_cashtags, find_links, weighted_length

CATEGORY = "tweet_image"  # as pictures are uploaded
TYPES = {
    BlockKind.PARAGRAPH: "unstyled",
    BlockKind.QUOTE: "blockquote",
    BlockKind.BULLET: "unordered-list-item",
    BlockKind.NUMBER: "ordered-list-item",
}
HEADINGS = ("header-one", "header-two", "header-three")


def check(content: Content, article: Article, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """What is only an article's matter. `limits` are those of its format."""
    account = limits.get("account", {})
    if account.get("subscription") == NO_SUBSCRIPTION and account.get("verified") not in limits["article"]["verified"]:
        yield Problem(Code.ARTICLE_SUBSCRIBERS, "format")
    if content.parts:
        yield Problem(Code.NOT_SUPPORTED, "parts")
    if content.media and not article.text and not article.source:
        yield Problem(Code.TEXT_EMPTY, "text", {"files": 0})
    for number in article.unknown_pictures:
        yield Problem(Code.PICTURE_UNKNOWN, "text", {"number": number, "count": article.pictures})
    most = limits["article"]["max_markdown"]
    if (length := weighted_length(article.source)) > most:
        yield Problem(Code.ARTICLE_CODE_TOO_LONG, "text", {"length": length, "limit": most})
    for media in content.media:
        if is_gif(media):
            yield Problem(Code.IMAGE_TYPE, "media", {"media": media.key, "type": media.content_type})


def charges() -> list[Charge]:
    return [
        Charge("article_drafts", 1, price("article_draft")),
        Charge("articles", 1, price("article")),
    ]


# ---------------------------------------------------------------- what is sent


def body_of(content: Content, article: Article, media_ids: Sequence[str]) -> dict[str, Any]:
    """The draft: `media_ids` of the files in their order, the cover first."""
    entities: list[dict[str, Any]] = []
    blocks = [_block(block, entities, media_ids) for block in article.blocks]
    body: dict[str, Any] = {"title": article.title, "content_state": {"blocks": blocks, "entities": entities}}
    if media_ids:
        body["cover_media"] = _media(media_ids[0])
    return body


def _media(media_id: str) -> dict[str, str]:
    return {"media_id": media_id, "media_category": CATEGORY}


def _block(block: Block, entities: list[dict[str, Any]], media_ids: Sequence[str]) -> dict[str, Any]:
    match block.kind:
        case BlockKind.RULE:
            return _atomic(entities, "divider", {}, mutability="immutable")
        case BlockKind.CODE | BlockKind.TABLE:
            return _atomic(entities, "markdown", {"markdown": block.source}, mutability="mutable")
        case BlockKind.PICTURE:
            shown = {"media_items": [_media(media_ids[block.picture - 1])]}
            return _atomic(entities, "image", shown, mutability="immutable")
        case BlockKind.HEADING:
            return {"type": HEADINGS[block.level - 1], **_words(block, entities)}
    return {"type": TYPES[block.kind], **_words(block, entities)}


def _atomic(entities: list[dict[str, Any]], kind: str, data: dict[str, Any], *, mutability: str) -> dict[str, Any]:
    """X wants a single space where something that is no text stands."""
    key = _entity(entities, kind, data, mutability)
    return {"type": "atomic", "text": " ", "entity_ranges": [{"key": key, "offset": 0, "length": 1}]}


def _entity(entities: list[dict[str, Any]], kind: str, data: dict[str, Any], mutability: str) -> int:
    entities.append(
        {"key": str(len(entities)), "value": {"type": kind, "mutability": mutability, "data": data}},
    )
    return len(entities) - 1


def _words(block: Block, entities: list[dict[str, Any]]) -> dict[str, Any]:
    """The text of a block, what of it is set how, and what of it is a link, a name or a tag."""
    text = ""
    styled: list[tuple[str, int, int]] = []
    linked: list[tuple[str, int, int]] = []
    for piece in block.pieces:
        start, text = len(text), text + unicodedata.normalize("NFC", piece.text)
        styled += [(str(style), start, len(text)) for style in sorted(piece.styles)]
        if piece.url:
            linked.append((piece.url, start, len(text)))
    words: dict[str, Any] = {"text": text}
    if styled:
        words["inline_style_ranges"] = [{**_range(text, *at), "style": style} for style, *at in _joined(styled)]
    links = list(_joined(linked))
    if links:
        words["entity_ranges"] = [
            {**_range(text, *at), "key": _entity(entities, "link", {"url": url}, "mutable")} for url, *at in links
        ]
    if data := _tags(text, [Span(start, end, url) for url, start, end in links]):
        words["data"] = data
    return words


def _joined(ranges: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """What goes on in the next piece is one range."""
    open_ranges: dict[str, tuple[int, int]] = {}
    for name, start, end in ranges:
        before = open_ranges.get(name)
        if before is not None and before[1] != start:
            yield name, *before
            before = None
        open_ranges[name] = (before[0] if before else start, end)
    for name, at in open_ranges.items():
        yield name, *at


def _range(text: str, start: int, end: int) -> dict[str, int]:
    return {"offset": count_utf16(text[:start]), "length": count_utf16(text[start:end])}


def _tags(text: str, links: Sequence[Span]) -> dict[str, list[dict[str, Any]]]:
    groups = (iter(links), find_links(text), find_at_names(text), find_hashtags(text), find_cashtags(text))
    _, *found = without_overlaps(*groups)
    return {
        name: [
            {
                "from_index": count_utf16(text[: span.start]),
                "to_index": count_utf16(text[: span.end]),
                "text": text[span.start : span.end],
            }
            for span in spans
        ]
        for name, spans in zip(("urls", "mentions", "hashtags", "cashtags"), found, strict=True)
        if spans
    }


# ---------------------------------------------------------------- going out


def draft(target: Target, content: Content, article: Article, media_ids: Sequence[str]) -> dict[str, str]:
    """Make the draft. → {"id"}, to be kept before it is published."""
    answer = _ask(target, "/2/articles/draft", bucket="article_drafts", json=body_of(content, article, media_ids))
    target.report(charges()[0])
    return {"id": answer.text("data", "id")}


def publish(target: Target, *, article_id: str) -> Published:
    """One shot. Of the post X only tells the id."""
    answer = _ask(target, f"/2/articles/{quote(article_id, safe='')}/publish", bucket="articles", one_shot=True)
    post_id = answer.text("data", "post_id")
    target.report(charges()[1])
    return Published(post_id, post_url(target, target.handle, post_id))


def _ask(target: Target, path: str, *, bucket: str, **request: Any) -> http.Answer:
    answer = call(target, "POST", path, scope="tweet.write", bucket=bucket, accept=(403,), **request)
    if not answer.ok:
        words = problem_of(answer)[1]
        if any(word in words.lower() for word in network_data(NETWORK)["errors"]["subscription"]):
            detail = {"field": "format", "message": words}
            raise ValidationError(Code.ARTICLE_SUBSCRIBERS, detail=detail, raw=answer.raw())
        refuse(answer, scope="tweet.write", granted=target.credentials.scopes)
    return answer


# ---------------------------------------------------------------- reconciliation

ADDRESS = re.compile(r"/i/article/([0-9]{1,19})\b")
ADDRESSES = re.compile(r"\S*(?:://|t\.co/)\S*")


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """Our own recent posts: the address of our draft is proof, so is an article that says the same. The same title over other words, and an article that can't be read, are for a person."""
    rule, article = network_data(NETWORK)["reconcile"], article_of(content)
    assert article is not None
    ours = str((handles.get("article") or {}).get("id") or "")
    posts, complete = own_posts(target, since - timedelta(seconds=rule["skew_seconds"]))
    same: list[RemotePost] = []
    alike: list[RemotePost] = []
    for row in posts:
        found = read.article_of(row)
        if found is None or referenced(row, "replied_to"):
            continue
        address = ADDRESS.search(found.address)
        if ours and address and address[1] == ours:
            post_id = str(row["id"])
            return Reconciliation(Finding.PUBLISHED, Published(post_id, post_url(target, target.handle, post_id)))
        if found.title and _plain(found.title) != _plain(article.title):
            continue
        says = found.title and (not found.text or _is_in(article, found.text))
        (same if says else alike).append(remote_post(target, row))
    return settle(target, same, since, complete=complete, alike=alike)


def _is_in(article: Article, text: str) -> bool:
    """Whether each of our blocks stands there in order: how X joins them, and what it makes of code and of addresses, is its own affair."""
    rest = _plain(text)
    for line in article.text.split("\n"):
        words = _plain(line)
        if words not in rest:
            return False
        rest = rest.partition(words)[2] if words else rest
    return True


def _plain(text: str) -> str:
    return comparable(ADDRESSES.sub(" ", unicodedata.normalize("NFC", text)))
