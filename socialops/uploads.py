"""What comes in by form: streamed to the disk, and no more of it than the largest file we keep."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class LimitedUpload(FileUploadHandler):
    """Stands before Django's own handlers. Beyond the limit the rest is read and thrown away, so that the browser gets an answer; no file of the request is kept then."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            self.request.upload_refused = True  # type: ignore[union-attr]  # read by `was_refused`
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def was_refused(request: HttpRequest | Any) -> bool:
    """Whether this request brought more than we take."""
    return getattr(request, "upload_refused", False)
