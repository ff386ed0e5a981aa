"""A decision carries its reason, so that a refusal can be shown beside the button it disables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Allowed:
    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """`reason` is a translated sentence for the person who was refused."""

    reason: str | Promise

    def __bool__(self) -> bool:
        return False


Decision: TypeAlias = Allowed | Denied


class RightMissing(PermissionDenied):
    """403 with the reason of the refusal."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


def require(decision: Decision) -> None:
    """Turn a refusal into 403."""
    if isinstance(decision, Denied):
        raise RightMissing(decision.reason)
