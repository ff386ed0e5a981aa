"""How a screen answers when a service refuses: beside the form, or as a message where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest

from socialops.ui.messages import toast

_T = TypeVar("_T")


def into_form(form: BaseForm, call: Callable[[], _T]) -> _T | None:
    """The service's result, or None with its refusal in the form: nothing typed is lost."""
    try:
        return call()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            form.add_error(None, error)
            return None
        for field, errors in error.error_dict.items():
            form.add_error(field if field in form.fields else None, errors)
        return None


def or_toast(request: HttpRequest, call: Callable[[], object], done: str, undo_url: str = "") -> bool:
    """Do it and say so; or say why not."""
    try:
        call()
    except ValidationError as error:
        toast(request, " ".join(error.messages), level="error")
        return False
    toast(request, done, undo_url=undo_url)
    return True
