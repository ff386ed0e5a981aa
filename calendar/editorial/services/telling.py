"""Who hears of what happens to a post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from editorial.enums import Decision
from editorial.models import Comment, Post
from socialops.notifications.services import notify
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Organization, User
from teams.selectors.members import users_with_right


def url_of(post: Post) -> str:
    """The path of a post's page."""
    return reverse("editorial:post", kwargs={"organization": _slug(post), "pk": post.pk})


def _slug(post: Post) -> str:
    return str(Organization.objects.values_list("slug", flat=True).get(pk=post.organization_id))


def tell_submitted(posts: Sequence[Post]) -> None:
    """Everyone who may approve for the brand, except who wrote or submitted. One notification a brand, counted up."""
    by_brand: dict[int, list[Post]] = {}
    for post in posts:
        by_brand.setdefault(post.brand_id, []).append(post)
    for brand_posts in by_brand.values():
        first = brand_posts[0]
        authors = {post.author_id for post in brand_posts} if len(brand_posts) == 1 else set()
        people = [
            user
            for user in users_with_right(Right.APPROVE, first.brand)
            if user.pk not in authors and user.pk != first.submitted_by_id
        ]
        notify(
            users=people,
            kind="post.submitted",
            params={"label": first.label, "brand": first.brand.name, "posts": len(brand_posts)},
            url=url_of(first)
            if len(brand_posts) == 1
            else reverse("editorial:approvals", kwargs={"organization": _slug(first)}),
            group_key=f"post.submitted:{first.brand_id}",
        )


def tell_decision(post: Post, decision: Decision, *, actor: Actor) -> None:
    """The author, and who submitted."""
    _tell(post, f"post.{decision.value}", {post.author_id, post.submitted_by_id} - {actor.user_id}, name=actor.name)


def tell_expired(posts: Sequence[Post]) -> None:
    """The author, and who submitted."""
    for post in posts:
        _tell(post, "post.expired", {post.author_id, post.submitted_by_id}, severity="warning")


def tell_commented(comment: Comment, *, actor: Actor) -> None:
    """The author, and everybody who took part in the conversation."""
    post = comment.post
    talkers = set(post.comments.values_list("author_id", flat=True))
    _tell(post, "post.commented", (talkers | {post.author_id}) - {actor.user_id}, name=actor.name)


def _tell(post: Post, kind: str, user_ids: set[int | None], *, severity: str = "info", name: str = "") -> None:
    users: list[Any] = list(User.objects.filter(pk__in=[pk for pk in user_ids if pk is not None], is_active=True))
    notify(
        users=users,
        kind=kind,
        params={"label": post.label, "name": name},
        url=url_of(post),
        severity=severity,
        group_key=f"{kind}:{post.pk}",
    )
