"""What is kept between going to a network and coming back: encrypted in the session, by state, with the person and the time."""

from __future__ import annotations

import time
from secrets import token_urlsafe
from typing import Any

from socialops.secrets_at_rest import decrypt, encrypt

_SESSION_KEY = "connecting"
_LIFETIME = 15 * 60  # seconds between going to a network and coming back
_KEPT = 5  # connections begun at the same time in one session


def keep(request: Any, value: dict[str, Any], *, state: str = "") -> str:
    """Keep it under this state, or a new one. → the state."""
    state = state or token_urlsafe(24)
    kept = {**request.session.get(_SESSION_KEY, {})}
    kept.pop(state, None)
    kept[state] = encrypt({**value, "user": request.user.pk, "at": int(time.time())}).decode()
    request.session[_SESSION_KEY] = dict(list(kept.items())[-_KEPT:])
    return state


def peek(request: Any, state: str) -> dict[str, Any] | None:
    """What was kept by this person not too long ago."""
    sealed = request.session.get(_SESSION_KEY, {}).get(state)
    if sealed is None:
        return None
    value: dict[str, Any] = decrypt(sealed.encode())
    alive = time.time() - value["at"] < _LIFETIME and value["user"] == request.user.pk
    return value if alive else None


def take(request: Any, state: str, network: str) -> dict[str, Any] | None:
    """The same, once: for the way back from that network."""
    value = peek(request, state)
    forget(request, state)
    return value if value is not None and value["network"] == network and value["pending"] else None


def forget(request: Any, state: str) -> None:
    kept = {**request.session.get(_SESSION_KEY, {})}
    kept.pop(state, None)
    request.session[_SESSION_KEY] = kept
