"""What a service of teams refuses, as sentences for people."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from socialops.permissions.decision import Decision, Denied


class RuleRefused(ValidationError):
    """A rule of the house says no, whoever asks (the last administrator, an end date that is missing). Forms show it; the API answers 409."""


def obey(decision: Decision, *, code: str) -> None:
    """Turn a refusal into RuleRefused."""
    if isinstance(decision, Denied):
        raise RuleRefused(decision.reason, code=code)
