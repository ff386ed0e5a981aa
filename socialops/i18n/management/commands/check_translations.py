"""`check_translations`: exit 0 only if every source string has its French, and every French its source."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from socialops.i18n.catalogues import problems
from socialops.settings.env import BASE_DIR


class Command(BaseCommand):
    help = "List source strings without a French translation, and translations of what no source says."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = problems(BASE_DIR)
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(f"{len(found)} translations are missing, doubtful or left over.")
