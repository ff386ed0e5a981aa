"""Stories of a Page: a photo or a video for 24 hours, without words. They can be listed, so that a lost answer is settled by the file's id."""

from __future__ import annotations

from datetime import datetime

from socialops.networks.data import network_data
from socialops.networks.facebook.answers import NETWORK, whole_id
from socialops.networks.meta.graph import call
from socialops.networks.meta.reconcile import listed, settle
from socialops.networks.ports import Finding, Handles, Published, Reconciliation, Target

VIDEOS = "video_stories"
PHOTOS = "photo_stories"


def commit(target: Target, *, handles: Handles) -> Published:
    if "video" in handles:
        form = {"upload_phase": "finish", "video_id": handles["video"]["id"]}
        answer = call(target, "POST", f"{target.external_id}/{VIDEOS}", form=form, one_shot=True)
    else:
        form = {"photo_id": file_of(handles)}
        answer = call(target, "POST", f"{target.external_id}/{PHOTOS}", form=form, one_shot=True)
    return Published(whole_id(target, answer.text("post_id")), page_url(target))


def file_of(handles: Handles) -> str:
    """The id of its photo or video, known before the one shot."""
    photos = handles.get("photos", {})
    return str(handles["video"]["id"] if "video" in handles else next(iter(photos.values()), ""))


def page_url(target: Target) -> str:
    """A story has no address of its own that everybody may open."""
    return f"{network_data(NETWORK)['hosts']['app']}/stories/{target.external_id}"


def find(target: Target, *, handles: Handles, since: datetime) -> Reconciliation:
    fields = "post_id,status,creation_time,media_type,media_id,url"
    edge = f"{target.external_id}/stories"
    stories, complete = listed(
        target, edge, fields, since, time="creation_time", newest_first=False, status="PUBLISHED"
    )
    for item in stories:
        if str(item.get("media_id")) == file_of(handles):
            published = Published(whole_id(target, str(item["post_id"])), str(item.get("url") or page_url(target)))
            return Reconciliation(Finding.PUBLISHED, published)
    return settle((), since, complete=complete)
