"""Reading TikTok back: what became of a publish_id, and our own public posts. Comments and mentions are not in this API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import RawAnswer
from socialops.networks.ports import RemotePost, Target
from socialops.networks.tiktok.answers import NETWORK, call, data_of, error_of
from socialops.networks.tiktok.oauth import profile_url

VIDEO_FIELDS = "id,create_time,title,video_description,share_url,duration"
UNKNOWN = ("invalid_publish_id", "token_not_authorized_for_specified_publish_id")
DONE = ("PUBLISH_COMPLETE", "SEND_TO_USER_INBOX")


@dataclass(frozen=True, slots=True)
class Status:
    """What TikTok says of a publish_id. `public_ids` are empty before moderation and for private posts; `uploaded` None where it doesn't tell."""

    publish_id: str
    state: str
    fail_reason: str
    public_ids: tuple[str, ...]
    uploaded: int | None
    raw: RawAnswer

    @property
    def done(self) -> bool:
        return self.state in DONE

    @property
    def failed(self) -> bool:
        return self.state == "FAILED"

    def arrived(self, size: int) -> bool | None:
        """Whether all bytes are there; None where TikTok doesn't tell."""
        if self.state != "PROCESSING_UPLOAD":
            return True
        return None if self.uploaded is None else self.uploaded >= size


def fetch_status(target: Target, publish_id: str) -> Status | None:
    """None for a publish_id that TikTok doesn't know, or no longer."""
    body = {"publish_id": publish_id}
    answer = call(target, "POST", "/v2/post/publish/status/fetch/", json=body, accept=UNKNOWN)
    if error_of(answer)[0] in UNKNOWN:
        return None
    data = data_of(answer)
    # misspelt so by TikTok; numbers beyond 2^53, which Python keeps exactly
    listed = data.get("publicaly_available_post_id") or data.get("publicly_available_post_id") or ()
    uploaded = data.get("uploaded_bytes")
    return Status(
        publish_id=publish_id,
        state=answer.text("data", "status"),
        fail_reason=str(data.get("fail_reason") or ""),
        public_ids=tuple(str(post_id) for post_id in listed),
        uploaded=uploaded if isinstance(uploaded, int) else None,
        raw=answer.raw(),
    )


def is_public_id(external_id: str) -> bool:
    """Public ids are numbers; what isn't one is a publish_id, kept until there is a public id."""
    return external_id.isdecimal()


def public_id(target: Target, publish_id: str) -> str:
    """The public id of a post known by its publish_id, "" while it has none."""
    status = fetch_status(target, publish_id)
    return status.public_ids[0] if status is not None and status.public_ids else ""


def post_url(target: Target, post_id: str, kind: str) -> str:
    """By TikTok's convention; `kind` is video or photo."""
    name = target.handle if target.handle.startswith("@") else ""
    return f"{profile_url(target.base_url, name.removeprefix('@'))}/{kind}/{post_id}" if name else ""


def posted_at(video: Mapping[str, Any]) -> datetime | None:
    seconds = video.get("create_time")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def remote_post(target: Target, video: Mapping[str, Any]) -> RemotePost:
    post_id = str(video["id"])
    return RemotePost(
        external_id=post_id,
        url=str(video.get("share_url") or post_url(target, post_id, "video")),
        text=str(video.get("video_description") or video.get("title") or ""),
        created_at=posted_at(video),
        media_count=1,
    )


def own_videos(target: Target, earliest: datetime) -> tuple[list[dict[str, Any]], bool]:
    """Our public posts since `earliest`, newest first, and whether all of them were seen."""
    rule = network_data(NETWORK)["reconcile"]
    seen: list[dict[str, Any]] = []
    body: dict[str, Any] = {"max_count": rule["page_size"]}
    for _page in range(rule["pages"]):
        answer = call(target, "POST", "/v2/video/list/", params={"fields": VIDEO_FIELDS}, json=body)
        data = data_of(answer)
        videos = data.get("videos")
        for video in videos if isinstance(videos, list) else ():
            moment = posted_at(video)
            if moment is not None and moment < earliest:
                return seen, True
            seen.append(video)
        if not data.get("has_more") or not data.get("cursor"):
            return seen, True
        body["cursor"] = data["cursor"]
    return seen, False


def query(target: Target, ids: list[str], fields: str) -> dict[str, dict[str, Any]]:
    """Public posts of ours by id, those that are there."""
    body = {"filters": {"video_ids": ids}}
    data = data_of(call(target, "POST", "/v2/video/query/", params={"fields": fields}, json=body))
    videos = data.get("videos")
    return {str(video["id"]): video for video in (videos if isinstance(videos, list) else ())}


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    """None for what is no longer public. Of a post without a public id only its being there is known."""
    post_id = external_id
    if not is_public_id(external_id):
        status = fetch_status(target, external_id)
        if status is None or not status.public_ids:
            there = status is not None and not status.failed
            return RemotePost(external_id, "", "", None) if there else None
        post_id = status.public_ids[0]
    video = query(target, [post_id], VIDEO_FIELDS).get(post_id)
    return remote_post(target, video) if video is not None else None
