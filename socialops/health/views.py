"""/healthz: the web process. /readyz: everything needed to publish."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from socialops.health import checks


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, broker, dispatcher and workers live, else 503 with what does not."""
    answers = checks.run()
    broken = any(answers.values())
    return JsonResponse(
        {"ready": not broken, "checks": {name: answer or "ok" for name, answer in answers.items()}},
        status=503 if broken else 200,
    )
