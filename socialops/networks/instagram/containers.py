"""Containers: what is sent, what becomes of it, and when it may be published. One container publishes at most once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, OutageError
from socialops.networks.http import Answer
from socialops.networks.instagram.answers import NETWORK, read_object
from socialops.networks.meta.graph import GONE, META, by_instagram_login, call, error_code, meaning, problem
from socialops.networks.meta.upload import upload
from socialops.networks.ports import Charge, Content, Format, Handles, Media, MediaKind, SaveHandles, Target
from socialops.networks.text import with_link

FINISHED, WORKING, FAILED, EXPIRED, PUBLISHED = "FINISHED", "IN_PROGRESS", "ERROR", "EXPIRED", "PUBLISHED"
SUBCODE = re.compile(r"\b22\d{5}\b")


def caption_of(content: Content) -> str:
    """A link is only words here, and a story shows none."""
    return "" if content.options.get("format") == Format.STORY else with_link(content.text, content.link)


def make_single(target: Target, content: Content, handles: Handles, save: SaveHandles) -> None:
    """The container of a post with one file."""
    media = content.media[0]
    fields = {**_of_post(content), **_tags(content, media)}
    if content.format == Format.STORY:
        fields["media_type"] = "STORIES"
    elif media.kind == MediaKind.VIDEO:
        fields |= {"media_type": "REELS", **_of_reel(content)}
    _make(target, media, fields, handles=handles, name="container", save=save)


def make_carousel(target: Target, content: Content, handles: Handles, save: SaveHandles) -> None:
    """Each child first, with nothing but its file and alternative text, the first picture with who is in it; their parent once all of them are ready."""
    children: Handles = handles.setdefault("children", {})
    tagged = first_picture(content)
    for media in content.media:
        fields = {"is_carousel_item": "true", **(_tags(content, media) if media is tagged else {})}
        if media.kind == MediaKind.VIDEO:
            fields["media_type"] = "VIDEO"

        def keep(_: Handles) -> None:
            save(handles)

        _make(target, media, fields, handles=children, name=media.key, save=keep)
    for media in content.media:
        wait_until_ready(target, children, media.key, lambda: save(handles), video=media.kind == MediaKind.VIDEO)
    if "container" not in handles:
        fields = {
            **_of_post(content),
            "media_type": "CAROUSEL",
            "children": ",".join(children[media.key]["id"] for media in content.media),
        }
        handles["container"] = _kept(_create(target, fields), whole=True)
        save(handles)


def _of_post(content: Content) -> dict[str, str]:
    """What stands on the parent container, and only there."""
    given = content.options
    fields: dict[str, str] = {}
    if caption := caption_of(content):
        fields["caption"] = caption
    if names := [str(name).strip().lstrip("@") for name in given.get("collaborators") or ()]:
        fields["collaborators"] = json.dumps(names)
    if place := str(given.get("location") or ""):
        fields["location_id"] = place
    if given.get("ai_generated"):
        fields["is_ai_generated"] = "true"
    if given.get("paid_partnership"):
        fields["is_paid_partnership"] = "true"
    return fields


def people_of(content: Content) -> list[str]:
    """User names of who is tagged."""
    return [name for text in content.options.get("tagged_people") or () if (name := str(text).strip().lstrip("@"))]


def first_picture(content: Content) -> Media | None:
    return next((media for media in content.media if media.kind == MediaKind.IMAGE), None)


def _tags(content: Content, media: Media) -> dict[str, str]:
    """A picture in the feed wants a place for each, from its top left corner: in rows, evenly. Videos take none, and stories need none."""
    people = people_of(content)
    if not people:
        return {}
    if media.kind == MediaKind.VIDEO or content.format == Format.STORY:
        return {"user_tags": json.dumps([{"username": name} for name in people])}
    most = network_data(NETWORK)["tagged_people"]["a_row"]
    rows = [people[start : start + most] for start in range(0, len(people), most)]
    tags = [
        {"username": name, "x": round(column / (len(row) + 1), 2), "y": round(line / (len(rows) + 1), 2)}
        for line, row in enumerate(rows, start=1)
        for column, name in enumerate(row, start=1)
    ]
    return {"user_tags": json.dumps(tags)}


def _of_reel(content: Content) -> dict[str, str]:
    """A trial is for people who don't follow the account: what says whether it stands in the feed is left out."""
    given = content.options
    if strategy := network_data(NETWORK)["trial"].get(given.get("trial")):
        fields = {"trial_params": json.dumps({"graduation_strategy": strategy})}
    else:
        fields = {"share_to_feed": "false" if given.get("share_to_feed") is False else "true"}
    if content.cover is not None:
        fields["cover_url"] = content.cover.public_url()
    elif isinstance(given.get("thumb_offset"), int):
        fields["thumb_offset"] = str(given["thumb_offset"])
    return fields


def _make(
    target: Target, media: Media, fields: Mapping[str, str], *, handles: Handles, name: str, save: SaveHandles
) -> None:
    """One container with its file, remembered before the file is sent. With Facebook Login a video is sent from here; everything else is fetched by Instagram.

    A container whose upload was broken off tells nowhere how much of it has arrived: if it isn't ready, another one takes its place.
    """
    if name in handles and handles[name].get("begun") and not handles[name]["whole"]:
        if status_of(target, handles[name])[0] == FINISHED:
            handles[name]["whole"] = True
        else:
            del handles[name]
    if name not in handles:
        sent = dict(fields)
        if media.kind == MediaKind.IMAGE:
            described = media.alt_text and fields.get("media_type") != "STORIES"  # Instagram takes none there
            sent |= {"image_url": media.public_url(), **({"alt_text": media.alt_text} if described else {})}
        elif by_instagram_login(target):
            sent["video_url"] = media.public_url()
        else:
            sent["upload_type"] = "resumable"
        handles[name] = _kept(_create(target, sent), whole="upload_type" not in sent)
        save(handles)
    container = handles[name]
    if not container["whole"]:
        container["begun"] = True
        save(handles)
        version = network_data(META)["hosts"]["version"]
        upload(target, media, path=f"ig-api-upload/{version}/{container['id']}")
        container["whole"] = True
        save(handles)


def _create(target: Target, fields: Mapping[str, str]) -> Answer:
    answer = call(target, "POST", f"{target.external_id}/media", form=fields)
    target.report(Charge("containers"))
    return answer


def _kept(answer: Answer, *, whole: bool) -> dict[str, Any]:
    return {"id": answer.text("id"), "made_at": datetime.now(UTC).isoformat(), "whole": whole}


# ---------------------------------------------------------------- what becomes of it


def status_of(target: Target, container: Mapping[str, Any]) -> tuple[str, str, Answer]:
    """(status code, Instagram's words, the answer). EXPIRED for one that is gone after its 24 hours; one that isn't seen before that is still working."""
    answer = read_object(target, str(container["id"]), fields="status_code,status")
    if error_code(answer) == GONE:
        lives = timedelta(hours=network_data(NETWORK)["containers"]["lives_hours"])
        old = datetime.fromisoformat(str(container["made_at"])) + lives < datetime.now(UTC)
        return (EXPIRED if old else WORKING), "", answer
    return answer.text("status_code"), str(answer.object().get("status") or ""), answer


def wait_until_ready(target: Target, handles: Handles, name: str, save: Callable[[], None], *, video: bool) -> str:
    """FINISHED when the container may be published, PUBLISHED when it was. One that expired is forgotten, to be made anew at once; one that failed too, for another try."""
    code, words, answer = status_of(target, handles[name])
    if code in (FINISHED, PUBLISHED):
        return code
    if code == WORKING:
        wait = network_data(META)["processing"]["video_poll_seconds" if video else "image_poll_seconds"]
        raise OutageError(Code.MEDIA_PROCESSING, until=datetime.now(UTC) + timedelta(seconds=wait), raw=answer.raw())
    del handles[name]
    save()
    if code == EXPIRED:
        raise OutageError(Code.MEDIA_EXPIRED, until=datetime.now(UTC), raw=answer.raw())
    number = SUBCODE.search(words)  # in Instagram's words; it says whether another container may do better
    known = meaning(0, int(number[0])) if number else None
    raise problem(known or Code.MEDIA_REFUSED, words, raw=answer.raw(), status=answer.status)
