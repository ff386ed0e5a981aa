"""One post with its approval, and what waits for one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from editorial.enums import PostState
from editorial.selectors.access import visible
from editorial.selectors.posts import get_post, load
from socialops.http import TenantRequest
from socialops.permissions.rights import Right


def post(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    return render(request, "editorial/post.html", {"loaded": load(get_post(request.actor, pk))})


def approvals(request: TenantRequest, organization: str) -> HttpResponse:
    waiting = visible(request.actor, Right.APPROVE).filter(state=PostState.IN_REVIEW).order_by("scheduled_at")[:50]
    return render(request, "editorial/approvals.html", {"posts": waiting})
