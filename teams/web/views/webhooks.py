"""Where the networks tell us by themselves: no session, no organization, nothing believed that isn't signed."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from socialops.networks.errors import AuthError, NetworkError
from socialops.networks.registry import connector_for, networks
from teams.services.webhooks import answer_handshake, messages, read_delivery
from teams.tasks import receive_events

BODY_LIMIT = 1_000_000  # bytes
_FORBIDDEN, _UNSIGNED, _TOO_LARGE, _UNREADABLE, _LATER = 403, 401, 413, 400, 503
logger = structlog.get_logger(__name__)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, network: str) -> HttpResponse:
    """GET: the network tests the address. POST: a delivery, answered at once; the queue does the rest."""
    if network not in networks() or not connector_for(network).has_webhooks:
        raise Http404
    return _handshake(request, network) if request.method == "GET" else _delivery(request, network)


def _handshake(request: HttpRequest, network: str) -> HttpResponse:
    answer = answer_handshake(network=network, query=request.GET.dict())
    if answer is None:
        return HttpResponse(status=_FORBIDDEN)
    return HttpResponse(answer.body, content_type=answer.content_type)


def _delivery(request: HttpRequest, network: str) -> HttpResponse:
    body = request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        return HttpResponse(status=_TOO_LARGE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        organization_id, events = read_delivery(network=network, headers=headers, body=body)
    except AuthError as error:
        logger.warning("webhook_refused", network=network, code=str(error.code), bytes=len(body))
        return HttpResponse(status=_UNSIGNED)
    except NetworkError as error:
        logger.warning("webhook_unreadable", network=network, code=str(error.code), bytes=len(body))
        return HttpResponse(status=_UNREADABLE)
    queue: Any = receive_events  # celery-types does not know delay_on_commit
    try:
        for told in messages(events):
            queue.delay_on_commit(network=network, organization_id=organization_id, told=told)
    except OperationalError:  # no broker: the network delivers again
        logger.warning("webhook_not_queued", network=network)
        return HttpResponse(status=_LATER)
    return HttpResponse(status=200)
