"""Taking down what is published: on the network first, then in our books."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict
from publishing.models import Delivery, Part
from publishing.services.moves import note
from publishing.services.outcomes import write_attempt
from publishing.services.tokens import fresh_target
from publishing.signals import delivery_changed
from socialops.audit.models import record
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant


def delete_published(*, delivery: Delivery, actor: Actor) -> None:
    """Remove a published delivery from its network, its parts first, last one first. Waits for the network: no open transaction.

    DeliveryConflict when there is nothing to remove; NetworkError when the network refuses or is away, what is already gone is then remembered.
    """
    with tenant(delivery.organization_id):
        row = Delivery.objects.select_related("channel", "brand").get(pk=delivery.pk)
        if row.state != S.PUBLISHED or row.deleted_at is not None:
            raise DeliveryConflict(_("Only what is live can be taken down."))
        if not row.external_id:
            raise DeliveryConflict(_("We don’t know the address of this post: take it down on the network."))
        parts = list(row.parts.filter(state=S.PUBLISHED).exclude(external_id="").order_by("-position"))
    started_at = timezone.now()
    connector, target = connector_for(row.channel.network), fresh_target(row.channel)
    for part in parts:
        connector.delete(target, external_id=part.external_id)
        with tenant(row.organization_id):
            Part.objects.filter(pk=part.pk).update(state=S.CANCELLED)
    connector.delete(target, external_id=row.external_id)
    with tenant(row.organization_id):
        note(row, deleted_at=timezone.now(), parts_due_at=None)
        write_attempt(row, step="delete", started_at=started_at, outcome="done", note=actor.name[:300])
        record(actor=actor, action="delivery.taken_down", target=row, changes={"url": [row.external_url, None]})
        delivery_changed.send(sender=Delivery, delivery=row, previous=row.state)
    delivery.deleted_at = row.deleted_at
