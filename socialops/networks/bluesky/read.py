"""Reading Bluesky back: records from the account's own server (at once, certain), notifications from the AppView (seconds later)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks import http
from socialops.networks.bluesky.answers import NETWORK, call, pds, refuse
from socialops.networks.data import network_data
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target

POST = "app.bsky.feed.post"
REASONS = ("reply", "mention", "quote")
NOT_FOUND = ("RecordNotFound", "RepoNotFound")


def record_key(uri: str) -> str:
    """The last segment of an at:// URI."""
    return uri.rpartition("/")[2]


def web_url(target: Target, uri: str, who: str = "") -> str:
    """The post's page: on Bluesky's app, or on the server itself where that is one of our own (demo, tests)."""
    server = pds(target)
    app = server if server.startswith("http://") else network_data(NETWORK)["hosts"]["app"]
    return f"{app}/profile/{who or target.handle.lstrip('@') or target.external_id}/post/{record_key(uri)}"


def author_url(target: Target, handle: str) -> str:
    return web_url(target, "", handle).partition("/post/")[0]


def get_record(target: Target, uri: str) -> dict[str, Any] | None:
    """{"uri", "cid", "value"} of one of our records, None when it isn't there. Needs no token, so that a dead one hides nothing."""
    repo, collection, rkey = [*uri.removeprefix("at://").split("/"), "", ""][:3]
    params = {"repo": repo, "collection": collection, "rkey": rkey}
    answer = http.call("GET", f"{pds(target)}/xrpc/com.atproto.repo.getRecord", params=params)
    if answer.error_object().get("error") in NOT_FOUND:
        return None
    if not answer.ok:
        refuse(answer)
    answer.text("cid")
    return answer.object()


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    found = get_record(target, external_id)
    if found is None:
        return None
    value = found.get("value") or {}
    embed = value.get("embed") or {}
    return RemotePost(
        external_id=external_id,
        url=web_url(target, external_id),
        text=str(value.get("text") or ""),
        created_at=moment_of(value.get("createdAt")),
        media_count=_media_count(embed.get("media") or embed),
    )


def _media_count(embed: Mapping[str, Any]) -> int:
    return 1 if embed.get("video") else len(embed.get("images") or embed.get("items") or ())


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """Notifications newest first, down to the last one seen: `cursor` = {"since", and while paging "newest", "next"}.

    The newest one seen comes again on the next pull (times have milliseconds): callers know it by its external id.
    """
    del watched
    since = str(cursor.get("since") or "")
    params: dict[str, Any] = {"limit": network_data(NETWORK)["read"]["page_size"], "reasons": list(REASONS)}
    if cursor.get("next"):
        params["cursor"] = cursor["next"]
    answer = call(target, "GET", "app.bsky.notification.listNotifications", params=params)
    page = [item for item in answer.object().get("notifications") or () if isinstance(item, dict)]
    fresh = [item for item in page if str(item.get("indexedAt") or "") >= since]
    mentions = tuple(m for item in fresh if item.get("reason") in REASONS and (m := _mention(target, item)) is not None)
    newest = str(cursor.get("newest") or (page[0].get("indexedAt") if page else "") or since)
    following = str(answer.object().get("cursor") or "")
    # The first pull takes one page: old conversations aren't news.
    if since and following and page and len(fresh) == len(page):
        return MentionPage(mentions, {"since": since, "newest": newest, "next": following}, more=True)
    return MentionPage(mentions, {"since": newest})


def moment_of(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _mention(target: Target, item: Mapping[str, Any]) -> RemoteMention | None:
    record, author = item.get("record") or {}, item.get("author") or {}
    moment = moment_of(item.get("indexedAt"))  # the author's createdAt may be any date
    uri, did = str(item.get("uri") or ""), str(author.get("did") or "")
    if moment is None or not uri or not did:
        return None
    reply = record.get("reply") or {}
    handle = str(author.get("handle") or did)
    return RemoteMention(
        external_id=uri,
        kind=str(item["reason"]),
        author_id=did,
        author_handle=f"@{handle}",
        author_name=str(author.get("displayName") or handle),
        text=str(record.get("text") or ""),
        url=web_url(target, uri, handle),
        created_at=moment,
        author_url=author_url(target, handle),
        author_avatar_url=str(author.get("avatar") or ""),
        in_reply_to=str((reply.get("parent") or {}).get("uri") or ""),
        root=str((reply.get("root") or {}).get("uri") or ""),
        language=str((record.get("langs") or [""])[0]),
        extra={"cid": str(item.get("cid") or ""), "root": reply.get("root") or {}},
    )
