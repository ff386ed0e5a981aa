"""Moving every secret at rest under the newest encryption key, so that an old one can be withdrawn."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import BinaryField, Model, Value
from django.db.models.functions import Cast

from socialops.secrets_at_rest import EncryptedJSONField, is_newest, rotate
from socialops.tenancy.scope import system

_MFA_SECRETS = ("secret", "seed")  # of authenticator apps and of recovery codes


def rotate_secrets(*, batch: int = 200) -> int:
    """Re-encrypt what is not yet under the newest key; gives how many rows changed. Again does nothing.

    A batch is one short transaction that locks its rows, so that a token refreshed meanwhile is never overwritten by its predecessor.
    cryptography.fernet.InvalidToken when no configured key opens a secret: everything before it is done, and stays.
    """
    changed = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedJSONField):
                changed += _rotate_column(model, field.name, batch)
    return changed + _rotate_authenticators(batch)


def _rotate_column(model: type[Model], name: str, batch: int) -> int:
    changed, last = 0, 0
    while True:
        with system("encryption key rotation"):
            rows = list(
                model._default_manager.filter(pk__gt=last)
                .select_for_update()
                .annotate(sealed=Cast(name, BinaryField()))
                .order_by("pk")
                .values_list("pk", "sealed")[:batch]
            )
            for pk, sealed in rows:
                if sealed is not None and not is_newest(sealed):
                    sealed_again = Value(rotate(sealed), output_field=BinaryField())
                    changed += model._default_manager.filter(pk=pk).update(**{name: sealed_again})
        if not rows:
            return changed
        last = rows[-1][0]


def _rotate_authenticators(batch: int) -> int:
    changed, last = 0, 0
    while True:
        with system("encryption key rotation"):
            found: list[Any] = list(
                Authenticator.objects.select_for_update().filter(pk__gt=last).order_by("pk")[:batch]
            )
            for authenticator in found:
                old = {name: authenticator.data[name] for name in _MFA_SECRETS if authenticator.data.get(name)}
                stale = {name: rotate(value.encode()).decode() for name, value in old.items() if not is_newest(value)}
                if stale:
                    authenticator.data |= stale
                    authenticator.save(update_fields=["data"])
                    changed += 1
        if not found:
            return changed
        last = found[-1].pk
