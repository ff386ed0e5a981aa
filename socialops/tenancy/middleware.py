"""The HTTP door: the organization comes from the URL, never from a preference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from socialops.tenancy.models import organization_model
from socialops.tenancy.scope import tenant

_PATH = re.compile(r"^/(?:o|api/v1/organizations)/(?P<slug>[-a-z0-9]+)/")
_SERVER_ERROR = 500
_View = TypeVar("_View", bound=Callable[..., object])


def without_request_transaction(view: _View) -> _View:
    """Mark a view that waits for a network: it gets `request.organization` but no open scope, and opens tenant() itself around reads and writes."""
    view.without_request_transaction = True  # type: ignore[attr-defined]  # read by the middleware below
    return view


class TenancyMiddleware:
    """Wraps view and template rendering in tenant(organization); rolls back when the answer is a server error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organization = None  # type: ignore[attr-defined]  # declared by socialops.http.TenantRequest
        request.actor = None  # type: ignore[attr-defined]  # as above
        match = _PATH.match(request.path_info)
        if match is None:
            return self.get_response(request)
        organizations = organization_model()._default_manager
        organization = organizations.filter(slug=match["slug"], is_active=True).first()
        if organization is None:
            raise Http404
        request.organization = organization  # type: ignore[attr-defined]  # as above
        if self._runs_bare(request):
            return self.get_response(request)
        with tenant(organization):
            response = self.get_response(request)
            if response.status_code >= _SERVER_ERROR:
                transaction.set_rollback(True)
        return response

    @staticmethod
    def _runs_bare(request: HttpRequest) -> bool:
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return False
        view = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
        return getattr(view, "without_request_transaction", False)
