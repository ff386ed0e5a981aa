"""What networks fetch from us."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from socialops.networks.bluesky.oauth import client_metadata
from socialops.networks.data import network_settings


@require_safe
@cache_control(public=True, max_age=600)
def bluesky_client_metadata(request: HttpRequest) -> JsonResponse:
    """Who we are to Bluesky's servers: its address is our client id. With a key in BLUESKY_CLIENT_SECRET, its public half too."""
    secret = network_settings("bluesky")["client_secret"]
    document = client_metadata(
        client_id=settings.PUBLIC_URL + reverse("bluesky_client_metadata"),
        redirect_uris=[settings.PUBLIC_URL + reverse("connect_callback", args=["bluesky"])],
        client_uri=settings.PUBLIC_URL,
        key=json.loads(secret) if secret else None,
    )
    return JsonResponse(document)
