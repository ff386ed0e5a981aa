"""What is published in the storm, and the judgement afterwards: from the public's side, not from our books."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from publishing.services.deliveries import NewDelivery, create_deliveries
from socialops.networks.registry import connector_for, networks
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Channel, Organization
from teams.services.channels import connect_channel
from tests.chaos.storm import ACCOUNTS
from tests.conftest import _actor as member_with
from tests.factories.teams import BrandFactory, OrganizationFactory
from tests.networks.samples import addressed, forms_of, sample_of
from tests.torture.conftest import payload_of

ARTICLES = 2  # of an account in a storm: X lets it publish five a day
AT_REST = frozenset({S.PUBLISHED, S.CANCELLED})


def launch(count: int, *, spread: float, dice: random.Random, sandbox: Any) -> Organization:
    """Connect accounts on every network and queue `count` publications due within `spread` seconds, of every form each network has."""
    organization: Organization = OrganizationFactory(slug=f"storm-{uuid.uuid4().hex[:8]}", name="Storm")
    with tenant(organization):
        brand = BrandFactory(late_tolerance_minutes=600)  # late is fine here, lost is not
        actor = member_with(organization, list(Right), None)
    channels = [
        _connect(organization, brand, actor, network, sandbox) for network in networks() for _ in range(ACCOUNTS)
    ]
    now = timezone.now() + dt.timedelta(seconds=5)
    items, articles = [], Counter[Channel]()
    for number in range(count):
        channel = channels[number % len(channels)]
        sample = sample_of(channel.network)
        forms = forms_of(channel.network)
        form = dice.choice([form for name, form in forms.items() if name != "article" or articles[channel] < ARTICLES])
        articles[channel] += form.get("options", {}).get("format") == "article"
        text = f"Tempête {uuid.UUID(int=dice.getrandbits(128)).hex}"
        comment = {"first_comment": f"Suite de {text}"} if sample.part and dice.random() < 0.2 else {}
        content = sample.content(text, **{**comment, **form})
        content = addressed(content, sandbox, channel.network, channel.external_id)
        due_at = now + dt.timedelta(seconds=dice.uniform(0, spread))
        items.append(NewDelivery(channel=channel, payload=payload_of(content), due_at=due_at, label=text))
    with tenant(organization):
        create_deliveries(items=items, actor=actor)
    return organization


def _connect(organization: Organization, brand: Any, actor: Actor, network: str, sandbox: Any) -> Channel:
    made = sandbox.account(network, f"s{uuid.uuid4().hex[:12]}", "Café Tempête")
    sample_of(network).ready(sandbox, made)
    base_url = sandbox.url(network)
    account = connector_for(network).connect_with_token(base_url=base_url, values=made)
    with tenant(organization):
        return connect_channel(brand=brand, network=network, base_url=base_url, account=account, actor=actor)


def judge(organization: Organization, sandbox: Any, *, tend: Callable[[], None], patience: float) -> dict[str, Any]:
    """Wait until all is settled, then compare our books with what the public sees."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        tend()
        try:
            if not _unsettled(organization):
                break
        except DatabaseError:
            connection.close()
        time.sleep(1)
    settled_in = round(time.monotonic() - began, 1)
    with tenant(organization):
        rows = list(Delivery.objects.select_related("channel").order_by("pk"))
        left = _unsettled(organization)
    seen = _public(sandbox)
    twice, lost, wrong = [], [], []
    asked = 0
    for row in rows:
        times = seen[row.label]
        asked += row.state == S.UNCONFIRMED and row.asks_person
        if times > 1:
            twice.append(_told(row, times))
        if row.state == S.PUBLISHED and times != 1:
            wrong.append(_told(row, times))
        if row.state not in AT_REST and not row.asks_person:
            lost.append(_told(row, times))
    states = Counter(str(row.state) for row in rows)
    return {
        "deliveries": len(rows),
        "networks": sorted({row.channel.network for row in rows}),
        "states": dict(states),
        "asked": asked,
        "counts": {"twice": len(twice), "lost": len(lost), "believed_live": len(wrong)},
        "twice": twice[:20],  # the first of them, to look at
        "lost": lost[:20],
        "believed_live": wrong[:20],
        "without_owner": left,
        "settled_in": settled_in,
        "kept": not (twice or lost or wrong or left),
    }


def _told(row: Delivery, times: int) -> str:
    with tenant(row.organization_id):
        attempts = list(row.attempts.order_by("pk").values_list("step", "outcome", "error_code", "started_at"))[-8:]
        raw = row.attempts.order_by("pk").values_list("raw", flat=True).last() or {}
    attempts = [(*one[:3], f"{one[3]:%M:%S.%f}") for one in attempts]
    return f"{row.channel.network} {row.pk} {row.state} seen {times}: {attempts}; {row.error_detail} {raw.get('url')} {raw.get('status')} {raw.get('body')}"


def _unsettled(organization: Organization) -> int:
    """Rows that still want something to happen without a person."""
    with tenant(organization):
        open_rows = Delivery.objects.exclude(state__in=[*AT_REST, S.FAILED, S.MISSED]).exclude(
            state=S.UNCONFIRMED, asks_person=True
        )
        parts = Delivery.objects.filter(parts_due_at__isnull=False)
        return open_rows.count() + parts.count()


def _public(sandbox: Any) -> Counter[str]:
    """How often the public sees each publication, by its text."""
    seen: Counter[str] = Counter()
    for post in sandbox.posts(source="client"):
        if not post["reply_to"]:
            # LinkedIn's poll asks apart from the text, and of an article the text is only its address
            said = (post["article"] or post)["text"] or (post["poll"] or {}).get("question", "")
            words = said.split("Tempête ", 1)
            if len(words) == 2:
                seen["Tempête " + words[1][:32]] += 1
    return seen
