"""PKCE (RFC 7636, S256 only) and the state of an OAuth round trip."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from socialops.networks.errors import AuthError, Code


def b64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def new_state() -> str:
    return secrets.token_urlsafe(32)


def new_verifier() -> tuple[str, str]:
    """(code_verifier, code_challenge)."""
    verifier = secrets.token_urlsafe(48)
    return verifier, b64url(hashlib.sha256(verifier.encode("ascii")).digest())


def returned_code(query: Mapping[str, str], pending: Mapping[str, Any]) -> str:
    """The authorization code of a callback, once its state is proved ours. AuthError state_mismatch or consent_refused."""
    state = str(pending.get("state", ""))
    if not state or not hmac.compare_digest(state.encode(), query.get("state", "").encode()):
        raise AuthError(Code.STATE_MISMATCH)
    code = query.get("code", "")
    if query.get("error") or not code:
        raise AuthError(
            Code.CONSENT_REFUSED, detail={"message": query.get("error_description") or query.get("error", "")}
        )
    return code
