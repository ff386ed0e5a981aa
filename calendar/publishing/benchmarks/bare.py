"""The yardstick: the same number of threads, the same HTTP client, no database and no queue. Prints requests a second.

`python -m publishing.benchmarks.bare PORT COUNT THREADS`
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def main(port: int, count: int, threads: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialops.settings.dev")
    from socialops.networks.http import client  # noqa: PLC0415 -- once the settings are named

    def post(number: int) -> None:
        client().post(
            f"http://127.0.0.1:{port}/api/v1/statuses",
            json={"status": f"bare {number}"},
            headers={"Authorization": f"Bearer {number % 20}", "Idempotency-Key": f"bare-{number}"},
        ).raise_for_status()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(post, range(threads)))  # connections are open
        started = time.perf_counter()
        list(pool.map(post, range(threads, threads + count)))
        sys.stdout.write(f"{count / (time.perf_counter() - started):.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
