"""Base of every endpoint under /api/v1/organizations/{slug}/."""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager, nullcontext
from http import HTTPMethod
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from rest_framework import generics
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from socialops.api.models import IdempotentAnswer
from socialops.api.problems import Unprocessable
from socialops.http import TenantRequest
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant

if TYPE_CHECKING:
    from teams.models import Organization  # the floor never imports teams at run time

_WRITES = {HTTPMethod.POST, HTTPMethod.PUT, HTTPMethod.PATCH, HTTPMethod.DELETE}
_ERROR = 400


class _Replay(APIException):
    def __init__(self, answer: IdempotentAnswer) -> None:
        super().__init__()
        self.answer = answer


def _content_of(request: Request) -> bytes:
    """What makes two requests the same: the body, or, for uploads (whose boundary differs each time), the fields and the files' content."""
    if not request.content_type.startswith("multipart/"):
        return request._request.body
    digest = hashlib.sha256()
    fields: Any = request.data
    for name, value in sorted(fields.items()):
        digest.update(f"\n{name}=".encode())
        if hasattr(value, "chunks"):
            for chunk in value.chunks():
                digest.update(chunk)
            value.seek(0)
        else:
            digest.update(str(value).encode())
    return digest.digest()


class TenantAPIView(generics.GenericAPIView[Any]):
    """Gives `self.actor` and `self.organization`; honours `Idempotency-Key` on writes.

    The same key with the same request answers what the first answered (header `Idempotent-Replayed: true`); with another request: 422.
    Kept for 24 hours. Refused writes (4xx) are not kept.

    With `without_request_transaction` (large uploads) no transaction is open while the request comes in: the endpoint opens `self.scope()` around its reads and writes.
    """

    without_request_transaction = False
    _kept: IdempotentAnswer | None = None

    def scope(self) -> AbstractContextManager[None]:
        """The organization's scope, where the request's own isn't open already."""
        return tenant(self.organization) if self.without_request_transaction else nullcontext()

    @property
    def actor(self) -> Actor:
        actor: Actor = cast("TenantRequest", self.request._request).actor
        return actor

    @property
    def organization(self) -> Organization:
        return cast("TenantRequest", self.request._request).organization

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        with self.scope():
            super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key", "").strip()
        if key and request.method in _WRITES:
            self._remember(request, key)

    def _remember(self, request: Request, key: str) -> None:
        if len(key) > 255:
            raise Unprocessable(_("The Idempotency-Key is longer than 255 characters."))
        content = f"{request.method}\n{request.get_full_path()}\n".encode() + _content_of(request)
        fingerprint = hashlib.sha256(content).hexdigest()
        with self.scope():
            answer, created = IdempotentAnswer.objects.get_or_create(
                user=request.user, key=key, defaults={"fingerprint": fingerprint}
            )
        if created:
            self._kept = answer
            return
        if answer.fingerprint != fingerprint:
            raise Unprocessable(_("This Idempotency-Key was used for another request. Use a new key."))
        raise _Replay(answer)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replay):
            return Response(exc.answer.body, status=exc.answer.status or 200, headers={"Idempotent-Replayed": "true"})
        try:
            return super().handle_exception(exc)
        except Exception:
            self._forget()  # a fault of ours: the same request may be sent again
            raise

    def _forget(self) -> None:
        if self._kept is not None and self.without_request_transaction:  # else it is rolled back with the rest
            with self.scope():
                self._kept.delete()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._kept is None:
            return response
        with self.scope():
            if response.status_code >= _ERROR:
                self._kept.delete()
            else:
                rendered = (
                    json.loads(response.accepted_renderer.render(response.data)) if response.data is not None else None
                )
                IdempotentAnswer.objects.filter(pk=self._kept.pk).update(status=response.status_code, body=rendered)
        return response
