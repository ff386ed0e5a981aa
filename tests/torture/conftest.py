"""The publishing engine over the real connectors and the sandbox, one delivery at a time, with the calls it makes written down."""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery, QuotaReading
from publishing.services.deliveries import NewDelivery, create_deliveries
from publishing.services.hosting import Host
from socialops.networks import http
from socialops.networks.ports import Content, Media
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system, tenant
from teams.models import Channel, Organization
from teams.services.channels import connect_channel
from tests.conftest import _actor as member_with
from tests.factories.teams import BrandFactory
from tests.networks.conftest import networks_at_sandbox
from tests.networks.samples import addressed, forms_of, sample_of
from tests.publishing.conftest import age, work
from tests.sandbox_server import Sandbox, start_sandbox

__all__ = ["networks_at_sandbox", "work"]

LATE_SECONDS = 0.3  # how long a connector waits for an answer that comes when nobody waits for it any more
STRIDE = 20.0  # seconds that pass between two rounds of the engine
SETTLED = frozenset({S.PUBLISHED, S.FAILED, S.MISSED, S.CANCELLED})
DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Step:
    """One call of a publication: its method and the shape of its path, and whether a publication's outcome hangs on it."""

    method: str
    path: str  # a regular expression
    one_shot: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}{' (one shot)' if self.one_shot else ''}"


@dataclass
class Stage:
    """One network: an account of its own, the channel connected to it, and what is asked of the network."""

    network: str
    sandbox: Sandbox
    channel: Channel
    actor: Actor
    round: Callable[..., None]
    calls: list[Step] = field(default_factory=list)

    def schedule(self, content: Content) -> Delivery:
        content = addressed(content, self.sandbox, self.network, self.channel.external_id)
        item = NewDelivery(
            channel=self.channel,
            payload=payload_of(content),
            due_at=timezone.now(),
            label=content.text[:60] or "Sans texte",
        )
        with tenant(self.channel.organization_id):
            (delivery,) = create_deliveries(items=[item], actor=self.actor)
        return delivery

    def settle(self, delivery: Delivery, *, rounds: int = 60) -> Delivery:
        """Let the engine work until nothing is left to do without a person; time passes as in a film."""
        for number in range(rounds):
            with system("the engine's whole round"):
                age(STRIDE if number else 0)
                QuotaReading.objects.update(resets_at=F("resets_at") - dt.timedelta(seconds=STRIDE))
            self.round()
            with tenant(self.channel.organization_id):
                delivery.refresh_from_db()
            done = delivery.state in SETTLED and delivery.parts_due_at is None
            if done or (delivery.state == S.UNCONFIRMED and delivery.asks_person):
                return delivery
            if delivery.state in (S.CONFIRMING, S.RETRYING):
                time.sleep(0.04)  # the sandbox processes files in real time
        raise AssertionError(f"{delivery.state} after {rounds} rounds: {self.story(delivery)}")

    def story(self, delivery: Delivery) -> list[tuple[str, ...]]:
        """The ledger in short."""
        with tenant(self.channel.organization_id):
            return list(delivery.attempts.values_list("step", "outcome", "error_code"))

    def posts(self) -> list[dict[str, Any]]:
        """What the public sees of the account."""
        return [p for p in self.sandbox.posts(self.network, account=self.channel.external_id) if not p["reply_to"]]

    def comments(self) -> list[dict[str, Any]]:
        return [p for p in self.sandbox.posts(self.network, account=self.channel.external_id) if p["reply_to"]]


def payload_of(content: Content) -> dict[str, Any]:
    """As the app above freezes it, its files in the storage."""
    return {
        "text": content.text,
        "link": content.link,
        "language": content.language,
        "first_comment": content.first_comment,
        "parts": list(content.parts),
        "options": dict(content.options),
        "media": [_stored(media) for media in content.media],
    }


def _stored(media: Media) -> dict[str, Any]:
    path = default_storage.save(f"torture/{uuid.uuid4().hex}", ContentFile(media.read()))
    facts = {
        name: getattr(media, name)
        for name in ("key", "content_type", "size", "alt_text", "width", "height", "filename")
    }
    video = media.video and {name: getattr(media.video, name) for name in media.video.__slots__}
    spoken = [{"language": track.language, "webvtt": track.webvtt} for track in media.subtitles]
    return {**facts, "path": path, "video": video, "subtitles": spoken}


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One that processes files in no time."""
    with start_sandbox(pace=0.02) as started:
        yield started


@pytest.fixture
def quick(settings: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Connectors that don't wait long for an answer where one is late; elsewhere a busy machine must not make one late."""
    callspec = getattr(request.node, "callspec", None)
    if callspec and callspec.params.get("effect") == "latency":
        settings.NETWORK_READ_SECONDS = LATE_SECONDS
    _forget_client()
    yield
    _forget_client()


def _forget_client() -> None:
    http.client().close()  # else its connections are left open
    http.client.cache_clear()


@pytest.fixture
def stage_on(
    sandbox: Sandbox,
    networks_at_sandbox: None,
    bare_organization: Organization,
    work: Callable[..., None],
    quick: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Stage]:
    """A stage on a network; each call opens a new account there."""
    calls: list[Step] = []
    ask = http.call

    def noted(method: str, url: str, **request: Any) -> http.Answer:
        calls.append(Step(method, shape_of(urlsplit(url).path), bool(request.get("one_shot"))))
        return ask(method, url, **request)

    def hosted(_: Host, media: Media, *, stored: object) -> str:
        """No web server runs here, from which a network could fetch a file."""
        return sandbox.host(media.read(), media.content_type)

    monkeypatch.setattr(http, "call", noted)
    monkeypatch.setattr(Host, "__call__", hosted)
    with tenant(bare_organization):
        brand = BrandFactory(late_tolerance_minutes=600)  # these publications are late on purpose
        admin = member_with(bare_organization, list(Right), None)

    def make(network: str) -> Stage:
        made = sandbox.account(network, f"t{uuid.uuid4().hex[:12]}", "Café Torture")
        sample_of(network).ready(sandbox, made)
        base_url = sandbox.url(network)
        account = connector_for(network).connect_with_token(base_url=base_url, values=made)
        with tenant(bare_organization):
            channel = connect_channel(brand=brand, network=network, base_url=base_url, account=account, actor=admin)
        calls.clear()
        return Stage(network, sandbox, channel, admin, work, calls)

    return make


def shape_of(path: str) -> str:
    """A path as a regular expression, whatever ids are in it."""
    return "/".join("[^/]+" if DIGIT.search(part) else re.escape(part) for part in path.split("/")) + "$"


def steps_of(stage: Stage) -> list[Step]:
    """The calls made so far, each shape once, in order."""
    return list(dict.fromkeys(stage.calls))


def contents_of(network: str) -> dict[str, Content]:
    """What is published there under torture: everything a publication may consist of, in as few publications as the network lets."""
    sample = sample_of(network)
    more: dict[str, Any] = {"first_comment": "Le lien est en commentaire"} if sample.part else {}
    return {name: sample.content(**{**more, **fields}) for name, fields in forms_of(network).items()}
