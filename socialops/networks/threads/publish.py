"""Publishing on Threads: containers, then one call that brings them out. A container is published once, so its id is the idempotency key.

A reply goes the same way, but its container can't be kept between two tries: a lost answer is settled by our own replies under the same parent.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from socialops.networks.data import merge_limits, network_data
from socialops.networks.errors import (
    AuthError,
    Code,
    MediaError,
    NetworkError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.images import fit_image
from socialops.networks.ports import (
    Charge,
    Content,
    Finding,
    Format,
    Handles,
    MediaKind,
    Published,
    Quota,
    Reconciliation,
    RemotePost,
    SaveHandles,
    Target,
)
from socialops.networks.quotes import quote_of, refused
from socialops.networks.text import comparable
from socialops.networks.threads import quotes
from socialops.networks.threads.answers import GONE, NETWORK, call, error_code, rows_of
from socialops.networks.threads.body import body_of, file_of, post_text, seen_text, words_of
from socialops.networks.threads.read import (
    POST_FIELDS,
    REPLY_FIELDS,
    listed,
    parent_of,
    quoted_by,
    read_post,
    remote_post,
)
from socialops.networks.threads.rules import needs_permission

SHAPES = (("TEXT_POST",), ("IMAGE", "VIDEO"), ("CAROUSEL_ALBUM",))  # of a post with none, one, several files
FINISHED, PUBLISHED, ERROR, EXPIRED = "FINISHED", "PUBLISHED", "ERROR", "EXPIRED"


def prepare(target: Target, content: Content) -> Content:
    """Pictures made to fit; and a day's quota that is spent said before anything is made."""
    quotas = read_quotas(target)
    if any(quota.bucket == "posts" and quota.remaining == 0 for quota in quotas):
        until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["rate_limit"]["quota_wait_seconds"])
        raise RateLimitError(Code.QUOTA_SPENT, detail={"bucket": "posts"}, until=until)
    rule = merge_limits(NETWORK, target.limits)["image"]
    fitted = (fit_image(media, rule) if media.kind == MediaKind.IMAGE else media for media in content.media)
    return replace(content, media=tuple(fitted))


def read_quotas(target: Target) -> list[Quota]:
    """Posts, replies and deletions of the last 24 hours, reported too; each only with its scope."""
    table: dict[str, list[str]] = network_data(NETWORK)["publishing_limit"]
    granted = target.credentials.scopes
    asked = {bucket: prefix for bucket, (prefix, scope) in table.items() if not granted or scope in granted}
    fields = ",".join(f"{prefix}quota_usage,{prefix}config" for prefix in asked.values())
    if not fields:
        return []
    answer = call(target, "GET", f"{target.external_id}/threads_publishing_limit", params={"fields": fields})
    row = next(iter(rows_of(answer)), {})
    quotas = []
    for bucket, prefix in asked.items():
        used, config = row.get(f"{prefix}quota_usage"), row.get(f"{prefix}config")
        limit = config.get("quota_total") if isinstance(config, dict) else None
        if isinstance(used, int) and isinstance(limit, int):
            quotas.append(Quota(bucket, limit, max(0, limit - used), None))
    for quota in quotas:
        target.report(quota)
    return quotas


# ---------------------------------------------------------------- what publishes nothing


def create(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """`handles["quoted"]`, the post to quote; `handles["container"]`, and of a carousel `handles["children"]` by file; each FINISHED. What expired since an earlier try is made anew."""
    if "container" in handles and _status(target, handles["container"])[0] == EXPIRED:
        _forget(handles, "container", save)
    if (address := quote_of(content)) and "quoted" not in handles:
        handles["quoted"] = quotes.resolve(target, address)
        save(handles)
    if len(content.media) > 1:
        _make_children(target, content, handles, save)
    if "container" not in handles:
        try:
            handles["container"] = _container(target, body_of(content, handles))
        except ValidationError as problem:
            if address and "quote_post_id" in str(problem.detail.get("message")):
                raise refused(Code.QUOTE_REFUSED, address, raw=problem.raw) from problem
            raise
        except AuthError as problem:
            option = needs_permission(content)
            if problem.code != Code.SCOPE_MISSING or not option:
                raise
            # the channel works, this setting doesn't: nobody has to reconnect for the others
            detail = {"field": "options", "option": option}
            raise ValidationError(Code.OPTION_NOT_GRANTED, detail=detail, raw=problem.raw) from problem
        save(handles)
    _wait(target, handles, "container", save)
    return handles


def _make_children(target: Target, content: Content, handles: Handles, save: SaveHandles) -> None:
    """All of them are made before the first is waited for: Meta fetches them side by side."""
    children: dict[str, str] = handles.setdefault("children", {})
    for media in content.media:
        if media.key not in children:
            children[media.key] = _container(target, {**file_of(media), "is_carousel_item": "true"})
            save(handles)
    if "container" not in handles:
        for media in content.media:
            _wait(target, children, media.key, lambda _: save(handles))


def _container(target: Target, body: dict[str, str]) -> str:
    """Never `auto_publish_text`: then there would be nothing to look up after a lost answer."""
    return call(target, "POST", f"{target.external_id}/threads", form=body).text("id")


def _status(target: Target, container: str) -> tuple[str, str]:
    """(status, error_message); one that isn't known any more is as good as expired."""
    answer = call(target, "GET", container, params={"fields": "id,status,error_message"}, accept=(GONE,))
    if error_code(answer) == GONE:
        return EXPIRED, ""
    return answer.text("status"), str(answer.object().get("error_message") or "")


def _forget(handles: Handles, name: str, save: SaveHandles) -> None:
    """A dead container, with the children that went into it."""
    for dead in (name, "children") if name == "container" else (name,):
        handles.pop(dead, None)
    save(handles)


def _wait(target: Target, handles: Handles, name: str, save: SaveHandles) -> None:
    """FINISHED (or PUBLISHED: then the one shot is refused, and looking finds the post), or OutageError to come back, or MediaError with Meta's word for it.
    A dead container is forgotten.
    """
    status, message = _status(target, handles[name])
    if status in (FINISHED, PUBLISHED):
        return
    if status in (ERROR, EXPIRED):
        _forget(handles, name, save)
        if status == EXPIRED:
            raise OutageError(Code.MEDIA_EXPIRED)
        code = Code(network_data(NETWORK)["errors"]["containers"].get(message, Code.MEDIA_REFUSED))
        raise MediaError(code, detail={"field": "media", "message": message or status})
    until = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["containers"]["poll_after_seconds"])
    raise OutageError(Code.MEDIA_PROCESSING, until=until)


# ---------------------------------------------------------------- the one shot


def commit(target: Target, *, handles: Handles) -> Published:
    """A refusal of a container that is out is no refusal: an earlier call did it, and looking finds the post."""
    try:
        return _publish(target, handles["container"], "posts")
    except ValidationError as refused:
        if _status(target, handles["container"])[0] == PUBLISHED:
            raise UnknownOutcomeError(Code.ANSWER_LOST, raw=refused.raw) from refused
        raise


def _publish(target: Target, container: str, bucket: str) -> Published:
    form = {"creation_id": container}
    answer = call(target, "POST", f"{target.external_id}/threads_publish", form=form, one_shot=True)
    media_id = answer.text("id")
    target.report(Charge(bucket))
    return Published(media_id, _permalink(target, media_id))


def _permalink(target: Target, media_id: str) -> str:
    """It is live, whatever becomes of this question: "" where it has no answer."""
    try:
        post = read_post(target, external_id=media_id)
    except NetworkError:
        return ""
    return post.url if post is not None else ""


def commit_part(target: Target, *, parent: str, text: str) -> Published:
    """A reply: its container first, which publishes nothing and may be made any number of times; then the one shot."""
    body = {"media_type": "TEXT", **words_of(text), "reply_to_id": parent}
    try:
        container = _container(target, body)
    except ValidationError as refused:
        if read_post(target, external_id=parent) is None:
            raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=refused.raw) from refused
        raise
    handles: Handles = {"container": container}
    for seconds in (*network_data(NETWORK)["containers"]["reply_poll_seconds"], None):
        try:
            _wait(target, handles, "container", lambda _: None)
            break
        except OutageError as unfinished:
            if seconds is None or unfinished.code != Code.MEDIA_PROCESSING:
                raise
            time.sleep(seconds)
    return _publish(target, container, "replies")


# ---------------------------------------------------------------- reconciliation


def find_published(target: Target, content: Content, *, handles: Handles, since: datetime) -> Reconciliation:
    """The container says whether it is out; which post it became, our own list of posts: the same words in the window."""
    status = _status(target, handles["container"])[0] if "container" in handles else ""
    if status in (ERROR, EXPIRED):
        return Reconciliation(Finding.NOT_PUBLISHED)
    if status and status != PUBLISHED:
        return _nothing(since, certain=True)  # it may be published again: one container is one post
    edge = "ghost_posts" if content.format == Format.GHOST else "threads"
    posts, complete = listed(target, f"{target.external_id}/{edge}", POST_FIELDS, since)
    wanted, shapes = comparable(seen_text(post_text(content))), SHAPES[min(len(content.media), 2)]
    quoted = str(handles.get("quoted") or "?") if quote_of(content) else ""
    alike = [
        post for post in posts if comparable(str(post.get("text") or "")) == wanted and post.get("media_type") in shapes
    ]
    found = [remote_post(post) for post in alike if quoted_by(post) == quoted]
    if alike and not found and status != PUBLISHED:  # the same words with another quote, or without: for a person
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(map(remote_post, alike)))
    if not found and status == PUBLISHED:  # out, but not yet in the list
        later = datetime.now(UTC) + timedelta(seconds=network_data(NETWORK)["containers"]["poll_after_seconds"])
        return Reconciliation(Finding.UNDECIDED, look_again_at=later)
    return _settled(found, since, certain=complete)


def find_part(target: Target, *, parent: str, text: str, since: datetime) -> Reconciliation:
    """Our own replies under this parent with these words, by two ways that have to agree before it is said that there is none."""
    wanted, found, complete = comparable(seen_text(text)), dict[str, RemotePost](), True
    for edge in (f"{target.external_id}/replies", f"{parent}/replies"):
        rows, all_seen = listed(target, edge, REPLY_FIELDS, since)
        complete = complete and all_seen
        for row in rows:
            ours = edge.startswith(target.external_id) or row.get("is_reply_owned_by_me")
            if ours and parent_of(row) == parent and comparable(str(row.get("text") or "")) == wanted:
                found[str(row["id"])] = remote_post(row)
    return _settled(list(found.values()), since, certain=complete)


def _settled(found: list[RemotePost], since: datetime, *, certain: bool) -> Reconciliation:
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    if found:
        return Reconciliation(Finding.UNDECIDED, candidates=tuple(found))
    return _nothing(since, certain=certain)


def _nothing(since: datetime, *, certain: bool) -> Reconciliation:
    """Not there; the lost request may still be at work for a while."""
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED if certain else Finding.UNDECIDED)


def delete(target: Target, *, external_id: str) -> None:
    answer = call(target, "DELETE", external_id, accept=(GONE,))
    if error_code(answer) != GONE:
        target.report(Charge("deletions"))


def charges(content: Content) -> tuple[Charge, ...]:
    replies = len(content.parts) + bool(content.first_comment)
    return (Charge("posts"), *((Charge("replies", replies),) if replies else ()))
