"""Videos on Bluesky: sent to a service of their own, which encodes them and puts the blob into the account's repository.

https://docs.bsky.app/docs/tutorials/video; the service is let in by a token that the account's server signs for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from socialops.networks import http
from socialops.networks.bluesky.answers import NETWORK, call, pds, refuse
from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError, RateLimitError
from socialops.networks.ports import Media, Quota, Target

COMPLETED, FAILED = "JOB_STATE_COMPLETED", "JOB_STATE_FAILED"
CONFLICT = 409  # this very file has a job already
UPLOAD_BLOB = "com.atproto.repo.uploadBlob"
LIMITS = "app.bsky.video.getUploadLimits"


def service(target: Target) -> str:
    """The video service; the server itself where that is one of our own (demo, tests)."""
    server = pds(target)
    return server if server.startswith("http://") else str(network_data(NETWORK)["hosts"]["video"])


def did_of(origin: str) -> str:
    return f"did:web:{quote(urlsplit(origin).netloc, safe='.')}"


def token_for(target: Target, *, audience: str, method: str) -> str:
    """A short-lived token that lets us use one method of the service at this origin."""
    lifetime = network_data(NETWORK)["video"]["token_seconds"]
    params = {"aud": did_of(audience), "lxm": method, "exp": int(time.time()) + lifetime}
    return call(target, "GET", "com.atproto.server.getServiceAuth", params=params).text("token")


def require_room(target: Target) -> None:
    """Whether the account may upload a video now. RateLimitError when today's are used up, MediaError for another reason."""
    token = token_for(target, audience=service(target), method=LIMITS)
    answer = http.call(
        "GET", f"{service(target)}/xrpc/{LIMITS}", headers={"Authorization": f"Bearer {token}"}, secrets=(token,)
    )
    if not answer.ok:
        refuse(answer)
    told = answer.object()
    left = told.get("remainingDailyVideos")
    if isinstance(left, int):
        target.report(Quota("videos", None, left, None))
    if told.get("canUpload") is not False:
        return
    if left == 0:
        until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["video"]["full_wait_seconds"])
        raise RateLimitError(Code.QUOTA_SPENT, detail={"bucket": "videos"}, until=until, raw=answer.raw())
    message = str(told.get("message") or told.get("error") or "")
    raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": message}, raw=answer.raw())


def start(target: Target, media: Media) -> dict[str, Any]:
    """Send the file, piece by piece: the job's status. The same file again is the same job."""
    token = token_for(
        target, audience=pds(target), method=UPLOAD_BLOB
    )  # for the account's own server: the service acts there for it
    answer = http.call(
        "POST",
        f"{service(target)}/xrpc/app.bsky.video.uploadVideo",
        params={"did": target.external_id, "name": f"{media.key}.mp4"},
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": media.content_type,
            "Content-Length": str(media.size),
        },
        content=_pieces(media),
        secrets=(token,),
    )
    status = _job(answer.object() if answer.ok else answer.error_object())
    if status.get("blob") or status.get("jobId"):  # "already_exists" is a refusal that carries what is wanted
        return status
    if not answer.ok and answer.status != CONFLICT:
        refuse(answer)
    raise OutageError(Code.UNREADABLE_ANSWER, raw=answer.raw())  # sent again, the same file is the same job


def _pieces(media: Media) -> Iterator[bytes]:
    size = network_data(NETWORK)["video"]["piece_bytes"]
    for begin in range(0, media.size, size):
        yield media.chunk(begin, min(begin + size, media.size))


def _job(body: Mapping[str, Any]) -> dict[str, Any]:
    """The lexicon wraps it in `jobStatus`, the service has answered without."""
    status = body.get("jobStatus")
    return dict(status if isinstance(status, dict) else body)


def look(target: Target, job: str) -> dict[str, Any]:
    answer = http.call("GET", f"{service(target)}/xrpc/app.bsky.video.getJobStatus", params={"jobId": job})
    if not answer.ok:
        refuse(answer)
    return _job(answer.object())


def blob_of(media: Media, status: Mapping[str, Any]) -> dict[str, Any]:
    """The blob of a finished job. OutageError media_processing while it is at work, MediaError with the service's words when it failed."""
    blob = status.get("blob")
    if isinstance(blob, dict):
        return blob
    if status.get("state") == FAILED:
        words = str(status.get("message") or status.get("error") or status.get("failureCode") or "")
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "media": media.key, "message": words})
    until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["video"]["poll_seconds"])
    raise OutageError(Code.MEDIA_PROCESSING, until=until)
