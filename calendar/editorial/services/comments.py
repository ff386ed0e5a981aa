"""What the team says about a post."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.models import Comment, Post
from editorial.selectors.access import require_on_post
from editorial.services.telling import tell_commented
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right

TEXT_MAX = 5000


@transaction.atomic
def add_comment(*, post: Post, text: str, parent: Comment | None = None, actor: Actor) -> Comment:
    """Everyone who sees a post may comment on it. An answer to an answer joins the same thread; an answer re-opens a resolved one."""
    require_on_post(actor, Right.VIEW, post, post.variants.all())
    text = text.strip()
    if not text:
        raise ValidationError({"text": ValidationError(_("Write something first."), code="required")})
    if len(text) > TEXT_MAX:
        raise ValidationError({"text": ValidationError(_("This comment is too long."), code="max_length")})
    thread = parent.parent if parent is not None and parent.parent_id else parent
    if thread is not None and thread.resolved_at is not None:
        thread.resolved_at, thread.resolved_by_name = None, ""
        thread.save(update_fields=["resolved_at", "resolved_by_name"])
    comment: Comment = Comment.objects.create(
        post=post, parent=thread, text=text, author_id=actor.user_id, author_name=actor.name[:200]
    )
    record(actor=actor, action="post.commented", target=post, label=post.label)
    tell_commented(comment, actor=actor)
    return comment


@transaction.atomic
def resolve_comment(*, comment: Comment, resolved: bool = True, actor: Actor) -> Comment:
    """Close a thread, or open it again."""
    require_on_post(actor, Right.VIEW, comment.post, comment.post.variants.all())
    if comment.parent_id is not None:
        raise ValidationError(_("Only a whole conversation can be resolved."))
    comment.resolved_at = timezone.now() if resolved else None
    comment.resolved_by_name = actor.name[:200] if resolved else ""
    comment.save(update_fields=["resolved_at", "resolved_by_name"])
    action = "post.comment_resolved" if resolved else "post.comment_reopened"
    record(actor=actor, action=action, target=comment.post, label=comment.post.label)
    return comment
