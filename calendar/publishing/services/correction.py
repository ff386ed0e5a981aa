"""Correcting what is live, where the network lets us: on the network first, then in our books.

Most networks change the post itself, as often as they are asked. Where a correction makes another version (`Connector.edits_anew`) it is one shot: what is about to be sent is saved
first, under a lease, and after a lost answer or a process that died the network is read until it tells.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict, sentence_for
from publishing.models import Delivery
from publishing.services.allowance import refusal
from publishing.services.claims import ONE_SHOT_LEASE, working_on
from publishing.services.content import content_of
from publishing.services.moves import NO_LEASE, Overtaken, note
from publishing.services.outcomes import CHECK_AFTER, failed_attempt, pause_before, write_attempt
from publishing.services.tokens import fresh_target
from publishing.signals import delivery_changed
from socialops.audit.models import record
from socialops.networks.errors import ErrorKind, NetworkError, UnknownOutcomeError
from socialops.networks.ports import Connector, Content, Finding, Format, Published, Reconciliation, Target
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.decision import Decision
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Brand

CHECKS_AT_MOST = 8  # readings that tell nothing, before a person is told so
NOT_KNOWN: dict[str, Any] = {"correction": None, "correction_due_at": None}


def may_correct(actor: Actor, delivery: Delivery) -> Decision:
    """What is live was approved as it was: where the brand wants approval, only who may approve corrects it."""
    decision = actor.can(Right.PUBLISH, delivery)
    if decision and delivery.brand.approval == Brand.Approval.REQUIRED:
        return actor.can(Right.APPROVE, delivery)
    return decision


def why_not(delivery: Delivery) -> str:
    """Why it can't be corrected now, a sentence; "" when it can, as far as we know without asking the network."""
    connector = connector_for(delivery.channel.network)
    if (
        delivery.state != S.PUBLISHED
        or delivery.deleted_at is not None
        or not delivery.external_id
        or not connector.supports_edit
    ):
        return _("This can’t be corrected from here: open it on the network.")
    if delivery.correction_due_at is not None:
        return _("A correction is on its way: its outcome comes first.")
    published_at = delivery.published_at or timezone.now()
    form = str(delivery.payload.get("options", {}).get("format") or Format.POST)
    found = connector.edit_problem(limits=delivery.channel.limits, published_at=published_at, form=form)
    return sentence_for(ErrorKind.VALIDATION, found.code, found.detail) if found is not None else ""


def price_of(delivery: Delivery, text: str) -> Decimal:
    """What correcting it to this text costs, in US dollars."""
    charges = connector_for(delivery.channel.network).edit_charges(replace(content_of(delivery), text=text))
    return sum((charge.amount for charge in charges), Decimal(0))


def correct_published(*, delivery: Delivery, text: str, actor: Actor) -> None:
    """Change the text of a live publication on its network. Waits for the network: no open transaction.

    DeliveryConflict when it can't be corrected, the text is not one the network takes, or its answer was lost and the network is being read; NetworkError when the network refuses or
    is away.
    """
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    with tenant(delivery.organization_id):
        row = Delivery.objects.select_related("channel", "brand").get(pk=delivery.pk)
        if reason := why_not(row):
            raise DeliveryConflict(reason)
        connector = connector_for(row.channel.network)
        content = replace(content_of(row), text=text)
        if problems := connector.check(content, limits=row.channel.limits):
            raise DeliveryConflict(sentence_for(ErrorKind.VALIDATION, problems[0].code, problems[0].detail))
    if text == row.payload.get("text", ""):
        return
    target, started_at = fresh_target(row.channel), timezone.now()
    if connector.edits_anew:
        published = _send_anew(row, connector, target, content, actor, started_at)
    else:
        published = connector.edit(target, content, external_id=row.external_id)
    with tenant(row.organization_id):
        _keep(row, text, published, started_at=started_at, actor=actor, by=actor.name)
    delivery.payload = row.payload


def _send_anew(
    row: Delivery, connector: Connector, target: Target, content: Content, actor: Actor, started_at: dt.datetime
) -> Published | None:
    """The one shot. What is known not to be made leaves no trace; of what may be made, the network is asked."""
    with tenant(row.organization_id):
        if refused := refusal(row.channel, target, connector.edit_charges(content)):
            raise refused
        _begin(row, content.text, actor, started_at)
    try:
        return connector.edit(target, content, external_id=row.external_id)
    except UnknownOutcomeError as error:
        with tenant(row.organization_id):
            write_attempt(row, step="edit", started_at=started_at, outcome=error.kind, **failed_attempt(error))
            note(row, correction_due_at=timezone.now() + CHECK_AFTER, **NO_LEASE)
        raise DeliveryConflict(
            _("The network’s answer was lost. We are reading the channel to find out whether it is corrected.")
        ) from error
    except NetworkError:
        with tenant(row.organization_id):
            note(row, **NOT_KNOWN, **NO_LEASE)
        raise


def _begin(row: Delivery, text: str, actor: Actor, started_at: dt.datetime) -> None:
    """Durable before the one shot: a process that dies from here on leaves a question, which the sweep takes up."""
    busy = DeliveryConflict(_("It is being worked on right now: try again in a moment."))
    if row.lease_owner and row.lease_until is not None and row.lease_until > started_at:
        raise busy
    until = started_at + ONE_SHOT_LEASE
    known = {"text": text, "by": actor.name[:200], "since": started_at.isoformat(), "checks": 0, "outcome": ""}
    try:
        lease = {"lease_owner": f"correction#{uuid.uuid4().hex[:12]}", "lease_until": until}
        note(row, correction=known, correction_due_at=until, **lease)
    except Overtaken as error:
        raise busy from error


def _keep(
    row: Delivery,
    text: str,
    published: Published | None,
    *,
    started_at: dt.datetime,
    actor: Actor,
    by: str,
    step: str = "edit",
) -> None:
    """The network has it: our books follow, in one transaction of the caller. A new version's id takes the place of the one before, which is still known as ours."""
    before, fields = row.payload.get("text", ""), dict[str, Any]()
    if published is not None:
        fields = {**NOT_KNOWN, **NO_LEASE}
    if published is not None and published.external_id != row.external_id:
        fields |= {
            "external_id": published.external_id[:500],
            "external_url": published.url[:1000],
            "external_extra": dict(published.extra),
            "earlier_ids": [*row.earlier_ids, row.external_id],
        }
    note(row, payload={**row.payload, "text": text}, **fields)
    write_attempt(row, step=step, started_at=started_at, outcome="done", note=by[:300])
    record(actor=actor, action="delivery.corrected", target=row, changes={"text": [before, text]}, reason=by)
    delivery_changed.send(sender=Delivery, delivery=row, previous=row.state)


# ---------------------------------------------------------------- after a lost answer


def settle_correction(*, organization_id: int, delivery_id: int, claim: str) -> None:
    """Find out what became of a correction, under this claim; a stale claim does nothing."""
    with working_on(delivery_id, claim):
        with tenant(organization_id):
            rows = Delivery.objects.select_related("channel", "brand", "organization")
            row = rows.filter(pk=delivery_id, lease_owner=claim, correction_due_at__isnull=False).first()
        if row is None or row.correction is None:
            return
        started_at, connector = timezone.now(), connector_for(row.channel.network)
        content = replace(content_of(row), text=row.correction["text"])
        since = dt.datetime.fromisoformat(row.correction["since"])
        try:
            target = fresh_target(row.channel)
            answer = connector.find_edit(target, content, external_id=row.external_id, since=since)
        except NetworkError:
            answer = Reconciliation(Finding.UNDECIDED)
        with tenant(organization_id):
            _settle(row, answer, started_at)
        if answer.finding == Finding.PUBLISHED:
            for charge in connector.edit_charges(content):  # nobody told of it when its answer was lost
                target.report(charge)


def _settle(row: Delivery, answer: Reconciliation, started_at: dt.datetime) -> None:
    known = row.correction
    assert known is not None  # the claim found one
    if answer.finding == Finding.PUBLISHED and answer.published is not None:
        system = Actor.system("publishing", organization_id=row.organization_id)
        _keep(
            row, known["text"], answer.published, started_at=started_at, actor=system, by=known["by"], step="reconcile"
        )
        return
    checks = known["checks"] + 1
    if answer.finding == Finding.UNDECIDED and not answer.candidates and checks < CHECKS_AT_MOST:
        again = answer.look_again_at or timezone.now() + pause_before(checks)
        note(row, correction={**known, "checks": checks}, correction_due_at=again, **NO_LEASE)
        return
    outcome = str(answer.finding)
    write_attempt(row, step="reconcile", started_at=started_at, outcome=outcome, note=known["by"][:300])
    note(row, correction={**known, "outcome": outcome}, correction_due_at=None, **NO_LEASE)
