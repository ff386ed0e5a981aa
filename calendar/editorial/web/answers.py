"""From editorial's errors to what a person sees."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from editorial.errors import ChannelProblem, EditorialError, NotReady
from publishing.errors import DeliveryConflict
from socialops.ui.messages import toast

REFUSALS = (EditorialError, DeliveryConflict, ValidationError)


def sentences(error: Exception) -> list[str]:
    """What to say about a refusal."""
    return list(error.messages) if isinstance(error, ValidationError) else [str(error)]


_FIELDS = {"scheduled_at": "date", "alt_text": "media-list", "media": "media-list", "subtitles": "media-list"}
_SHARED = frozenset({"text", "link", "channels"})


def sentences_at(error: Exception, *, detached: Collection[int]) -> dict[str, str]:
    """Each sentence with the id of what it is about in the composer, "" for nothing in particular. `detached`: channels with a text of their own."""
    if isinstance(error, NotReady):
        return {str(problem): _place(problem, detached) for problem in error.problems}
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        return {
            sentence: _FIELDS.get(name, name if name in _SHARED else "")
            for name, said in error.message_dict.items()
            for sentence in said
        }
    return dict.fromkeys(sentences(error), "")


def _place(problem: ChannelProblem, detached: Collection[int]) -> str:
    if problem.field in _FIELDS:
        return _FIELDS[problem.field]
    if problem.channel_id is None or (problem.field in _SHARED and problem.channel_id not in detached):
        return problem.field if problem.field in _SHARED else ""
    return f"own-{problem.channel_id}"


@contextmanager
def or_toast(request: HttpRequest) -> Iterator[None]:
    """Say a refusal as a toast and go on: for buttons without a form of their own. A missing right stays a 403."""
    try:
        yield
    except REFUSALS as error:
        for sentence in sentences(error):
            toast(request, sentence, level="error")


def back_to(request: HttpRequest, default: str) -> str:
    """The page the form came from, when it is one of ours."""
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else default
