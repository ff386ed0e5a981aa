"""The verbs on posts, in one place for callers."""

from __future__ import annotations

from editorial.services.editing import update_post
from editorial.services.review import approve_post, request_changes, submit_post
from editorial.services.scheduling import (
    cancel_post,
    expire_overdue,
    reschedule_post,
    schedule_post,
    unschedule_post,
)
from editorial.services.writing import (
    MediaUse,
    NewPost,
    NewVariant,
    PostFields,
    create_post,
    create_posts,
    delete_draft,
    duplicate_post,
)

__all__ = [
    "MediaUse",
    "NewPost",
    "NewVariant",
    "PostFields",
    "approve_post",
    "cancel_post",
    "create_post",
    "create_posts",
    "delete_draft",
    "duplicate_post",
    "expire_overdue",
    "request_changes",
    "reschedule_post",
    "schedule_post",
    "submit_post",
    "unschedule_post",
    "update_post",
]
