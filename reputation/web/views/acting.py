"""Answering, hiding, deleting and liking: what people do to a mention on the network itself."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from publishing.errors import sentence_for
from reputation.errors import MentionConflict
from reputation.models import Reply
from reputation.selectors.mentions import get_mention, get_reply
from reputation.services import moderation, replies
from reputation.web.views.mentions import answer, show
from socialops.http import TenantRequest
from socialops.networks.errors import NetworkError
from socialops.networks.ports import Action
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.messages import toast

_DONE = {
    Action.HIDE: gettext_lazy("Hidden on the network."),
    Action.UNHIDE: gettext_lazy("Visible again on the network."),
    Action.DELETE: gettext_lazy("Deleted on the network."),
    Action.LIKE: gettext_lazy("Liked."),
    Action.UNLIKE: gettext_lazy("No longer liked."),
}
_UNDONE_BY = {
    Action.HIDE: Action.UNHIDE,
    Action.UNHIDE: Action.HIDE,
    Action.LIKE: Action.UNLIKE,
    Action.UNLIKE: Action.LIKE,
}


@require_POST
def reply(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    """`text`, and `private` for a private message. What was typed comes back with a refusal."""
    found = get_mention(request.actor, pk)
    text, private = request.POST.get("text", ""), request.POST.get("private") == "1"
    try:
        replies.write_reply(mention=found, text=text, private=private, actor=request.actor)
    except MentionConflict as refusal:
        return show(request, found, typed=text, typed_private=private, refusal=str(refusal), status=422)
    toast(request, _("Your answer is on its way."))
    return answer(request, pk)


def _on_reply(
    request: TenantRequest, pk: int, number: int, act: Callable[[Reply], object], done: str
) -> HttpResponseBase:
    found = get_mention(request.actor, pk)
    try:
        act(get_reply(found, number))
    except MentionConflict as refusal:
        toast(request, str(refusal), level="warning")
    else:
        toast(request, done)
    return answer(request, pk)


@require_POST
def retry(request: TenantRequest, organization: str, pk: int, number: int) -> HttpResponseBase:
    return _on_reply(
        request, pk, number, lambda row: replies.retry_reply(reply=row, actor=request.actor), _("It is sent again.")
    )


@require_POST
def discard(request: TenantRequest, organization: str, pk: int, number: int) -> HttpResponseBase:
    return _on_reply(
        request, pk, number, lambda row: replies.discard_reply(reply=row, actor=request.actor), _("Thrown away.")
    )


@require_POST
def resolve(request: TenantRequest, organization: str, pk: int, number: int) -> HttpResponseBase:
    """`live` is 1 or 0."""
    is_live = request.POST.get("live") == "1"
    done = _("Noted: it is there.") if is_live else _("Noted: it is sent again.")
    return _on_reply(
        request,
        pk,
        number,
        lambda row: replies.resolve_reply(reply=row, is_live=is_live, actor=request.actor),
        done,
    )


@without_request_transaction
@require_POST
def withdraw(request: TenantRequest, organization: str, pk: int, number: int) -> HttpResponseBase:
    """Waits for the network."""
    with tenant(request.organization):
        row = get_reply(get_mention(request.actor, pk), number)
    try:
        moderation.withdraw_reply(reply=row, actor=request.actor)
    except MentionConflict as refusal:
        toast(request, str(refusal), level="warning")
    except NetworkError as error:
        _say_why(request, error)
    else:
        toast(request, _("Your answer is deleted on the network."))
    with tenant(request.organization):
        return answer(request, pk)


@without_request_transaction
@require_POST
def act(request: TenantRequest, organization: str, pk: int, action: str) -> HttpResponseBase:
    """Hide, unhide, delete, like or unlike. Waits for the network."""
    wanted = Action(action)
    with tenant(request.organization):
        row = get_mention(request.actor, pk)
    try:
        moderation.act_on(mention=row, action=wanted, actor=request.actor)
    except MentionConflict as refusal:
        toast(request, str(refusal), level="warning")
    except NetworkError as error:
        _say_why(request, error)
    else:
        back = _UNDONE_BY.get(wanted)
        undo = reverse("reputation:act", args=[organization, pk, back]) if back else ""
        toast(request, _DONE[wanted], undo_url=undo)
    with tenant(request.organization):
        return answer(request, pk)


def _say_why(request: TenantRequest, error: NetworkError) -> None:
    why = sentence_for(error.kind, error.code, error.detail)
    toast(request, _("The network did not do it. %(why)s") % {"why": why}, level="error")
