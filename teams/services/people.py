"""Writes of people: they belong to no organization."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import translation

from teams.models import User


@transaction.atomic
def create_person(*, email: str, name: str = "", password: str | None = None, language: str = "") -> User:
    """An account whose address is known to be theirs (an invitation's link or the operator vouches for it).

    Without a password they set one through the reset mail.
    """
    email = email.strip().lower()
    user = User(email=email, name=name, language=language or (translation.get_language() or "fr")[:2])
    user.set_password(password)
    user.full_clean(exclude={"password", "name"})
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@transaction.atomic
def edit_person(*, user: User, **changes: Any) -> User:
    """Change one's own name, language or theme."""
    unknown = changes.keys() - {"name", "language", "theme"}
    if unknown:
        raise TypeError(f"edit_person can't change {sorted(unknown)}")
    for field, value in changes.items():
        setattr(user, field, value)
    user.full_clean(exclude={"password", "email"})
    user.save(update_fields=sorted(changes))
    return user
