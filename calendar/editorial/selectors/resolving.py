"""From ids that came from outside to things this actor may see, in a fixed number of queries; 404 for any it may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import Http404

from editorial.models import Campaign, MediaAsset
from editorial.selectors.campaigns import visible_campaigns, visible_media
from socialops.permissions.actor import Actor
from teams.models import Brand, Channel
from teams.selectors.brands import visible_brands
from teams.selectors.channels import visible_channels


@dataclass(slots=True)
class Named:
    """Things by id (brands by slug)."""

    brands: dict[str, Brand] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    media: dict[int, MediaAsset] = field(default_factory=dict)


def resolve(
    actor: Actor,
    *,
    brands: Iterable[str] = (),
    channels: Iterable[int] = (),
    campaigns: Iterable[int] = (),
    media: Iterable[int] = (),
) -> Named:
    """Four queries at most. Http404 when one of them is absent, foreign or not visible."""
    slugs, channel_ids, campaign_ids, media_ids = set(brands), set(channels), set(campaigns), set(media)
    named = Named()
    if slugs:
        named.brands = {brand.slug: brand for brand in visible_brands(actor).filter(slug__in=slugs)}
    if channel_ids:
        named.channels = {c.pk: c for c in visible_channels(actor, disconnected=True).filter(pk__in=channel_ids)}
    if campaign_ids:
        named.campaigns = {c.pk: c for c in visible_campaigns(actor).filter(pk__in=campaign_ids)}
    if media_ids:
        named.media = {asset.pk: asset for asset in visible_media(actor).filter(pk__in=media_ids)}
    complete = (
        slugs <= named.brands.keys()
        and channel_ids <= named.channels.keys()
        and campaign_ids <= named.campaigns.keys()
        and media_ids <= named.media.keys()
    )
    if not complete:
        raise Http404
    return named
