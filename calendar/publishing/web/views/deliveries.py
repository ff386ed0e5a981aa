"""One delivery: what happened, why, and what can be done about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from publishing.selectors.deliveries import get_delivery
from socialops.http import TenantRequest


@require_safe
def delivery(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """The page that notifications lead to."""
    row = get_delivery(request.actor, pk)
    return TemplateResponse(request, "publishing/delivery.html", {"delivery": row})
