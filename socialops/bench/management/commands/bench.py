"""`manage.py bench NAME [--size N]`: a table, then one JSON line."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from socialops.bench import registry
from socialops.bench.table import cores


class Command(BaseCommand):
    help = "Runs a benchmark and prints its figures, one JSON line last."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=registry.names())
        parser.add_argument(
            "--size", type=int, default=None, help="how many of the thing measured (default: the benchmark's own)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        figures = registry.load(options["name"])(options["size"])
        self.stdout.write(json.dumps({"benchmark": options["name"], "cores": cores(), **figures}))
