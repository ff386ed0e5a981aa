"""Before a post goes out on one channel: what it costs and counts there, and what is changed on the way without asking. No query, no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialops.networks.data import limits_of, merge_limits, network_data
from socialops.networks.images import planned_changes
from socialops.networks.ports import Connector, Content, Format, MediaKind
from socialops.networks.registry import connector_for
from socialops.networks.text import find_urls
from socialops.ui.formats import show_number, show_price
from teams.models import Channel


@dataclass(frozen=True, slots=True)
class Outlook:
    """Sentences for people. `price` in US dollars, 0 where the network bills nothing, and `bill` is then ""."""

    bill: str
    counts: list[str]
    changes: list[str]
    price: Decimal


def outlook_of(channel: Channel, content: Content, left: Mapping[str, int]) -> Outlook:
    """`left`: units left now by bucket, where that is known."""
    connector = connector_for(channel.network)
    price = _price(connector, content)
    bill = _bill(connector, content, price) if price else ""
    return Outlook(bill, _counts(connector, content, left), _changes(channel, content), price)


def _price(connector: Connector, content: Content) -> Decimal:
    return sum((charge.amount for charge in connector.charges(content)), Decimal(0))


def _bill(connector: Connector, content: Content, price: Decimal) -> str:
    bare = _without_links(content)
    said = {"network": connector.label, "amount": show_price(price)}
    if bare != content and _price(connector, bare) < price:
        return _("%(network)s: about %(amount)s – a link costs more") % said
    return _("%(network)s: about %(amount)s") % said


def _without_links(content: Content) -> Content:
    def strip(text: str) -> str:
        for span in reversed(list(find_urls(text))):
            text = text[: span.start] + text[span.end :]
        return text

    return replace(
        content,
        link="",
        text=strip(content.text),
        parts=tuple(strip(part) for part in content.parts),
        first_comment=strip(content.first_comment),
    )


def _counts(connector: Connector, content: Content, left: Mapping[str, int]) -> list[str]:
    """What is counted against a limit that the network's data file knows, and what is left of it."""
    units: dict[str, int] = {}
    for charge in connector.charges(content):
        units[charge.bucket] = units.get(charge.bucket, 0) + charge.units
    quotas = network_data(connector.network).get("quotas", {})
    said = {
        bucket: _count(connector.label, bucket, n, quotas[bucket]) for bucket, n in units.items() if bucket in quotas
    }
    return [
        _("%(count)s, %(left)s left now") % {"count": count, "left": show_number(left[bucket], exact=True)}
        if bucket in left
        else count
        for bucket, count in said.items()
    ]


def _count(network: str, bucket: str, count: int, quota: dict[str, Any]) -> str:
    windows = {
        "rolling_24h": _("of 24 hours"),
        "rolling_15min": _("of 15 minutes"),
        "utc_day": _("of the day (UTC)"),
        "pacific_day": _("of the day (Pacific time)"),
        "month": _("of the month"),
    }
    said = {
        "network": network,
        "count": show_number(count, exact=True),
        "limit": show_number(quota["limit"], exact=True),
        "what": nouns().get(bucket, bucket.replace("_", " ")),
        "window": windows.get(quota["window"], ""),
    }
    if quota.get("per") == "app":
        return _("%(network)s: %(count)s of the %(limit)s %(what)s %(window)s that all channels share") % said
    return _("%(network)s: %(count)s of the %(limit)s %(what)s %(window)s") % said


def nouns() -> dict[str, str]:
    """What the buckets of the data files count."""
    return {
        "article_drafts": _("drafts of articles"),
        "articles": _("articles"),
        "containers": _("prepared files"),
        "deletes": _("deletions"),
        "deletions": _("deletions"),
        "locations": _("searches for a place"),
        "drafts": _("drafts"),
        "messages": _("messages"),
        "metadata": _("descriptions"),
        "moderation": _("moderation actions"),
        "posts": _("posts"),
        "posts_of_the_app": _("posts"),
        "reads": _("reads"),
        "reels": _("reels"),
        "replies": _("replies"),
        "requests": _("requests"),
        "units": _("units"),
        "uploads": _("uploads"),
        "writes": _("writes"),
    }


def _changes(channel: Channel, content: Content) -> list[str]:
    """Conversions and omissions that need nobody's word; the original stays as it is."""
    form = content.format if content.options.get("format", "post") in list(Format) else Format.POST
    limits = limits_of(merge_limits(channel.network, channel.limits), form)
    rule = limits.get("image", {})
    images = [item for item in (*content.media, *filter(None, [content.cover])) if item.kind == MediaKind.IMAGE]
    changes = [change for image in images for change in planned_changes(image, rule)]
    sizes = [change for change in changes if "x" in change]
    said = []
    if converted := changes.count("jpeg"):
        said.append(ngettext("%(n)s image becomes a JPEG", "%(n)s images become JPEGs", converted) % {"n": converted})
    if converted := changes.count("png"):
        said.append(ngettext("%(n)s image becomes a PNG", "%(n)s images become PNGs", converted) % {"n": converted})
    if len(sizes) == 1:
        said.append(_("an image is resized to %(size)s pixels") % {"size": sizes[0].replace("x", " × ")})
    elif sizes:
        said.append(_("%(n)s images are resized") % {"n": len(sizes)})
    if lighter := changes.count("lighter"):
        said.append(ngettext("%(n)s image is made lighter", "%(n)s images are made lighter", lighter) % {"n": lighter})
    if not limits["alt_text"].get("taken", True) and any(image.alt_text for image in images):
        said.append(_("the descriptions of the images are left out: the network takes none here"))
    return said
