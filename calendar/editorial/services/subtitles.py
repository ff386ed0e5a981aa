"""Subtitles of a video: brought, replaced, removed. What was submitted with others keeps those (`services.revisions.pin_subtitles`)."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.models import MediaAsset, SubtitleTrack
from editorial.rules import clock
from editorial.selectors.access import decide
from editorial.services.media import Readable
from socialops.audit.models import record
from socialops.networks.ports import MediaKind
from socialops.networks.subtitles import UnreadableSubtitlesError, end_of, read_subtitles
from socialops.permissions.actor import Actor
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from socialops.ui.languages import LANGUAGES, language_name

OVERHANG = 2.0  # seconds that the last words may stay after the picture: editors round up, another cut is further off


@transaction.atomic
def add_subtitles(*, asset: MediaAsset, language: str, data: bytes, actor: Actor) -> SubtitleTrack:
    """Give a video subtitles in a language, in place of those it has in it. The same ones again are the same track.

    ValidationError(language | file) for what is no video, no language of ours, too large, can't be read, or ends after the video.
    """
    _require_writing(actor, asset)
    if asset.kind != MediaKind.VIDEO:
        raise _refused("file", _("Only a video has subtitles."))
    if language not in LANGUAGES:
        raise _refused("language", _("Choose the language of the subtitles from the list."))
    text = _read(asset, data)
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = _lock(asset, language)
    if before is not None and before.sha256 == digest:
        return before
    _retire(before)
    track: SubtitleTrack = SubtitleTrack.objects.create(
        organization_id=asset.organization_id,
        asset=asset,
        language=language,
        webvtt=text,
        size=len(text.encode()),
        sha256=digest,
        added_by_id=actor.user_id,
    )
    changes = {"subtitles": [before and _said(before), _said(track)]}
    record(actor=actor, action="media.subtitled", target=asset, changes=changes)
    return track


@transaction.atomic
def remove_subtitles(*, asset: MediaAsset, language: str, actor: Actor) -> None:
    """Take a video's subtitles in a language away. Taking away what is not there is the same as once."""
    _require_writing(actor, asset)
    track = _lock(asset, language)
    if track is not None:
        _retire(track)
        record(actor=actor, action="media.subtitles_removed", target=asset, changes={"subtitles": [_said(track), None]})


def _require_writing(actor: Actor, asset: MediaAsset) -> None:
    require(decide(actor, Right.WRITE, asset.scope_path, actor.channel_ids(Right.WRITE)))


def _lock(asset: MediaAsset, language: str) -> SubtitleTrack | None:
    """The subtitles it has now. Two people at once wait for each other at the video."""
    MediaAsset.objects.select_for_update().get(pk=asset.pk)
    track: SubtitleTrack | None = SubtitleTrack.objects.filter(asset=asset, language=language, retired_at=None).first()
    return track


def _retire(track: SubtitleTrack | None) -> None:
    if track is not None:
        track.retired_at = timezone.now()
        track.save(update_fields=["retired_at"])


def _read(asset: MediaAsset, data: bytes) -> str:
    if len(data) > settings.SUBTITLES_MAX_BYTES:
        raise _refused("file", too_large())
    try:
        text = read_subtitles(data)
    except UnreadableSubtitlesError as error:
        sentence = _(
            "This file holds no subtitles that can be read: export them again as SRT or WebVTT, written in UTF-8."
        )
        raise _refused("file", sentence) from error
    if len(text.encode()) > settings.SUBTITLES_MAX_BYTES:
        raise _refused("file", too_large())
    end = end_of(text)
    if asset.duration and end > asset.duration + OVERHANG:
        sentence = _(
            "These subtitles end at %(end)s, the video at %(length)s: they belong to another cut. Export those of this one."
        )
        raise _refused("file", sentence % {"end": clock(end), "length": asset.clock})
    return text


def read_file(file: Readable) -> bytes:
    """What `add_subtitles` takes, and no more of it than tells that it is too large."""
    return file.read(settings.SUBTITLES_MAX_BYTES + 1)


def too_large() -> str:
    return _("These subtitles are larger than %(size)s KB: a file this large is no text.") % {
        "size": settings.SUBTITLES_MAX_BYTES // 1000
    }


def _said(track: SubtitleTrack) -> str:
    """For the audit log: which, without what they say."""
    return f"{language_name(track.language)}, {track.sha256[:12]}"


def _refused(field: str, sentence: str) -> ValidationError:
    return ValidationError({field: ValidationError(sentence, code=field)})
