"""Files on a Mastodon server: uploaded piece by piece, then processed for a while where they are videos or animations."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.mastodon.answers import NETWORK, call, message_of
from socialops.networks.ports import Handles, Media, MediaKind, SaveHandles, Target

REFUSED = (400, 413, 415, 422)


class Pieces(io.RawIOBase):
    """A file as an upload reads it: a part at a time, never the whole of it."""

    def __init__(self, media: Media) -> None:
        super().__init__()
        self._media, self._at = media, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._media.size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        stop = min(self._at + len(buffer), self._media.size)
        piece = self._media.chunk(self._at, stop) if stop > self._at else b""
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def upload_all(
    target: Target, files: tuple[Media, ...], cover: Media | None, *, handles: Handles, save: SaveHandles
) -> None:
    """Each file once, a video or sound with its picture: `handles["media"]` maps its key to the server's id, `handles["waiting"]` holds the keys still being processed.

    OutageError media_processing while one is.
    """
    uploaded, waiting = handles.setdefault("media", {}), handles.setdefault("waiting", [])
    for media in files:
        if media.key not in uploaded:
            uploaded[media.key], ready = _upload(target, media, cover)
            if not ready:
                waiting.append(media.key)
            save(handles)
    for key in list(waiting):
        _require_ready(target, uploaded[key], key, handles=handles, save=save)
        waiting.remove(key)
        save(handles)


def _upload(target: Target, media: Media, cover: Media | None) -> tuple[str, bool]:
    """The id, and whether the file is ready: 202 says that it isn't."""
    still = {} if cover is None or media.kind == MediaKind.IMAGE else {"thumbnail": _whole(cover)}
    file = io.BufferedReader(Pieces(media), network_data(NETWORK)["media"]["piece_bytes"])
    answer = call(
        target,
        "POST",
        "/api/v2/media",
        accept=REFUSED,
        bucket="media",
        files={"file": (media.filename, file, media.content_type), **still},
        form={"description": media.alt_text},
    )
    if not answer.ok:
        detail = {"field": "media", "media": media.key, "message": message_of(answer)}
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
    return answer.text("id"), answer.status != 202


def _whole(image: Media) -> tuple[str, bytes, str]:
    return image.filename, image.read(), image.content_type


def _require_ready(target: Target, media_id: str, key: str, *, handles: Handles, save: SaveHandles) -> None:
    """A status with an unfinished file is refused. 200: ready; 206: not yet; 404: attached already; 422: it failed."""
    answer = call(target, "GET", f"/api/v1/media/{quote(media_id, safe='')}", accept=(404, 422))
    if answer.status == 206:
        until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["media"]["poll_seconds"])
        raise OutageError(Code.MEDIA_PROCESSING, until=until, raw=answer.raw())
    if answer.status == 422:
        # a later try, if a person wants one, sends the file again
        del handles["media"][key]
        handles["waiting"].remove(key)
        save(handles)
        detail = {"field": "media", "media": key, "message": message_of(answer)}
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
