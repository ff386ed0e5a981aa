"""Files of a brand: brought into the composer, and shown to those who see the brand."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from editorial.models import MediaAsset
from editorial.selectors.campaigns import get_media, visible_media
from editorial.services.media import too_large, upload_media
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
        return render(request, "editorial/media_items.html", {"media": added, "errors": errors})


@require_safe
def media_items(request: TenantRequest, organization: str) -> HttpResponse:
    """Files by their ids as the composer shows them, for a form that a browser kept. Those that are gone, or never were this person's to see, are left out."""
    asked = [int(pk) for pk in request.GET.getlist("media")[:MOST] if pk.isdecimal() and len(pk) < 19]
    assets = {asset.pk: asset for asset in visible_media(request.actor).filter(pk__in=asked)}
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


def _kept(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
