"""When a post goes out: schedule, move, take back, cancel, expire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.enums import PostState
from editorial.errors import NotEditable, NotReady
from editorial.models import Post
from editorial.rules import FARTHEST, PAST_TOLERANCE
from editorial.selectors.access import on_post, require_on_post
from editorial.selectors.content import problems_of
from editorial.selectors.posts import Loaded, is_approved, load, lock_post
from editorial.services.deliveries import move_due, require_not_under_way, send_out, withdraw
from editorial.services.moves import move_post
from editorial.services.revisions import freeze_content
from editorial.states import MOVABLE
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand


def require_future(at: datetime, *, now: datetime | None = None) -> datetime:
    """The date, moved up to now when it lies in the current minute. ValidationError when it is past or absurdly far."""
    now = now or timezone.now()
    if at < now - PAST_TOLERANCE:
        sentence = _("This date is in the past: choose a later one, or publish now.")
        raise ValidationError({"scheduled_at": ValidationError(sentence, code="past_date")})
    if at > now + FARTHEST:
        sentence = _("This date is more than three years away: check the year.")
        raise ValidationError({"scheduled_at": ValidationError(sentence, code="far_date")})
    return max(at, now)


def require_ready(loaded: Loaded, *, index: int | None = None) -> None:
    """NotReady with every reason, channel by channel."""
    problems = problems_of(loaded.post, loaded.variants, loaded.assets, loaded.channels)
    if any(problem.blocking for problem in problems):
        raise NotReady(problems, index=index)


def may_go_out(actor: Actor, loaded: Loaded) -> bool:
    """Whether this actor may schedule this content without anybody else's word."""
    return loaded.post.brand.approval == Brand.Approval.NONE and bool(
        on_post(actor, Right.PUBLISH, loaded.post, loaded.variants)
    )


@transaction.atomic
def schedule_post(*, post: Post, scheduled_at: datetime | None = None, now: bool = False, actor: Actor) -> Post:
    """Plan a post for a date (default: the one it has; `now`: at once).

    It goes out then if its content is approved, or needs no approval and the actor may publish; otherwise it is submitted
    for approval with that date. ValidationError for a past date, NotReady for a content a network refuses.
    """
    from editorial.services.review import submit_locked  # noqa: PLC0415 -- the two lead into each other

    post = lock_post(post.pk)
    loaded = load(post)
    before = {"state": post.state, "scheduled_at": post.scheduled_at}
    if post.state in {PostState.SCHEDULED, PostState.ON_HOLD}:
        require_not_under_way(loaded.variants)
    chosen = timezone.now() if now else (scheduled_at or post.scheduled_at)
    if chosen is None:
        sentence = _("Choose when this post goes out.")
        raise ValidationError({"scheduled_at": ValidationError(sentence, code="required")})
    post.scheduled_at = require_future(chosen)
    freeze_content(loaded, actor=actor)
    approved = is_approved(post)
    if not approved and not may_go_out(actor, loaded):
        return submit_locked(loaded, actor=actor, before=before)
    require_on_post(actor, Right.PUBLISH, post, loaded.variants)
    require_ready(loaded)
    return schedule_locked(loaded, actor=actor, before=before)


def schedule_locked(
    loaded: Loaded, *, actor: Actor, before: Mapping[str, object], action: str = "post.scheduled"
) -> Post:
    """Make the deliveries. The caller has locked, checked and authorised."""
    post = loaded.post
    if post.state in {PostState.SCHEDULED, PostState.ON_HOLD} and all(v.delivery_id for v in loaded.variants):
        move_due(loaded.variants, post=post, actor=actor)  # on hold stays on hold
    else:
        withdraw(loaded.variants, actor=actor, reason="scheduled again")
        send_out([loaded], actor=actor)
        move_post(post, PostState.SCHEDULED)
    post.save()
    record(actor=actor, action=action, target=post, label=post.label, changes=changed(before, post))
    return post


def changed(before: Mapping[str, object], post: Post) -> dict[str, list[object]]:
    """`audit.record`'s changes: what differs from `before`, dates as ISO text."""

    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value

    return {
        name: [plain(old), plain(getattr(post, name))] for name, old in before.items() if getattr(post, name) != old
    }


@transaction.atomic
def reschedule_post(*, post: Post, scheduled_at: datetime, actor: Actor) -> Post:
    """Move a post to another date, by drag or by form. What is already approved stays approved: the content is the same."""
    post = lock_post(post.pk)
    loaded = load(post)
    if post.state not in MOVABLE:
        raise NotEditable(
            _("A post that is “%(state)s” can't be moved: duplicate it instead.")
            % {"state": PostState(post.state).label}
        )
    before = {"state": post.state, "scheduled_at": post.scheduled_at}
    going_out = post.state in {PostState.SCHEDULED, PostState.ON_HOLD}
    require_on_post(actor, Right.PUBLISH if going_out else Right.WRITE, post, loaded.variants)
    post.scheduled_at = require_future(scheduled_at)
    if going_out:
        move_due(loaded.variants, post=post, actor=actor)
    elif post.state == PostState.EXPIRED:
        move_post(post, PostState.DRAFT)
    post.version += 1
    post.save(update_fields=["state", "state_since", "scheduled_at", "version", "updated_at"])
    record(actor=actor, action="post.rescheduled", target=post, label=post.label, changes=changed(before, post))
    return post


@transaction.atomic
def unschedule_post(*, post: Post, actor: Actor) -> Post:
    """Take a scheduled post back: its deliveries are withdrawn, its date removed. An approved content stays approved."""
    post = lock_post(post.pk)
    loaded = load(post)
    require_on_post(actor, Right.PUBLISH, post, loaded.variants)
    before = {"state": post.state, "scheduled_at": post.scheduled_at}
    move_post(post, PostState.APPROVED if is_approved(post) else PostState.DRAFT)
    withdraw(loaded.variants, actor=actor, reason="unscheduled")
    post.scheduled_at = None
    post.save(update_fields=["state", "state_since", "scheduled_at", "updated_at"])
    record(actor=actor, action="post.unscheduled", target=post, label=post.label, changes=changed(before, post))
    return post


@transaction.atomic
def cancel_post(*, post: Post, reason: str = "", actor: Actor) -> Post:
    """Give a post up; cancelling twice is the same as once. What is scheduled needs the right to publish."""
    post = lock_post(post.pk)
    loaded = load(post)
    going_out = post.state in {PostState.SCHEDULED, PostState.ON_HOLD, PostState.FAILED}
    require_on_post(actor, Right.PUBLISH if going_out else Right.WRITE, post, loaded.variants)
    if post.state == PostState.CANCELLED:
        return post
    before = {"state": post.state, "scheduled_at": post.scheduled_at}
    require_not_under_way(loaded.variants)
    move_post(post, PostState.CANCELLED)
    withdraw(loaded.variants, actor=actor, reason=reason or "post cancelled")
    post.save(update_fields=["state", "state_since", "updated_at"])
    record(
        actor=actor,
        action="post.cancelled",
        target=post,
        label=post.label,
        changes=changed(before, post),
        reason=reason,
    )
    return post


@transaction.atomic
def expire_overdue(*, actor: Actor, now: datetime | None = None) -> list[Post]:
    """Posts whose date passed while they waited for approval become expired: never published on a timeout. Needs tenant()."""
    from editorial.services.telling import tell_expired  # noqa: PLC0415 -- telling reads states that this module writes

    now = now or timezone.now()
    waiting = {PostState.IN_REVIEW, PostState.CHANGES_REQUESTED}
    posts = list(
        Post.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("brand", "author")
        .filter(state__in=waiting, scheduled_at__lt=now)
        .order_by("pk")[:500]
    )
    for post in posts:
        before: dict[str, object] = {"state": post.state}
        move_post(post, PostState.EXPIRED)
        post.save(update_fields=["state", "state_since", "updated_at"])
        record(actor=actor, action="post.expired", target=post, label=post.label, changes=changed(before, post))
    tell_expired(posts)
    return posts
