"""Who somebody is on AT Protocol: handle → DID → DID document → the server (PDS) that holds their posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings

from socialops.networks import http
from socialops.networks.bluesky.answers import NETWORK, refuse
from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, Code


def resolve_handle(base: str, handle: str) -> str | None:
    """The DID of a handle as the server at `base` resolves it, None when there is none."""
    answer = http.call("GET", f"{base}/xrpc/com.atproto.identity.resolveHandle", params={"handle": handle.lower()})
    unknown = answer.status in (400, 404) and answer.error_object().get("error") != "ExpiredToken"
    if not answer.ok and not unknown:
        refuse(answer)
    return answer.text("did") if answer.ok else None


def did_document(did: str) -> dict[str, Any]:
    """From the PLC directory or, for did:web, from the host itself. AuthError account_not_found when there is none."""
    method, _, name = did.removeprefix("did:").partition(":")
    if method == "plc" and name.isalnum():
        plc = getattr(settings, "BLUESKY_PLC_URL", "") or network_data(NETWORK)["hosts"]["plc"]
        url = f"{http.origin_of(plc)}/{quote(did, safe=':')}"
    elif method == "web" and name:
        url = f"{http.origin_of(name.replace('%3A', ':'))}/.well-known/did.json"
    else:
        raise AuthError(Code.ACCOUNT_NOT_FOUND, detail={"message": did})
    answer = http.call("GET", url, headers={"Accept": "application/did+ld+json, application/json"})
    if answer.status in (404, 410):
        raise AuthError(Code.ACCOUNT_NOT_FOUND, detail={"message": did}, raw=answer.raw())
    if not answer.ok:
        refuse(answer)
    document = answer.object()
    return document if document.get("id") == did else answer.unexpected()


def pds_of(document: Mapping[str, Any]) -> str:
    """The origin of the account's PDS, judged like any address a user gives. AuthError account_not_found without one."""
    for service in document.get("service") or ():
        if str(service.get("id", "")).endswith("#atproto_pds"):
            return http.origin_of(str(service.get("serviceEndpoint", "")))
    raise AuthError(Code.ACCOUNT_NOT_FOUND, detail={"message": str(document.get("id", ""))})


def handle_of(document: Mapping[str, Any]) -> str:
    for name in document.get("alsoKnownAs") or ():
        if str(name).startswith("at://"):
            return str(name).removeprefix("at://")
    return ""
