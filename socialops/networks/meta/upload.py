"""Sending a video to Meta's upload host: one request, its body read in pieces, resumed where it broke off."""

from __future__ import annotations

from collections.abc import Iterator

from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.meta.graph import META, origin, send, token_of
from socialops.networks.ports import Media, Target


def upload(target: Target, media: Media, *, path: str, offset: int = 0) -> None:
    """All bytes from `offset` on to `path` of the upload host (`video-upload/v26.0/<video id>`). Repeatable.

    MediaError in Meta's words when the file is refused; OutageError when it isn't there whole.
    """
    answer = send(
        target.network,
        token_of(target),
        "POST",
        f"{origin(target.network, target.base_url, 'upload')}/{path}",
        secret="",
        scheme="OAuth",
        accept=((0, 0),),
        headers={
            "offset": str(offset),
            "file_size": str(media.size),
            "Content-Type": "application/octet-stream",
            "Content-Length": str(media.size - offset),
        },
        content=_pieces(media, offset),
    )
    failed = answer.error_object().get("debug_info")
    if isinstance(failed, dict):
        detail = {"field": "media", "media": media.key, "message": str(failed.get("message") or "")}
        if failed.get("retriable"):
            raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status, **detail}, raw=answer.raw())
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
    if not answer.ok or not answer.object().get("success"):
        raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status}, raw=answer.raw())


def _pieces(media: Media, offset: int) -> Iterator[bytes]:
    step = network_data(META)["upload"]["chunk_bytes"]
    for start in range(offset, media.size, step):
        yield media.chunk(start, min(start + step, media.size))
