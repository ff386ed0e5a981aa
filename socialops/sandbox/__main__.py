"""`python -m socialops.sandbox`: the local networks, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
from pathlib import Path

from socialops.sandbox.models import PORT_OFFSETS
from socialops.sandbox.server import Options, PortBusyError, run


def read_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m socialops.sandbox", description="Local stand-ins of the networks.")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("SANDBOX_PORT", "8100"),
        help="home page; the networks listen on the next ports (SANDBOX_PORT)",
    )
    parser.add_argument(
        "--data",
        default=os.environ.get("SANDBOX_DATA", ""),
        help='folder that keeps posts between runs; "" keeps them in memory (SANDBOX_DATA)',
    )
    parser.add_argument(
        "--crowd-interval", type=float, default=6.0, help="seconds between two things the crowd does; 0 for never"
    )
    parser.add_argument("--crowd-seed", type=int, default=1, help="the same seed gives the same crowd")
    parser.add_argument(
        "--rate-limits", choices=("real", "off"), default="real", help="off: headers are sent, 429 only by a fault"
    )
    parser.add_argument(
        "--pace", type=float, default=1.0, help="how long files are processed, as a share of the usual seconds"
    )
    found = parser.parse_args(arguments)
    highest = 65536 - len(PORT_OFFSETS)
    if not 1 <= found.port <= highest:
        parser.error(f"--port must be between 1 and {highest}: the {len(PORT_OFFSETS) - 1} next ports are needed too")
    return Options(
        port=found.port,
        folder=Path(found.data) if found.data else None,
        crowd_interval=max(0.0, found.crowd_interval),
        crowd_seed=found.crowd_seed,
        limits=found.rate_limits == "real",
        pace=max(0.0, found.pace),
    )


def main() -> int:
    options = read_options()
    try:
        asyncio.run(run(options))
    except PortBusyError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- a sentence for the person at the terminal
        return 1
    except (OSError, sqlite3.Error) as error:
        hint = f"The sandbox can't keep its data in {options.folder}: {error}. Choose another folder with --data."
        print(hint, file=sys.stderr)  # noqa: T201 -- same
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
