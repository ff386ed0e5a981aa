"""The yardstick of a network: the same contents through its connector, by the same number of threads, no database and no queue.

`python -m publishing.benchmarks.alone` reads {"threads", "targets", "payloads", "address"} from standard input and prints {"per_second", "failed"}. `address` is where the network
may fetch the file. The first payload of each thread is not measured: connections are open then.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import django

LOOK_EVERY = 0.25  # seconds between two looks at what the network is still at work on, as often as the dispatcher looks
LOOKS_AT_MOST = 120


def main(asked: Mapping[str, Any]) -> dict[str, Any]:
    from publishing.services.content import content_from  # noqa: PLC0415 -- once Django is set up
    from socialops.networks.ports import Credentials, Target  # noqa: PLC0415 -- as above

    targets = [Target(credentials=Credentials(one.pop("values")), **one) for one in asked["targets"]]

    def content_of(payload: Mapping[str, Any]) -> Any:
        now = datetime.now(UTC)
        return content_from(
            payload, idempotency_key=str(uuid.uuid4()), created_at=now, host=lambda *_, **__: asked["address"]
        )

    threads = int(asked["threads"])
    jobs = [(target, content_of(payload)) for target, payload in zip(cycle(targets), asked["payloads"], strict=False)]
    with ThreadPoolExecutor(threads) as pool:
        warm = list(pool.map(lambda job: publish(*job), jobs[:threads]))
        started = time.perf_counter()
        live = list(pool.map(lambda job: publish(*job), jobs[threads:]))
        took = time.perf_counter() - started
    return {"per_second": round(len(live) / took, 2), "failed": [*warm, *live].count(False)}


def publish(target: Any, content: Any) -> bool:
    """Check → prepare → create → commit → confirm; whether it is live."""
    from socialops.networks.registry import connector_for  # noqa: PLC0415 -- as above

    connector = connector_for(target.network)
    if connector.check(content, limits=target.limits):
        return False
    content = connector.prepare(target, content)
    handles = _created(connector, target, content)
    published = connector.commit(target, content, handles=handles)
    for _ in range(LOOKS_AT_MOST):
        if published is not None:
            return True
        time.sleep(LOOK_EVERY)
        published = connector.confirm(target, content, handles=handles)
    return False


def _created(connector: Any, target: Any, content: Any) -> dict[str, Any]:
    """Asked again while the network is at work on a file."""
    from socialops.networks.errors import Code, OutageError  # noqa: PLC0415 -- as above

    handles: dict[str, Any] = {}
    for _ in range(LOOKS_AT_MOST):
        try:
            return dict(connector.create(target, content, handles=handles, save=handles.update))
        except OutageError as error:
            if error.code != Code.MEDIA_PROCESSING:
                raise
            time.sleep(LOOK_EVERY)
    raise TimeoutError("the network is still at work on the file")


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
