"""`check_health`: exit 0 only if database, broker, dispatcher and workers live."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from socialops.health import checks


class Command(BaseCommand):
    help = "Exit 0 only if the database, the broker, the dispatcher and the workers live."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        answers = checks.run()
        for name, answer in answers.items():
            self.stdout.write(f"{name}: {answer or 'ok'}")
        broken = [name for name, answer in answers.items() if answer]
        if broken:
            raise CommandError(f"Not ready: {', '.join(broken)}.")
