"""Who may answer under a post and who may quote it, and which answers are folded away: a record of each kind beside the post, under the same key.

https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/threadgate.json, …/postgate.json
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from socialops.networks.bluesky.answers import NETWORK, call
from socialops.networks.bluesky.read import get_record, record_key
from socialops.networks.data import network_data
from socialops.networks.ports import Target

GATE = "app.bsky.feed.threadgate"
QUOTE_GATE = "app.bsky.feed.postgate"
EVERYONE = "everyone"
# by option and choice; everyone may where there is no record
RULES: dict[str, dict[str, dict[str, Any]]] = {
    "reply_control": {
        "mentioned": {"$type": GATE, "allow": [{"$type": f"{GATE}#mentionRule"}]},
        "following": {"$type": GATE, "allow": [{"$type": f"{GATE}#followingRule"}]},
        "nobody": {"$type": GATE, "allow": []},
    },
    "quote_control": {"nobody": {"$type": QUOTE_GATE, "embeddingRules": [{"$type": f"{QUOTE_GATE}#disableRule"}]}},
}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def set_rules(target: Target, post: str, option: str, control: str, created_at: datetime) -> None:
    """`control` as the option has it; the same record again changes nothing."""
    _put(target, post, {**RULES[option][control], "post": post, "createdAt": stamp(created_at)})


def fold(target: Target, post: str, reply: str, *, away: bool) -> None:
    """Fold a reply away under our post, or show it again; who may answer stays as it is."""
    found = get_record(target, _uri(target, post))
    now = dict((found or {}).get("value") or {"$type": GATE, "post": post, "createdAt": stamp(datetime.now(UTC))})
    hidden = [uri for uri in now.get("hiddenReplies") or () if uri != reply]
    if away:
        hidden = [*hidden, reply][-network_data(NETWORK)["post"]["hidden_replies"] :]
    if hidden == list(now.get("hiddenReplies") or ()):
        return
    # refused if somebody changed it since it was read, rather than undoing that
    _put(target, post, {**now, "hiddenReplies": hidden}, swapRecord=found["cid"] if found else None)


def remove(target: Target, post: str) -> None:
    for collection in (GATE, QUOTE_GATE):
        body = {"repo": target.external_id, "collection": collection, "rkey": record_key(post)}
        call(target, "POST", "com.atproto.repo.deleteRecord", json=body, accept=("RecordNotFound",))


def _uri(target: Target, post: str) -> str:
    return f"at://{target.external_id}/{GATE}/{record_key(post)}"


def _put(target: Target, post: str, record: dict[str, Any], **more: Any) -> None:
    body = {
        "repo": target.external_id,
        "collection": record["$type"],
        "rkey": record_key(post),
        "record": record,
        **more,
    }
    call(target, "POST", "com.atproto.repo.putRecord", json=body, bucket="writes")
