"""A connector driven as the publishing engine drives it, without a database."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import (
    Charge,
    Connector,
    Content,
    Finding,
    Handles,
    MentionRef,
    Published,
    Quota,
    Reconciliation,
    RemoteMention,
    Target,
)

PATIENCE = 20.0  # seconds a sandbox may take to process a file


class Ledger:
    """Keeps what a connector asks to keep, as JSON, as the engine does; and what it reports."""

    def __init__(self) -> None:
        self.saved: list[Handles] = []
        self.quotas: list[Quota] = []
        self.charges: list[Charge] = []

    def save(self, handles: Handles) -> None:
        self.saved.append(json.loads(json.dumps(handles)))

    def report(self, news: Quota | Charge) -> None:
        if isinstance(news, Quota):
            self.quotas.append(news)
        else:
            self.charges.append(news)


def content(text: str = "", **more: Any) -> Content:
    return Content(
        text=text or f"Bonjour à tous ! {uuid.uuid4().hex}",
        idempotency_key=str(uuid.uuid4()),
        created_at=datetime.now(UTC),
        language="fr",
        **more,
    )


def create(connector: Connector, target: Target, what: Content, ledger: Ledger) -> tuple[Content, Handles]:
    """Prepare and create, again and again while the network processes a file."""
    prepared = connector.prepare(target, what)
    started = time.monotonic()
    while True:
        handles = dict(ledger.saved[-1]) if ledger.saved else {}
        try:
            handles = connector.create(target, prepared, handles=handles, save=ledger.save)
        except OutageError as error:
            if error.code != Code.MEDIA_PROCESSING or time.monotonic() - started > PATIENCE:
                raise
            time.sleep(0.02)
        else:
            return prepared, json.loads(json.dumps(handles))


def settled(
    connector: Connector, target: Target, prepared: Content, handles: Handles, published: Published | None
) -> Published:
    """What `commit` gave, or what `confirm` gives once the network has processed it."""
    started = time.monotonic()
    while published is None:
        assert time.monotonic() - started < PATIENCE, "the network never finished"
        published = connector.confirm(target, prepared, handles=handles)
        if published is None:
            time.sleep(0.02)
    return published


def looked_for(look: Callable[[], Reconciliation]) -> Reconciliation:
    """What looking finds, again and again while the network says that it is still at work."""
    started = time.monotonic()
    while True:
        found = look()
        at_work = found.finding is Finding.UNDECIDED and found.look_again_at is not None and not found.candidates
        if not at_work or time.monotonic() - started > PATIENCE:
            return found
        time.sleep(0.02)


def publish(connector: Connector, target: Target, what: Content) -> Published:
    prepared, handles = create(connector, target, what, Ledger())
    return settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))


def ref(mention: RemoteMention) -> MentionRef:
    """What is kept of a mention to act on it later."""
    names = ("external_id", "kind", "author_id", "author_handle", "in_reply_to", "root", "extra")
    return MentionRef(**{name: getattr(mention, name) for name in names})


Post = Callable[..., Published]
