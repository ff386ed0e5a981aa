"""A post as a card. Built in Python, not in a template: a month shows more than a hundred, and that is what its page costs."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from editorial.selectors.calendar import Card
from socialops.networks.ports import MediaKind

TEXT_LENGTH = 60


def render_card(card: Card, *, zone: ZoneInfo, base: str) -> SafeString:
    """`base` is the path of posts, ending in a slash. Everything that people wrote is escaped here."""
    post = card.post
    when = "" if post.scheduled_at is None else f"{post.scheduled_at.astimezone(zone):%H:%M}"
    text = post.label or _("Without text")
    if len(text) > TEXT_LENGTH:
        text = text[: TEXT_LENGTH - 1].rstrip() + "…"
    icons = "".join(f'<i class="net net-{escape(network)}"></i>' for network in card.networks)
    kind = (
        f'<i class="card-kind k-{card.kind}"></i><span class="visually-hidden">{escape(_kind_word(card.kind))}</span> '
        if card.kind
        else ""
    )
    hue = f" hue-{card.hue}" if card.hue != "" else ""
    status = card.status
    drag = ' draggable="true"' if card.movable else ""
    return mark_safe(  # noqa: S308 -- the only texts of people are escaped; the rest is ours
        f'<a class="card-post t-{status.tone}{hue}" href="{base}{post.pk}/" hx-get="{base}{post.pk}/panel/" '
        f'data-post="{post.pk}"{drag}><span class="card-top"><time>{when}</time>'
        f'<span class="card-state s-{status.shape}">{escape(status.word)}</span></span>'
        f'<span class="card-text">{icons}{kind} {escape(text)}</span></a>'
    )


def _kind_word(kind: str) -> str:
    return {MediaKind.VIDEO: _("Video"), MediaKind.AUDIO: _("Audio")}.get(MediaKind(kind), _("Document"))
