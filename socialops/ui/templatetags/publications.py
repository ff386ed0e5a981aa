"""Tags for what a publication is made of, as it will be seen on its network: builtins of every template, each with its line in docs/ui.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.safestring import SafeString

from socialops.networks.articles import Article
from socialops.networks.marks import SPOILERS, STYLES
from socialops.networks.polls import Poll
from socialops.networks.quotes import OPTION
from socialops.networks.registry import connector_for
from socialops.permissions.rights import Right
from socialops.ui.marks import marked_html
from socialops.ui.option_words import choice_of
from socialops.ui.pictures import Picture

register = template.Library()


@register.inclusion_tag("ui/quote.html")
def quoted(address: str) -> dict[str, Any]:
    """The post that stands under another, by its address: what it says is its network's to show."""
    return {"address": address, "is_link": address.startswith(("https://", "http://"))}


@register.inclusion_tag("ui/quote_link.html", takes_context=True)
def quote_link(context: RequestContext, channel: Any, address: str, *, size: str = "") -> dict[str, Any]:
    """To a new post of `channel` that quotes the post at `address`; nothing where its network has no quotes, or this person writes nothing there."""
    request: Any = context["request"]
    options = connector_for(channel.network).options(limits=channel.limits)
    offered = bool(address) and any(option.name == OPTION for option in options)
    if not offered or not request.actor.can(Right.WRITE, channel):
        return {"shown": False}
    query = urlencode({"brand": channel.brand.slug, "channel": channel.pk, "quote": address})
    return {"shown": True, "slug": request.organization.slug, "query": query, "size": size}


@register.inclusion_tag("ui/poll.html")
def poll(asked: Poll) -> dict[str, Any]:
    """A poll as it will be asked: nothing in it can be answered."""
    return {"poll": asked, "duration": choice_of("poll_duration", asked.duration) if asked.duration else ""}


@register.inclusion_tag("ui/article.html", takes_context=True)
def article(context: RequestContext, told: Article, *, pictures: Sequence[Picture]) -> dict[str, Any]:
    """An article as it will be read; `pictures` are its files in their order, the first the cover."""
    shown = [
        (picture, reverse(picture.view, args=[context["request"].organization.slug, picture.pk]))
        if picture.view
        else (picture, "")
        for picture in pictures
    ]
    return {"told": told, "cover": shown[:1], "pictures": list(enumerate(shown, start=1))}


@register.simple_tag
def marked(text: str, network: str) -> SafeString | str:
    """A post's text: what the network hides until a reader asks for it, ||so||, stands apart."""
    return marked_html(text, SPOILERS) if connector_for(network).supports_spoilers else text


@register.simple_tag
def long_text(text: str) -> SafeString:
    """A text with styles: **so**."""
    return marked_html(text, STYLES)
