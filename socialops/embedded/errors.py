"""What goes wrong on a newcomer's machine, said in one sentence with the way out."""

from __future__ import annotations


class EmbeddedError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""
