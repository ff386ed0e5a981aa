"""Which posts an actor sees, and what they may do with one. A right on a channel reaches the posts of that channel only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from editorial.models import Post, Variant
from socialops.permissions.actor import Actor
from socialops.permissions.decision import Allowed, Decision, Denied, require
from socialops.permissions.rights import Right
from teams.models import Brand


@dataclass(frozen=True, slots=True)
class _Where:
    """A channel known by its id alone, so that nothing is loaded to ask about it."""

    scope_path: tuple[tuple[str, int], ...]


def visible(actor: Actor, right: Right = Right.VIEW) -> QuerySet[Post]:
    """Posts of the brands on which the right is held, and posts that go to a channel on which it is."""
    posts = Post.objects.all()
    if actor.everywhere(right):
        return posts
    seen: Q | Combinable = Q(brand_id__in=actor.brand_ids(right))
    channels = actor.channel_ids(right)
    if channels:
        seen |= Exists(Variant.objects.filter(post=OuterRef("pk"), channel_id__in=channels))
    return posts.filter(seen)


def decide(actor: Actor, right: Right, brand_path: tuple[tuple[str, int], ...], channel_ids: Iterable[int]) -> Decision:
    """Held on the brand, or on every one of the channels."""
    on_brand = actor.can(right, _Where(brand_path))
    channels = set(channel_ids)
    if on_brand or not channels:
        return on_brand
    for channel_id in channels:
        decision = actor.can(right, _Where((("channel", channel_id), *brand_path)))
        if not decision:
            return decision
    return Allowed()


def on_post(actor: Actor, right: Right, post: Post, variants: Iterable[Variant]) -> Decision:
    """May this actor do that with this post?"""
    return decide(actor, right, post.scope_path, {variant.channel_id for variant in variants})


def require_on_post(actor: Actor, right: Right, post: Post, variants: Iterable[Variant]) -> None:
    """403 with the reason when `on_post` says no."""
    require(on_post(actor, right, post, variants))


def require_on_brand(actor: Actor, right: Right, brand: Brand, channel_ids: Iterable[int]) -> None:
    """The same for a post that is being written."""
    require(decide(actor, right, brand.scope_path, channel_ids))


def not_their_own(actor: Actor, post: Post) -> Decision:
    """Nobody approves what they wrote or changed last."""
    if actor.user_id is None and actor.kind != "system":
        return Denied(_("Somebody must be signed in to approve."))
    if actor.user_id is not None and actor.user_id == post.author_id:
        return Denied(_("You wrote this post: somebody else must approve it."))
    if actor.user_id is not None and actor.user_id == post.last_editor_id:
        return Denied(_("You were the last to change this post: somebody else must approve it."))
    return Allowed()
