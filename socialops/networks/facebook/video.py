"""Videos and reels: sent up first, under an id that says later what became of them; the last call publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.facebook import audience
from socialops.networks.facebook.answers import absolute, whole_id
from socialops.networks.http import Answer
from socialops.networks.meta.graph import ANY, GONE, META, call, error_code
from socialops.networks.meta.reconcile import look_again, settle
from socialops.networks.meta.upload import upload
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Format,
    Handles,
    Media,
    Published,
    Reconciliation,
    SaveHandles,
    Target,
)

REELS = "video_reels"
WRONG_OFFSET = (ANY, 1363037)  # the error says where to go on; as Meta's own client reads it
FIELDS = "status,post_id,permalink_url,published"


@dataclass(frozen=True, slots=True)
class State:
    """What a video's node tells. `working`: it is being processed or published; `sent`: bytes that have arrived."""

    published: Published | None
    working: bool
    processing: bool
    sent: int


def send_in_chunks(target: Target, film: Media, *, handles: Handles, save: SaveHandles) -> None:
    """A feed video, in the pieces Facebook asks for; each is kept in mind before the next, so that a broken upload goes on where it was."""
    edge = f"{target.external_id}/videos"
    if "video" not in handles:
        form = {"upload_phase": "start", "file_size": str(film.size)}
        answer = call(target, "POST", edge, form=form)
        handles["video"] = {"id": answer.text("video_id"), "session": answer.text("upload_session_id")}
        handles["video"] |= _offsets(answer.object(), answer)
        save(handles)
    session = handles["video"]
    while session["start"] < session["end"]:
        form = {
            "upload_phase": "transfer",
            "upload_session_id": session["session"],
            "start_offset": str(session["start"]),
        }
        piece = film.chunk(session["start"], session["end"])
        files = {"video_file_chunk": (film.filename, piece, "application/octet-stream")}
        answer = call(target, "POST", edge, form=form, files=files, accept=(WRONG_OFFSET,))
        error = answer.object().get("error")
        told = _offsets((error or {}).get("error_data") or answer.object(), answer)
        if told["start"] == session["start"]:
            answer.unexpected()
        session |= told
        save(handles)


def _offsets(told: Mapping[str, Any], answer: Answer) -> dict[str, int]:
    """Strings of digits; equal when nothing is wanted any more."""
    try:
        return {"start": int(told["start_offset"]), "end": int(told["end_offset"])}
    except (KeyError, TypeError, ValueError):
        answer.unexpected()


def send_whole(target: Target, film: Media, *, edge: str, handles: Handles, save: SaveHandles) -> None:
    """A reel or a story's video, to the upload host in one request; a broken one goes on behind what has arrived."""
    offset = 0
    if "video" in handles and not handles["video"].get("whole"):
        offset = read_state(target, str(handles["video"]["id"])).sent
    elif "video" not in handles:
        answer = call(target, "POST", f"{target.external_id}/{edge}", form={"upload_phase": "start"})
        handles["video"] = {"id": answer.text("video_id")}
        save(handles)
    if not handles["video"].get("whole"):
        if offset < film.size:
            version = network_data(META)["hosts"]["version"]
            upload(target, film, path=f"video-upload/{version}/{handles['video']['id']}", offset=offset)
        handles["video"]["whole"] = True
        save(handles)


def wait_until_processed(target: Target, handles: Handles) -> None:
    """OutageError media_processing until the file is ready to be published."""
    if read_state(target, str(handles["video"]["id"])).processing:
        wait = network_data(META)["processing"]["video_poll_seconds"]
        raise OutageError(Code.MEDIA_PROCESSING, until=datetime.now(UTC) + timedelta(seconds=wait))


def title_of(content: Content) -> dict[str, str]:
    title = str(content.options.get("title") or "")
    return {"title": title} if title else {}


def finish(target: Target, content: Content, *, text: str, handles: Handles) -> None:
    """The one shot of a feed video: accepted, and processed after that."""
    form = {
        "upload_phase": "finish",
        "upload_session_id": handles["video"]["session"],
        "description": text,
        "published": "true",
        **title_of(content),
        **audience.form(content),
    }
    cover = content.cover
    files = {"thumb": (cover.filename, cover.read(), cover.content_type)} if cover is not None else None
    answer = call(target, "POST", f"{target.external_id}/videos", form=form, files=files, one_shot=True)
    if answer.object().get("success") is not True:
        answer.unexpected()


def finish_reel(target: Target, content: Content, *, text: str, handles: Handles) -> None:
    form = {
        "upload_phase": "finish",
        "video_id": handles["video"]["id"],
        "video_state": "PUBLISHED",
        "description": text,
        **title_of(content),
        **audience.form(content),
    }
    answer = call(target, "POST", f"{target.external_id}/{REELS}", form=form, one_shot=True)
    if answer.object().get("success") is not True:
        answer.unexpected()
    target.report(Charge("reels"))


def read(target: Target, content: Content, *, handles: Handles) -> State:
    """As `read_state`, for the video of this content. MediaError in Facebook's words when it could not be processed."""
    return read_state(target, str(handles["video"]["id"]), reel=content.format == Format.REEL)


def read_state(target: Target, video_id: str, *, reel: bool = False) -> State:
    answer = call(target, "GET", video_id, params={"fields": FIELDS}, accept=(GONE,))
    if error_code(answer) == GONE:
        return State(None, working=False, processing=False, sent=0)
    node = answer.object()
    status = node.get("status") or {}
    phases = {name: status.get(f"{name}_phase") or {} for name in ("uploading", "processing", "publishing")}
    for phase in phases.values():
        if errors := phase.get("errors") or (phase.get("status") == "error" and [{}]):
            words = "; ".join(str(error.get("message") or error.get("code") or "") for error in errors)
            raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": words}, raw=answer.raw())
    states = {name: phase.get("status") for name, phase in phases.items()}
    live = states["publishing"] == "complete"
    if not reel:
        live = status.get("video_status") == "ready" and node.get("published") is not False
    processing = states["processing"] == "in_progress" or status.get("video_status") == "processing"
    return State(
        _published(target, video_id, node, reel=reel) if live else None,
        working=processing or states["publishing"] == "in_progress",
        processing=processing or states["uploading"] == "in_progress",
        sent=int(phases["uploading"].get("bytes_transfered") or 0),
    )


def _published(target: Target, video_id: str, node: Mapping[str, Any], *, reel: bool) -> Published:
    """A feed video is its post, whose comments and insights are those of a post; a reel is not among the posts, and stays a video."""
    post_id = str(node.get("post_id") or "")
    if reel or not post_id:
        return Published(video_id, absolute(node.get("permalink_url"), video_id), {"video_id": video_id})
    whole = whole_id(target, post_id)
    return Published(whole, absolute(node.get("permalink_url"), whole), {"video_id": video_id})


def find(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    state = read(target, content, handles=handles)
    if state.published is not None:
        return Reconciliation(Finding.PUBLISHED, state.published)
    return look_again() if state.working else settle((), since)
