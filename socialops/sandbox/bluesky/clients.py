"""OAuth clients of AT Protocol: nobody registers, the client id is the address of its own metadata."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from socialops.sandbox.params import Params
from socialops.sandbox.world import World

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost")
FETCH_SECONDS: Final = 5


class OAuthError(Exception):
    """Answered as `{"error": code, "error_description": …}` with 400 or 401."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Client:
    """`keys` None: a public client, without its own authentication."""

    id: str
    name: str
    redirect_uris: list[str]
    scopes: list[str]
    keys: KeySet | None = None

    def may_return_to(self, uri: str) -> bool:
        """Exactly as registered; on loopback the port is free (RFC 8252)."""
        if uri in self.redirect_uris:
            return True
        parts = urlsplit(uri)
        if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "::1"}:
            return False
        return any(
            urlsplit(u).hostname == parts.hostname
            and urlsplit(u).path == parts.path
            and urlsplit(u).query == parts.query
            for u in self.redirect_uris
        )


async def find_client(client_id: str) -> Client:
    """The development client `http://localhost?…`, or one described at its own address. OAuthError where it isn't usable."""
    if not client_id:
        raise OAuthError("invalid_request", "client_id is required")
    parts = urlsplit(client_id)
    if parts.scheme == "http" and parts.netloc == "localhost" and parts.path in {"", "/"}:
        query = parse_qs(parts.query)
        uris = query.get("redirect_uri") or ["http://127.0.0.1/", "http://[::1]/"]
        if any(urlsplit(u).hostname not in {"127.0.0.1", "::1"} for u in uris):
            raise OAuthError("invalid_client_metadata", "Loopback clients must return to 127.0.0.1 or [::1]")
        return Client(client_id, "Loopback client", uris, (query.get("scope") or ["atproto"])[0].split())
    # Real servers take https only; a client on this very machine may do without a certificate here.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}):
        raise OAuthError("invalid_client_metadata", "client_id must be an https address of the client's metadata")
    return _read_metadata(client_id, await _fetch(client_id))


async def _fetch(url: str) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as http:
            answer = await http.get(url, headers={"Accept": "application/json"})
        body = answer.json() if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError) as error:
        raise OAuthError("invalid_client_metadata", f"Unable to obtain client metadata for {url}: {error}") from error
    if not isinstance(body, dict):
        raise OAuthError(
            "invalid_client_metadata", f"Unable to obtain client metadata for {url}: HTTP {answer.status_code}"
        )
    return body


def _read_metadata(client_id: str, body: dict[str, Any]) -> Client:
    if body.get("client_id") != client_id:
        raise OAuthError("invalid_client_metadata", "client_id in the metadata differs from its address")
    if body.get("dpop_bound_access_tokens") is not True:
        raise OAuthError("invalid_client_metadata", "dpop_bound_access_tokens must be true")
    uris = body.get("redirect_uris")
    if not isinstance(uris, list) or not uris:
        raise OAuthError("invalid_client_metadata", "redirect_uris is required")
    keys = None
    if body.get("token_endpoint_auth_method") == "private_key_jwt":
        try:
            keys = KeySet.import_key_set(body["jwks"])
        except (JoseError, KeyError, ValueError) as error:
            raise OAuthError("invalid_client_metadata", f"jwks is missing or malformed: {error}") from error
    name = str(body.get("client_name") or urlsplit(client_id).netloc)
    return Client(client_id, name, [str(u) for u in uris], str(body.get("scope", "atproto")).split(), keys)


def check_client(world: World, client: Client, params: Params, issuer: str) -> None:
    """A confidential client proves itself with private_key_jwt; a public one has nothing to prove."""
    if client.keys is None:
        return
    if params.text("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_client", "client_assertion is required", 401)
    try:
        claims = jwt.decode(params.text("client_assertion"), client.keys, algorithms=["ES256"]).claims
    except (JoseError, ValueError) as error:
        raise OAuthError("invalid_client", f"Invalid client_assertion: {error}", 401) from error
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != client.id or claims.get("sub") != client.id or issuer not in named:
        raise OAuthError("invalid_client", "client_assertion has a wrong iss, sub or aud", 401)
    if abs(time.time() - float(claims.get("iat", 0))) > 60 or not world.first_time(
        f"assertion:{claims.get('jti')}", 120
    ):
        raise OAuthError("invalid_client", "client_assertion is too old or was used before", 401)
