"""Publishing a video: all bytes but the last chunk are `create`, the last chunk is the one shot, and YouTube's processing is watched after it.

A lost answer is settled by asking the upload session; where that is gone, by the channel's own list of uploads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import Code, MediaError, NetworkError, OutageError, PolicyError, ValidationError
from socialops.networks.images import fit_image
from socialops.networks.options import options_of
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Handles,
    Media,
    Published,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
)
from socialops.networks.subtitles import with_unfinished
from socialops.networks.text import comparable, with_link
from socialops.networks.translations import Translation, translations_of
from socialops.networks.youtube import captions, playlists, upload
from socialops.networks.youtube.answers import DATA_API, NETWORK, UNITS, UPLOADS, call, host
from socialops.networks.youtube.read import get_video, moment_of, remote_video, uploads_since, watch_url

LICENSES = {"youtube": "youtube", "creative_commons": "creativeCommon"}
FINISHED, BROKEN = ("processed",), ("failed", "rejected", "deleted")


def prepare(target: Target, content: Content) -> Content:
    """The still picture is made to fit now, so that a broken one is told before anything is out."""
    return replace(content, cover=_fitting(target, content.cover)) if content.cover is not None else content


def _fitting(target: Target, cover: Media) -> Media:
    return fit_image(cover, merge_limits(NETWORK, target.limits)["cover"])


def post_text(content: Content) -> str:
    """The description; a link has no other place."""
    return with_link(content.text, content.link)


def tags_length(tags: list[str]) -> int:
    """As YouTube counts them: the commas between tags too, and two quotes round each that has a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def resource(content: Content) -> dict[str, Any]:
    """What YouTube is told about the video. Nothing is left to its defaults: without a privacy status it would be public."""
    options = {**{option.name: option.default for option in options_of(NETWORK)}, **content.options}
    snippet: dict[str, Any] = {
        "title": str(options["title"] or "").strip(),
        "description": post_text(content),
        "categoryId": str(options["category"]),
    }
    if tags := [tag.strip() for tag in options["tags"] or () if tag.strip()]:
        snippet["tags"] = tags
    if content.language:
        snippet["defaultLanguage"] = content.language
    told = {one.language: _localized(content, one) for one in translations_of(content)}
    return {
        "snippet": snippet,
        **({"localizations": told} if told else {}),
        "status": {
            "privacyStatus": options["privacy"],
            "selfDeclaredMadeForKids": options["made_for_kids"] == "yes",
            "containsSyntheticMedia": bool(options["synthetic_media"]),
            "license": LICENSES[str(options["license"])],
            "embeddable": bool(options["embeddable"]),
        },
        "paidProductPlacementDetails": {"hasPaidProductPlacement": bool(options["paid_promotion"])},
    }


def _localized(content: Content, translation: Translation) -> dict[str, str]:
    return {"title": translation.title, "description": with_link(translation.text, content.link)}


def charges(content: Content) -> Iterator[Charge]:
    """One upload, one look at its processing, and what hangs on it."""
    costs = network_data(NETWORK)["costs"]
    yield Charge(UPLOADS)
    units = costs["videos.list"]
    units += costs["thumbnails.set"] if content.cover is not None else 0
    units += costs["commentThreads.insert"] if content.first_comment else 0
    units += costs[captions.INSERT] * sum(len(media.subtitles) for media in content.media)
    units += (costs[playlists.LOOK] + costs[playlists.INSERT]) * len(playlists.chosen(content))
    yield Charge(UNITS, units)


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """`handles` = {"session": its address, "size", "offset": bytes stored}: the address is saved before any byte leaves."""
    media = content.media[0]
    if handles.get("session"):
        progress = upload.ask(target, handles["session"], media.size)
        if progress.video and not _is_broken(target, progress.video):
            handles["offset"] = media.size
            return handles
        if progress.video or progress.gone:
            handles.pop("session")  # it ended in nothing that is live, or was never finished
        else:
            handles["offset"] = progress.stored
    if not handles.get("session"):
        notify = bool(content.options.get("notify_subscribers", True))
        handles["session"] = upload.begin(target, media, resource(content), notify=notify)
        handles.update(size=media.size, offset=0)
        save(handles)
    for stored in upload.send_all_but_last(target, media, handles["session"], handles["offset"]):
        handles["offset"] = stored
        save(handles)
    return handles


def commit(target: Target, content: Content, *, handles: Handles) -> None:
    """The last chunk: with its last byte the video exists. None, because YouTube still has to process it."""
    media = content.media[0]
    if handles["offset"] >= media.size:
        return  # an earlier try, whose answer was lost, completed it
    progress = upload.send(target, media, handles["session"], handles["offset"], media.size, one_shot=True)
    if not progress.video:
        # the session lacks bytes, or is gone: no video came of it, and `create` goes on from there
        raise OutageError(Code.MEDIA_EXPIRED if progress.gone else Code.SERVER_ERROR, detail={"status": 308})


def confirm(target: Target, content: Content, *, handles: Handles) -> Published | None:
    """MediaError or PolicyError when YouTube could not or would not make a video of the file."""
    progress = upload.ask(target, handles["session"], handles["size"])
    if not progress.video:
        return None
    video = get_video(target, progress.video, "status,processingDetails")
    if video is None:
        return None  # its list may lag behind the upload
    status = video.get("status") or {}
    _refuse_broken(content, status)
    if status.get("uploadStatus") not in FINISHED:
        return None
    return _published(target, content, progress.video)


def _is_broken(target: Target, video_id: str) -> bool:
    video = get_video(target, video_id, "status")
    return video is not None and (video.get("status") or {}).get("uploadStatus") in BROKEN


def _refuse_broken(content: Content, status: Mapping[str, Any]) -> None:
    state, words = status.get("uploadStatus"), network_data(NETWORK)["errors"]
    if state == "failed":
        reason = str(status.get("failureReason") or "")
        raise MediaError(
            Code.MEDIA_REFUSED, detail={"field": "media", "message": words["failures"].get(reason, reason)}
        )
    if state == "deleted":
        raise MediaError(Code.MEDIA_EXPIRED, detail={"field": "media"})
    if state != "rejected":
        return
    reason = str(status.get("rejectionReason") or "")
    detail = {"message": words["rejections"].get(reason, reason)}
    if reason.startswith("uploaderAccount"):
        raise PolicyError(Code.ACCOUNT_BLOCKED, detail=detail)
    if reason == "duplicate":
        raise PolicyError(Code.DUPLICATE_POST, detail=detail)
    if reason == "length":
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail})
    raise PolicyError(Code.CONTENT_POLICY, detail=detail)


def _published(target: Target, content: Content, video_id: str) -> Published:
    """With the still picture and the subtitles set, and in its playlists: all of it may be done again and again; what YouTube refuses is told and undoes nothing."""
    unfinished: list[dict[str, Any]] = []
    if content.cover is not None:
        try:
            _set_thumbnail(target, content.cover, video_id)
        except NetworkError as error:
            unfinished.append({"field": "cover", "code": str(error.code), "detail": error.detail})
    for media in content.media:
        unfinished += captions.add(target, video_id, media.subtitles)
    unfinished += playlists.put_in(target, content, video_id)
    return with_unfinished(Published(video_id, watch_url(target, video_id)), unfinished)


def _set_thumbnail(target: Target, cover: Media, video_id: str) -> None:
    cover = _fitting(target, cover)
    url = f"{host(DATA_API, target.base_url)}/upload/youtube/v3/thumbnails/set"
    params = {"videoId": video_id, "uploadType": "media"}
    headers = {"Content-Type": cover.content_type}
    call(target, "POST", "thumbnails.set", url=url, params=params, headers=headers, content=cover.read())


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """The session knows. A video that YouTube could not process is not published, and may be sent again."""
    if not handles.get("session"):
        return _find_in_uploads(target, content, since)
    progress = upload.ask(target, handles["session"], handles["size"])
    if progress.gone:
        return _find_in_uploads(target, content, since)
    if not progress.video or _is_broken(target, progress.video):
        # sending the same bytes once more ends in the same video, even if the lost ones still arrive
        return Reconciliation(Finding.NOT_PUBLISHED)
    return Reconciliation(Finding.PUBLISHED, _published(target, content, progress.video))


def _find_in_uploads(target: Target, content: Content, since: datetime) -> Reconciliation:
    rule = network_data(NETWORK)["reconcile"]
    wanted = (comparable(resource(content)["snippet"]["title"]), comparable(post_text(content)))
    rows, complete = uploads_since(target, since - timedelta(seconds=rule["skew_seconds"]))
    found: list[RemotePost] = []
    for row in rows:
        snippet = row.get("snippet") or {}
        if (comparable(str(snippet.get("title"))), comparable(str(snippet.get("description")))) == wanted:
            video_id = str((snippet.get("resourceId") or {}).get("videoId"))
            found.append(remote_video(target, video_id, snippet, moment_of(snippet.get("publishedAt"))))
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, _published(target, content, found[0].external_id))
    return settle(found, since, complete=complete)


def settle(found: list[RemotePost], since: datetime, *, complete: bool) -> Reconciliation:
    """What a list that holds not exactly one match means."""
    if found or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(found))
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


# ---------------------------------------------------------------- afterwards

MUTABLE = {
    "snippet": ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage"),
    "status": (
        "privacyStatus",
        "publishAt",
        "license",
        "embeddable",
        "publicStatsViewable",
        "selfDeclaredMadeForKids",
        "containsSyntheticMedia",
    ),
    "paidProductPlacementDetails": ("hasPaidProductPlacement",),
}
BY_OPTION = {
    "title": ("snippet", "title"),
    "category": ("snippet", "categoryId"),
    "tags": ("snippet", "tags"),
    "privacy": ("status", "privacyStatus"),
    "made_for_kids": ("status", "selfDeclaredMadeForKids"),
    "synthetic_media": ("status", "containsSyntheticMedia"),
    "license": ("status", "license"),
    "embeddable": ("status", "embeddable"),
    "paid_promotion": ("paidProductPlacementDetails", "hasPaidProductPlacement"),
}


def edit(target: Target, content: Content, *, external_id: str) -> None:
    """An update replaces whole sections: what is there is read first, and only what the content says is changed."""
    now = get_video(target, external_id, ",".join(MUTABLE))
    if now is None:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "edit"})
    body = {
        section: {name: now[section][name] for name in names if name in (now.get(section) or {})}
        for section, names in MUTABLE.items()
    }
    wanted = resource(content)
    body["snippet"]["description"] = wanted["snippet"]["description"]
    for option, (section, name) in BY_OPTION.items():
        if option in content.options:
            body[section][name] = wanted[section].get(name, [])
    call(target, "PUT", "videos.update", params={"part": ",".join(body)}, json={"id": external_id, **body})


def delete(target: Target, *, external_id: str) -> None:
    call(target, "DELETE", "videos.delete", params={"id": external_id}, accept=("videoNotFound", "notFound"))
