"""The post to quote: from the address of its page to the strong reference that a record embeds."""

from __future__ import annotations

import re

from socialops.networks.bluesky.answers import call, pds
from socialops.networks.bluesky.identity import resolve_handle
from socialops.networks.bluesky.read import POST, get_record
from socialops.networks.errors import Code
from socialops.networks.ports import Target
from socialops.networks.quotes import refused

# Pages of bsky.app and of the other clients that are built on it, or the record's own address.
PAGE = re.compile(
    rf"(?:https?://[^/\s]+/profile/(?P<who>[\w.:%-]+)/post|at://(?P<repo>[\w.:%-]+)/{re.escape(POST)})/(?P<key>[\w~.:-]+)/?(?:[?#]\S*)?"
)


def read(address: str) -> tuple[str, str] | None:
    """(handle or DID, record key), None for what is no post's address."""
    match = PAGE.fullmatch(address)
    return (match["who"] or match["repo"], match["key"]) if match else None


def resolve(target: Target, address: str) -> dict[str, str]:
    """{"uri", "cid"} of the post as it is now. ValidationError quote_not_found or quote_refused.

    A post of our own is asked of our own server, which knows it at once; anybody else's of the AppView, which also knows whether its author forbids quoting (a postgate).
    """
    who, key = read(address) or ("", "")
    ours = who in (target.external_id, target.handle.lstrip("@"))
    did = target.external_id if ours else who if who.startswith("did:") else resolve_handle(pds(target), who)
    uri = f"at://{did}/{POST}/{key}"
    if ours:
        found = get_record(target, uri)
    elif did:
        answer = call(target, "GET", "app.bsky.feed.getPosts", params={"uris": [uri]})
        found = next((post for post in answer.object().get("posts") or () if isinstance(post, dict)), None)
        if found and (found.get("viewer") or {}).get("embeddingDisabled"):
            raise refused(Code.QUOTE_REFUSED, address, raw=answer.raw())
    else:
        found = None
    if found is None:
        raise refused(Code.QUOTE_NOT_FOUND, address)
    return {"uri": str(found["uri"]), "cid": str(found["cid"])}
