"""One delivery: what happened, why, and what can be done about it; and the list of those that need somebody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict, sentence_for
from publishing.models import Delivery
from publishing.selectors.deliveries import get_delivery, needing_attention
from publishing.selectors.suspensions import active_for
from publishing.services import deliveries as service
from publishing.services.content import content_from
from publishing.services.correction import correct_published, may_correct, price_of, why_not
from publishing.services.takedown import delete_published
from publishing.states import NEEDS_PERSON, STOPPABLE
from publishing.web.forms import WhenForm
from publishing.web.present import fix_of, reason_of, timeline, unfinished_of
from socialops.http import TenantRequest
from socialops.networks.articles import article_of
from socialops.networks.cards import cards_of
from socialops.networks.errors import NetworkError
from socialops.networks.polls import poll_of
from socialops.networks.quotes import quote_of
from socialops.networks.registry import connector_for
from socialops.permissions.decision import require
from socialops.permissions.rights import Right
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.formats import show_price
from socialops.ui.listing import paginate
from socialops.ui.messages import toast
from socialops.ui.option_words import chosen_words
from socialops.ui.pictures import Picture


def _page(
    request: TenantRequest,
    delivery: Delivery,
    *,
    when: WhenForm | None = None,
    typed: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """`typed`: a correction that could not be made; it is kept in its field."""
    may = request.actor.can(Right.PUBLISH, delivery)
    fix_label, fix_url = fix_of(delivery, request.organization.slug)
    parts = list(delivery.parts.all())
    channel, connector = delivery.channel, connector_for(delivery.channel.network)
    content = content_from(delivery.payload, created_at=delivery.created_at)
    options, article = connector.options(limits=channel.limits), article_of(content)
    movable = delivery.state in NEEDS_PERSON | {S.SCHEDULED, S.RETRYING}
    context = {
        "delivery": delivery,
        "reason": reason_of(delivery),
        "fix_label": fix_label,
        "fix_url": fix_url,
        "candidates": [(post, parse_datetime(post["created_at"] or "")) for post in delivery.candidates],
        "lines": timeline(delivery),
        "unfinished": unfinished_of(delivery),
        "quote": quote_of(content),
        "article": article,
        "pictures": [Picture(media.filename, media.alt_text) for media in content.media],
        "cards": cards_of(content),
        "poll": poll_of(content, options),
        "settings": [] if article else chosen_words(options, delivery.payload.get("options") or {}),
        "takes_subtitles": connector.takes_subtitles,
        "parts": [(part, reason_of(part)) for part in parts],
        "may_publish": may,
        "denied": getattr(may, "reason", ""),
        "suspensions": active_for(channel=delivery.channel, campaign_key=delivery.campaign_key),
        "can_retry": bool(may) and delivery.state in NEEDS_PERSON,
        "can_cancel": bool(may) and delivery.state in STOPPABLE | NEEDS_PERSON,
        "can_take_down": bool(may)
        and delivery.state == S.PUBLISHED
        and delivery.external_id
        and not delivery.deleted_at,
        "can_resume": bool(may)
        and delivery.state == S.PUBLISHED
        and not delivery.deleted_at
        and any(part.state in (S.FAILED, S.SUSPENDED) for part in parts),
        **_correction(request, delivery, typed),
        "when": (when or WhenForm(brand=delivery.brand)) if may and movable else None,
    }
    return render(request, "publishing/delivery.html", context, status=status)


def _correction(request: TenantRequest, delivery: Delivery, typed: str | None) -> dict[str, Any]:
    """What the page says about correcting: the form, what it costs, or why there is none."""
    live = delivery.state == S.PUBLISHED and not delivery.deleted_at and bool(delivery.external_id)
    if not live or not connector_for(delivery.channel.network).supports_edit:
        return {}
    asked, reason = delivery.correction or {}, why_not(delivery)
    may = bool(may_correct(request.actor, delivery))
    text = typed if typed is not None else asked.get("text", delivery.payload.get("text", ""))
    price = price_of(delivery, text)
    return {
        "can_correct": may and not reason,
        "cannot_correct": reason if may and delivery.correction_due_at is None else "",
        "correction": asked,
        "correction_text": text,
        "open_correction": typed is not None or bool(asked),
        "correction_price": price,
        "price_words": show_price(price),
    }


@require_safe
def delivery(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """The page that notifications lead to."""
    return _page(request, get_delivery(request.actor, pk))


@require_safe
def attention(request: TenantRequest, organization: str) -> HttpResponse:
    """Failed, missed, and those whose fate only a person can tell."""
    page_obj = paginate(request, needing_attention(request.actor), size=25)
    rows = [(row, reason_of(row), *fix_of(row, request.organization.slug)) for row in page_obj]
    return render(request, "publishing/attention.html", {"page_obj": page_obj, "rows": rows})


def _act(request: TenantRequest, pk: int, act: Callable[[Delivery], None], done: str) -> HttpResponse:
    row = get_delivery(request.actor, pk, Right.PUBLISH)
    try:
        act(row)
    except DeliveryConflict as refusal:
        toast(request, str(refusal), level="warning")
    else:
        toast(request, done)
    back = request.POST.get("next", "")
    if back == "attention":
        return redirect("publishing:attention", organization=request.organization.slug)
    return redirect("publishing:delivery", organization=request.organization.slug, pk=pk)


@require_POST
def retry(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    return _act(
        request, pk, lambda row: service.retry_delivery(delivery=row, actor=request.actor), _("It goes out again now.")
    )


@require_POST
def cancel(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda row: service.cancel_delivery(delivery=row, actor=request.actor),
        _("Cancelled: it will not go out."),
    )


@require_POST
def resume(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    return _act(
        request, pk, lambda row: service.resume_parts(delivery=row, actor=request.actor), _("The rest goes out now.")
    )


@require_POST
def resolve(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """`live` is 1 (with the candidate's `external_id` where one was recognised) or 0."""
    is_live, external_id = request.POST.get("live") == "1", request.POST.get("external_id", "")

    def act(row: Delivery) -> None:
        service.resolve_delivery(delivery=row, is_live=is_live, external_id=external_id, actor=request.actor)

    return _act(request, pk, act, _("Noted: it is live.") if is_live else _("Noted: it goes out again now."))


@require_POST
def resolve_part(request: TenantRequest, organization: str, pk: int, part: int) -> HttpResponse:
    is_live, external_id = request.POST.get("live") == "1", request.POST.get("external_id", "")

    def act(row: Delivery) -> None:
        found = get_object_or_404(row.parts, pk=part)
        service.resolve_part(part=found, is_live=is_live, external_id=external_id, actor=request.actor)

    return _act(request, pk, act, _("Noted: it is live.") if is_live else _("Noted: it goes out again now."))


@require_POST
def reschedule(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    row = get_delivery(request.actor, pk, Right.PUBLISH)
    form = WhenForm(request.POST, brand=row.brand)
    if not form.is_valid():
        return _page(request, row, when=form, status=422)
    due_at = form.cleaned_data["due_at"]
    return _act(
        request,
        pk,
        lambda row: service.reschedule_delivery(delivery=row, due_at=due_at, actor=request.actor),
        _("Rescheduled."),
    )


@without_request_transaction
@require_POST
def take_down(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Waits for the network."""
    with tenant(request.organization):
        row = get_delivery(request.actor, pk, Right.PUBLISH)
    try:
        delete_published(delivery=row, actor=request.actor)
    except DeliveryConflict as refusal:
        toast(request, str(refusal), level="warning")
    except NetworkError as error:
        why = sentence_for(error.kind, error.code, error.detail)
        toast(request, _("It could not be taken down. %(why)s") % {"why": why}, level="error")
    else:
        toast(request, _("Taken down: it is no longer live."))
    return redirect(reverse("publishing:delivery", args=[request.organization.slug, pk]))


def _agreed(price: str) -> Decimal:
    """What the page said it costs, 0 where it said nothing that can be read."""
    try:
        found = Decimal(price or 0)
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


@without_request_transaction
@require_POST
def correct(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """`text`: what it says from now on; `price`: what the page said it costs. Waits for the network; what was typed comes back with a refusal."""
    text = request.POST.get("text", "")
    with tenant(request.organization):
        row = get_delivery(request.actor, pk, Right.PUBLISH)
        require(may_correct(request.actor, row))
        price = price_of(row, text)
        if not why_not(row) and price > _agreed(request.POST.get("price", "")):
            words = {"price": show_price(price)}
            toast(request, _("This text costs %(price)s: correct it again if you agree.") % words, level="warning")
            return _page(request, row, typed=text, status=422)
    try:
        correct_published(delivery=row, text=text, actor=request.actor)
    except DeliveryConflict as refusal:
        toast(request, str(refusal), level="warning")
    except NetworkError as error:
        why = sentence_for(error.kind, error.code, error.detail)
        toast(request, _("It could not be corrected. %(why)s") % {"why": why}, level="error")
    else:
        toast(request, _("Corrected on the network."))
        return redirect(reverse("publishing:delivery", args=[request.organization.slug, pk]))
    with tenant(request.organization):
        return _page(request, get_delivery(request.actor, pk), typed=text, status=422)
