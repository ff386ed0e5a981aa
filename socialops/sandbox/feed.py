"""The timeline of a network as its readers see it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from starlette.requests import Request
from starlette.responses import Response

from socialops.sandbox.html import Html, join, language, page, problem, render, word
from socialops.sandbox.models import LABELS, Account, Media, Post
from socialops.sandbox.polls import counts, is_over, poll_of
from socialops.sandbox.subtitles import subtitles_of
from socialops.sandbox.text import link_html
from socialops.sandbox.world import World, iso

SHOWN: Final = 50
REPLIES_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Face:
    """How one network shows itself: URLs, handles and text are its own."""

    network: str
    post_url: Callable[[World, Post], str]
    account_url: Callable[[World, Account], str]
    handle: Callable[[World, Account], str]
    text_html: Callable[[World, Post], str]
    quoted: Callable[[World, Post], Post | None] = lambda _world, _post: None
    notes: Callable[[Post], Iterable[str]] = lambda _post: ()  # names of words that stand under the text


def feed_page(
    request: Request, face: Face, posts: list[Post], *, title: str = "", every_reply: bool = False
) -> Response:
    """`every_reply` where one post is all there is to see."""
    world: World = request.app.state.world
    lang = language(request)
    shown = [_post(world, face, post, lang, every_reply=every_reply) for post in posts[:SHOWN]]
    body = render(
        "feed.html",
        title=title or word(lang, "feed_title", network=LABELS[face.network]),
        lead=word(lang, "post_lead" if every_reply else "feed_lead"),
        posts=join(shown) or Html(f'<section class="card"><p>{word(lang, "feed_empty")}</p></section>'),
        accounts_label=word(lang, "accounts"),
        accounts=account_items(world, face),
    )
    return page(request, network=face.network, title=title or LABELS[face.network], body=body)


def post_page(request: Request, face: Face, post: Post | None) -> Response:
    """One post with all its replies."""
    if post is None or post.network != face.network:
        text = word(language(request), "post_gone")
        return problem(request, network=face.network, text=text, status=404)
    author = request.app.state.world.accounts.objects[post.account_id]
    return feed_page(request, face, [post], title=author.name, every_reply=True)


def account_items(world: World, face: Face) -> Html:
    return join(
        render("account_item.html", id=a.id, url=face.account_url(world, a), name=a.name, handle=face.handle(world, a))
        for a in world.brands(face.network)
    )


def _when(moment: float, lang: str) -> str:
    passed = datetime.timedelta(seconds=moment - time.time())
    return format_timedelta(passed, add_direction=True, locale=lang)


def _common(world: World, face: Face, post: Post, lang: str) -> dict[str, object]:
    author = world.accounts.objects[post.account_id]
    return {
        "author_id": author.id,
        "author": author.name,
        "handle": face.handle(world, author),
        "iso": iso(post.created_at),
        "when": _when(post.created_at, lang),
        "text": Html(face.text_html(world, post)),
        "media": Html(
            _notes(face, post, lang)
            + _poll(post, lang)
            + (_cards(post, lang) or _media(world, post, lang))
            + _quote(world, face, post, lang)
        ),
    }


def _post(world: World, face: Face, post: Post, lang: str, *, every_reply: bool) -> Html:
    numbers = (("likes", len(post.likes)), ("replies", _count(world, post)), ("reposts", len(post.reposts)))
    counts = join(
        render_count(format_decimal(number, locale=lang), count_label(lang, name, number)) for name, number in numbers
    )
    most = 10_000 if every_reply else REPLIES_SHOWN
    return render(
        "post.html",
        **_common(world, face, post, lang),
        url=face.post_url(world, post),
        edited=f" · {word(lang, 'edited')}" if post.edited_at else "",
        counts=counts,
        replies=_replies(world, face, post, lang, most=most),
    )


def count_label(lang: str, name: str, number: int) -> str:
    """French has one answer in the singular, and none too; English only one."""
    single = number < 2 if lang == "fr" else number == 1
    return word(lang, f"{name}_one" if single else name)


def render_count(number: str, label: str) -> Html:
    return Html(f"<span><strong>{number}</strong> {label}</span>")


def _count(world: World, post: Post) -> int:
    return sum(1 + _count(world, reply) for reply in world.replies(post.id))


def _replies(world: World, face: Face, post: Post, lang: str, *, most: int) -> Html:
    replies = [reply for reply in world.replies(post.id) if not reply.hidden]
    if not replies:
        return Html("")
    items = [
        render("reply.html", **_common(world, face, r, lang), replies=_replies(world, face, r, lang, most=most))
        for r in replies[:most]
    ]
    more = Html("")
    if len(replies) > most:
        label = word(lang, "more_replies", count=len(replies) - most)
        more = Html(f'<li><a href="{face.post_url(world, post)}">{label}</a></li>')
    return Html(f'<ul class="replies">{join(items)}{more}</ul>')


def _quote(world: World, face: Face, post: Post, lang: str) -> Html:
    """One level deep: what a quoted post quotes is left out, as everywhere."""
    quoted = face.quoted(world, post)
    if quoted is None:
        return Html("")
    author = world.accounts.objects[quoted.account_id]
    return render(
        "quote.html",
        url=face.post_url(world, quoted),
        author=author.name,
        handle=face.handle(world, author),
        iso=iso(quoted.created_at),
        when=_when(quoted.created_at, lang),
        text=Html(face.text_html(world, quoted)),
        media=_media(world, quoted, lang),
    )


def _notes(face: Face, post: Post, lang: str) -> Html:
    return join(Html(f'<p class="hint">{word(lang, name)}</p>') for name in face.notes(post))


def _poll(post: Post, lang: str) -> Html:
    """Choices with their share of the votes, which stay hidden until the end where the author wants it."""
    poll = poll_of(post)
    if poll is None:
        return Html("")
    over, votes = is_over(poll), counts(poll)
    hidden, total = poll.get("hide_totals") and not over, sum(votes)
    items = []
    for choice, number in zip(poll["choices"], votes, strict=True):
        share = "" if hidden else format_percent(number / total if total else 0, locale=lang)
        meter = "" if hidden else f'<meter max="{max(total, 1)}" value="{number}">{share}</meter>'
        items.append(Html(f"<li><span>{escape(choice)}</span><strong>{share}</strong>{meter}</li>"))
    question = f"<p><strong>{escape(poll['question'])}</strong></p>" if poll.get("question") else ""
    ending = word(lang, "poll_over") if over else word(lang, "poll_ends", when=_when(poll["ends_at"], lang))
    voters = len(poll["voted"])
    people = f"{format_decimal(voters, locale=lang)} {count_label(lang, 'votes', voters)}"
    return Html(f'<div class="poll">{question}<ul>{join(items)}</ul><p class="hint">{people} · {ending}</p></div>')


def _cards(post: Post, lang: str) -> Html:
    """Links side by side; the last card, where there is one, leads to the post's own link."""
    cards = post.facts.get("cards")
    if not cards:
        return Html("")
    shown = [
        f'<li><img src="/media/{card["media"]}" alt="" loading="lazy">'
        f"{link_html(card['link'], card['name'])}<small>{escape(card['description'])}</small></li>"
        for card in cards
    ]
    if post.facts.get("end_card"):
        shown.append(f"<li>{link_html(post.facts['link'], word(lang, 'see_more'))}</li>")
    return Html(f'<ul class="cards">{"".join(shown)}</ul>')


def _media(world: World, post: Post, lang: str) -> Html:
    found = [world.media.objects[key] for key in post.media if key in world.media]
    figures = [
        Html(f"<li><figure>{_shown(m, lang)}<figcaption>{escape(m.alt)}</figcaption></figure></li>") for m in found
    ]
    return Html(f'<ul class="media">{join(figures)}</ul>') if figures else Html("")


def _shown(media: Media, lang: str) -> str:
    if media.mime.startswith("image/"):
        size = f'width="{media.width}" height="{media.height}"'
        return f'<img src="/media/{media.id}" alt="{escape(media.alt)}" {size} loading="lazy">'
    if media.mime.startswith("video/"):
        tracks = escape(", ".join(sorted(subtitles_of(media))))
        spoken = f'<p class="hint">CC {tracks}</p>' if tracks else ""
        poster = f' poster="/media/{media.facts["still"]}"' if media.facts.get("still") else ""
        return f'<video src="/media/{media.id}"{poster} controls preload="metadata"></video>{spoken}'
    if media.mime.startswith("audio/"):
        still = f'<img src="/media/{media.facts["still"]}" alt="">' if media.facts.get("still") else ""
        return f'{still}<audio src="/media/{media.id}" controls preload="metadata"></audio>'
    title = str(media.facts.get("title") or "") or word(lang, "document")
    return f'<a class="linkcard document" href="/media/{media.id}" download>{escape(title)}</a>'
