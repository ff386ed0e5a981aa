"""Who calls the API: a bearer token of this organization, or the browser's own session."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from teams.models import ApiToken
from teams.selectors.actors import actor_for

_LAST_USED_PRECISION = timedelta(minutes=5)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Looked up inside the organization of the URL: another organization's token is unknown here."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _sep, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        http: Any = request._request
        if http.organization is None:
            raise AuthenticationFailed(_("Tokens belong to an organization: call /api/v1/organizations/<slug>/…"))
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("member__user")
            .filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                token_hash=hashlib.sha256(secret.strip().encode()).hexdigest(),
                revoked_at=None,
            )
            .first()
        )
        actor = token and actor_for(user=token.member.user, organization=http.organization, kind="token")
        if token is None or actor is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        http.actor = actor
        if token.last_used_at is None or now - token.last_used_at > _LAST_USED_PRECISION:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.member.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BrowserSession(SessionAuthentication):
    """Our own pages calling the API: session and CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        result = super().authenticate(request)
        http: Any = request._request
        if result is not None and http.organization is not None:
            http.actor = actor_for(user=result[0], organization=http.organization)
        return result


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped metaclass hook
    """How the schema names the bearer token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    """How the schema names the browser's session."""

    target_class = BrowserSession
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
