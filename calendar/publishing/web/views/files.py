"""A file of a delivery, for the network that fetches it. No login: the address is the key."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from publishing.services.hosting import hosted
from socialops.serving import serve_file


@require_safe
def hosted_file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """404 alike for a wrong, an expired and a withdrawn address; `name` is for the network's eyes only."""
    file = hosted(token)
    if file is None:
        raise Http404
    response = serve_file(request, path=file.path, content_type=file.content_type, size=file.size)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    return response
