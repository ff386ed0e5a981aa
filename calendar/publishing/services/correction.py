"""Correcting what is live, where the network lets us: on the network first, then in our books."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict, sentence_for
from publishing.models import Delivery
from publishing.services.content import content_of
from publishing.services.moves import note
from publishing.services.outcomes import write_attempt
from publishing.services.tokens import fresh_target
from publishing.signals import delivery_changed
from socialops.audit.models import record
from socialops.networks.errors import ErrorKind
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.decision import Decision
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Brand


def may_correct(actor: Actor, delivery: Delivery) -> Decision:
    """What is live was approved as it was: where the brand wants approval, only who may approve corrects it."""
    decision = actor.can(Right.PUBLISH, delivery)
    if decision and delivery.brand.approval == Brand.Approval.REQUIRED:
        return actor.can(Right.APPROVE, delivery)
    return decision


def correct_published(*, delivery: Delivery, text: str, actor: Actor) -> None:
    """Change the text of a live publication on its network. Waits for the network: no open transaction.

    DeliveryConflict when it can't be corrected or the text is not one the network takes; NetworkError when the network refuses or is away.
    """
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    with tenant(delivery.organization_id):
        row = Delivery.objects.select_related("channel", "brand").get(pk=delivery.pk)
        connector = connector_for(row.channel.network)
        if row.state != S.PUBLISHED or row.deleted_at is not None or not row.external_id or not connector.supports_edit:
            raise DeliveryConflict(_("This can’t be corrected from here: open it on the network."))
        before = row.payload.get("text", "")
        content = replace(content_of(row), text=text)
        if problems := connector.check(content, limits=row.channel.limits):
            raise DeliveryConflict(sentence_for(ErrorKind.VALIDATION, problems[0].code, problems[0].detail))
    if text == before:
        return
    started_at = timezone.now()
    connector.edit(fresh_target(row.channel), content, external_id=row.external_id)
    with tenant(row.organization_id):
        note(row, payload={**row.payload, "text": text})
        write_attempt(row, step="edit", started_at=started_at, outcome="done", note=actor.name[:300])
        record(actor=actor, action="delivery.corrected", target=row, changes={"text": [before, text]})
        delivery_changed.send(sender=Delivery, delivery=row, previous=row.state)
    delivery.payload = row.payload
