"""Secrets at rest: encrypted with SOCIALOPS_ENCRYPTION_KEYS (Fernet, newest first), decrypted with any of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SOCIALOPS_ENCRYPTION_KEYS])


def encrypt(value: Any) -> bytes:
    """JSON-able value → ciphertext."""
    return _fernet().encrypt(json.dumps(value, separators=(",", ":")).encode())


def decrypt(ciphertext: bytes) -> Any:
    """Ciphertext → value. cryptography.fernet.InvalidToken when no configured key fits."""
    return json.loads(_fernet().decrypt(bytes(ciphertext)))


def rotate(ciphertext: bytes) -> bytes:
    """The same secret under the newest key."""
    return _fernet().rotate(bytes(ciphertext))


def is_newest(ciphertext: bytes | str) -> bool:
    """Whether the newest key opens it."""
    try:
        Fernet(settings.SOCIALOPS_ENCRYPTION_KEYS[0]).decrypt(
            ciphertext if isinstance(ciphertext, str) else bytes(ciphertext)
        )
    except InvalidToken:
        return False
    return True


class EncryptedJSONField(models.BinaryField):  # type: ignore[type-arg]  # the stub's generics describe bytes, this field gives JSON
    """JSON in Python, ciphertext in the database; no lookups."""

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        return super().get_db_prep_value(None if value is None else encrypt(value), connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is secret and is not serialised")
