"""Writing a post: the form and its live preview."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from editorial.enums import PostState
from editorial.errors import EditConflict
from editorial.models import Campaign, Post
from editorial.selectors.access import decide
from editorial.selectors.campaigns import open_campaigns, recent_images
from editorial.selectors.posts import get_post, load
from editorial.services.media import too_large
from editorial.services.posts import create_post, schedule_post, submit_post, update_post
from editorial.states import EDITABLE
from editorial.web.answers import REFUSALS, sentences_at
from editorial.web.composing import Composed
from editorial.web.views.calendar import trick
from publishing.selectors.channels import units_left
from socialops.http import TenantRequest
from socialops.networks.quotes import OPTION
from socialops.permissions.decision import Decision
from socialops.permissions.rights import Right
from socialops.ui.messages import toast
from teams.models import Brand, Channel
from teams.selectors.brands import get_brand, list_brands
from teams.selectors.channels import list_channels

ACTIONS = ("draft", "save", "submit", "schedule", "now")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: TenantRequest, organization: str) -> HttpResponse:
    brand = _brand(request)
    channels = list_channels(request.actor, Right.WRITE, brand)
    if request.method != "POST":
        composed = Composed.of_form(request.GET.copy(), brand, channels, request.actor)
        composed.language = composed.language or next(iter(brand.languages), "")
        composed.date = _day(request.GET.get("on", ""), brand)
        if len(channels) == 1:
            composed.boxes[0].chosen = True
        if address := request.GET.get("quote", "").strip():
            for box in composed.chosen:
                box.options = {**box.options, OPTION: address}
        return _show(request, composed, key=f"new-{uuid.uuid4().hex[:12]}")
    composed = Composed.of_form(request.POST, brand, channels, request.actor)
    try:
        with transaction.atomic():
            post = _create(request, composed)
    except (*REFUSALS, PermissionDenied) as error:
        return _show(request, composed, key=request.POST.get("key", ""), errors=_said(error, composed), status=400)
    return _done(request, post, composed)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    post = get_post(request.actor, pk)
    loaded = load(post)
    channels = list_channels(request.actor, Right.WRITE, post.brand)
    if post.state not in EDITABLE:
        toast(request, _("This post can't be changed any more: duplicate it instead."), level="error")
        return redirect("editorial:post", organization, post.pk)
    stored = Composed.of_post(loaded, channels)
    key = f"post-{post.pk}-{post.version}"
    if request.method != "POST":
        return _show(request, stored, key=key, post=post)
    composed = Composed.of_form(request.POST, post.brand, [box.channel for box in stored.boxes], request.actor)
    try:
        with transaction.atomic():
            changed = _change(request, post, composed)
    except (*REFUSALS, PermissionDenied) as error:
        key = request.POST.get("key", key)
        return _show(request, composed, key=key, post=post, errors=_said(error, composed), status=400)
    if isinstance(changed, EditConflict):
        return _conflict(request, composed, changed)
    return _done(request, changed, composed)


def _said(error: Exception, composed: Composed) -> dict[str, str]:
    return sentences_at(error, detached=[box.channel.pk for box in composed.boxes if box.detached])


def _create(request: TenantRequest, composed: Composed) -> Post:
    when = composed.when()
    post = create_post(
        brand=composed.brand,
        text=composed.text,
        channels=[box.channel for box in composed.chosen],
        scheduled_at=when.at if when else None,
        campaign=_campaign(request, composed),
        media=composed.uses(),
        variants=composed.variants(),
        title=composed.title,
        link=composed.link,
        language=composed.language,
        as_draft=True,
        actor=request.actor,
    )
    return _act(request, post)


def _change(request: TenantRequest, post: Post, composed: Composed) -> Post | EditConflict:
    """The conflict is an answer here, not an error: what was typed has been kept, and must not be rolled back."""
    when = composed.when()
    fields = composed.fields(_campaign(request, composed))
    minute = post.scheduled_at.replace(second=0, microsecond=0) if post.scheduled_at else None
    if (when.at.astimezone(UTC) if when else None) != minute:
        fields["scheduled_at"] = when.at if when else None
    try:
        post = update_post(post=post, fields=fields, expected_version=composed.version, actor=request.actor)
    except EditConflict as conflict:
        return conflict
    return _act(request, post)


def _act(request: TenantRequest, post: Post) -> Post:
    match request.POST.get("action"):
        case "submit":
            return submit_post(post=post, actor=request.actor)
        case "schedule":
            return schedule_post(post=post, actor=request.actor)
        case "now":
            return schedule_post(post=post, now=True, actor=request.actor)
    return post


def _done(request: TenantRequest, post: Post, composed: Composed) -> HttpResponse:
    said = {
        PostState.IN_REVIEW: _("Submitted: somebody else approves it now."),
        PostState.SCHEDULED: _("Scheduled."),
    }.get(PostState(post.state), _("Saved."))
    when = composed.when()
    toast(request, f"{said} {trick(when.skipped, when.repeated, _wall(composed)) if when else ''}".strip())
    url = reverse("editorial:post", kwargs={"organization": request.organization.slug, "pk": post.pk})
    return redirect(f"{url}?saved={request.POST.get('key', '')[:40]}")


def _wall(composed: Composed) -> datetime:
    return datetime.fromisoformat(f"{composed.date}T{composed.time}")


def _conflict(request: TenantRequest, composed: Composed, conflict: EditConflict) -> HttpResponse:
    """Both versions side by side: theirs to read, mine in the form, saved over theirs only if I say so."""
    post = get_post(request.actor, conflict.post.pk)
    loaded = load(post)
    composed.version = post.version
    return _show(
        request,
        composed,
        key=request.POST.get("key", ""),
        post=post,
        conflict=conflict,
        theirs=Composed.of_post(loaded, []).judge(),
        status=409,
    )


def _show(
    request: TenantRequest, composed: Composed, *, key: str, post: Post | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    brand, actor = composed.brand, request.actor
    ids = [box.channel.pk for box in composed.chosen] or [box.channel.pk for box in composed.boxes]

    def may(right: Right) -> Decision:
        return decide(actor, right, brand.scope_path, ids)

    goes_out = brand.approval == Brand.Approval.NONE and bool(may(Right.PUBLISH))
    context = {
        "composed": _judge(composed),
        "post": post,
        "key": key,
        "brands": list_brands(actor) if post is None else [brand],
        "campaigns": open_campaigns(actor).filter(brand=brand)[:100],
        "goes_out": goes_out,
        "upload_most": max(settings.MEDIA_MAX_BYTES.values()),
        "upload_most_mb": settings.MEDIA_MAX_BYTES["video"] // 2**20,
        "too_large": too_large(),
        "cover_images": composed.cover_choices(recent_images(actor, brand)),
        "may_write": may(Right.WRITE),
        "may_submit": may(Right.SUBMIT),
        "may_publish": may(Right.PUBLISH),
        "planned": post is not None
        and post.state in {PostState.SCHEDULED, PostState.ON_HOLD, PostState.IN_REVIEW, PostState.APPROVED},
        "needs_approval": brand.approval == Brand.Approval.REQUIRED,
        **more,
    }
    return render(request, "editorial/composer.html", context, status=status)


def _brand(request: TenantRequest) -> Brand:
    """The one asked for, else the first this actor writes for."""
    asked = request.POST.get("brand") or request.GET.get("brand")
    if asked:
        return get_brand(request.actor, asked)
    actor = request.actor
    writable = list(Brand.objects.filter(actor.brands_q(Right.WRITE), is_active=True)[:1])
    if not writable:
        raise PermissionDenied(_("You may not write posts in any brand. Ask an administrator of your organization."))
    first: Brand = writable[0]
    return first


def _day(asked: str, brand: Brand) -> str:
    try:
        return max(date.fromisoformat(asked), datetime.now(brand.zone).date()).isoformat()
    except ValueError:
        return ""


def _campaign(request: TenantRequest, composed: Composed) -> Campaign | None:
    if composed.campaign is None:
        return None
    campaign = open_campaigns(request.actor).filter(brand=composed.brand, pk=composed.campaign).first()
    if campaign is None:
        raise Http404
    return campaign


@require_POST
def preview(request: TenantRequest, organization: str) -> HttpResponse:
    """Counters, problems and previews of what is typed. Writes nothing."""
    brand = get_brand(request.actor, request.POST.get("brand", ""))
    channels = list(Channel.objects.filter(request.actor.channels_q(Right.VIEW), brand=brand))
    composed = Composed.of_form(request.POST, brand, channels, request.actor)
    return render(request, "editorial/preview.html", {"composed": _judge(composed), "fragment": True})


def _judge(composed: Composed) -> Composed:
    return composed.judge(units_left([box.channel for box in composed.chosen]))
