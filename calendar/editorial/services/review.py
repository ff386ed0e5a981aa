"""Submitting, approving, asking for changes."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.enums import Decision, PostState, RevisionKind
from editorial.errors import ContentChanged
from editorial.models import Approval, Post, Revision
from editorial.rules import PAST_TOLERANCE
from editorial.selectors.access import not_their_own, require_on_post
from editorial.selectors.posts import Loaded, is_approved, load, lock_post
from editorial.services.deliveries import withdraw
from editorial.services.moves import move_post
from editorial.services.revisions import freeze_content, keep_revision
from editorial.services.scheduling import changed, require_future, require_ready, schedule_locked
from editorial.services.telling import tell_decision, tell_submitted
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.decision import require
from socialops.permissions.rights import Right

_AFTER_APPROVAL = frozenset(
    {
        PostState.APPROVED,
        PostState.SCHEDULED,
        PostState.ON_HOLD,
        PostState.PUBLISHED,
        PostState.PARTIALLY_PUBLISHED,
        PostState.FAILED,
    }
)


@transaction.atomic
def submit_post(*, post: Post, actor: Actor) -> Post:
    """Ask for approval of the content as it is. Submitting twice is the same as once. NotReady when a network would refuse it."""
    post = lock_post(post.pk)
    loaded = load(post)
    before = {"state": post.state, "scheduled_at": post.scheduled_at}
    return submit_locked(loaded, actor=actor, before=before)


def submit_locked(loaded: Loaded, *, actor: Actor, before: Mapping[str, object]) -> Post:
    """The same under the caller's lock; `before` is what the audit event compares with."""
    post = loaded.post
    require_on_post(actor, Right.SUBMIT, post, loaded.variants)
    if post.scheduled_at is not None:
        post.scheduled_at = require_future(post.scheduled_at)
    freeze_content(loaded, actor=actor)
    first = move_post(post, PostState.IN_REVIEW)
    require_ready(loaded)
    withdraw(loaded.variants, actor=actor, reason="submitted again")
    if first:
        post.submitted_at, post.submitted_by_id = timezone.now(), actor.user_id
    post.save()
    if first:
        record(actor=actor, action="post.submitted", target=post, label=post.label, changes=changed(before, post))
        tell_submitted([post])
    return post


@transaction.atomic
def approve_post(*, post: Post, content_hash: str = "", comment: str = "", actor: Actor) -> Post:
    """Approve exactly this content; with a date, the post is scheduled at once. Approving twice is the same as once.

    403 for the author and the last editor. ContentChanged when `content_hash` (what the approver saw) is no longer the content.
    """
    post = lock_post(post.pk)
    loaded = load(post)
    require_on_post(actor, Right.APPROVE, post, loaded.variants)
    require(not_their_own(actor, post))
    if content_hash and content_hash != post.content_hash:
        raise ContentChanged(_("This post changed since you opened it: read it again before you decide."))
    if post.state in _AFTER_APPROVAL and is_approved(post):
        return post
    before: dict[str, object] = {"state": post.state}
    move_post(post, PostState.APPROVED)
    require_ready(loaded)
    if post.scheduled_at is not None and post.scheduled_at < timezone.now() - PAST_TOLERANCE:
        sentence = _("The date of this post has passed: choose a new one, then approve.")
        raise ValidationError({"scheduled_at": ValidationError(sentence, code="past_date")})
    _decide(loaded, Decision.APPROVED, comment=comment, actor=actor)
    if post.scheduled_at is not None:
        schedule_locked(loaded, actor=actor, before=before, action="post.approved")
    else:
        post.save(update_fields=["state", "state_since", "updated_at"])
        record(actor=actor, action="post.approved", target=post, label=post.label, changes=changed(before, post))
    tell_decision(post, Decision.APPROVED, actor=actor)
    return post


@transaction.atomic
def request_changes(*, post: Post, comment: str, content_hash: str = "", actor: Actor) -> Post:
    """Send a post back with a reason. Withdraws it when it was scheduled already (a reviewer may pull it)."""
    if not comment.strip():
        sentence = _("Say what should change: the author needs a reason.")
        raise ValidationError({"comment": ValidationError(sentence, code="required")})
    post = lock_post(post.pk)
    loaded = load(post)
    require_on_post(actor, Right.APPROVE, post, loaded.variants)
    if content_hash and content_hash != post.content_hash:
        raise ContentChanged(_("This post changed since you opened it: read it again before you decide."))
    before: dict[str, object] = {"state": post.state}
    if not move_post(post, PostState.CHANGES_REQUESTED):
        return post
    withdraw(loaded.variants, actor=actor, reason="changes requested")
    _decide(loaded, Decision.CHANGES_REQUESTED, comment=comment.strip(), actor=actor)
    post.save(update_fields=["state", "state_since", "updated_at"])
    record(
        actor=actor,
        action="post.changes_requested",
        target=post,
        label=post.label,
        changes=changed(before, post),
        reason=comment.strip(),
    )
    tell_decision(post, Decision.CHANGES_REQUESTED, actor=actor)
    return post


def _decide(loaded: Loaded, decision: Decision, *, comment: str, actor: Actor) -> Approval:
    post = loaded.post
    revision = Revision.objects.filter(
        post=post, kind=RevisionKind.SAVED, content_hash=post.content_hash
    ).first() or keep_revision(loaded, actor=actor)
    approval: Approval = Approval.objects.create(
        post=post,
        revision=revision,
        content_hash=post.content_hash,
        decision=decision,
        comment=comment.strip(),
        by_id=actor.user_id,
        by_name=actor.name[:200],
    )
    return approval
