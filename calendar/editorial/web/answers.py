"""From editorial's errors to what a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from editorial.errors import EditorialError
from publishing.errors import DeliveryConflict
from socialops.ui.messages import toast

REFUSALS = (EditorialError, DeliveryConflict, ValidationError)


def sentences(error: Exception) -> list[str]:
    """What to say about a refusal."""
    return list(error.messages) if isinstance(error, ValidationError) else [str(error)]


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
