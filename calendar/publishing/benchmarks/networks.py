"""The third scenario: a burst on every network of the sandbox, each beside its connector doing the same alone."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min
from django.test.utils import override_settings
from django.utils import timezone

from publishing.benchmarks.contents import file_for, forget_files, payload_of
from publishing.benchmarks.sandbox import HOST, Sandbox
from publishing.benchmarks.stage import THREADS, states_of
from publishing.models import Delivery, Usage
from publishing.selectors.usage import buckets_of
from publishing.services.content import content_from, content_of
from socialops.bench.table import percentile, print_table, say
from socialops.networks.ports import Target
from socialops.networks.registry import connector_for, networks
from socialops.tenancy.scope import tenant
from teams.models import Brand, Channel, ChannelCredential, Organization

SIZE = 160  # deliveries a network, ten for each thread
CHANNELS = 4
PATIENCE = 60.0  # seconds
GOAL = 0.6


@dataclass
class Run:
    """One network's part."""

    network: str
    sandbox: Sandbox
    brand: Brand
    channels: list[Channel]
    file: dict[str, Any] | None
    cpu: Callable[[], float]  # seconds used by the workers so far

    def payload(self, text: str) -> dict[str, Any]:
        return payload_of(connector_for(self.network), text, self.file, self.channels[0].limits)


def every_network(it: Sandbox, *, size: int, public_url: str, cpu: Callable[[], float]) -> dict[str, dict[str, Any]]:
    """Figures by network, from workers that run already and speak to this sandbox."""
    figures = {}
    known = {"NETWORKS": it.settings(), "BLUESKY_PLC_URL": it.url("bluesky"), "SOCIALOPS_PRIVATE_HOSTS": [HOST]}
    with override_settings(**known, PUBLIC_URL=public_url):
        for network in networks():
            with _connected(it, network, cpu) as run:
                figures[network] = _one(run, min(size, _most(run)))
    return figures


def _most(run: Run) -> int:
    """What the network's own quotas leave for one burst."""
    connector, rules = connector_for(run.network), buckets_of(run.network)
    content = content_from(run.payload("bench"), created_at=timezone.now())
    charges = [charge for charge in connector.charges(content) if charge.bucket in rules]
    shares = {charge.bucket: 1 if rules[charge.bucket]["per"] == "app" else CHANNELS for charge in charges}
    return min(
        (rules[charge.bucket]["limit"] * shares[charge.bucket] // charge.units for charge in charges), default=10**6
    )


@contextmanager
def _connected(it: Sandbox, network: str, cpu: Callable[[], float]) -> Iterator[Run]:
    name = f"bench-{uuid.uuid4().hex[:10]}"
    organization = Organization.objects.create(slug=name, name=name)
    targets = [_new_target(it, network) for _ in range(CHANNELS)]
    with tenant(organization):
        brand = Brand.objects.create(slug="main", name="Bench", approval="none")
        channels = [_channel(brand, target) for target in targets]
    file = file_for(network)
    run = Run(network, it, brand, channels, file, cpu)
    it.answer_late(network)
    try:
        yield run
    finally:
        _forget_usage(run)
        with tenant(organization):
            Channel.objects.update(status=Channel.Status.DISCONNECTED)
        forget_files([] if file is None else [file])


def _new_target(it: Sandbox, network: str) -> Target:
    """An account of its own, with what the network lets it do."""
    connector = connector_for(network)
    account = connector.connect_with_token(
        base_url=it.url(network), values=it.account(network, f"b{uuid.uuid4().hex[:12]}")
    )
    assert account.credentials is not None
    target = Target(network, it.url(network), account.external_id, account.handle, account.credentials)
    return Target(
        network,
        it.url(network),
        account.external_id,
        account.handle,
        account.credentials,
        limits=connector.fetch_limits(target),
    )


def _channel(brand: Brand, target: Target) -> Channel:
    channel: Channel = Channel.objects.create(
        brand=brand, network=target.network, base_url=target.base_url, external_id=target.external_id,
        handle=target.handle, name=target.handle, limits=dict(target.limits), limits_fetched_at=timezone.now(),
    )  # fmt: skip
    ChannelCredential.objects.create(
        channel=channel, secret=dict(target.credentials.values), scopes=list(target.credentials.scopes)
    )
    return channel


def _forget_usage(run: Run) -> None:
    """What is counted against our app here was never asked of a network."""
    with tenant(run.brand.organization_id):
        Usage.objects.filter(channel__in=run.channels).delete()


# ---------------------------------------------------------------- measured


def _one(run: Run, size: int) -> dict[str, Any]:
    say(f"{run.network}: {size} deliveries due at the same second…")
    _warm_up(run)
    _forget_usage(run)
    calls, start = run.sandbox.calls(run.network), timezone.now() + dt.timedelta(seconds=2)
    texts = _deliver(run, size, due=start)
    cpu = run.cpu()
    began, ended = _wait(run, texts)
    cpu = run.cpu() - cpu
    calls = run.sandbox.calls(run.network) - calls
    seen = _seen(run, texts)
    times = Counter(text for text, _moment in seen)
    # the first time that each was seen
    lags = [moment - start.timestamp() for text, moment in dict(reversed(seen)).items()]
    took = (ended - began).total_seconds()
    alone = _alone(run, size)
    per_second = round(len(times) / took, 1)
    return {
        "deliveries": size,
        "per_second": per_second,
        "bare_per_second": alone["per_second"],
        "bare_failed": alone["failed"],
        "ratio": round(per_second / alone["per_second"], 2),
        "cpu_seconds_per_1000": round(cpu * 1000 / size, 1),
        "lag_p50": round(percentile(lags, 0.5), 3),
        "lag_p99": round(percentile(lags, 0.99), 3),
        "calls_per_delivery": round(calls / size, 1),
        "lost": size - len(times),
        "duplicates": sum(count - 1 for count in times.values()),
        "states": states_of(run.channels),
    }


def _warm_up(run: Run) -> None:
    """Each thread's connection to this network, and its code's imports."""
    texts = _deliver(run, THREADS, due=timezone.now())
    _wait(run, texts)


def _deliver(run: Run, size: int, *, due: dt.datetime) -> list[str]:
    """In turn on the channels; gives the texts."""
    name = uuid.uuid4().hex[:8]
    texts = [f"bench {name} {number}" for number in range(size)]
    with tenant(run.brand.organization_id):
        Delivery.objects.bulk_create(
            Delivery(
                brand=run.brand,
                channel=run.channels[number % len(run.channels)],
                label=text,
                payload=run.payload(text),
                content_hash="",
                due_at=due,
                next_try_at=due,
            )
            for number, text in enumerate(texts)
        )
    return texts


def _wait(run: Run, texts: Sequence[str]) -> tuple[dt.datetime, dt.datetime]:
    """When the first of them was taken up, and when the last was known to be live (or now). How long the first waited to be taken up, lag tells."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with tenant(run.brand.organization_id):
            rows = Delivery.objects.filter(label__in=texts)
            done = not rows.exclude(state="published").exists()
            times = rows.aggregate(first=Min("first_tried_at"), last=Max("published_at"))
        if done or time.monotonic() > deadline:
            return times["first"] or timezone.now(), times["last"] if done else timezone.now()
        time.sleep(0.25)


def _seen(run: Run, texts: Sequence[str]) -> list[tuple[str, float]]:
    """What the public sees of these texts, oldest first. A network may put a title before the text."""
    wanted = set(texts)
    return [
        (words, moment) for text, moment in run.sandbox.seen(run.network) if (words := text.splitlines()[0]) in wanted
    ]


def _alone(run: Run, size: int) -> dict[str, Any]:
    """The connector alone, on the same accounts, in a process of its own."""
    with tenant(run.brand.organization_id):
        targets = [_plain(channel, credential) for channel, credential in _credentials(run)]
        content = content_of(Delivery.objects.filter(channel__in=run.channels).earliest("pk"))
        address = content.media[0].public_url() if content.media else ""
    name = uuid.uuid4().hex[:8]
    payloads = [run.payload(f"alone {name} {number}") for number in range(size + THREADS)]
    asked = {"threads": THREADS, "targets": targets, "payloads": payloads, "address": address}
    command = [sys.executable, "-m", "publishing.benchmarks.alone"]
    environment = {**os.environ, **run.sandbox.environment()}
    told = json.dumps(asked)
    done = subprocess.run(command, env=environment, input=told, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own command
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _credentials(run: Run) -> list[tuple[Channel, ChannelCredential]]:
    held = ChannelCredential.objects.filter(channel__in=run.channels).select_related("channel")
    return [(credential.channel, credential) for credential in held]


def _plain(channel: Channel, credential: ChannelCredential) -> dict[str, Any]:
    return {
        "network": channel.network,
        "base_url": channel.base_url,
        "external_id": channel.external_id,
        "handle": channel.handle,
        "limits": channel.limits,
        "values": credential.secret,
    }


def print_networks(figures: dict[str, dict[str, Any]]) -> None:
    """The table of this scenario."""
    header = ["network", "per second", "alone", "ratio", "lag p50", "p99", "calls each", "CPU-s/1,000", "lost", "twice"]
    rows = [
        [
            network,
            it["per_second"],
            it["bare_per_second"],
            it["ratio"],
            f"{it['lag_p50']:.2f} s",
            f"{it['lag_p99']:.2f} s",
            it["calls_per_delivery"],
            it["cpu_seconds_per_1000"],
            it["lost"],
            it["duplicates"],
        ]
        for network, it in figures.items()
    ]
    print_table(header, rows)
