"""`compile_translations`: .po → .mo."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from socialops.i18n.catalogues import compile_all


class Command(BaseCommand):
    help = "Compile the catalogues that changed."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{compile_all()} catalogues compiled")
