"""A file of a delivery, for the network that fetches it. No login: the address is the key."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from publishing.services.hosting import Hosted, hosted
from socialops.storage import stream_range

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
def hosted_file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The whole, or the range asked for. 404 alike for a wrong, an expired and a withdrawn address; `name` is for the network's eyes only."""
    file = hosted(token)
    if file is None:
        raise Http404
    start, stop = asked_range(request.headers.get("Range", ""), file.size)
    if start >= stop and file.size:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{file.size}"
        return refused
    response = _body(request, file, start, stop)
    response["Content-Type"] = file.content_type
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    if (start, stop) != (0, file.size):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _body(request: HttpRequest, file: Hosted, start: int, stop: int) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse()
    try:
        return StreamingHttpResponse(stream_range(file.path, start, stop))
    except FileNotFoundError as error:
        raise Http404 from error


def asked_range(header: str, size: int) -> tuple[int, int]:
    """[start, stop) of one byte range (RFC 9110, 14.1.2). What is no range, or more than one, is the whole; (size, size) when it lies beyond the end."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return 0, size
    first, last = found[1], found[2]
    if not first:
        return max(0, size - int(last)) if int(last) else size, size
    start, stop = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < start:
        return 0, size  # not a valid range: ignored
    return (start, stop) if start < size else (size, size)
