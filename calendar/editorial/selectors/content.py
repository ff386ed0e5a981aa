"""From a post to what each channel gets: frozen content, payloads for publishing, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.errors import ChannelProblem
from editorial.models import MediaAsset, Post, SubtitleTrack, Variant
from editorial.problems import sentence_for
from editorial.rules import content_hash
from editorial.states import EDITABLE, WITH_AUTHOR
from editorial.words import heading
from publishing.services.content import content_from
from socialops.networks.errors import Code
from socialops.networks.ports import MediaKind, Problem
from socialops.networks.registry import connector_for
from teams.models import Channel

Assets = Mapping[int, MediaAsset]
COVER_KEY = "cover"
_LABEL = 160


def assets_of(posts: Iterable[Post], variants: Iterable[Variant] = ()) -> dict[int, MediaAsset]:
    """The media that these posts and variants carry, covers included, by id. One query, none without media, one more for the subtitles of videos."""
    posts, variants = list(posts), list(variants)
    ids = {item["id"] for post in posts for item in post.media}
    ids |= {item["id"] for variant in variants for item in variant.media or ()}
    ids |= {variant.cover_id for variant in variants if variant.cover_id is not None}
    assets: dict[int, MediaAsset] = MediaAsset.objects.select_related("brand").in_bulk(ids) if ids else {}
    read_tracks(assets.values(), posts)
    return assets


def read_tracks(assets: Iterable[MediaAsset], posts: Iterable[Post] = ()) -> None:
    """Read the subtitles of the videos among `assets`, those they have now and those that `posts` were submitted with. One query at most."""
    kept = {pk for post in posts for ids in post.subtitles.values() for pk in ids}
    videos = [asset for asset in assets if asset.kind == MediaKind.VIDEO]
    if videos:
        tracks = SubtitleTrack.objects.filter(Q(retired_at=None) | Q(pk__in=kept))
        prefetch_related_objects(videos, Prefetch("tracks", queryset=tracks))


def subtitles_on(post: Post, asset: MediaAsset) -> list[SubtitleTrack]:
    """Those that a video goes out with: the video's own while the post is with its author, then those it was submitted or scheduled with. `asset` as `read_tracks` left it."""
    if asset.kind != MediaKind.VIDEO:
        return []
    if post.state in WITH_AUTHOR:
        return asset.current_tracks
    kept = post.subtitles.get(str(asset.pk))
    return [track for track in asset.tracks.all() if track.pk in kept] if kept else []


def media_on(post: Post, variant: Variant | None) -> list[dict[str, Any]]:
    """What this channel shows: its own files, or the post's."""
    media: list[dict[str, Any]] = post.media if variant is None or variant.media is None else variant.media
    return media


def text_on(post: Post, variant: Variant | None) -> str:
    """What this channel says: its own text, or the post's."""
    return post.text if variant is None or variant.text is None else variant.text


def frozen(post: Post, variants: Sequence[Variant], assets: Assets) -> dict[str, Any]:
    """Everything an approval is about, JSON-able. The date, the campaign and the internal title are not part of it."""

    def spoken(asset: MediaAsset) -> dict[str, str]:
        return {track.language: track.sha256 for track in subtitles_on(post, asset)}

    def media(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "id": item["id"],
                "sha256": assets[item["id"]].sha256,
                "alt_text": item["alt_text"],
                # only where there are some: what was approved before subtitles existed stays approved
                **({"subtitles": said} if (said := spoken(assets[item["id"]])) else {}),
            }
            for item in items
            if item["id"] in assets
        ]

    return {
        "text": post.text,
        "link": post.link,
        "language": post.language,
        "media": media(post.media),
        "channels": [
            {
                "channel": variant.channel_id,
                "text": variant.text,
                "media": None if variant.media is None else media(variant.media),
                "first_comment": variant.first_comment,
                "parts": variant.parts,
                "options": variant.options,
                # only where there is one: what was approved before covers existed stays approved
                **({"cover": cover.sha256} if (cover := assets.get(variant.cover_id or 0)) else {}),
            }
            for variant in sorted(variants, key=lambda v: v.channel_id)
        ],
    }


def hash_of(post: Post, variants: Sequence[Variant], assets: Assets) -> str:
    """The content hash approvals are bound to."""
    return content_hash(frozen(post, variants, assets))


def payload_for(post: Post, variant: Variant, assets: Assets) -> dict[str, Any]:
    """`Delivery.payload`: the content on one channel, complete, so that nothing that changes later can change it."""
    return {
        "text": text_on(post, variant),
        "link": post.link,
        "language": post.language,
        "first_comment": variant.first_comment,
        "parts": list(variant.parts),
        "options": dict(variant.options),
        "media": [
            _file(asset, item["alt_text"], subtitles_on(post, asset))
            for item in media_on(post, variant)
            if (asset := assets.get(item["id"]))
        ],
        "cover": _cover(assets.get(variant.cover_id or 0)),
    }


def _file(asset: MediaAsset, alt_text: str, tracks: Iterable[SubtitleTrack] = ()) -> dict[str, Any]:
    return {
        "key": str(asset.pk),
        "path": asset.path,
        "content_type": asset.content_type,
        "size": asset.size,
        "alt_text": alt_text,
        "width": asset.width,
        "height": asset.height,
        "filename": asset.filename,
        "video": asset.video,
        "subtitles": [{"language": track.language, "webvtt": track.webvtt} for track in tracks],
    }


def _cover(asset: MediaAsset | None) -> dict[str, Any] | None:
    """A key of its own: the same picture may be in the post as well. Of a video, its own still picture."""
    if asset is None:
        return None
    if asset.poster is None:
        return {**_file(asset, asset.alt_text), "key": COVER_KEY}
    still = {"content_type": "image/jpeg", "filename": "cover.jpg", "alt_text": "", "video": None}
    return {**still, **asset.poster, "key": COVER_KEY}


def label_for(post: Post, variant: Variant) -> str:
    """How publishing calls the delivery: the title, that of the article or video, or the first words on that channel."""
    words = heading(post.title, text_on(post, variant), [{**variant.options, "network": variant.channel.network}])
    return (words or _("Post without text"))[:_LABEL]


def problems_of(
    post: Post, variants: Sequence[Variant], assets: Assets, channels: Mapping[int, Channel]
) -> list[ChannelProblem]:
    """Why this post can't go out as it is, channel by channel; warnings come with `blocking` False. No query, no network."""
    problems: list[ChannelProblem] = []
    if not variants:
        problems.append(ChannelProblem("channel_missing", "channels", _("Choose at least one channel.")))
    missing = [item["id"] for item in post.media if item["id"] not in assets]
    if missing:
        problems.append(ChannelProblem("media_gone", "media", _("A file is no longer there: remove it or replace it.")))
    if post.state in EDITABLE - WITH_AUTHOR and any(_has_others(post, asset) for asset in assets.values()):
        sentence = _(
            "A video has other subtitles now than this post: edit the post and save it to take them over. Until then it keeps its own."
        )
        problems.append(ChannelProblem("subtitles_changed", "media", sentence, blocking=False))
    for variant in variants:
        channel = channels[variant.channel_id]
        problems += _channel_problems(channel)
        if channel.status != Channel.Status.DISCONNECTED:
            problems += _network_problems(channel, payload_for(post, variant, assets))
    return problems


def _has_others(post: Post, asset: MediaAsset) -> bool:
    """Whether a video got other subtitles since the post left its author's hands."""
    return {track.pk for track in asset.current_tracks} != {track.pk for track in subtitles_on(post, asset)}


def _channel_problems(channel: Channel) -> list[ChannelProblem]:
    if channel.status == Channel.Status.DISCONNECTED:
        sentence = _("This channel is no longer connected. Remove it from the post or replace it.")
        return [ChannelProblem("channel_disconnected", "channels", sentence, channel.pk, channel.name)]
    if channel.status == Channel.Status.NEEDS_RECONNECTION:
        sentence = _("This channel must be reconnected before the post can go out.")
        return [ChannelProblem("channel_broken", "channels", sentence, channel.pk, channel.name, blocking=False)]
    return []


def _network_problems(channel: Channel, payload: Mapping[str, Any]) -> list[ChannelProblem]:
    content, connector = content_from(payload, created_at=timezone.now()), connector_for(channel.network)
    found = list(connector.check(content, limits=channel.limits))
    if content.cover is not None and not connector.supports_cover:
        found.append(Problem(Code.NOT_SUPPORTED, "cover"))
    if any(item.subtitles for item in content.media) and not connector.takes_subtitles:
        found.append(Problem(Code.NOT_SUPPORTED, "subtitles"))
    noted = (Code.NOT_SUPPORTED, "subtitles")  # it goes out all the same, without them
    return [
        ChannelProblem(
            code=str(problem.code),
            field=problem.field,
            sentence=sentence_for(problem.code, problem.field, dict(problem.detail)),
            channel_id=channel.pk,
            channel_name=f"{channel.name} ({connector.label})",
            detail=dict(problem.detail),
            blocking=(problem.code, problem.field) != noted,
            is_note=(problem.code, problem.field) == noted,
        )
        for problem in found
    ]
