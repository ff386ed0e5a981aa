"""Mastodon's JSON entities, as of 4.5."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from socialops.sandbox.models import MASTODON, Account, Media, Notice, Post
from socialops.sandbox.polls import counts, is_over, poll_of
from socialops.sandbox.text import HASHTAG, MENTION, rich_html
from socialops.sandbox.world import World, iso

NOTICE_TYPES: Final = {
    "mention": "mention",
    "reply": "mention",
    "like": "favourite",
    "repost": "reblog",
    "follow": "follow",
    "quote": "quote",
}


def domain(world: World) -> str:
    return world.base_url(MASTODON).removeprefix("http://")


def mentioned(world: World, text: str) -> list[Account]:
    """Local accounts named in a text, each once."""
    found: dict[str, Account] = {}
    for match in MENTION.finditer(text):
        user, host = match.groups()
        if host and host != domain(world):
            continue
        account = world.find_account(MASTODON, user)
        if account is not None:
            found[account.id] = account
    return list(found.values())


def content_html(world: World, text: str) -> str:
    base = world.base_url(MASTODON)

    def mention(word: str) -> str | None:
        accounts = mentioned(world, "@" + word)
        return f"{base}/@{accounts[0].handle}" if accounts else None

    return rich_html(text, mention=mention, tag=lambda word: f"{base}/tags/{word}")


def account_json(world: World, account: Account, *, source: bool = False) -> dict[str, Any]:
    base = world.base_url(MASTODON)
    newest = world.newest_post(account.id)
    last = datetime.fromtimestamp(newest.created_at, UTC).date().isoformat() if newest else None
    body: dict[str, Any] = {
        "id": account.id,
        "username": account.handle,
        "acct": account.handle,
        "display_name": account.name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": True,
        "group": False,
        "created_at": iso(account.created_at),
        "note": f"<p>{account.note}</p>" if account.note else "",
        "url": f"{base}/@{account.handle}",
        "uri": f"{base}/users/{account.handle}",
        "avatar": f"{base}/avatar/{account.id}.svg",
        "avatar_static": f"{base}/avatar/{account.id}.svg",
        "header": f"{base}/avatar/{account.id}.svg",
        "header_static": f"{base}/avatar/{account.id}.svg",
        "followers_count": account.followers,
        "following_count": account.following,
        "statuses_count": world.post_count(account.id),
        "last_status_at": last,
        "hide_collections": False,
        "noindex": False,
        "emojis": [],
        "roles": [],
        "fields": [],
    }
    if source:
        body["source"] = {
            "privacy": "public",
            "sensitive": False,
            "language": account.language,
            "quote_policy": "public",
            "note": account.note,
            "fields": [],
            "follow_requests_count": 0,
            "hide_collections": False,
            "discoverable": True,
            "indexable": True,
        }
        body["role"] = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
    return body


def media_json(world: World, media: Media, *, ready: bool = True) -> dict[str, Any]:
    url = f"{world.base_url(MASTODON)}/media/{media.id}"
    still = media.facts.get("still")
    size: dict[str, Any] = {}
    if media.width:
        size = {
            "width": media.width,
            "height": media.height,
            "size": f"{media.width}x{media.height}",
            "aspect": media.width / media.height,
        }
    return {
        "id": media.id,
        "type": media.mime.partition("/")[0],
        "url": url if ready else None,
        "preview_url": f"{world.base_url(MASTODON)}/media/{still}" if still else url,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {
            "original": size,
            "small": size,
            **({"focus": media.facts["focus"]} if "focus" in media.facts else {}),
        },
        "description": media.alt or None,
        "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH" if media.width else None,
    }


def status_json(world: World, post: Post, viewer: Account | None = None) -> dict[str, Any]:
    base = world.base_url(MASTODON)
    author = world.accounts.objects[post.account_id]
    facts = post.facts
    parent = world.posts.get(post.reply_to) if post.reply_to else None
    mine = viewer.id if viewer else ""
    return {
        "id": post.id,
        "created_at": iso(post.created_at),
        "in_reply_to_id": post.reply_to or None,
        "in_reply_to_account_id": parent.account_id if parent else None,
        "sensitive": facts.get("sensitive", False),
        "spoiler_text": facts.get("spoiler_text", ""),
        "visibility": facts.get("visibility", "public"),
        "language": facts.get("language") or None,
        "uri": f"{base}/users/{author.handle}/statuses/{post.id}",
        "url": f"{base}/@{author.handle}/{post.id}",
        "replies_count": len(world.replies(post.id)),
        "reblogs_count": len(post.reposts),
        "favourites_count": len(post.likes),
        "quotes_count": len(post.facts.get("quoted_by", [])),
        "edited_at": iso(post.edited_at) if post.edited_at else None,
        "content": content_html(world, post.text),
        "reblog": None,
        "application": {"name": facts["application"], "website": None} if facts.get("application") else None,
        "account": account_json(world, author),
        "media_attachments": [media_json(world, world.media.objects[key]) for key in post.media if key in world.media],
        "mentions": [
            {"id": a.id, "username": a.handle, "acct": a.handle, "url": f"{base}/@{a.handle}"}
            for a in mentioned(world, post.text)
        ],
        "tags": [
            {"name": tag.lower(), "url": f"{base}/tags/{tag}"} for tag in dict.fromkeys(HASHTAG.findall(post.text))
        ],
        "emojis": [],
        "card": None,
        "poll": poll_json(post, viewer) if poll_of(post) else None,
        "quote": _quote(world, post),
        "quote_approval": _approval(post, viewer),
        "favourited": mine in post.likes,
        "reblogged": mine in post.reposts,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "filtered": [],
    }


def poll_json(post: Post, viewer: Account | None = None) -> dict[str, Any]:
    """Its id is the status's. Counts by choice stay hidden until the end where the author wants it."""
    poll = post.facts["poll"]
    over, mine = is_over(poll), viewer.id if viewer else ""
    votes = [None] * len(poll["choices"]) if poll["hide_totals"] and not over else counts(poll)
    told: dict[str, Any] = {
        "id": post.id,
        "expires_at": iso(poll["ends_at"]),
        "expired": over,
        "multiple": poll["multiple"],
        "votes_count": sum(counts(poll)),
        "voters_count": len(poll["voted"]),
        "options": [{"title": title, "votes_count": n} for title, n in zip(poll["choices"], votes, strict=True)],
        "emojis": [],
    }
    own = {"voted": mine in poll["voted"] or mine == post.account_id, "own_votes": poll["voted"].get(mine, [])}
    return told | (own if viewer else {})


def quote_policy(post: Post, viewer: Account | None) -> str:
    """What this viewer may do: as its author set it (public, followers, nobody), or by asking (manual, as for a post of another server)."""
    policy = post.facts.get("quote_policy") or "public"
    if policy == "public" or (viewer and viewer.id == post.account_id):
        return "automatic"
    return "manual" if policy == "manual" else "denied"


def _approval(post: Post, viewer: Account | None) -> dict[str, Any]:
    policy = post.facts.get("quote_policy") or "public"
    return {
        "automatic": [policy] if policy in {"public", "followers"} else [],
        "manual": ["public"] if policy == "manual" else [],
        "current_user": quote_policy(post, viewer) if viewer else "unknown",
    }


def _quote(world: World, post: Post) -> dict[str, Any] | None:
    """One level deep: what a quoted status quotes is only named."""
    key = post.facts.get("quotes")
    if not key:
        return None
    quoted = world.posts.get(key)
    if quoted is None:
        return {"state": "deleted", "quoted_status": None}
    if quote_policy(quoted, world.accounts.objects[post.account_id]) == "manual":
        return {"state": "pending", "quoted_status": None}
    inner = Post(**{**asdict(quoted), "facts": {**quoted.facts, "quotes": ""}})
    return {"state": "accepted", "quoted_status": status_json(world, inner)}


def notice_json(world: World, notice: Notice) -> dict[str, Any]:
    viewer = world.accounts.get(notice.account_id)
    body: dict[str, Any] = {
        "id": notice.id,
        "type": NOTICE_TYPES[notice.kind],
        "group_key": f"ungrouped-{notice.id}",
        "created_at": iso(notice.created_at),
        "account": account_json(world, world.accounts.objects[notice.from_id]),
    }
    if notice.post_id:
        body["status"] = status_json(world, world.posts.objects[notice.post_id], viewer)
    return body
