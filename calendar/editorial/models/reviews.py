"""What a post was at a moment, what was decided about it, and what was said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from editorial.enums import Decision, RevisionKind
from editorial.models.posts import Post
from socialops.tenancy.models import TenantModel


class Revision(TenantModel):
    """Frozen content of a post, never changed. `content` is what `content.frozen` gives, `content_hash` its sha256."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()  # the post's version that it is
    kind = models.CharField(max_length=6, choices=RevisionKind.choices, default=RevisionKind.SAVED)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=160, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "number"], name="editorial_revision_number", condition=Q(kind=RevisionKind.SAVED)
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} #{self.number}"


class Approval(TenantModel):
    """A decision on exactly one content; the last one on a content counts."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="approvals")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    content_hash = models.CharField(max_length=64)
    decision = models.CharField(max_length=20, choices=Decision.choices)
    comment = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        indexes = [models.Index(fields=["post", "content_hash", "-id"], name="editorial_approval_last")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.decision}"


class Comment(TenantModel):
    """What somebody in the team says about a post. A thread hangs under its first comment; only that one is resolved."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["post"],
                name="editorial_comment_open",
                condition=Q(parent=None, resolved_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]
