"""What the AppView shows of accounts and posts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from socialops.sandbox.bluesky.cids import record_cid, tid
from socialops.sandbox.bluesky.records import GALLERY, GATE, LIKE, POST, QUOTE_GATE, REPOST, find_blob, pictures_of
from socialops.sandbox.models import BLUESKY, Account, Notice, Post
from socialops.sandbox.text import link_html
from socialops.sandbox.world import World, iso


def profile(world: World, account: Account) -> dict[str, Any]:
    """profileViewBasic; profileView accepts it too."""
    return {
        "did": account.id,
        "handle": account.handle,
        "displayName": account.name,
        "avatar": f"{world.base_url(BLUESKY)}/avatar/{account.id}.svg",
        "associated": {"activitySubscription": {"allowSubscriptions": "followers"}},
        "viewer": {"muted": False, "blockedBy": False},
        "labels": [],
        "createdAt": iso(account.created_at),
    }


def profile_detailed(world: World, account: Account) -> dict[str, Any]:
    return {
        **profile(world, account),
        "description": account.note,
        "indexedAt": iso(account.created_at),
        "followersCount": account.followers,
        "followsCount": account.following,
        "postsCount": world.post_count(account.id),
    }


def reference(post: Post) -> dict[str, str]:
    return {"uri": post.id, "cid": post.facts["cid"]}


def post_view(world: World, post: Post, viewer: Account | None = None) -> dict[str, Any]:
    author = world.accounts.objects[post.account_id]
    view: dict[str, Any] = {
        "$type": "app.bsky.feed.defs#postView",
        **reference(post),
        "author": profile(world, author),
        "record": post.facts["record"],
        "bookmarkCount": 0,
        "replyCount": len(world.replies(post.id)),
        "repostCount": len(post.reposts),
        "likeCount": len(post.likes),
        "quoteCount": len(quotes(world, post.id)),
        "indexedAt": iso(post.edited_at or post.created_at),
        "viewer": _viewer(world, post, viewer),
        "labels": [
            {"src": post.account_id, **reference(post), "val": val, "cts": post.facts["record"]["createdAt"]}
            for val in labels_of(post)
        ],
    }
    if gate := world.records.get(post.id.replace(f"/{POST}/", f"/{GATE}/")):
        view["threadgate"] = {"uri": gate.id, "cid": gate.cid, "record": gate.value, "lists": []}
    if embed := post.facts["record"].get("embed"):
        shown = _embed(world, post.account_id, embed)
        if shown:
            view["embed"] = shown
    return view


def labels_of(post: Post) -> list[str]:
    """What its author says of it."""
    return [value["val"] for value in (post.facts["record"].get("labels") or {}).get("values", ())]


def notes_of(post: Post) -> Iterator[str]:
    """What readers are told of the post, as names of words."""
    if labels_of(post):
        yield "labelled"
    if post.facts.get("unquotable"):
        yield "unquotable"


def _viewer(world: World, post: Post, viewer: Account | None) -> dict[str, Any]:
    gate = world.records.get(post.id.replace(f"/{POST}/", f"/{QUOTE_GATE}/"))
    others = viewer is None or viewer.id != post.account_id
    closed = others and gate is not None and bool(gate.value.get("embeddingRules"))
    state: dict[str, Any] = {"bookmarked": False, "threadMuted": False, "embeddingDisabled": closed}
    if viewer is not None:
        for name, collection, marks in (("like", LIKE, post.likes), ("repost", REPOST, post.reposts)):
            if viewer.id in marks:
                mine = (
                    r.id
                    for r in world.records
                    if r.account_id == viewer.id and r.collection == collection and r.value["subject"]["uri"] == post.id
                )
                state[name] = next(mine, "")
    return {name: value for name, value in state.items() if value != ""}


def quotes(world: World, uri: str) -> list[Post]:
    """Posts that embed this one, newest first."""
    found = (world.posts.get(n.post_id) for n in world.notices_of(uri.split("/")[2]) if n.kind == "quote")
    return [p for p in found if p and quoted_uri(p) == uri]


def quoted_uri(post: Post) -> str:
    return str(post.facts.get("quotes") or "")


def _blob_url(world: World, account_id: str, blob: Any) -> str:
    media = find_blob(world, account_id, str((blob.get("ref") or {}).get("$link", "")))
    return f"{world.base_url(BLUESKY)}/media/{media.id}" if media else ""


def _embed(world: World, account_id: str, embed: dict[str, Any]) -> dict[str, Any] | None:
    kind = embed["$type"]
    if kind in {"app.bsky.embed.images", GALLERY}:
        return _pictures(world, account_id, embed)
    if kind == "app.bsky.embed.video":
        blob = embed["video"]
        url = _blob_url(world, account_id, blob)
        view = {"cid": blob["ref"]["$link"], "playlist": url, "thumbnail": url}
        return {"$type": f"{kind}#view", **view, **{k: embed[k] for k in ("alt", "aspectRatio") if k in embed}}
    if kind == "app.bsky.embed.external":
        external = {name: embed["external"][name] for name in ("uri", "title", "description")}
        if thumb := embed["external"].get("thumb"):
            external["thumb"] = _blob_url(world, account_id, thumb)
        return {"$type": f"{kind}#view", "external": external}
    if kind == "app.bsky.embed.record":
        return {"$type": f"{kind}#view", "record": _quote_view(world, embed["record"]["uri"])}
    if kind == "app.bsky.embed.recordWithMedia":
        record = {"record": _quote_view(world, embed["record"]["record"]["uri"])}
        return {"$type": f"{kind}#view", "record": record, "media": _embed(world, account_id, embed["media"])}
    return None


def _pictures(world: World, account_id: str, embed: dict[str, Any]) -> dict[str, Any]:
    shown = []
    gallery = embed["$type"] == GALLERY
    for image in pictures_of(embed):
        url = _blob_url(world, account_id, image["image"])
        view = {"thumbnail" if gallery else "thumb": url, "fullsize": url, "alt": image["alt"]}
        typed = {"$type": f"{GALLERY}#viewImage"} if gallery else {}
        shown.append({**typed, **view, **({"aspectRatio": image["aspectRatio"]} if "aspectRatio" in image else {})})
    return {"$type": f"{embed['$type']}#view", "items" if gallery else "images": shown}


def _quote_view(world: World, uri: str) -> dict[str, Any]:
    post = world.posts.get(uri)
    if post is None:
        return {"$type": "app.bsky.embed.record#viewNotFound", "uri": uri, "notFound": True}
    return {
        "$type": "app.bsky.embed.record#viewRecord",
        **reference(post),
        "author": profile(world, world.accounts.objects[post.account_id]),
        "value": post.facts["record"],
        "labels": [],
        "likeCount": len(post.likes),
        "replyCount": len(world.replies(post.id)),
        "repostCount": len(post.reposts),
        "quoteCount": 0,
        "indexedAt": iso(post.created_at),
        "embeds": [],
    }


def notification(world: World, notice: Notice) -> dict[str, Any]:
    sender = world.accounts.objects[notice.from_id]
    view: dict[str, Any] = {
        "author": profile(world, sender),
        "reason": notice.kind,
        "isRead": notice.created_at <= world.accounts.objects[notice.account_id].seen_at,
        "indexedAt": iso(notice.created_at),
        "labels": [],
    }
    post = world.posts.get(notice.post_id)
    if notice.kind in {"reply", "mention", "quote"} and post is not None:
        view.update(reference(post), record=post.facts["record"])
        if notice.kind == "reply":
            view["reasonSubject"] = post.reply_to
        return view
    collection = {"like": LIKE, "repost": REPOST}.get(notice.kind, "app.bsky.graph.follow")
    subject: Any = reference(post) if post else notice.account_id
    record = {"$type": collection, "subject": subject, "createdAt": iso(notice.created_at)}
    view.update(
        uri=f"at://{sender.id}/{collection}/{tid(int(notice.created_at * 1_000_000))}",
        cid=record_cid(record),
        record=record,
    )
    if post is not None:
        view["reasonSubject"] = post.id
    return view


def text_html(_: World, post: Post) -> str:
    """Only facets become links: what isn't one stays plain, as in the real clients."""
    data = post.text.encode()
    out: list[str] = []
    end = 0
    facets = sorted(post.facts["record"].get("facets") or [], key=lambda f: int(f["index"]["byteStart"]))
    for facet in facets:
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if start < end or stop > len(data) or not facet["features"]:
            continue
        label = data[start:stop].decode(errors="replace")
        out.append(escape(data[end:start].decode(errors="replace")))
        out.append(link_html(_feature_url(facet["features"][0]), label))
        end = stop
    out.append(escape(data[end:].decode(errors="replace")))
    html = "".join(f"<p>{part}</p>" for part in "".join(out).split("\n\n")).replace("\n", "<br>")
    return html + _tags(post) + _card(post.facts["record"].get("embed") or {})


def _tags(post: Post) -> str:
    """Hashtags that don't stand in the text; real clients use them for search only."""
    tags = post.facts["record"].get("tags") or ()
    return f'<p class="hint">{" ".join(link_html(f"/?tag={tag}", f"#{tag}") for tag in tags)}</p>' if tags else ""


def _feature_url(feature: dict[str, Any]) -> str:
    if "did" in feature:
        return f"/profile/{feature['did']}"
    if "tag" in feature:
        return f"/?tag={feature['tag']}"
    return str(feature.get("uri", ""))


def _card(embed: dict[str, Any]) -> str:
    external = (embed.get("media") or embed).get("external")
    if not external:
        return ""
    title, about = escape(external["title"] or external["uri"]), escape(external["description"])
    return f'<a class="linkcard" href="{escape(external["uri"])}" rel="nofollow noopener" target="_blank"><strong>{title}</strong><br>{about}</a>'
