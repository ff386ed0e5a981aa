"""Hiding, deleting and liking what people wrote, on the network itself. Waits for the network: no open transaction. Every one of them can be asked twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.errors import sentence_for
from publishing.services.tokens import fresh_target
from reputation.enums import ReplyState
from reputation.errors import MentionConflict
from reputation.models import Mention, Reply
from reputation.services.replies import ref_of
from socialops.audit.models import record
from socialops.networks.errors import Code, NetworkError
from socialops.networks.ports import Action
from socialops.networks.registry import connector_for
from socialops.notifications.services import notify
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import User
from teams.selectors.actors import actor_for

RIGHT_FOR = {
    Action.HIDE: Right.MODERATE,
    Action.UNHIDE: Right.MODERATE,
    Action.DELETE: Right.MODERATE,
    Action.LIKE: Right.REPLY_PUBLICLY,
    Action.UNLIKE: Right.REPLY_PUBLICLY,
}
_FIELD = {
    Action.HIDE: ("hidden_at", True),
    Action.UNHIDE: ("hidden_at", False),
    Action.DELETE: ("deleted_at", True),
    Action.LIKE: ("liked_at", True),
    Action.UNLIKE: ("liked_at", False),
}


def require_able(mention: Mention, action: Action, actor: Actor) -> None:
    """RightMissing, or MentionConflict when the network has no such action there."""
    actor.require(RIGHT_FOR[action], mention)
    if action not in connector_for(mention.network).actions(mention.kind):
        raise MentionConflict(_("This network does not let us do that from here: open it on the network."))


@transaction.atomic
def request_action(*, mention: Mention, action: Action, actor: Actor) -> None:
    """Have a worker do it, for callers that don't wait. Whoever asked is told when the network does not do it."""
    require_able(mention, action, actor)
    from reputation.tasks import act_on_mention  # noqa: PLC0415 -- tasks import services

    act_on_mention.delay_on_commit(
        organization_id=mention.organization_id, mention_id=mention.pk, action=str(action), user_id=actor.user_id
    )


def do_requested(*, organization_id: int, mention_id: int, action: str, user_id: int | None) -> None:
    """What `request_action` asked for; rights are looked at again."""
    if user_id is None:
        return
    with tenant(organization_id):
        mention = Mention.objects.select_related("organization").defer("search").filter(pk=mention_id).first()
        user = User.objects.filter(pk=user_id).first()
        actor = user and mention and actor_for(user=user, organization=mention.organization)
    if not actor or mention is None:
        return
    try:
        act_on(mention=mention, action=Action(action), actor=actor)
    except NetworkError as error:
        with tenant(organization_id):
            notify(
                users=[actor.user],
                kind="mention.action_failed",
                params={"reason": sentence_for(error.kind, error.code, error.detail)},
                url=reverse("reputation:mention", args=[mention.organization.slug, mention.pk]),
                severity="warning",
                group_key=f"mention.action_failed:{mention.pk}",
            )


def act_on(*, mention: Mention, action: Action, actor: Actor) -> Mention:
    """Do it on the network, then remember it. KeyError for an action that is a reply; MentionConflict when the network has no such action there;
    NetworkError when it refuses or is away, except that what is gone is remembered as gone.
    """
    field, sets = _FIELD[action]
    with tenant(mention.organization_id):
        row = Mention.objects.select_related("channel__organization", "brand").defer("search").get(pk=mention.pk)
        require_able(row, action, actor)
    try:
        connector_for(row.network).act(fresh_target(row.channel), action=action, on=ref_of(row))
    except NetworkError as error:
        if error.code != Code.PARENT_GONE:
            raise
        field, sets = "deleted_at", True
    with tenant(mention.organization_id):
        now = timezone.now()
        changes: dict[str, Any] = {field: now if sets else None}
        Mention.objects.filter(pk=row.pk).update(**changes)
        record(actor=actor, action=f"mention.{action}", target=row, changes={field: [not sets, sets]})
    setattr(mention, field, changes[field])
    return mention


def withdraw_reply(*, reply: Reply, actor: Actor) -> None:
    """Delete an answer of ours on the network, then here. MentionConflict for one that is not there; NetworkError when the network refuses or is away."""
    with tenant(reply.organization_id):
        row = Reply.objects.select_related("mention__channel__organization", "mention__brand").get(pk=reply.pk)
        actor.require(Right.REPLY_PRIVATELY if row.private else Right.REPLY_PUBLICLY, row.mention)
        channel = row.mention.channel
        if row.state != ReplyState.SENT or not row.external_id or row.private:
            raise MentionConflict(_("This answer can’t be deleted from here: open it on the network."))
    connector_for(channel.network).delete(fresh_target(channel), external_id=row.external_id)
    with tenant(reply.organization_id):
        record(actor=actor, action="mention.answer_withdrawn", target=row.mention, changes={"reply": [row.pk, None]})
        Reply.objects.filter(pk=row.pk).delete()
