"""Answering: written down first, sent by a worker once, looked for when the network's answer is lost. No network call inside a transaction.

The same promise as for publications: a reply is never sent twice on a guess and never forgotten in silence.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.services.tokens import fresh_target, renew_refused
from reputation import rules
from reputation.enums import ReplyState as R
from reputation.errors import MentionConflict
from reputation.models import Mention, Reply
from reputation.services.mentions import settle_done
from socialops.audit.models import record
from socialops.networks.errors import AuthError, Code, ErrorKind, NetworkError
from socialops.networks.ports import Action, Finding, MentionRef, Published, Reconciliation
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system, tenant
from socialops.ui.formats import show_number
from teams.models import Channel

LEASE = dt.timedelta(minutes=2)  # longer than any one call: a worker that died gives its reply back
TRIES_AT_MOST = 5
CHECKS_AT_MOST = 8
DUE_AT_ONCE = 200
LONGEST = 10_000
_RETRIED = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.OUTAGE})


@transaction.atomic
def write_reply(*, mention: Mention, text: str, private: bool, actor: Actor) -> Reply:
    """Queue an answer; it goes out at once. MentionConflict when the network takes none there, or the text is empty or too long."""
    actor.require(Right.REPLY_PRIVATELY if private else Right.REPLY_PUBLICLY, mention)
    channel = Channel.objects.get(pk=mention.channel_id)
    connector = connector_for(channel.network)
    wanted = Action.REPLY_PRIVATELY if private else Action.REPLY
    if wanted not in connector.actions(mention.kind):
        raise MentionConflict(_("This network does not let us answer that from here: open it on the network."))
    if mention.deleted_at is not None:
        raise MentionConflict(_("It is no longer there on the network."))
    if channel.status != Channel.Status.CONNECTED:
        raise MentionConflict(_("The channel must be reconnected before you can answer."))
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise MentionConflict(_("The answer is empty: write something."))
    count = connector.count_reply(text, limits=channel.limits, private=private)
    if count.remaining < 0 or len(text) > LONGEST:
        raise MentionConflict(
            _("The answer is too long: %(length)s characters, the network takes %(limit)s.")
            % {"length": show_number(count.length, exact=True), "limit": show_number(count.limit, exact=True)}
        )
    reply: Reply = Reply.objects.create(
        mention=mention,
        text=text,
        private=private,
        author_id=actor.user_id,
        author_name=actor.name[:200],
        next_at=timezone.now(),
    )
    record(actor=actor, action="mention.answered", target=mention, changes={"reply": [None, reply.pk]})
    _enqueue(reply)
    return reply


@transaction.atomic
def retry_reply(*, reply: Reply, actor: Actor) -> Reply:
    """Send what failed again. MentionConflict for any other state."""
    row = _locked(reply, actor)
    if row.state != R.FAILED:
        raise MentionConflict(_("Only what was not sent can be sent again."))
    _set(row, state=R.QUEUED, tries=0, checks=0, next_at=timezone.now(), **_NO_ERROR)
    record(actor=actor, action="mention.answer_retried", target=row.mention, changes={"reply": [R.FAILED, R.QUEUED]})
    _enqueue(row)
    return row


@transaction.atomic
def discard_reply(*, reply: Reply, actor: Actor) -> None:
    """Throw away what was not sent. MentionConflict once it may be there."""
    row = _locked(reply, actor)
    if row.state not in (R.FAILED, R.QUEUED):
        raise MentionConflict(_("It may already be on the network: delete it there."))
    record(actor=actor, action="mention.answer_discarded", target=row.mention, changes={"reply": [row.pk, None]})
    row.delete()


@transaction.atomic
def resolve_reply(*, reply: Reply, is_live: bool, actor: Actor) -> Reply:
    """A person settles what the network could not tell: it is there, or it is not and goes out again."""
    row = _locked(reply, actor)
    if row.state != R.UNCONFIRMED:
        raise MentionConflict(_("This was settled in the meantime."))
    if is_live:
        _set(row, state=R.SENT, sent_at=row.sending_at or timezone.now(), next_at=None, **_NO_ERROR)
    else:
        _set(row, state=R.QUEUED, sending_at=None, tries=0, checks=0, next_at=timezone.now(), **_NO_ERROR)
        _enqueue(row)
    record(
        actor=actor, action="mention.answer_resolved", target=row.mention, changes={"reply": [R.UNCONFIRMED, row.state]}
    )
    return row


# ---------------------------------------------------------------- the worker's side


def take_due() -> list[tuple[int, int]]:
    """(organization, reply) of what is to be worked on and whose message was lost, in every organization."""
    with system("answers whose message was lost"):
        due = Reply.objects.filter(next_at__lt=timezone.now()).order_by("next_at")
        return list(due.values_list("organization_id", "pk")[:DUE_AT_ONCE])


def work_on(*, organization_id: int, reply_id: int) -> None:
    """Send one reply, or find out what became of it. Somebody else's, or nothing left to do: nothing."""
    now = timezone.now()
    with tenant(organization_id):
        mine = Reply.objects.filter(pk=reply_id, next_at__lte=now).update(next_at=now + LEASE)
        if not mine:
            return
        reply = Reply.objects.select_related("mention__channel__organization", "mention__brand").get(pk=reply_id)
    try:
        if reply.state == R.QUEUED:
            _send(reply)
        else:
            _find(reply)
    except NetworkError as error:
        _settle_error(reply, error)


def _send(reply: Reply) -> None:
    channel = reply.mention.channel
    target = fresh_target(channel)
    with tenant(reply.organization_id):
        # durable before the one shot: a worker that dies from here on leaves a question, never a second answer
        _set(reply, state=R.SENDING, sending_at=timezone.now(), tries=reply.tries + 1)
    try:
        published = connector_for(channel.network).reply(
            target,
            to=ref_of(reply.mention),
            text=reply.text,
            key=str(reply.idempotency_key),
            private=reply.private,
        )
    except AuthError as error:
        raise renew_refused(channel, target, error) from error
    with tenant(reply.organization_id):
        _sent(reply, published)


def _find(reply: Reply) -> None:
    """What became of a reply whose answer was lost, or whose worker died."""
    channel, since = reply.mention.channel, reply.sending_at or reply.created_at
    answer = connector_for(channel.network).find_reply(
        fresh_target(channel),
        to=ref_of(reply.mention),
        text=reply.text,
        key=str(reply.idempotency_key),
        since=since,
        private=reply.private,
    )
    with tenant(reply.organization_id):
        _found(reply, answer)


def _found(reply: Reply, answer: Reconciliation) -> None:
    now = timezone.now()
    if answer.finding == Finding.PUBLISHED and answer.published is not None:
        _sent(reply, answer.published)
    elif answer.finding == Finding.NOT_PUBLISHED:
        _set(reply, state=R.QUEUED, sending_at=None, next_at=now)
        _enqueue(reply)
    elif reply.checks >= CHECKS_AT_MOST or answer.candidates:
        _set(reply, state=R.UNCONFIRMED, next_at=None)  # a person is asked on the mention's page
    else:
        again = answer.look_again_at or now + rules.pause_before(reply.checks + 1)
        _set(reply, state=R.UNCONFIRMED, checks=reply.checks + 1, next_at=again)


def _settle_error(reply: Reply, error: NetworkError) -> None:
    now = timezone.now()
    fields: dict[str, Any] = {"error_kind": error.kind, "error_code": str(error.code), "error_detail": error.detail}
    with tenant(reply.organization_id):
        if reply.state in (R.SENDING, R.UNCONFIRMED) and error.kind == ErrorKind.UNKNOWN_OUTCOME:
            _set(reply, state=R.UNCONFIRMED, next_at=now + dt.timedelta(seconds=2), **fields)
        elif reply.state == R.UNCONFIRMED:  # the network can't be read now
            again = None if reply.checks >= CHECKS_AT_MOST else now + rules.pause_before(reply.checks + 1)
            _set(reply, checks=reply.checks + 1, next_at=again, **fields)
        elif error.kind in _RETRIED and reply.tries < TRIES_AT_MOST:
            again = max(error.until or now, now + rules.pause_before(reply.tries))
            _set(reply, state=R.QUEUED, sending_at=None, next_at=again, **fields)
        else:
            _set(reply, state=R.FAILED, sending_at=None, next_at=None, **fields)
            if error.code == Code.PARENT_GONE:
                Mention.objects.filter(pk=reply.mention_id, deleted_at=None).update(deleted_at=now)


def _sent(reply: Reply, published: Published) -> None:
    _set(
        reply,
        state=R.SENT,
        external_id=published.external_id[:500],
        external_url=published.url[:1000] if published.url.startswith(("https://", "http://")) else "",
        sent_at=timezone.now(),
        next_at=None,
        **_NO_ERROR,
    )
    settle_done(mention=reply.mention, user_id=reply.author_id)


def ref_of(mention: Mention) -> MentionRef:
    """As connectors take it."""
    return MentionRef(
        external_id=mention.external_id,
        kind=mention.kind,
        author_id=mention.author_id,
        author_handle=mention.author_handle,
        in_reply_to=mention.in_reply_to,
        root=mention.root,
        extra=mention.extra,
    )


_NO_ERROR: dict[str, Any] = {"error_kind": "", "error_code": "", "error_detail": {}}


def _locked(reply: Reply, actor: Actor) -> Reply:
    row: Reply = Reply.objects.select_for_update(of=("self",)).select_related("mention__channel").get(pk=reply.pk)
    actor.require(Right.REPLY_PRIVATELY if row.private else Right.REPLY_PUBLICLY, row.mention)
    return row


def _set(reply: Reply, **fields: Any) -> None:
    Reply.objects.filter(pk=reply.pk).update(**fields)
    for name, value in fields.items():
        setattr(reply, name, value)


def _enqueue(reply: Reply) -> None:
    from reputation.tasks import send_reply  # noqa: PLC0415 -- tasks import services

    send_reply.delay_on_commit(organization_id=reply.organization_id, reply_id=reply.pk)
