"""A correction that makes a new version × every call it takes × every kind of bad luck: our books say what the public sees, and nothing is corrected twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict
from publishing.models import Delivery, QuotaReading
from publishing.services import claims
from publishing.services.correction import correct_published, settle_correction
from socialops.networks.errors import NetworkError
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import system, tenant
from teams.models import Channel
from tests.torture.conftest import Stage, contents_of
from tests.torture.test_torture import BAD_LUCK

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = [("GET", r"/2/tweets/[^/]+$"), ("POST", "/2/tweets$")]


@pytest.mark.parametrize("effect", BAD_LUCK)
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_our_books_say_what_the_public_sees(
    stage_on: Callable[[str], Stage], method: str, path: str, effect: str
) -> None:
    stage = stage_on("x")
    delivery = stage.settle(stage.schedule(contents_of("x")["image"]))
    assert delivery.state == S.PUBLISHED
    subscribe(stage)
    stage.sandbox.fault(effect, "x", method=method, path=path, **BAD_LUCK[effect])
    try:
        correct_published(delivery=delivery, text="Bonjour, corrigé", actor=stage.actor)
    except (DeliveryConflict, NetworkError):
        pass
    finally:
        stage.sandbox.clear_faults()
    settle(stage)
    with tenant(stage.channel.organization_id):
        delivery.refresh_from_db()
    assert delivery.correction_due_at is None
    versions = [post for post in stage.posts() if post["text"] == "Bonjour, corrigé"]
    (public,) = [post for post in stage.posts() if post["live"]]
    assert len(versions) <= 1
    assert (delivery.external_id, delivery.payload["text"]) == (public["id"], public["text"])
    if not versions:
        correct_published(delivery=delivery, text="Bonjour, corrigé", actor=stage.actor)
        (public,) = [post for post in stage.posts() if post["live"]]
        with tenant(stage.channel.organization_id):
            delivery.refresh_from_db()
        assert (delivery.external_id, delivery.payload["text"]) == (public["id"], "Bonjour, corrigé")


def subscribe(stage: Stage) -> None:
    body = {"account": stage.channel.external_id, "type": "Premium"}
    stage.sandbox.http.put(f"{stage.sandbox.url('x')}/_subscription", json=body).raise_for_status()
    with tenant(stage.channel.organization_id):
        limits = {"account": {"subscription": "Premium"}}
        Channel.objects.filter(pk=stage.channel.pk).update(limits=limits, status=Channel.Status.CONNECTED)
    assert connector_for("x").edit_problem(limits=limits, published_at=timezone.now()) is None


def settle(stage: Stage) -> None:
    """The network is read until it tells; time passes as in a film."""
    for _round in range(8):
        past = dt.timedelta(minutes=2)
        with system("a test pretends that time has passed"):
            for row in Delivery.objects.filter(correction_due_at__isnull=False):
                since = (dt.datetime.fromisoformat(row.correction["since"]) - past).isoformat()
                row.correction = {**row.correction, "since": since}
                row.correction_due_at, row.lease_until = timezone.now() - past, None
                row.save(update_fields=["correction", "correction_due_at", "lease_until"])
            QuotaReading.objects.update(resets_at=timezone.now() - past)
        for claim in claims.claim_corrections(limit=10, worker="test"):
            settle_correction(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
