"""Reads of campaigns and media: whoever sees anything of a brand sees these of it."""

from __future__ import annotations

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from editorial.enums import CampaignState, PostState
from editorial.models import Campaign, MediaAsset, SubtitleTrack
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand


def visible_campaigns(actor: Actor) -> QuerySet[Campaign]:
    return Campaign.objects.filter(actor.brands_q(Right.VIEW, brand="brand_id")).select_related("brand")


def get_campaign(actor: Actor, pk: int | str) -> Campaign:
    """404 alike for absent and not visible."""
    campaign = visible_campaigns(actor).filter(pk=_key(pk)).first()
    if campaign is None:
        raise Http404
    return campaign


def open_campaigns(actor: Actor) -> QuerySet[Campaign]:
    """What a post can be put in."""
    return visible_campaigns(actor).exclude(state__in=[CampaignState.COMPLETED, CampaignState.ARCHIVED])


def with_counts(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Adds `post_count`, `published_count`, `first_at`, `last_at`. One grouped query."""
    return campaigns.annotate(
        post_count=Count("posts", filter=~Q(posts__state=PostState.CANCELLED)),
        published_count=Count("posts", filter=Q(posts__state=PostState.PUBLISHED)),
        first_at=Min("posts__scheduled_at"),
        last_at=Max("posts__scheduled_at"),
    ).order_by("-starts_on", "name", "pk")


def visible_media(actor: Actor) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.filter(actor.brands_q(Right.VIEW, brand="brand_id")).select_related("brand")


def with_subtitles(media: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
    """Adds which subtitles they have now, without what they say. One query more."""
    tracks = SubtitleTrack.objects.filter(retired_at=None).defer("webvtt")
    return media.prefetch_related(Prefetch("tracks", queryset=tracks))


def get_subtitles(actor: Actor, pk: int | str, language: str) -> SubtitleTrack:
    """Those a video has now. 404 alike for absent and not visible."""
    return get_object_or_404(SubtitleTrack, asset=get_media(actor, pk), language=language, retired_at=None)


def recent_images(actor: Actor, brand: Brand, count: int = 12) -> list[MediaAsset]:
    """The brand's last images, to choose a cover from."""
    return list(visible_media(actor).filter(brand=brand, content_type__startswith="image/")[:count])


def get_media(actor: Actor, pk: int | str) -> MediaAsset:
    """404 alike for absent and not visible."""
    asset = visible_media(actor).filter(pk=_key(pk)).first()
    if asset is None:
        raise Http404
    return asset


def _key(pk: int | str) -> int:
    try:
        key = int(pk)
    except ValueError as error:
        raise Http404 from error
    if not 0 < key < 2**63:
        raise Http404
    return key
