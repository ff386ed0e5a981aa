"""Words for the person at the terminal."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Prints the line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """Prints the line to stderr, out of the way of output that a program reads."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
