"""Repositories: createRecord, putRecord, deleteRecord, applyWrites, getRecord, listRecords, uploadBlob."""

from __future__ import annotations

import time
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox import subtitles
from socialops.sandbox.bluesky.call import Call, XrpcError, answer, invalid, spend_points, xrpc
from socialops.sandbox.bluesky.cids import blob_cid, next_tid, record_cid
from socialops.sandbox.bluesky.records import (
    GATE,
    LIKE,
    POST,
    QUOTE_GATE,
    REPOST,
    blob_id,
    check_key,
    check_record,
    find_blob,
    pictures_of,
    post_media,
)
from socialops.sandbox.images import sniff
from socialops.sandbox.models import BLUESKY, Account, Media, Post, Record
from socialops.sandbox.world import World

BLOB_BYTES: Final = 52_428_800
WRITES: Final = 200
MARKS: Final = {LIKE: ("likes", "like"), REPOST: ("reposts", "repost")}


def stored(world: World, uri: str) -> tuple[dict[str, Any], str] | None:
    """(value, cid) of the record at this URI."""
    if post := world.posts.get(uri):
        return post.facts["record"], post.facts["cid"]
    if record := world.records.get(uri):
        return record.value, record.cid
    return None


def _target(call: Call) -> tuple[str, str]:
    """(collection, rkey) of a write, once the repository is known to be the caller's."""
    _own_repo(call)
    collection, rkey = call.body.get("collection"), call.body.get("rkey", "")
    if not isinstance(collection, str) or collection.count(".") < 2:
        raise invalid("Input/collection must be a valid nsid")
    if not isinstance(rkey, str):
        raise invalid("Input/rkey must be a string")
    return collection, rkey


def _own_repo(call: Call) -> None:
    repo = call.body.get("repo")
    if not isinstance(repo, str):
        raise invalid('Input must have the property "repo"')
    if repo.lower() not in {call.me.id, call.me.handle.lower()}:
        raise XrpcError(401, "AuthRequiredError", "Authentication Required")


def _uri(account: Account, collection: str, rkey: str) -> str:
    return f"at://{account.id}/{collection}/{rkey}"


def commit_record(
    world: World, account: Account, uri: str, record: dict[str, Any], cid: str, *, source: str = "client"
) -> None:
    """Store a checked record and let it take effect: a post appears, a like counts."""
    _, _, _, collection, rkey = uri.split("/")
    now = world.now()
    if collection != POST:
        _commit_other(world, account, uri, Record(uri, account.id, collection, cid, record, now))
        return
    reply = record.get("reply") or {}
    facts = {"record": record, "cid": cid, "quotes": _quoted(record)}
    media = post_media(world, account.id, record)
    embed = record.get("embed") or {}
    for key, image in zip(media, pictures_of(embed.get("media") or embed), strict=False):
        world.media.objects[key].alt = str(image.get("alt", ""))
    _caption(world, account, record)
    if earlier := world.posts.get(uri):
        earlier.text, earlier.facts, earlier.media, earlier.edited_at = record["text"], facts, media, now
        world.posts.put(earlier)
        return
    parent, root = (str((reply.get(name) or {}).get("uri", "")) for name in ("parent", "root"))
    post = Post(uri, BLUESKY, account.id, record["text"], now, source, parent, root, rkey, media, facts=facts)
    world.add_post(post)
    for key in media:
        world.media.objects[key].post_id = uri
    _announce(world, account, post, record)


def _caption(world: World, account: Account, record: dict[str, Any]) -> None:
    """A video has the subtitles that the record around it names."""
    embed = record.get("embed") or {}
    embed = embed.get("media") or embed
    for caption in embed.get("captions") or []:
        film, file = (find_blob(world, account.id, blob["ref"]["$link"]) for blob in (embed["video"], caption["file"]))
        if film is not None and file is not None:
            subtitles.add(world, film, caption["lang"], world.disk.get_bytes(file.id) or b"")


def _announce(world: World, account: Account, post: Post, record: dict[str, Any]) -> None:
    told: set[str] = set()
    if post.reply_to:
        owner = post.reply_to.split("/")[2]
        told.add(owner)
        world.notify(owner, "reply", account.id, post.id)
    for facet in record.get("facets") or []:
        for feature in facet["features"]:
            did = str(feature.get("did", ""))
            if did and did not in told:
                told.add(did)
                world.notify(did, "mention", account.id, post.id)
    if (uri := post.facts["quotes"]) in world.posts:
        world.notify(uri.split("/")[2], "quote", account.id, post.id)


def _quoted(record: dict[str, Any]) -> str:
    """The address of the record that this one embeds, alone or beside files; "" for none."""
    quoted = (record.get("embed") or {}).get("record") or {}
    return str((quoted.get("record") or quoted).get("uri", ""))


def _commit_other(world: World, account: Account, uri: str, record: Record) -> None:
    world.records.put(record)
    if record.collection == GATE:
        _fold(world, record)
    if record.collection == QUOTE_GATE:
        _close(world, record)
    field, kind = MARKS.get(record.collection, ("", ""))
    post = world.posts.get(str((record.value.get("subject") or {}).get("uri", ""))) if field else None
    if post is not None:
        marks: list[str] = getattr(post, field)
        if account.id not in marks:
            marks.append(account.id)
            world.posts.put(post)
            world.notify(post.account_id, kind, account.id, post.id)


def _fold(world: World, record: Record, *, removed: bool = False) -> None:
    """Replies that a gate hides are hidden, others are not. It counts only beside the post it names."""
    post = str(record.value["post"])
    if post.split("/")[2:] != [record.account_id, POST, record.id.rpartition("/")[2]]:
        return
    hidden = set() if removed else set(record.value.get("hiddenReplies", []))
    for reply in [p for p in world.posts if p.root == post]:
        reply.hidden = reply.id in hidden
        world.posts.put(reply)


def _close(world: World, record: Record, *, removed: bool = False) -> None:
    """Whether the post beside it may be quoted, for the timeline."""
    post = world.posts.get(record.id.replace(f"/{QUOTE_GATE}/", f"/{POST}/"))
    if post is not None:
        post.facts["unquotable"] = bool(record.value.get("embeddingRules")) and not removed
        world.posts.put(post)


def _remove(world: World, uri: str) -> None:
    if post := world.posts.get(uri):
        world.remove_post(post)
    record = world.records.remove(uri) if uri in world.records else None
    if record is not None and record.collection == GATE:
        _fold(world, record, removed=True)
    if record is not None and record.collection == QUOTE_GATE:
        _close(world, record, removed=True)
    field, _ = MARKS.get(record.collection, ("", "")) if record else ("", "")
    if record is not None and field:
        post = world.posts.get(str((record.value.get("subject") or {}).get("uri", "")))
        if post is not None and record.account_id in getattr(post, field):
            getattr(post, field).remove(record.account_id)
            world.posts.put(post)


def _commit() -> dict[str, str]:
    rev = next_tid()
    return {"cid": record_cid({"rev": rev}), "rev": rev}


async def create_record(call: Call) -> Response:
    collection, rkey = _target(call)
    rkey = rkey or next_tid()
    check_key(collection, rkey)
    record, status = check_record(call.world, call.me, collection, call.body.get("record"))
    _known(call, status, collection)
    uri = _uri(call.me, collection, rkey)
    spend_points(call.world, call.me, 3)
    if stored(call.world, uri):
        # The reference PDS lets the tree's plain Error through: no code tells a used key from a breakdown.
        raise XrpcError(500, "InternalServerError", "Internal Server Error")
    cid = record_cid(record)
    commit_record(call.world, call.me, uri, record, cid)
    _log(call, record, uri)
    return answer({"uri": uri, "cid": cid, "commit": _commit(), "validationStatus": status})


def _known(call: Call, status: str, collection: str) -> None:
    if call.body.get("validate") is True and status == "unknown":
        raise invalid(f"Lexicon not found: lex:{collection}")


async def put_record(call: Call) -> Response:
    """Absent: created. Same content: nothing happens, same cid. Other content: replaced."""
    collection, rkey = _target(call)
    check_key(collection, rkey)
    record, status = check_record(call.world, call.me, collection, call.body.get("record"))
    _known(call, status, collection)
    uri, cid = _uri(call.me, collection, rkey), record_cid(record)
    current = stored(call.world, uri)
    if "swapRecord" in call.body and call.body["swapRecord"] != (current[1] if current else None):
        raise invalid(f"Record was at {current[1] if current else 'null'}", "InvalidSwap")
    spend_points(call.world, call.me, 2 if current else 3)
    body = {"uri": uri, "cid": cid, "validationStatus": status}
    if current and current[1] == cid:
        return answer(body)
    commit_record(call.world, call.me, uri, record, cid)
    _log(call, record, uri)
    return answer({**body, "commit": _commit()})


async def delete_record(call: Call) -> Response:
    collection, rkey = _target(call)
    uri = _uri(call.me, collection, rkey)
    current = stored(call.world, uri)
    if call.body.get("swapRecord") and call.body["swapRecord"] != (current[1] if current else None):
        raise invalid("Record was changed", "InvalidSwap")
    if current is None:
        return answer({})
    spend_points(call.world, call.me, 1)
    _remove(call.world, uri)
    _log(call, {}, uri)
    return answer({"commit": _commit()})


async def apply_writes(call: Call) -> Response:
    """All or nothing, up to 200 writes."""
    _own_repo(call)
    writes = call.body.get("writes")
    if not isinstance(writes, list) or len(writes) > WRITES:
        raise invalid(f"Too many writes. Max: {WRITES}")
    planned = [_plan(call, write) for write in writes]
    created = {uri for kind, uri, _, _ in planned if kind == "create"}
    if len(created) < sum(kind == "create" for kind, *_ in planned) or any(stored(call.world, uri) for uri in created):
        raise XrpcError(500, "InternalServerError", "Internal Server Error")
    spend_points(call.world, call.me, sum({"create": 3, "update": 2, "delete": 1}[kind] for kind, *_ in planned))
    results: list[dict[str, Any]] = []
    for kind, uri, record, status in planned:
        result: dict[str, Any] = {"$type": f"com.atproto.repo.applyWrites#{kind}Result"}
        if kind == "delete":
            _remove(call.world, uri)
        else:
            cid = record_cid(record)
            commit_record(call.world, call.me, uri, record, cid)
            result.update(uri=uri, cid=cid, validationStatus=status)
        _log(call, record, uri)
        results.append(result)
    return answer({"commit": _commit(), "results": results})


def _plan(call: Call, write: Any) -> tuple[str, str, dict[str, Any], str]:
    """(create|update|delete, uri, record, validationStatus), checked."""
    kind = str(write.get("$type", "")).rpartition("#")[2] if isinstance(write, dict) else ""
    if kind not in {"create", "update", "delete"}:
        raise invalid("Input/writes must be create, update or delete")
    collection, rkey = str(write.get("collection", "")), str(write.get("rkey") or next_tid())
    check_key(collection, rkey)
    uri = _uri(call.me, collection, rkey)
    if kind == "delete":
        return kind, uri, {}, ""
    record, status = check_record(call.world, call.me, collection, write.get("value"))
    return kind, uri, record, status


def _log(call: Call, record: dict[str, Any], uri: str) -> None:
    text = str(record.get("text", ""))
    call.world.accept(BLUESKY, call.request.method, call.request.url.path, call.me.handle, text, uri)


async def get_record(call: Call) -> Response:
    account = call.world.find_account(BLUESKY, call.required("repo"))
    if account is None:
        raise invalid(f"Could not find repo: {call.query('repo')}", "RepoNotFound")
    uri = _uri(account, call.required("collection"), call.required("rkey"))
    found = stored(call.world, uri)
    if found is None or (call.query("cid") and call.query("cid") != found[1]):
        raise invalid(f"Could not locate record: {uri}", "RecordNotFound")
    return answer({"uri": uri, "cid": found[1], "value": found[0]})


async def list_records(call: Call) -> Response:
    account = call.world.find_account(BLUESKY, call.required("repo"))
    if account is None:
        raise invalid(f"Could not find repo: {call.query('repo')}")
    collection, limit, cursor = call.required("collection"), call.limit(50, 100), call.query("cursor")
    if collection == POST:
        uris = [post.id for post in call.world.posts_of(account.id)]
    else:
        uris = [r.id for r in call.world.records if r.account_id == account.id and r.collection == collection]
    reverse = call.query("reverse") == "true"
    uris = sorted(uris, key=lambda uri: uri.rsplit("/", 1)[1], reverse=not reverse)
    if cursor:
        uris = [u for u in uris if (u.rsplit("/", 1)[1] > cursor) == reverse and u.rsplit("/", 1)[1] != cursor]
    records = []
    for uri in uris[:limit]:
        found = stored(call.world, uri)
        assert found is not None
        records.append({"uri": uri, "cid": found[1], "value": found[0]})
    more = {"cursor": uris[limit - 1].rsplit("/", 1)[1]} if len(uris) > limit else {}
    return answer({"records": records, **more})


async def upload_blob(call: Call) -> Response:
    content = await call.request.body()
    if len(content) > BLOB_BYTES:
        raise XrpcError(413, "PayloadTooLarge", "request entity too large")
    kind = sniff(content)
    claimed = call.request.headers.get("content-type", "").split(";")[0].strip()
    mime = kind.mime if kind.is_image or kind.is_video else claimed or "application/octet-stream"
    cid = blob_cid(content)
    key = blob_id(call.me.id, cid)
    call.world.disk.put_bytes(key, content)
    call.world.media.put(
        Media(
            key,
            BLUESKY,
            call.me.id,
            mime,
            len(content),
            time.time(),
            width=kind.width,
            height=kind.height,
            facts={"cid": cid},
        )
    )
    call.world.accept(BLUESKY, "POST", call.request.url.path, call.me.handle, "", cid)
    return answer({"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(content)}})


async def get_blob(call: Call) -> Response:
    media = find_blob(call.world, call.required("did"), call.required("cid"))
    content = call.world.disk.get_bytes(media.id) if media else None
    if media is None or content is None:
        raise invalid("Blob not found", "BlobNotFound")
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=media.mime, headers=headers)


routes: list[BaseRoute] = [
    xrpc("com.atproto.repo.createRecord", create_record, "POST", auth="access"),
    xrpc("com.atproto.repo.putRecord", put_record, "POST", auth="access"),
    xrpc("com.atproto.repo.deleteRecord", delete_record, "POST", auth="access"),
    xrpc("com.atproto.repo.applyWrites", apply_writes, "POST", auth="access"),
    xrpc("com.atproto.repo.uploadBlob", upload_blob, "POST", auth="access", body=False),
    xrpc("com.atproto.repo.getRecord", get_record),
    xrpc("com.atproto.repo.listRecords", list_records),
    xrpc("com.atproto.sync.getBlob", get_blob),
]
