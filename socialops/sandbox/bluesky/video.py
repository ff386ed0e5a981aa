"""The video service: let in by a token that the PDS signed for it, it encodes for a moment and then puts the blob into the repository."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.bluesky.call import XrpcError, answer, invalid
from socialops.sandbox.bluesky.cids import blob_cid
from socialops.sandbox.bluesky.records import VIDEO_BYTES, blob_id
from socialops.sandbox.images import sniff
from socialops.sandbox.models import BLUESKY, Account, Media, Token
from socialops.sandbox.world import World

PROCESSING_SECONDS: Final = 1.5
DAILY: Final = (25, 86_400)
JOB_SECONDS: Final = 86_400
# A file that ends with these words fails, so that it can be tried: `sandbox-fails:encoding_failure`.
FATE: Final = re.compile(rb"sandbox-fails:([a-z_]+)$")


def service_did(world: World) -> str:
    """PDS and video service are one host here."""
    return f"did:web:{quote(world.base_url(BLUESKY).removeprefix('http://'), safe='.')}"


def _let_in(request: Request, method: str) -> tuple[World, Token, Account]:
    world: World = request.app.state.world
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = world.read_token(value, BLUESKY, "service")
    if scheme.lower() != "bearer" or token is None or token.expires_at < time.time():
        raise XrpcError(401, "AuthMissing" if not value else "InvalidToken", "Authentication Required")
    if token.facts["lxm"] != method or token.facts["aud"] != service_did(world):
        raise XrpcError(401, "InvalidToken", f"bad jwt lxm or aud: expected {method} for {service_did(world)}")
    return world, token, world.accounts.objects[token.account_id]


def _left(world: World, account: Account) -> int:
    limit, window = DAILY
    start, used = world.windows.get(("bluesky:videos", account.id), (time.time(), 0))
    return limit - (used if time.time() - start < window else 0)


async def upload_limits(request: Request) -> Response:
    world, _, account = _let_in(request, "app.bsky.video.getUploadLimits")
    left = max(0, _left(world, account))
    if not left:
        words = {"message": "User has exceeded daily upload videos limit", "error": "daily_limit_reached"}
        return answer({"canUpload": False, "remainingDailyVideos": 0, "remainingDailyBytes": 0, **words})
    return answer({"canUpload": True, "remainingDailyVideos": left, "remainingDailyBytes": 10_737_418_240})


async def upload_video(request: Request) -> Response:
    world, _, account = _let_in(request, "com.atproto.repo.uploadBlob")
    if request.query_params.get("did") != account.id or not request.query_params.get("name"):
        raise invalid("Params must have the properties did and name")
    if request.headers.get("content-type", "") != "video/mp4" or "content-length" not in request.headers:
        raise invalid("Wrong request encoding (Content-Type), or no Content-Length")
    content = await request.body()
    if len(content) > VIDEO_BYTES:
        raise XrpcError(413, "PayloadTooLarge", "request entity too large")
    job_id = hashlib.sha256(account.id.encode() + content).hexdigest()[:20]
    if world.read_token(job_id, BLUESKY, "job"):
        status = {**_status(world, job_id), "error": "already_exists", "message": "Video already processed"}
        return answer(status, 409)
    world.spend("bluesky:videos", account.id, limit=DAILY[0], window=DAILY[1])
    fate = FATE.search(content[-60:])
    failure = fate[1].decode() if fate else "" if sniff(content).is_video else "validation_failure"
    cid = blob_cid(content)
    ready = world.after(PROCESSING_SECONDS)
    world.issue(BLUESKY, "job", account.id, value=job_id, lifetime=JOB_SECONDS, cid=cid, ready=ready, failure=failure)
    if not failure:
        key = blob_id(account.id, cid)
        world.disk.put_bytes(key, content)
        facts = {"cid": cid}
        world.media.put(
            Media(key, BLUESKY, account.id, "video/mp4", len(content), time.time(), ready_at=ready, facts=facts)
        )
    world.accept(BLUESKY, "POST", request.url.path, account.handle, "", job_id)
    return answer({"jobStatus": _status(world, job_id)})


def _status(world: World, job_id: str) -> dict[str, Any]:
    job = world.read_token(job_id, BLUESKY, "job")
    if job is None:
        raise invalid("Job not found", "JobNotFound")
    body: dict[str, Any] = {"jobId": job_id, "did": job.account_id}
    if job.facts["ready"] > time.time():
        return {**body, "state": "JOB_STATE_ENCODING", "progress": 50}
    if job.facts["failure"]:
        failure = job.facts["failure"]
        words = {"error": failure, "failureCode": failure, "message": f"Video failed: {failure.replace('_', ' ')}"}
        return {**body, "state": "JOB_STATE_FAILED", **words}
    media = world.media.objects[blob_id(job.account_id, job.facts["cid"])]
    blob = {"$type": "blob", "ref": {"$link": job.facts["cid"]}, "mimeType": media.mime, "size": media.size}
    return {**body, "state": "JOB_STATE_COMPLETED", "progress": 100, "blob": blob}


async def job_status(request: Request) -> Response:
    return answer({"jobStatus": _status(request.app.state.world, request.query_params.get("jobId", ""))})


def _route(name: str, handler: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
    async def serve(request: Request) -> Response:
        try:
            return await handler(request)
        except XrpcError as error:
            return error.response()

    return Route(f"/xrpc/app.bsky.video.{name}", serve, methods=[method])


routes: list[BaseRoute] = [
    _route("getUploadLimits", upload_limits),
    _route("uploadVideo", upload_video, "POST"),
    _route("getJobStatus", job_status),
]
