"""Where mentions come from, and how fresh they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from reputation import rules
from reputation.models import PullState
from socialops.networks.registry import networks
from teams.models import Channel


class Health(StrEnum):
    """How well a channel is being read."""

    FRESH = "fresh"
    WAITING = "waiting"  # never read yet
    LATE = "late"  # nothing for longer than rules.STALE_AFTER
    FAILING = "failing"
    UNSUPPORTED = "unsupported"  # this network can't be read here
    CUT_OFF = "cut_off"  # a person must reconnect


@dataclass(frozen=True, slots=True)
class Source:
    """One channel as a source. `error` is a networks.errors.Code, `error_kind` its ErrorKind; `next_pull_at` only while failing."""

    channel: Channel
    health: Health
    last_success_at: dt.datetime | None = None
    error: str = ""
    error_kind: str = ""
    next_pull_at: dt.datetime | None = None

    @property
    def is_well(self) -> bool:
        return self.health in {Health.FRESH, Health.WAITING}


def list_sources(channels: Sequence[Channel]) -> list[Source]:
    """These channels, each with how it is being read; what fails first. One query."""
    states = {state.channel_id: state for state in PullState.objects.filter(channel__in=channels).defer("cursor")}
    sources = [_source(channel, states.get(channel.pk)) for channel in channels]
    return sorted(sources, key=lambda source: source.is_well)


def _source(channel: Channel, state: PullState | None) -> Source:
    health = Health.WAITING
    if channel.network not in networks():
        health = Health.UNSUPPORTED
    elif channel.status != Channel.Status.CONNECTED:
        health = Health.CUT_OFF
    elif state and state.last_error:
        health = Health.FAILING
    elif state and state.last_success_at:
        is_late = timezone.now() - state.last_success_at > rules.STALE_AFTER
        health = Health.LATE if is_late else Health.FRESH
    if state is None:
        return Source(channel, health, error=channel.status_reason)
    return Source(
        channel,
        health,
        last_success_at=state.last_success_at,
        error=state.last_error or channel.status_reason,
        error_kind=state.last_error_kind,
        next_pull_at=state.next_pull_at if health == Health.FAILING else None,
    )
