"""The request: what is turned away at the door, and its shape as our middleware leaves it, for typing views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request
from django_htmx.middleware import HtmxDetails

from socialops.permissions.actor import Actor

if TYPE_CHECKING:
    from teams.models import Organization  # the floor never imports teams at run time


class TenantRequest(HttpRequest):
    """A signed-in member's request under /o/<slug>/ or /api/v1/organizations/<slug>/."""

    organization: Organization
    actor: Actor
    htmx: HtmxDetails
    user: Any


class PlainTextMiddleware:
    """400 for a NUL in the path or the query: no text has one, and PostgreSQL refuses it wherever it would arrive."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, ValueError("NUL"))
        return self.get_response(request)
