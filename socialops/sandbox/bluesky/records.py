"""What the PDS checks before it takes a record: lexicon rules of posts, and blobs that exist as claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from socialops.sandbox.bluesky.call import XrpcError, invalid
from socialops.sandbox.bluesky.cids import RECORD_KEY, TID, encode
from socialops.sandbox.models import BLUESKY, Account, Media
from socialops.sandbox.text import graphemes
from socialops.sandbox.world import World

POST: Final = "app.bsky.feed.post"
LIKE: Final = "app.bsky.feed.like"
REPOST: Final = "app.bsky.feed.repost"
GATE: Final = "app.bsky.feed.threadgate"
QUOTE_GATE: Final = "app.bsky.feed.postgate"
TID_KEYS: Final = (POST, LIKE, REPOST, "app.bsky.graph.follow", "app.bsky.graph.block", GATE, QUOTE_GATE)
GATE_RULES: Final = tuple(f"{GATE}#{name}" for name in ("mentionRule", "followerRule", "followingRule", "listRule"))
HIDDEN: Final = 300
GRAPHEMES: Final = 300
TAG_GRAPHEMES: Final = 64
TAG_BYTES: Final = 640
LABELS: Final = "com.atproto.label.defs#selfLabels"
LABEL_VALUES: Final = 10
LABEL_BYTES: Final = 128
BYTES: Final = 3000
IMAGE_BYTES: Final = 2_000_000
THUMB_BYTES: Final = 1_000_000
VIDEO_BYTES: Final = 300_000_000
IMAGES: Final = 4
GALLERY: Final = "app.bsky.embed.gallery"
GALLERY_ITEMS: Final = 20
CAPTIONS: Final = 20
CAPTION_BYTES: Final = 20_000
VTT: Final = "text/vtt"
LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*")
FEATURES: Final = {
    "app.bsky.richtext.facet#link": "uri",
    "app.bsky.richtext.facet#mention": "did",
    "app.bsky.richtext.facet#tag": "tag",
}


def check_key(collection: str, rkey: str) -> None:
    if collection in TID_KEYS and not TID.match(rkey):
        raise invalid(f"Invalid record key for collection {collection}: Invalid TID (got {rkey!r})")
    if not RECORD_KEY.match(rkey):
        raise invalid(f"Invalid record key: {rkey!r}")


def check_record(world: World, account: Account, collection: str, record: Any) -> tuple[dict[str, Any], str]:
    """The record as it will be stored, and its validationStatus. XrpcError 400 where the PDS would refuse it."""
    if not isinstance(record, dict):
        raise invalid("Input/record must be an object")
    record = {**record, "$type": record.get("$type") or collection}
    if record["$type"] != collection:
        raise invalid(f"Invalid $type: expected {collection}, got {record['$type']}")
    try:
        encode(record)
    except ValueError as error:
        raise invalid(f"Invalid record: {error}") from error
    known = True
    if collection == POST:
        _check_post(record)
    elif collection in {LIKE, REPOST}:
        _ref(record, "subject", collection)
        _datetime(record, collection)
    elif collection == GATE:
        _check_gate(record)
    elif collection == QUOTE_GATE:
        _check_quote_gate(record)
    else:
        known = False
    for blob in _blobs(record):
        _check_blob(world, account, blob)
    return record, "valid" if known else "unknown"


def _bad(collection: str, problem: str) -> XrpcError:
    return invalid(f"Invalid {collection} record: {problem}")


def _check_post(record: dict[str, Any]) -> None:
    text = record.get("text")
    if not isinstance(text, str):
        raise _bad(POST, 'Missing required key "text" at $')
    if (size := len(text.encode())) > BYTES:
        raise _bad(POST, f"string too big (maximum {BYTES}, got {size}) at $.text")
    if (count := graphemes(text)) > GRAPHEMES:
        raise _bad(POST, f"grapheme too big (maximum {GRAPHEMES}, got {count}) at $.text")
    _datetime(record, POST)
    _check_beside(record)
    for place, facet in enumerate(record.get("facets") or []):
        _check_facet(facet, place)
    if reply := record.get("reply"):
        _ref(reply, "root", POST)
        _ref(reply, "parent", POST)
    if embed := record.get("embed"):
        _check_embed(embed)


def _check_beside(record: dict[str, Any]) -> None:
    """What is said of the post, apart from its text."""
    for name, most in (("langs", 3), ("tags", 8)):
        values = record.get(name, [])
        if not isinstance(values, list) or len(values) > most or not all(isinstance(v, str) for v in values):
            raise _bad(POST, f"array too big (maximum {most}) at $.{name}")
    for place, tag in enumerate(record.get("tags", [])):
        if graphemes(tag) > TAG_GRAPHEMES or len(tag.encode()) > TAG_BYTES:
            raise _bad(POST, f"grapheme too big (maximum {TAG_GRAPHEMES}) at $.tags[{place}]")
    if labels := record.get("labels"):
        _check_labels(labels)


def _check_labels(labels: Any) -> None:
    """Any words may be labels; what readers' apps make of them is theirs."""
    if not isinstance(labels, dict) or not isinstance(labels.get("$type"), str):
        raise _bad(POST, "Missing $type at $.labels")
    if labels["$type"] != LABELS:
        return
    values = labels.get("values")
    if not isinstance(values, list) or len(values) > LABEL_VALUES:
        raise _bad(POST, f"array too big (maximum {LABEL_VALUES}) at $.labels.values")
    for place, value in enumerate(values):
        said = value.get("val") if isinstance(value, dict) else None
        if not isinstance(said, str) or len(said.encode()) > LABEL_BYTES:
            raise _bad(POST, f"Expected a string of at most {LABEL_BYTES} bytes at $.labels.values[{place}].val")


def _check_gate(record: dict[str, Any]) -> None:
    if not str(record.get("post", "")).startswith("at://"):
        raise _bad(GATE, "Invalid at-uri at $.post")
    _datetime(record, GATE)
    rules = record.get("allow", [])
    if not isinstance(rules, list) or len(rules) > 5 or any(rule.get("$type") not in GATE_RULES for rule in rules):
        raise _bad(GATE, "Expected at most five known rules at $.allow")
    hidden = record.get("hiddenReplies", [])
    if not isinstance(hidden, list) or len(hidden) > HIDDEN or any(not str(uri).startswith("at://") for uri in hidden):
        raise _bad(GATE, f"Expected at most {HIDDEN} at-uris at $.hiddenReplies")


def _check_quote_gate(record: dict[str, Any]) -> None:
    if not str(record.get("post", "")).startswith("at://"):
        raise _bad(QUOTE_GATE, "Invalid at-uri at $.post")
    _datetime(record, QUOTE_GATE)
    rules = record.get("embeddingRules", [])
    known = f"{QUOTE_GATE}#disableRule"
    if not isinstance(rules, list) or len(rules) > 5 or any(rule.get("$type") != known for rule in rules):
        raise _bad(QUOTE_GATE, "Expected at most five known rules at $.embeddingRules")


def _check_facet(facet: Any, place: int) -> None:
    where = f"$.facets[{place}]"
    index = facet.get("index") if isinstance(facet, dict) else None
    ends = [index.get(k) for k in ("byteStart", "byteEnd")] if isinstance(index, dict) else []
    if len(ends) != 2 or not all(isinstance(e, int) and e >= 0 for e in ends):
        raise _bad(POST, f"Expected integers byteStart and byteEnd at {where}.index")
    features = facet.get("features")
    if not isinstance(features, list):
        raise _bad(POST, f"Expected an array at {where}.features")
    for feature in features:
        kind = feature.get("$type", "") if isinstance(feature, dict) else ""
        field = FEATURES.get(kind)
        if not kind or (field and not isinstance(feature.get(field), str)):
            raise _bad(POST, f"Invalid feature at {where}.features")
        if field == "tag" and (graphemes(feature["tag"]) > TAG_GRAPHEMES or len(feature["tag"].encode()) > TAG_BYTES):
            raise _bad(POST, f"grapheme too big (maximum {TAG_GRAPHEMES}) at {where}.features")
        if field == "did" and not feature["did"].startswith("did:"):
            raise _bad(POST, f"Invalid DID at {where}.features")
        if field == "uri" and ":" not in feature["uri"]:
            raise _bad(POST, f"Invalid URI at {where}.features")


def _check_embed(embed: Any) -> None:
    kind = embed.get("$type") if isinstance(embed, dict) else None
    if not isinstance(kind, str):
        raise _bad(POST, "Missing $type at $.embed")
    if kind == "app.bsky.embed.images":
        _check_images(embed.get("images"))
    elif kind == GALLERY:
        _check_gallery(embed.get("items"))
    elif kind == "app.bsky.embed.external":
        _check_external(embed.get("external"))
    elif kind == "app.bsky.embed.video":
        _sized(embed.get("video"), VIDEO_BYTES, "video/mp4", "$.embed.video")
        _check_captions(embed.get("captions", []))
    elif kind == "app.bsky.embed.record":
        _ref(embed, "record", POST)
    elif kind == "app.bsky.embed.recordWithMedia":
        _ref(embed.get("record") or {}, "record", POST)
        _check_embed(embed.get("media"))


def _check_images(images: Any) -> None:
    if not isinstance(images, list) or len(images) > IMAGES:
        raise _bad(POST, f"array too big (maximum {IMAGES}, got {len(images or [])}) at $.embed.images")
    for place, image in enumerate(images):
        if not isinstance(image, dict) or not isinstance(image.get("alt"), str):
            raise _bad(POST, f'Missing required key "alt" at $.embed.images[{place}]')
        _sized(image.get("image"), IMAGE_BYTES, "image/", f"$.embed.images[{place}].image")


def _check_gallery(items: Any) -> None:
    if not isinstance(items, list) or len(items) > GALLERY_ITEMS:
        raise _bad(POST, f"array too big (maximum {GALLERY_ITEMS}, got {len(items or [])}) at $.embed.items")
    for place, item in enumerate(items):
        where = f"$.embed.items[{place}]"
        if not isinstance(item, dict) or not isinstance(item.get("$type"), str):
            raise _bad(POST, f'Missing required key "$type" at {where}')
        if item["$type"] == f"{GALLERY}#image":
            ratio = item.get("aspectRatio")
            if not isinstance(item.get("alt"), str) or not isinstance(ratio, dict):
                raise _bad(POST, f"Missing required keys alt, aspectRatio at {where}")
            if not all(isinstance(ratio.get(side), int) and ratio[side] >= 1 for side in ("width", "height")):
                raise _bad(POST, f"Expected whole numbers from 1 at {where}.aspectRatio")
            _sized(item.get("image"), IMAGE_BYTES, "image/", f"{where}.image")


def pictures_of(embed: dict[str, Any]) -> list[dict[str, Any]]:
    """The images of an embed, of either kind."""
    found: list[dict[str, Any]] = embed.get("images") or embed.get("items") or []
    return found


def _check_captions(captions: Any) -> None:
    if not isinstance(captions, list) or len(captions) > CAPTIONS:
        raise _bad(POST, f"array too big (maximum {CAPTIONS}) at $.embed.captions")
    for place, caption in enumerate(captions):
        where = f"$.embed.captions[{place}]"
        if not isinstance(caption, dict) or not LANGUAGE.fullmatch(str(caption.get("lang", ""))):
            raise _bad(POST, f"Invalid language at {where}.lang")
        _sized(caption.get("file"), CAPTION_BYTES, VTT, f"{where}.file")


def _check_external(external: Any) -> None:
    keys = ("uri", "title", "description")
    if not isinstance(external, dict) or not all(isinstance(external.get(key), str) for key in keys):
        raise _bad(POST, "Missing required keys uri, title, description at $.embed.external")
    if external.get("thumb"):
        _sized(external["thumb"], THUMB_BYTES, "image/", "$.embed.external.thumb")


def _sized(blob: Any, most: int, mime: str, where: str) -> None:
    if not isinstance(blob, dict) or blob.get("$type") != "blob":
        raise _bad(POST, f"Expected a blob at {where}")
    if not isinstance(blob.get("size"), int) or blob["size"] > most:
        raise _bad(POST, f"blob too big (maximum {most}, got {blob.get('size')}) at {where}")
    if not str(blob.get("mimeType", "")).startswith(mime):
        raise _bad(POST, f"Expected {mime}* (got {blob.get('mimeType')}) at {where}")


def _ref(holder: Any, name: str, collection: str) -> None:
    ref = holder.get(name) if isinstance(holder, dict) else None
    if (
        not isinstance(ref, dict)
        or not str(ref.get("uri", "")).startswith("at://")
        or not isinstance(ref.get("cid"), str)
    ):
        raise _bad(collection, f"Expected a strong reference at $.{name}")


def _datetime(record: dict[str, Any], collection: str) -> None:
    value = record.get("createdAt")
    if not isinstance(value, str):
        raise _bad(collection, 'Missing required key "createdAt" at $')
    try:
        zoned = datetime.fromisoformat(value).tzinfo is not None and "T" in value
    except ValueError:
        zoned = False
    if not zoned:
        raise _bad(collection, f"Invalid datetime (got {value!r}) at $.createdAt")


def _blobs(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("$type") == "blob":
            yield value
        else:
            for item in value.values():
                yield from _blobs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _blobs(item)


def blob_id(account_id: str, cid: str) -> str:
    """Blobs belong to one repository: the same bytes of two accounts are two objects."""
    return f"{account_id.replace(':', '-')}-{cid}"


def find_blob(world: World, account_id: str, cid: str) -> Media | None:
    return world.media.get(blob_id(account_id, cid))


def post_media(world: World, account_id: str, record: dict[str, Any]) -> list[str]:
    """Ids of the blobs of a record that are shown, in order: subtitles belong to their video."""
    shown = (blob for blob in _blobs(record) if blob.get("mimeType") != VTT)
    cids = [str((blob.get("ref") or {}).get("$link", "")) for blob in shown]
    return [m.id for cid in cids if (m := find_blob(world, account_id, cid))]


def _check_blob(world: World, account: Account, blob: dict[str, Any]) -> None:
    cid = str((blob.get("ref") or {}).get("$link", ""))
    stored = find_blob(world, account.id, cid)
    if stored is None or stored.network != BLUESKY:
        raise invalid(f"Could not find blob: {cid}", "BlobNotFound")
    if blob.get("mimeType") != stored.mime:
        raise invalid(
            f"Referenced Mimetype does not match stored blob. Expected: {stored.mime}, Got: {blob.get('mimeType')}",
            "InvalidMimeType",
        )
    if blob.get("size") != stored.size:
        raise invalid(
            f"Referenced Size does not match stored blob. Expected: {stored.size}, Got: {blob.get('size')}",
            "InvalidSize",
        )
