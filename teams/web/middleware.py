"""The person behind the request: their language, and who they are in the organization of the URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from socialops.tenancy.scope import tenant
from teams.selectors.actors import actor_for

_API = "/api/"


class PersonMiddleware:
    """A signed-in person's own language wins over the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class ActorMiddleware:
    """Under /o/<slug>/: sign in first; somebody who is no member gets 404, as if the organization did not exist.

    The API resolves its actor from the token instead (`teams.api.authentication`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        organization = request.organization
        if organization is None or request.path_info.startswith(_API):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        with tenant(organization):
            request.actor = actor_for(user=request.user, organization=organization)
        if request.actor is None:
            raise Http404
        return self.get_response(request)
