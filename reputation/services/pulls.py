"""Reading the channels: which are due, one channel read, and what became of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from publishing.models import Part
from publishing.selectors.deliveries import recent_published
from publishing.services.tokens import fresh_target
from reputation import rules
from reputation.models import Mention, PullState
from reputation.services.ingest import judge, settle_held, store_page, store_told
from socialops.networks.errors import Code, ErrorKind, NetworkError, ValidationError
from socialops.networks.ports import Target
from socialops.networks.registry import connector_for, networks
from socialops.tenancy.scope import system, tenant
from teams.models import Channel
from teams.services.channels import mark_broken, mark_healthy

logger = structlog.get_logger(__name__)
# A missing scope stops listening, not publishing: it is shown beside the list and the channel stays connected.
_ACCESS_IS_GONE = {
    Code.TOKEN_MISSING, Code.TOKEN_EXPIRED, Code.TOKEN_REVOKED, Code.ROLE_LOST, Code.ACCOUNT_DISABLED, Code.ACCOUNT_NOT_FOUND,
}  # fmt: skip


def take_due() -> list[tuple[int, int]]:
    """(organization id, channel id) of the channels to read now. Each is leased: nobody else takes it for `rules.LEASE`, and a worker
    that dies gives it back by dying.
    """
    with system("channels to be listened to, in every organization"):
        connected = Channel.objects.filter(status=Channel.Status.CONNECTED, network__in=networks())
        new = connected.exclude(pk__in=PullState.objects.values("channel_id")).values_list("organization_id", "pk")
        PullState.objects.bulk_create(
            [PullState(organization_id=organization_id, channel_id=pk) for organization_id, pk in new],
            ignore_conflicts=True,
        )
        now = timezone.now()
        due = list(
            PullState.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(next_pull_at__lte=now, channel__in=connected)
            .order_by("next_pull_at")
            .values_list("organization_id", "channel_id")[: rules.DUE_AT_ONCE]
        )
        PullState.objects.filter(channel_id__in=[pk for _, pk in due]).update(next_pull_at=now + rules.LEASE)
    return due


def pull_soon(*, channel: Channel, told: tuple[str, str] | None = None) -> None:
    """Something new is there: the channel's turn comes now, a minute after its last one at the earliest. Twice is once; a channel that fails keeps
    to its pause. `told`: (external id, root) of what is in no list, kept until it is read.
    """
    state = PullState.objects.select_for_update().get_or_create(channel=channel)[0]
    if told and list(told) not in state.told:
        state.told = [*state.told, list(told)][-rules.TOLD_AT_MOST :]
        state.save(update_fields=["told"])
    soonest = timezone.now()
    if state.last_tried_at is not None:
        soonest = max(soonest, state.last_tried_at + rules.SOONEST_AGAIN)
    if state.failures == 0 and soonest < state.next_pull_at:
        state.next_pull_at = soonest
        state.save(update_fields=["next_pull_at"])


def pull_channel(*, channel: Channel) -> int:
    """Read what is new on a channel and keep it; gives how many were new. Never raises a NetworkError: it is written down, and the
    channel's turn comes again. Must not be called inside a transaction.
    """
    try:
        new = _read(channel)
    except NetworkError as error:
        _note_failure(channel, error)
        return 0
    with tenant(channel.organization_id):
        now = timezone.now()
        PullState.objects.filter(channel=channel).update(
            last_tried_at=now, last_success_at=now, last_error="", last_error_kind="", failures=0,
            next_pull_at=now + rules.next_pull(channel.network),
        )  # fmt: skip
        mark_healthy(channel=channel)
    return new


def _read(channel: Channel) -> int:
    connector, target = connector_for(channel.network), fresh_target(channel)
    new = 0
    for _page in range(rules.PAGES_AT_ONCE):
        with tenant(channel.organization_id):
            cursor = PullState.objects.get_or_create(channel=channel)[0].cursor
            watched = _watched(channel)
        page = connector.pull_mentions(target, cursor=cursor, watched=watched)
        judged = judge(page.mentions)
        with tenant(channel.organization_id):
            new += len(store_page(channel=channel, judged=judged, cursor=page.cursor, previous=cursor))
        if not page.more:
            break
    if connector.holds_replies:
        _read_held(channel, target)
    return new + (_read_told(channel, target) if connector.reads_told else 0)


def _read_held(channel: Channel, target: Target) -> None:
    """What became of the replies that waited to be approved when they were read. Where many posts have some, they take turns by chance."""
    with tenant(channel.organization_id):
        waiting = Mention.objects.filter(channel=channel, deleted_at=None, hidden_at__lte=F("received_at"))
        roots = list(
            waiting.exclude(root="").order_by().values_list("root", flat=True).distinct()[: rules.WATCHED_AT_MOST]
        )
    for root in random.sample(roots, min(len(roots), rules.HELD_AT_ONCE)):
        held = connector_for(channel.network).read_held(target, root=root)
        if held is not None:
            with tenant(channel.organization_id):
                settle_held(channel=channel, root=root, held=held)


def _read_told(channel: Channel, target: Target) -> int:
    """What the network told by its ids alone. What it refuses to show is let go; an outage leaves the rest for the next turn."""
    connector, new = connector_for(channel.network), 0
    with tenant(channel.organization_id):
        told = PullState.objects.get(channel=channel).told
    for external_id, root in told:
        try:
            remote = connector.read_told(target, external_id=external_id, root=root)
        except ValidationError as error:
            logger.warning(
                "told_mention_not_read", network=channel.network, channel_id=channel.pk, code=str(error.code)
            )
            remote = None
        with tenant(channel.organization_id):
            new += len(store_told(channel=channel, remote=remote)) if remote else 0
            state = PullState.objects.select_for_update().get(channel=channel)
            state.told = [pair for pair in state.told if pair != [external_id, root]]
            state.save(update_fields=["told"])
    return new


def _watched(channel: Channel) -> Sequence[str]:
    """External ids of what we published lately, newest first, each with those it had before corrections; the parts of threads after."""
    recent = recent_published(channel, timezone.now() - rules.WATCHED_FOR).exclude(external_id="")
    rows = recent.values_list("pk", "external_id", "earlier_ids")[: rules.WATCHED_AT_MOST]
    posts = {pk: [external_id, *earlier] for pk, external_id, earlier in rows}
    parts = Part.objects.filter(delivery_id__in=posts).exclude(external_id="").order_by("-delivery_id", "position")
    return [*chain.from_iterable(posts.values()), *parts.values_list("external_id", flat=True)[: rules.WATCHED_AT_MOST]]


def _note_failure(channel: Channel, error: NetworkError) -> None:
    logger.warning("mentions_not_read", network=channel.network, channel_id=channel.pk, code=str(error.code))
    with tenant(channel.organization_id), transaction.atomic():
        now = timezone.now()
        PullState.objects.get_or_create(channel=channel)
        PullState.objects.filter(channel=channel).update(
            last_tried_at=now, last_error=str(error.code), last_error_kind=error.kind.value, failures=F("failures") + 1
        )
        state = PullState.objects.get(channel=channel)
        state.next_pull_at = rules.retry_after(error, failures=state.failures, now=now)
        state.save(update_fields=["next_pull_at"])
        if error.kind == ErrorKind.AUTH and error.code in _ACCESS_IS_GONE:
            mark_broken(channel=channel, code=error.code)
