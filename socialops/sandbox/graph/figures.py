"""Figures that nobody counted, the same for the same account, day and metric."""

from __future__ import annotations

import hashlib
from datetime import date

from socialops.sandbox.models import Account


def noise(account: Account, day: date, name: str) -> float:
    """Between 0.7 and 1.3."""
    digest = hashlib.sha256(f"{account.id}:{day.isoformat()}:{name}".encode()).digest()
    return 0.7 + 0.6 * digest[0] / 255
