"""What people and the apps above do to deliveries. Authority (rights, approval) is the caller's matter; here is what is possible.

Each call is one transaction and one audit event. Rows are locked, so that a person and a worker never both win.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.enums import DeliveryState as S
from publishing.enums import PartKind
from publishing.errors import DeliveryConflict
from publishing.models import Attempt, Delivery, Part
from publishing.services.moves import NO_LEASE, move, note
from publishing.signals import delivery_changed
from publishing.states import NEEDS_PERSON, STOPPABLE, WAITING
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from teams.models import Channel

PREPARE_AHEAD = dt.timedelta(minutes=10)
NO_ERROR: dict[str, Any] = {"error_kind": "", "error_code": "", "error_detail": {}}
AFRESH: dict[str, Any] = {**NO_ERROR, **NO_LEASE, "tries": 0, "checks": 0, "asks_person": False, "candidates": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One variant to send. `payload` as in `Delivery`; `label` is cut to 160 characters; `due_at` is aware (now: as soon as possible)."""

    channel: Channel
    payload: dict[str, Any]
    due_at: dt.datetime
    label: str
    post_key: int | None = None
    campaign_key: int | None = None
    content_hash: str = ""


@transaction.atomic
def create_deliveries(*, items: Sequence[NewDelivery], actor: Actor) -> list[Delivery]:
    """Queue variants; they go out at their due time unless suspended. Gives them in the order of `items`."""
    if not items:
        return []
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            brand_id=item.channel.brand_id,
            channel=item.channel,
            post_key=item.post_key,
            campaign_key=item.campaign_key,
            label=item.label[:160],
            payload=item.payload,
            content_hash=item.content_hash,
            created_by_id=actor.user_id,
            due_at=item.due_at,
            next_try_at=first_try_of(item.payload, item.due_at),
        )
        for item in items
    )
    Part.objects.bulk_create(part for delivery in deliveries for part in _parts_of(delivery))
    record(
        actor=actor,
        action="delivery.created",
        target=deliveries[0],
        changes={"deliveries": [None, [delivery.pk for delivery in deliveries]]},
    )
    for delivery in deliveries:
        delivery_changed.send(sender=Delivery, delivery=delivery, previous="")
    return deliveries


@transaction.atomic
def reschedule_delivery(*, delivery: Delivery, due_at: dt.datetime, actor: Actor) -> None:
    """Give it another due time. Also brings back what failed, was missed or is suspended. DeliveryConflict once it is being sent."""
    row = _locked(delivery)
    if row.state not in WAITING | NEEDS_PERSON | {S.SUSPENDED}:
        raise DeliveryConflict(_not_now(row))
    before = row.due_at
    fields = {
        **AFRESH,
        **_forget_uploads(row),
        "due_at": due_at,
        "next_try_at": first_try_of(row.payload, due_at),
        "released_at": None,
        "suspension": None,
    }
    if row.state == S.SCHEDULED:
        note(row, **fields)
        delivery_changed.send(sender=Delivery, delivery=row, previous=row.state)
    else:
        move(row, S.SCHEDULED, **fields)
    changes = {"due_at": [before.isoformat(), due_at.isoformat()]}
    record(actor=actor, action="delivery.rescheduled", target=row, changes=changes)
    _copy(row, delivery)


@transaction.atomic
def replace_payload(
    *, delivery: Delivery, payload: dict[str, Any], content_hash: str, label: str, actor: Actor
) -> None:
    """Another content for what has not gone out. What was uploaded for the old one is forgotten. DeliveryConflict once it is being sent."""
    row = _locked(delivery)
    if row.state not in WAITING | NEEDS_PERSON | {S.SUSPENDED}:
        raise DeliveryConflict(_not_now(row))
    before = row.content_hash
    note(
        row,
        payload=payload,
        content_hash=content_hash,
        label=label[:160],
        idempotency_key=uuid.uuid4(),
        handles={},
        first_tried_at=None,
    )
    Part.objects.filter(delivery=row).delete()
    Part.objects.bulk_create(_parts_of(row))
    record(
        actor=actor, action="delivery.content_replaced", target=row, changes={"content_hash": [before, content_hash]}
    )
    _copy(row, delivery)


@transaction.atomic
def cancel_delivery(*, delivery: Delivery, actor: Actor, reason: str = "") -> None:
    """Take it out of the queue, up to the moment before it is sent. DeliveryConflict after that; cancelled already: nothing."""
    row = _locked(delivery)
    if row.state == S.CANCELLED:
        return
    if row.state not in STOPPABLE | NEEDS_PERSON | {S.SUSPENDED}:
        raise DeliveryConflict(_not_now(row))
    before = row.state
    move(row, S.CANCELLED, suspension=None, **NO_LEASE)
    record(
        actor=actor, action="delivery.cancelled", target=row, changes={"state": [before, S.CANCELLED]}, reason=reason
    )
    _copy(row, delivery)


@transaction.atomic
def retry_delivery(*, delivery: Delivery, actor: Actor) -> None:
    """Send what failed or was missed now; lateness counts from here. DeliveryConflict for any other state."""
    row = _locked(delivery)
    if row.state not in NEEDS_PERSON:
        raise DeliveryConflict(_not_now(row))
    now, before = timezone.now(), row.state
    fields = {**AFRESH, **_forget_uploads(row), "next_try_at": now, "released_at": now}
    move(row, S.RETRYING if row.state == S.FAILED else S.SCHEDULED, **fields)
    record(actor=actor, action="delivery.retried", target=row, changes={"state": [before, row.state]})
    _copy(row, delivery)


@transaction.atomic
def resolve_delivery(
    *, delivery: Delivery, is_live: bool, external_url: str = "", external_id: str = "", actor: Actor
) -> None:
    """A person settles an unconfirmed delivery: it is live (there), or it is not and goes out again now."""
    row = _locked(delivery)
    if row.state != S.UNCONFIRMED:
        raise DeliveryConflict(_not_now(row))
    now = timezone.now()
    if is_live:
        found: dict[str, Any] = next((c for c in row.candidates if external_id and c["external_id"] == external_id), {})
        move(
            row,
            S.PUBLISHED,
            published_at=row.commit_started_at or now,
            external_id=external_id,
            external_url=external_url or found.get("url", ""),
            parts_due_at=now if external_id and row.parts.exists() else None,
            **AFRESH,
        )
    else:
        move(row, S.RETRYING, next_try_at=now, released_at=now, commit_started_at=None, unconfirmed_at=None, **AFRESH)
    _person_decided(row, at=now, actor=actor, outcome="live" if is_live else "not_live")
    record(actor=actor, action="delivery.resolved", target=row, changes={"state": [S.UNCONFIRMED, row.state]})
    _copy(row, delivery)


@transaction.atomic
def resume_parts(*, delivery: Delivery, actor: Actor) -> None:
    """Send the parts that failed, were suspended, or never had their turn. DeliveryConflict while one's fate is unknown."""
    row = _locked(delivery)
    parts = row.parts.exclude(state=S.PUBLISHED)
    if row.state != S.PUBLISHED or row.deleted_at is not None or not parts.exists():
        raise DeliveryConflict(_("Nothing is left to send."))
    if parts.filter(state=S.UNCONFIRMED).exists():
        raise DeliveryConflict(_("The network’s answer was lost: first say whether the post is live."))
    parts.filter(state__in=[S.FAILED, S.SUSPENDED]).update(state=S.SCHEDULED, tries=0, checks=0, **NO_ERROR)
    note(row, parts_due_at=timezone.now())
    record(actor=actor, action="delivery.parts_resumed", target=row)
    _copy(row, delivery)


@transaction.atomic
def resolve_part(*, part: Part, is_live: bool, external_id: str = "", actor: Actor) -> None:
    """A person settles an unconfirmed part: it is live (there), or it is not and goes out again now."""
    row = _locked(part.delivery)
    fresh = Part.objects.select_for_update().get(pk=part.pk)
    if fresh.state != S.UNCONFIRMED:
        raise DeliveryConflict(_("This was settled in the meantime."))
    now = timezone.now()
    found: dict[str, Any] = next((c for c in fresh.candidates if external_id and c["external_id"] == external_id), {})
    fresh.state = S.PUBLISHED if is_live else S.SCHEDULED
    fresh.external_id, fresh.external_url = (external_id, found.get("url", "")) if is_live else ("", "")
    fresh.published_at = (fresh.commit_started_at or now) if is_live else None
    fresh.commit_started_at, fresh.candidates = None, []
    fresh.error_kind = fresh.error_code = ""
    fresh.error_detail = {}
    fresh.save()
    note(row, parts_due_at=now)
    _person_decided(row, at=now, actor=actor, outcome="live" if is_live else "not_live", part=fresh)
    record(actor=actor, action="delivery.part_resolved", target=row, changes={"part": [S.UNCONFIRMED, fresh.state]})


def first_try_of(payload: Mapping[str, Any], due_at: dt.datetime) -> dt.datetime:
    """When work on it begins: a video is uploaded and processed ahead, so that it goes out at its minute."""
    has_video = any(str(item["content_type"]).startswith("video/") for item in payload.get("media", ()))
    return due_at - PREPARE_AHEAD if has_video else due_at


def _forget_uploads(row: Delivery) -> dict[str, Any]:
    """Uploads lapse on the networks after a day or so: made anew on another day, unless an answer was lost, when they are what may prove it live."""
    return {"handles": {}, "first_tried_at": None} if row.unconfirmed_at is None else {}


def _person_decided(row: Delivery, *, at: dt.datetime, actor: Actor, outcome: str, part: Part | None = None) -> None:
    Attempt.objects.create(
        delivery=row,
        part=part,
        number=row.tries,
        step="person",
        started_at=at,
        ended_at=at,
        outcome=outcome,
        note=actor.name[:300],
    )


def _parts_of(delivery: Delivery) -> list[Part]:
    texts = [(PartKind.THREAD, text) for text in delivery.payload.get("parts", ())]
    if delivery.payload.get("first_comment"):
        texts.append((PartKind.FIRST_COMMENT, delivery.payload["first_comment"]))
    return [
        Part(delivery=delivery, position=position, kind=kind, text=text)
        for position, (kind, text) in enumerate(texts, start=1)
    ]


def _locked(delivery: Delivery) -> Delivery:
    row: Delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    return row


def _copy(row: Delivery, delivery: Delivery) -> None:
    """The caller's instance tells the truth after the call."""
    for field in Delivery._meta.concrete_fields:
        setattr(delivery, field.attname, getattr(row, field.attname))


def _not_now(row: Delivery) -> str:
    match row.state:
        case S.PUBLISHED:
            return _("It is already published: open it on the network, or take it down.")
        case S.UNCONFIRMED:
            return _("The network’s answer was lost: first say whether the post is live.")
        case S.CANCELLED:
            return _("It was cancelled: schedule the post again.")
        case S.CLAIMED | S.PREPARING | S.COMMITTING | S.CONFIRMING:
            return _("It is being published right now: look again in a moment.")
        case S.SUSPENDED:
            return _("It is suspended: it is decided in the review of the suspension.")
        case _:
            return _("It is still waiting for its time: reschedule or cancel it instead.")
