"""`python -m socialops.embedded urls|stop|demo|memory`."""

from __future__ import annotations

import argparse
import sys

from socialops.embedded.datadir import default_data_dir
from socialops.embedded.errors import EmbeddedError
from socialops.embedded.terminal import say, warn


def main() -> int:
    """Runs one command; a failure is one sentence on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m socialops.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("urls", help="print DATABASE_URL and REDIS_URL, starting the servers if need be")
    commands.add_parser("stop", help="stop the servers of this data folder")
    commands.add_parser("demo", help="run everything on this machine")
    commands.add_parser("memory", help="print the memory of each process of a running demo")
    command = parser.parse_args().command
    try:
        return _run(command)
    except EmbeddedError as error:
        warn(f"socialops: {error}")
        return 1


def _run(command: str) -> int:
    # Imported where used: `urls` must not wait for what only the demo needs.
    from socialops.embedded import postgres, services, valkey  # noqa: PLC0415

    if command == "urls":
        say(f"DATABASE_URL={services.database_url()}\nREDIS_URL={services.redis_url()}")
        return 0
    if command == "stop":
        stopped = [postgres.stop(default_data_dir()), valkey.stop(default_data_dir())]
        say("Stopped." if any(stopped) else f"Nothing was running in {default_data_dir()}.")
        return 0
    if command == "memory":
        from socialops.embedded import memory  # noqa: PLC0415

        return memory.report(default_data_dir())
    from socialops.embedded import demo  # noqa: PLC0415

    return demo.main()


if __name__ == "__main__":
    sys.exit(main())
