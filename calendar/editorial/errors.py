"""What stands in the way of an editorial action. Bad input is Django's ValidationError, a missing right socialops.permissions' RightMissing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from editorial.enums import PostState
    from editorial.models import Post, Revision


class EditorialError(Exception):
    """A sentence for the person, and a stable code for programs."""

    code = "conflict"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IllegalMove(EditorialError):
    """The post is in a state that this action does not start from."""

    code = "illegal_move"

    def __init__(self, *, state: PostState, to: PostState) -> None:
        super().__init__(
            _("This post is “%(state)s”: it can't become “%(to)s”.") % {"state": state.label, "to": to.label}
        )
        self.state, self.to = state, to


class NotEditable(EditorialError):
    """The post is out, on its way out, or done with."""

    code = "not_editable"


class PlacesNotFound(EditorialError):
    """The network has no search for places, or refused it."""

    code = "places_not_found"


class ContentChanged(EditorialError):
    """The approver looked at another content than the post has now."""

    code = "content_changed"


class EditConflict(EditorialError):
    """Somebody saved first. `kept` holds what the second editor had typed, once it is stored."""

    code = "edit_conflict"

    def __init__(self, *, post: Post, expected: int, kept: Revision | None = None) -> None:
        editor = str(post.last_editor) if post.last_editor else ""
        sentence: str = (
            _("%(name)s changed this post while you were writing. Your text is kept: compare the two and choose.")
            if editor
            else _("This post was changed while you were writing. Your text is kept: compare the two and choose.")
        )
        super().__init__(sentence % {"name": editor})
        self.post, self.expected, self.kept = post, expected, kept


@dataclass(frozen=True, slots=True)
class ChannelProblem:
    """One reason why a post can't go out on one channel (`channel_id` None: on any). `blocking` False is a warning, and with `is_note` something to
    know: nobody has to do anything about it.
    """

    code: str
    field: str
    sentence: str
    channel_id: int | None = None
    channel_name: str = ""
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)
    blocking: bool = True
    is_note: bool = False

    def __str__(self) -> str:
        if not self.channel_name:
            return self.sentence
        return _("%(channel)s: %(sentence)s") % {"channel": self.channel_name, "sentence": self.sentence}


def said_once(problems: Iterable[ChannelProblem]) -> list[ChannelProblem]:
    """For people: three pictures without a description are one thing to read."""
    return list({str(problem): problem for problem in problems}.values())


class NotReady(ValidationError):
    """The content can't be submitted, approved or scheduled as it is."""

    def __init__(self, problems: Sequence[ChannelProblem], *, index: int | None = None) -> None:
        self.problems = tuple(p for p in problems if p.blocking)
        self.index = index  # in a bulk
        where = "" if index is None else _("Post %(number)s: ") % {"number": index + 1}
        super().__init__([ValidationError(f"{where}{problem}", code=problem.code) for problem in self.problems])
