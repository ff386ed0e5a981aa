"""The door of the API: a member of the organization in the URL."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class IsMember(BasePermission):
    """Signed in and a member; a signed-in outsider gets 404, as if the organization did not exist. What they may do is asked of the actor."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not getattr(request.user, "is_authenticated", False):
            return False
        if getattr(request._request, "actor", None) is None:
            raise Http404
        return True
