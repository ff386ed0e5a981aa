"""Bluesky, as the sandbox finds it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from socialops.sandbox.bluesky import app
from socialops.sandbox.bluesky.cids import blob_cid, next_tid, record_cid
from socialops.sandbox.bluesky.records import POST, blob_id
from socialops.sandbox.bluesky.repo import commit_record
from socialops.sandbox.models import BLUESKY, Account, Media, Post
from socialops.sandbox.seed import slug
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World, iso

PASSWORD: Final = "sandbox-app-pass"  # noqa: S105 -- documented; opens nothing but this sandbox


def plc_did(handle: str) -> str:
    """A well-formed did:plc that is always the same for a handle."""
    digest = hashlib.sha256(handle.lower().encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def _credentials(_: World, account: Account) -> dict[str, str]:
    account.password = account.password or PASSWORD
    return {"identifier": account.handle, "password": account.password, "did": account.id}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    record: dict[str, Any] = {"$type": POST, "text": text, "createdAt": iso(world.now()), "langs": [language]}
    if above is not None:
        root = world.posts.get(above.root) or above
        refs = {"root": root, "parent": above}
        record["reply"] = {name: {"uri": p.id, "cid": p.facts["cid"]} for name, p in refs.items()}
    if about is not None and (place := text.find(f"@{about.handle}")) >= 0:
        start = len(text[:place].encode())
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": about.id}
        record["facets"] = [
            {"index": {"byteStart": start, "byteEnd": start + len(f"@{about.handle}".encode())}, "features": [feature]}
        ]
    return _commit(world, author, record, source="crowd")


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    record: dict[str, Any] = {"$type": POST, "text": text, "createdAt": iso(world.now()), "langs": [language]}
    if media and media[0].mime.startswith("video/"):
        record["embed"] = {"$type": "app.bsky.embed.video", "video": _blob(media[0]), "alt": media[0].alt}
    elif media:
        record["embed"] = {
            "$type": "app.bsky.embed.images",
            "images": [
                {
                    "alt": m.alt,
                    "aspectRatio": {"width": m.width, "height": m.height},
                    "image": _blob(m),
                }
                for m in media
            ],
        }
    return _commit(world, brand, record, source="client")


def _blob(media: Media) -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": media.facts["cid"]}, "mimeType": media.mime, "size": media.size}


def _commit(world: World, author: Account, record: dict[str, Any], *, source: str) -> Post:
    uri = f"at://{author.id}/{POST}/{next_tid(world.now())}"
    commit_record(world, author, uri, record, record_cid(record), source=source)
    return world.posts.objects[uri]


def _media_key(_: World, account: Account, content: bytes) -> tuple[str, dict[str, Any]]:
    cid = blob_cid(content)
    return blob_id(account.id, cid), {"cid": cid}


STAND_IN: Final = StandIn(
    network=BLUESKY,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle_pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)+",
    handle=lambda name: name if name.endswith(".test") else f"{slug(name, '-')}.test",
    account_id=lambda _, handle: plc_did(handle),
    brand_id=lambda _, handle: plc_did(handle),
    credentials=_credentials,
    say=_say,
    publish=_publish,
    media_key=_media_key,
    describe=lambda post: {"cid": post.facts["cid"]},
)
