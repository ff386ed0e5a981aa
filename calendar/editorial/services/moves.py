"""The one writer of `Post.state`."""

from __future__ import annotations

from django.utils import timezone

from editorial.enums import PostState
from editorial.errors import IllegalMove
from editorial.models import Post
from editorial.states import MOVES


def move_post(post: Post, to: PostState) -> bool:
    """Set the state if the graph allows it, IllegalMove otherwise. Whether it changed; the caller saves."""
    state = PostState(post.state)
    if state == to:
        return False
    if to not in MOVES[state]:
        raise IllegalMove(state=state, to=to)
    post.state, post.state_since = to, timezone.now()
    return True
