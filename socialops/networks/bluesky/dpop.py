"""DPoP proofs (RFC 9449) and the nonces that servers hand out for them."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from socialops.networks import http
from socialops.networks.pkce import b64url

_nonces: dict[str, str] = {}  # origin → the newest nonce; a lost one costs a second request, nothing more


def new_key() -> dict[str, Any]:
    """A private ES256 key as a JWK; one for each session."""
    return dict(ECKey.generate_key("P-256").as_dict(private=True))


@lru_cache(maxsize=512)
def _key(jwk: str) -> ECKey:
    return ECKey.import_key(json.loads(jwk))


def sign(claims: Mapping[str, Any], *, key: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """A compact ES256 JWT."""
    return jwt.encode({"alg": "ES256", **header}, dict(claims), _key(json.dumps(key, sort_keys=True)))


def public_part(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "d"}


def proof(method: str, url: str, *, key: Mapping[str, Any], nonce: str, token: str) -> str:
    parts = urlsplit(url)
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = b64url(hashlib.sha256(token.encode()).digest())
    return sign(claims, key=key, header={"typ": "dpop+jwt", "jwk": public_part(key)})


def call(method: str, url: str, *, key: Mapping[str, Any], token: str = "", **request: Any) -> http.Answer:
    """A request with its proof. A server that wants its nonce refuses first, doing nothing: sent once more, also when one-shot."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = dict(request.pop("headers", None) or {})
    if token:
        headers["Authorization"] = f"DPoP {token}"
    used = _nonces.get(origin, "")
    answer = http.call(
        method, url, headers={**headers, "DPoP": proof(method, url, key=key, nonce=used, token=token)}, **request
    )
    given = answer.headers.get("dpop-nonce", "")
    if given:
        _nonces[origin] = given
    wants = answer.status in (400, 401) and (
        answer.error_object().get("error") == "use_dpop_nonce"
        or "use_dpop_nonce" in answer.headers.get("www-authenticate", "")
    )
    if wants and given:
        answer = http.call(
            method, url, headers={**headers, "DPoP": proof(method, url, key=key, nonce=given, token=token)}, **request
        )
        _nonces[origin] = answer.headers.get("dpop-nonce", given)
    return answer
