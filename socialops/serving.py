"""A stored file as an answer: streamed, whole or the range that was asked for (RFC 9110, section 14)."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from socialops.storage import stream_range

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def serve_file(request: HttpRequest, *, path: str, content_type: str, size: int) -> HttpResponseBase:
    """GET and HEAD. 206 for a range, 416 for one beyond the end; Http404 when the file is gone. The caller adds how it may be kept and shown."""
    start, stop = asked_range(request.headers.get("Range", ""), size)
    if start >= stop and size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        try:
            response = StreamingHttpResponse(stream_range(path, start, stop))
        except FileNotFoundError as error:
            raise Http404 from error
    response["Content-Type"] = content_type
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    if stop - start != size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def asked_range(header: str, size: int) -> tuple[int, int]:
    """[start, stop) of one byte range. What is no range, or more than one, is the whole; (size, size) when it lies beyond the end."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return 0, size
    first, last = found[1], found[2]
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (size, size)
    start, stop = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < start:
        return 0, size  # not a valid range: ignored
    return (start, stop) if start < size else (size, size)
