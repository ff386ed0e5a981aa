"""What the rail shows of reputation."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from reputation.selectors.mentions import count_open
from socialops.http import TenantRequest


def open_count(request: HttpRequest) -> int:
    """How many mentions wait; read once a request, the list's own tab shows it too."""
    tenant_request = cast("TenantRequest", request)
    held: int | None = getattr(request, "open_mentions", None)
    if held is None:
        held = count_open(tenant_request.actor)
        request.open_mentions = held  # type: ignore[attr-defined]  # kept on the request for its length
    return held
