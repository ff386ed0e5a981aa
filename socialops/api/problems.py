"""Errors as RFC 9457 problem documents (`application/problem+json`)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback


class Conflict(APIException):
    """409: the state of the thing, or somebody else's change, stands in the way."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class Unprocessable(APIException):
    """422: well formed, but it can't be done."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"
    format = "problem"


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. `errors` lists {"pointer", "detail"} for each field of a rejected body."""
    known = _known(exc)
    if known is None:
        return None
    set_rollback()
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = known.auth_header  # type: ignore[attr-defined]  # set by DRF on authentication errors
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait))  # type: ignore[attr-defined]  # set on Throttled
    status = HTTPStatus(known.status_code)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "instance": context["request"].path,
    }
    if isinstance(known, exceptions.ValidationError):
        errors = list(_flatten(known.detail))
        body |= {"detail": errors[0]["detail"] if errors else status.phrase, "errors": errors}
    else:
        body["detail"] = str(known.detail)
    response = Response(body, status=known.status_code, headers=headers, content_type=ProblemRenderer.media_type)
    response["Content-Type"] = ProblemRenderer.media_type
    return response


def _known(exc: Exception) -> APIException | None:
    if isinstance(exc, APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, DjangoValidationError):
        return exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    return None


def _flatten(detail: Any, pointer: str = "#") -> Any:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flatten(value, pointer if key == "non_field_errors" else f"{pointer}/{key}")
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from _flatten(value, f"{pointer}/{index}" if isinstance(value, dict | list) else pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail), "code": getattr(detail, "code", "invalid")}
