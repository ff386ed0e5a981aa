"""The request as our middleware leaves it, for typing views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
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
