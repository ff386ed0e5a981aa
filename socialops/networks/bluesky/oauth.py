"""Connecting a Bluesky account by OAuth (PAR, PKCE, DPoP); see session.py for app passwords.

Every step goes to a server the account itself names, and the tokens are believed only once the account's DID leads back
to the server that gave them (https://atproto.com/specs/oauth).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from socialops.networks import http
from socialops.networks.bluesky import dpop
from socialops.networks.bluesky.answers import NETWORK, origin, refuse
from socialops.networks.bluesky.identity import did_document, handle_of, pds_of, resolve_handle
from socialops.networks.bluesky.session import account_of
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.pkce import new_state, new_verifier, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


# ---------------------------------------------------------------- who we are


def client_metadata(
    *, client_id: str, redirect_uris: Sequence[str], client_uri: str, key: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document to serve at `client_id` (an https URL, status 200, JSON, no redirect).

    `key` is the private ES256 JWK with a `kid` that BLUESKY_CLIENT_SECRET holds; with it we are a confidential client, whose
    sessions last two years instead of two weeks.
    """
    rule = network_data(NETWORK)["oauth"]
    document: dict[str, Any] = {
        "client_id": client_id,
        "client_name": rule["client_name"],
        "client_uri": client_uri,
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": list(redirect_uris),
        "scope": rule["scope"],
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "none",
    }
    if key:
        document |= {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [{**dpop.public_part(key), "alg": "ES256", "use": "sig"}]},
        }
    return document


def development_client_id(redirect_uri: str) -> str:
    """The client id that needs no metadata document; only for redirects to http://127.0.0.1 or http://[::1]."""
    scope = network_data(NETWORK)["oauth"]["scope"]
    return f"http://localhost?{urlencode({'redirect_uri': redirect_uri, 'scope': scope}, quote_via=quote)}"


def _client_id(app: Mapping[str, Any], redirect_uri: str) -> str:
    configured = str(app.get("client_id") or network_settings(NETWORK)["client_id"])
    if configured:
        return configured
    if redirect_uri.startswith(("http://127.0.0.1", "http://[::1]")):
        return development_client_id(redirect_uri)
    raise AuthError(Code.APP_NOT_CONFIGURED, detail={"setting": "BLUESKY_CLIENT_ID"})


def _client_fields(client_id: str, issuer: str) -> dict[str, str]:
    """client_id, and the proof that we are it where we have a key."""
    secret = network_settings(NETWORK)["client_secret"]
    if not secret or client_id.startswith("http://localhost"):
        return {"client_id": client_id}
    try:
        key = json.loads(secret)
    except ValueError as error:
        raise AuthError(Code.APP_NOT_CONFIGURED, detail={"setting": "BLUESKY_CLIENT_SECRET"}) from error
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 60,
    }
    assertion = dpop.sign(claims, key=key, header={"kid": key["kid"]})
    return {"client_id": client_id, "client_assertion_type": ASSERTION, "client_assertion": assertion}


# ---------------------------------------------------------------- which server


def _authorization_server(server: str) -> dict[str, Any]:
    """Metadata of the authorization server that guards a PDS; an entryway is its own."""
    answer = http.call("GET", f"{server}/.well-known/oauth-protected-resource")
    issuer = server
    if answer.ok:
        named = answer.object().get("authorization_servers")
        issuer = http.origin_of(str(named[0])) if isinstance(named, list) and named else answer.unexpected()
    elif answer.status not in (404, 405):
        refuse(answer)
    answer = http.call("GET", f"{issuer}/.well-known/oauth-authorization-server")
    if not answer.ok:
        refuse(answer)
    if answer.text("issuer").rstrip("/") != issuer:
        raise AuthError(Code.ISSUER_MISMATCH, raw=answer.raw())
    for name in ("pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint"):
        http.origin_of(answer.text(name))
    return answer.object()


def _start(base: str, login_hint: str) -> tuple[str, str]:
    """(PDS or entryway to authorize at, DID or "")."""
    hint = login_hint.strip().lstrip("@")
    if not hint or "@" in hint:
        return base, ""
    did = hint if hint.startswith("did:") else resolve_handle(base, hint)
    if not did:
        raise AuthError(Code.ACCOUNT_NOT_FOUND, detail={"message": hint})
    return pds_of(did_document(did)), did


def _scope_there(metadata: Mapping[str, Any]) -> str:
    """What we ask for, without what the server says it doesn't know."""
    wanted, known = str(network_data(NETWORK)["oauth"]["scope"]), metadata.get("scopes_supported")
    return (
        " ".join(scope for scope in wanted.split() if scope in known) if isinstance(known, list) and known else wanted
    )


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str) -> Authorization:
    server, did = _start(origin(base_url), login_hint)
    metadata = _authorization_server(server)
    client_id = _client_id(app, redirect_uri)
    key = dpop.new_key()
    state = new_state()
    verifier, challenge = new_verifier()
    form = {
        **_client_fields(client_id, metadata["issuer"]),
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": _scope_there(metadata),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if login_hint:
        form["login_hint"] = login_hint.strip().lstrip("@")
    answer = dpop.call("POST", metadata["pushed_authorization_request_endpoint"], key=key, form=form)
    if not answer.ok:
        _refuse_oauth(answer, Code.APP_REJECTED)
    query = urlencode({"client_id": client_id, "request_uri": answer.text("request_uri")})
    pending = {
        "state": state,
        "verifier": verifier,
        "dpop_key": key,
        "client_id": client_id,
        "did": did,
        "issuer": metadata["issuer"],
        "token_endpoint": metadata["token_endpoint"],
        "revocation_endpoint": str(metadata.get("revocation_endpoint") or ""),
    }
    return Authorization(url=f"{metadata['authorization_endpoint']}?{query}", state=state, pending=pending)


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str
) -> tuple[Account, ...]:
    code = returned_code(query, pending)
    if query.get("iss", "").rstrip("/") != str(pending["issuer"]).rstrip("/"):
        raise AuthError(Code.ISSUER_MISMATCH)
    form = {
        **_client_fields(pending["client_id"], pending["issuer"]),
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": pending["verifier"],
        "redirect_uri": redirect_uri,
    }
    answer = dpop.call(
        "POST", pending["token_endpoint"], key=pending["dpop_key"], form=form, secrets=(code, pending["verifier"])
    )
    if not answer.ok:
        _refuse_oauth(answer, Code.CODE_EXPIRED)
    did = answer.text("sub")
    document = did_document(did)
    server = pds_of(document)
    same_account = not pending["did"] or pending["did"] == did
    if not same_account or _authorization_server(server)["issuer"].rstrip("/") != pending["issuer"].rstrip("/"):
        raise AuthError(Code.ISSUER_MISMATCH)
    values = {
        "mode": "oauth",
        "did": did,
        "pds": server,
        **{
            name: pending[name] for name in ("client_id", "dpop_key", "issuer", "token_endpoint", "revocation_endpoint")
        },
    }
    credentials = _credentials(answer, values)
    return (account_of(Target(NETWORK, server, did, handle_of(document), credentials)),)


def _credentials(answer: http.Answer, values: Mapping[str, Any]) -> Credentials:
    """A token answer over what is kept; an empty refresh token never replaces a kept one."""
    data = answer.object()
    scopes = tuple(str(data.get("scope") or "").split())
    if str(data.get("token_type", "")).lower() != "dpop":
        answer.unexpected()
    if "atproto" not in scopes:
        raise AuthError(Code.SCOPE_MISSING, detail={"scope": "atproto"}, raw=answer.raw())
    tokens = {
        "access_token": answer.text("access_token"),
        "refresh_token": data.get("refresh_token") or values.get("refresh_token", ""),
    }
    lifetime = data.get("expires_in")
    expires_at = datetime.now(UTC) + timedelta(seconds=lifetime) if isinstance(lifetime, int | float) else None
    return Credentials({**values, **tokens}, expires_at, scopes)


def refresh(target: Target) -> Credentials:
    values = target.credentials.values
    form = {
        **_client_fields(str(values["client_id"]), str(values["issuer"])),
        "grant_type": "refresh_token",
        "refresh_token": values.get("refresh_token", ""),
    }
    answer = dpop.call(
        "POST",
        str(values["token_endpoint"]),
        key=values["dpop_key"],
        form=form,
        secrets=(str(values.get("refresh_token", "")),),
    )
    if not answer.ok:
        _refuse_oauth(answer, Code.TOKEN_REVOKED)
    if answer.text("sub") != values["did"]:
        raise AuthError(Code.ISSUER_MISMATCH)
    return _credentials(answer, values)


def revoke(target: Target) -> None:
    values = target.credentials.values
    token = str(values.get("refresh_token") or values.get("access_token") or "")
    endpoint = str(values.get("revocation_endpoint") or "")
    if not token or not endpoint:
        return
    form = {**_client_fields(str(values["client_id"]), str(values["issuer"])), "token": token}
    answer = dpop.call("POST", endpoint, key=values["dpop_key"], form=form, secrets=(token,))
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)


def _refuse_oauth(answer: http.Answer, grant_code: Code) -> NoReturn:
    """`grant_code` is what a refused grant means at this step."""
    error = answer.error_object().get("error")
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)
    rejected = error in ("invalid_client", "invalid_client_metadata", "unauthorized_client")
    message = str(answer.error_object().get("error_description") or error or "")
    raise AuthError(Code.APP_REJECTED if rejected else grant_code, detail={"message": message}, raw=answer.raw())
