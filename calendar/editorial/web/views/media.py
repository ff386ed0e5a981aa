"""Files of a brand: brought into the composer, and shown to those who see the brand."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from editorial.models import MediaAsset, SubtitleTrack
from editorial.selectors.campaigns import get_media, visible_media
from editorial.selectors.content import read_tracks
from editorial.services.media import too_large, upload_media
from editorial.services.subtitles import add_subtitles, read_file, remove_subtitles
from editorial.services.subtitles import too_large as subtitles_too_large
from editorial.web.answers import REFUSALS, sentences
from socialops.http import TenantRequest
from socialops.networks.ports import MediaKind
from socialops.serving import serve_file
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.uploads import was_refused
from teams.selectors.brands import get_brand

MOST = 40  # files of one post


@require_POST
@without_request_transaction
def upload(request: TenantRequest, organization: str) -> HttpResponse:
    """One or more files into the composer; each comes back as a field group, a refused one as its reason. No transaction is open while they come in."""
    with tenant(request.organization):
        brand = get_brand(request.actor, request.POST.get("brand", ""))
    added: list[tuple[MediaAsset, str]] = []
    errors = [too_large()] if was_refused(request) else []
    for file in request.FILES.getlist("file"):
        try:
            asset = upload_media(
                brand=brand, file=file, filename=file.name or "", size=file.size or 0, actor=request.actor
            )
            added.append((asset, asset.alt_text))
        except REFUSALS as error:
            errors += [f"{file.name}: {sentence}" for sentence in sentences(error)]
    if not added and not errors:
        errors = [_("No file came in: choose one.")]
    with tenant(request.organization):
        read_tracks([asset for asset, _alt in added])
        return render(request, "editorial/media_items.html", {"media": added, "errors": errors})


@require_safe
def media_items(request: TenantRequest, organization: str) -> HttpResponse:
    """Files by their ids as the composer shows them, for a form that a browser kept. Those that are gone, or never were this person's to see, are left out."""
    asked = [int(pk) for pk in request.GET.getlist("media")[:MOST] if pk.isdecimal() and len(pk) < 19]
    assets = {asset.pk: asset for asset in visible_media(request.actor).filter(pk__in=asked)}
    read_tracks(assets.values())
    media = [(assets[pk], assets[pk].alt_text) for pk in dict.fromkeys(asked) if pk in assets]
    return render(request, "editorial/media_items.html", {"media": media})


@require_safe
def media_file(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    """The file itself, for those who see its brand. A document is downloaded, never opened among our own pages."""
    asset = get_media(request.actor, pk)
    response = serve_file(request, path=asset.path, content_type=asset.content_type, size=asset.size)
    if asset.kind == MediaKind.DOCUMENT:
        response["Content-Disposition"] = "attachment"
    return _kept(response)


@require_safe
def media_poster(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    """The still picture of a video."""
    poster = get_media(request.actor, pk).poster
    if poster is None:
        raise Http404
    return _kept(serve_file(request, path=poster["path"], content_type="image/jpeg", size=poster["size"]))


@require_POST
def subtitles(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """A file of subtitles for a video, in the language chosen beside it. The video comes back with those it has, and with why not."""
    asset, errors = get_media(request.actor, pk), list[str]()
    language, file = request.POST.get(f"language-{pk}", ""), request.FILES.get(f"subtitles-{pk}")
    if file is None:
        errors = [subtitles_too_large() if was_refused(request) else _("No file came in: choose one.")]
    else:
        try:
            add_subtitles(asset=asset, language=language, data=read_file(file), actor=request.actor)
        except REFUSALS as error:
            errors = [f"{file.name}: {sentence}" for sentence in sentences(error)]
    return _subtitles(request, asset, {"errors": errors, "language": language if errors else "", "changed": not errors})


@require_POST
def subtitles_remove(request: TenantRequest, organization: str, pk: int, language: str) -> HttpResponse:
    asset = get_media(request.actor, pk)
    remove_subtitles(asset=asset, language=language, actor=request.actor)
    return _subtitles(request, asset, {"changed": True, "removed": True})


def _subtitles(request: TenantRequest, asset: MediaAsset, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "editorial/subtitles.html", {"asset": asset, **context})
    response["HX-Trigger"] = "refresh"  # the composer's preview shows them
    return response


@require_safe
def subtitles_file(request: TenantRequest, organization: str, pk: int, track: int) -> HttpResponse:
    """One language's subtitles, as players take them: also those that a post was submitted with and the video no longer has."""
    found = get_object_or_404(SubtitleTrack, asset=get_media(request.actor, pk), pk=track)
    response = HttpResponse(found.webvtt, content_type="text/vtt; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    _kept(response)
    return response


def _kept(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
