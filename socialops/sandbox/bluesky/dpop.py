"""DPoP (RFC 9449): proofs bound to a key, with nonces that the servers hand out and rotate."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact
from starlette.requests import Request

from socialops.sandbox.world import World

NONCE_SECONDS: Final = 180
PROOF_SECONDS: Final = 60


class ProofError(Exception):
    """`code` is use_dpop_nonce or invalid_dpop_proof."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def nonce(world: World, side: str, *, age: int = 0) -> str:
    """The nonce now in force on one side (`as` or `rs`); `age` 1 is the one before, still good."""
    secret = world.setting("dpop_nonce", secrets.token_hex(32)).encode()
    turn = int(time.time() // NONCE_SECONDS) - age
    return base64.urlsafe_b64encode(hmac.digest(secret, f"{side}:{turn}".encode(), "sha256")).rstrip(b"=").decode()


def check_proof(world: World, request: Request, side: str, *, access_token: str = "") -> str:
    """The thumbprint of the key that signed this request's proof, or ProofError."""
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1:
        raise ProofError(
            "invalid_dpop_proof", "DPoP proof required" if not proofs else "Only one DPoP proof is allowed"
        )
    claims, thumbprint = _verify(proofs[0])
    url = f"{world.base_url('bluesky')}{request.url.path}"
    same_host = str(claims.get("htu", "")).replace("://localhost:", "://127.0.0.1:")
    if claims.get("htm") != request.method or same_host != url:
        raise ProofError("invalid_dpop_proof", "DPoP htm or htu mismatch")
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or abs(time.time() - issued) > PROOF_SECONDS:
        raise ProofError("invalid_dpop_proof", "DPoP proof too old")
    if claims.get("nonce") not in {nonce(world, side), nonce(world, side, age=1)}:
        server = "Authorization" if side == "as" else "Resource"
        raise ProofError("use_dpop_nonce", f"{server} server requires nonce in DPoP proof")
    if access_token:
        digest = hashlib.sha256(access_token.encode()).digest()
        if claims.get("ath") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            raise ProofError("invalid_dpop_proof", "DPoP ath mismatch")
    identity = str(claims.get("jti") or "")
    if not identity or not world.first_time(identity, 2 * PROOF_SECONDS):
        raise ProofError("invalid_dpop_proof", "DPoP proof replayed" if identity else "DPoP proof has no jti")
    return thumbprint


def _verify(proof: str) -> tuple[dict[str, Any], str]:
    try:
        header = extract_compact(proof.encode()).headers()
        if header.get("typ") != "dpop+jwt" or "d" in header.get("jwk", {}):
            raise ProofError("invalid_dpop_proof", "DPoP proof has a wrong header")
        key = ECKey.import_key(header.get("jwk") or {})
        claims = jwt.decode(proof, key, algorithms=["ES256"]).claims
        return claims, key.thumbprint()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProofError("invalid_dpop_proof", f"Invalid DPoP proof: {error}") from error
