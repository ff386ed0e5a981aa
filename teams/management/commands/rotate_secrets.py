"""rotate_secrets: every secret at rest under the newest of SOCIALOPS_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from teams.services.secrets import rotate_secrets


class Command(BaseCommand):
    help = "Re-encrypt every secret under the newest key; afterwards older keys can leave SOCIALOPS_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = rotate_secrets()
        except InvalidToken as error:
            raise CommandError(
                "A secret was encrypted with a key that is no longer in SOCIALOPS_ENCRYPTION_KEYS: put that key back, at the end, and run this again."
            ) from error
        self.stdout.write(f"{changed} re-encrypted under the newest key.")
