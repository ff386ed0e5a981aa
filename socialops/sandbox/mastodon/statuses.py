"""Statuses: post, read, edit, delete, favourite, reblog."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.mastodon.call import ApiError, Call, answer, endpoint
from socialops.sandbox.mastodon.entities import account_json, mentioned, quote_policy, status_json
from socialops.sandbox.mastodon.polls import edited_poll, read_poll
from socialops.sandbox.models import MASTODON, Post
from socialops.sandbox.text import mastodon_length
from socialops.sandbox.world import World

MAX_CHARACTERS: Final = 500
MAX_MEDIA: Final = 4
IDEMPOTENCY_SECONDS: Final = 3600
VISIBILITIES: Final = ("public", "unlisted", "private", "direct")
QUOTE_POLICIES: Final = ("public", "followers", "nobody")
BATCH: Final = 20


def invalid(*problems: str) -> ApiError:
    return ApiError(422, "Validation failed: " + ", ".join(problems))


def check_text(call: Call, text: str, spoiler: str, beside: list[str]) -> None:
    """`beside`: its files and what it quotes; with any of them it may be blank."""
    if not text.strip() and not beside:
        raise invalid("Text can't be blank")
    if mastodon_length(text, spoiler) > MAX_CHARACTERS:
        raise invalid(f"Text character limit of {MAX_CHARACTERS} exceeded")


def check_media(call: Call, ids: list[str], *, of: Post | None = None) -> list[str]:
    """The attachments asked for, each once, free to attach and ready."""
    wanted = list(dict.fromkeys(str(key) for key in ids if key))
    if len(wanted) > MAX_MEDIA:
        raise invalid(f"Cannot attach more than {MAX_MEDIA} files")
    media = [call.world.media.get(key) for key in wanted]
    found = [
        m
        for m in media
        if m and m.network == MASTODON and m.account_id == call.me.id and m.post_id in {"", of.id if of else ""}
    ]
    if len(found) != len(wanted):
        missing = set(wanted) - {m.id for m in found}
        raise ApiError(422, f"Media with ids {sorted(missing)} not found or already attached to another post")
    if any(m.ready_at > time.time() for m in found):
        raise ApiError(422, "Cannot attach files that have not finished processing. Try again in a moment!")
    if len(found) > 1 and any(m.mime.startswith(("video/", "audio/")) for m in found):
        raise ApiError(422, "Cannot attach a video to a post that already contains images")
    return wanted


async def create_status(call: Call) -> Response:
    world, me = call.world, call.me
    key = call.request.headers.get("idempotency-key", "")
    if key and (earlier := world.read_token(f"idempotency:{me.id}:{key}", MASTODON, "idempotency")):
        if earlier.expires_at > time.time():
            post = world.posts.get(earlier.facts["post"])
            if post is None:
                raise ApiError(404, "Record not found")
            return answer(status_json(world, post, me))
        world.tokens.remove(earlier.id)
    if call.params.text("scheduled_at"):
        return _schedule(call)
    text, spoiler = call.params.text("status"), call.params.text("spoiler_text")
    media = check_media(call, call.params.many("media_ids"))
    quoted = _quoted(call)
    check_text(call, text, spoiler, [*media, *([quoted.id] if quoted else [])])
    poll = read_poll(call, has_media=bool(media))
    visibility = call.params.text("visibility") or "public"
    if visibility not in VISIBILITIES:
        raise ApiError(422, f"'{visibility}' is not a valid visibility")
    parent = None
    if reply_to := call.params.text("in_reply_to_id"):
        parent = world.posts.get(reply_to)
        if parent is None or parent.network != MASTODON:
            raise ApiError(404, "The post you are trying to reply to does not appear to exist.")
    app = world.apps.get(call.token.client_id) if call.token else None
    post = Post(
        id=world.next_id(),
        network=MASTODON,
        account_id=me.id,
        text=text,
        created_at=time.time(),
        reply_to=parent.id if parent else "",
        root=(parent.root or parent.id) if parent else "",
        key=key,
        media=media,
        live=visibility in {"public", "unlisted"},
        facts={
            "visibility": visibility,
            "spoiler_text": spoiler,
            "sensitive": call.params.flag("sensitive") or bool(spoiler),
            "language": call.params.text("language") or me.language,
            "application": app.name if app else "Sandbox token",
            "quotes": quoted.id if quoted else "",
            "quote_policy": _policy(call),
            **({"poll": poll} if poll else {}),
        },
    )
    publish(world, post)
    if key:
        world.issue(
            MASTODON,
            "idempotency",
            me.id,
            value=f"idempotency:{me.id}:{key}",
            lifetime=IDEMPOTENCY_SECONDS,
            post=post.id,
        )
    call.log(text, post.id)
    return answer(status_json(world, post, me))


def _policy(call: Call) -> str:
    policy = call.params.text("quote_approval_policy") or "public"
    if policy not in QUOTE_POLICIES:
        raise ApiError(422, f"'{policy}' is not a valid quote_approval_policy")
    return policy


def _quoted(call: Call) -> Post | None:
    key = call.params.text("quoted_status_id")
    quoted = call.world.posts.get(key) if key else None
    if key and (quoted is None or quoted.network != MASTODON or quote_policy(quoted, call.me) == "denied"):
        raise ApiError(404, "The post you are trying to quote does not appear to exist.")
    return quoted


def publish(world: World, post: Post) -> None:
    """Put a finished post into the world and tell those it concerns."""
    world.add_post(post)
    for key in post.media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    told = {account.id for account in mentioned(world, post.text)}
    if parent := world.posts.get(post.reply_to):
        told.add(parent.account_id)
    for account_id in told:
        world.notify(account_id, "mention", post.account_id, post.id)
    if quoted := world.posts.get(post.facts.get("quotes", "")):
        quoted.facts.setdefault("quoted_by", []).append(post.id)
        world.posts.put(quoted)
        world.notify(quoted.account_id, "quote", post.account_id, post.id)


def _schedule(call: Call) -> Response:
    try:
        moment = datetime.fromisoformat(call.params.text("scheduled_at"))
    except ValueError as error:
        raise invalid("Scheduled at is invalid") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment < datetime.now(UTC) + timedelta(minutes=5):
        raise invalid("Scheduled at The scheduled date must be in the future")
    # The sandbox has no clock that publishes later: saying so is better than a post that never comes.
    raise ApiError(422, "This sandbox doesn't publish scheduled statuses; post without scheduled_at")


async def read_status(call: Call) -> Response:
    return answer(status_json(call.world, call.status(), call.account))


async def read_statuses(call: Call) -> Response:
    """Several at once; missing ids are silently absent."""
    found = (call.world.posts.get(str(key)) for key in call.params.many("id")[:BATCH])
    return answer([status_json(call.world, p, call.account) for p in found if p and p.network == MASTODON])


async def read_source(call: Call) -> Response:
    post = _mine(call)
    return answer({"id": post.id, "text": post.text, "spoiler_text": post.facts.get("spoiler_text", "")})


async def read_history(call: Call) -> Response:
    post = call.status()
    status = status_json(call.world, post)
    keys = ("content", "spoiler_text", "sensitive", "account", "media_attachments", "emojis")
    return answer([{**{k: status[k] for k in keys}, "created_at": status["edited_at"] or status["created_at"]}])


async def read_context(call: Call) -> Response:
    post = call.status()
    ancestors: list[Post] = []
    above = call.world.posts.get(post.reply_to)
    while above is not None:
        ancestors.insert(0, above)
        above = call.world.posts.get(above.reply_to)
    most_up, most_down = (4096, 4096) if call.account else (40, 60)
    descendants: list[Post] = []
    waiting = call.world.replies(post.id)[::-1]
    while waiting and len(descendants) < most_down:
        reply = waiting.pop()
        descendants.append(reply)
        waiting.extend(call.world.replies(reply.id)[::-1])
    render = [status_json(call.world, p, call.account) for p in ancestors[-most_up:]]
    return answer({"ancestors": render, "descendants": [status_json(call.world, p, call.account) for p in descendants]})


def _mine(call: Call) -> Post:
    post = call.status()
    if post.account_id != call.me.id:
        raise ApiError(404, "Record not found")
    return post


async def edit_status(call: Call) -> Response:
    """Parameters replace what was there: without media_ids the media are gone, without a poll the poll, as on the real server."""
    post = _mine(call)
    text, spoiler = call.params.text("status"), call.params.text("spoiler_text")
    media = check_media(call, call.params.many("media_ids"), of=post)
    check_text(call, text, spoiler, media)
    for change in call.params.many("media_attributes"):
        if isinstance(change, dict) and str(change.get("id")) in media:
            _describe(call.world, str(change["id"]), change)
    poll = edited_poll(call, post, has_media=bool(media))
    post.text, post.media, post.edited_at = text, media, time.time()
    post.facts.pop("poll", None)
    if poll:
        post.facts["poll"] = poll
    post.facts["spoiler_text"] = spoiler
    post.facts["sensitive"] = call.params.flag("sensitive") or bool(spoiler)
    if "language" in call.params:
        post.facts["language"] = call.params.text("language")
    call.world.posts.put(post)
    call.log(text, post.id)
    return answer(status_json(call.world, post, call.account))


def _describe(world: World, media_id: str, change: dict[str, Any]) -> None:
    media = world.media.objects[media_id]
    if "description" in change:
        media.alt = str(change["description"] or "")
    world.media.put(media)


async def delete_status(call: Call) -> Response:
    post = _mine(call)
    body = status_json(call.world, post, call.account)
    body["text"] = post.text
    call.world.remove_post(post)
    for key in post.media:
        # As on the real server, the files stay for a "delete and redraft".
        call.world.media.objects[key].post_id = ""
        call.world.media.put(call.world.media.objects[key])
    call.log("", post.id)
    return answer(body)


def _mark(field: str, *, on: bool) -> Any:
    async def handler(call: Call) -> Response:
        post, me = call.status(), call.me
        marks: list[str] = getattr(post, field)
        if on and me.id not in marks:
            marks.append(me.id)
            call.world.notify(post.account_id, "like" if field == "likes" else "repost", me.id, post.id)
        elif not on and me.id in marks:
            marks.remove(me.id)
        call.world.posts.put(post)
        call.log("", post.id)
        body = status_json(call.world, post, me)
        if field == "reposts" and on:
            # A reblog is its own status that carries the original.
            body = {**body, "id": call.world.next_id(), "account": account_json(call.world, me), "reblog": body}
        return answer(body)

    return handler


def _who(field: str) -> Any:
    async def handler(call: Call) -> Response:
        accounts = call.world.accounts.objects
        marks: list[str] = getattr(call.status(), field)
        return answer([account_json(call.world, accounts[key]) for key in marks[:80] if key in accounts])

    return handler


routes: list[BaseRoute] = [
    endpoint("/api/v1/statuses", create_status, "POST", scope="write:statuses", bucket="statuses"),
    endpoint("/api/v1/statuses", read_statuses, "GET"),
    endpoint("/api/v1/statuses/{id}", read_status, "GET"),
    endpoint("/api/v1/statuses/{id}", edit_status, "PUT", scope="write:statuses"),
    endpoint("/api/v1/statuses/{id}", delete_status, "DELETE", scope="write:statuses", bucket="delete"),
    endpoint("/api/v1/statuses/{id}/context", read_context, "GET"),
    endpoint("/api/v1/statuses/{id}/source", read_source, "GET", scope="read:statuses"),
    endpoint("/api/v1/statuses/{id}/history", read_history, "GET"),
    endpoint("/api/v1/statuses/{id}/favourite", _mark("likes", on=True), "POST", scope="write:favourites"),
    endpoint("/api/v1/statuses/{id}/unfavourite", _mark("likes", on=False), "POST", scope="write:favourites"),
    endpoint("/api/v1/statuses/{id}/reblog", _mark("reposts", on=True), "POST", scope="write:statuses"),
    endpoint(
        "/api/v1/statuses/{id}/unreblog", _mark("reposts", on=False), "POST", scope="write:statuses", bucket="delete"
    ),
    endpoint("/api/v1/statuses/{id}/favourited_by", _who("likes"), "GET"),
    endpoint("/api/v1/statuses/{id}/reblogged_by", _who("reposts"), "GET"),
]
