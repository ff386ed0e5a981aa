"""`load_demo`: a French group at work, for whoever wants to look around. Needs the sandbox networks running."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from socialops.demo.cast import GROUP, accounts_block
from socialops.demo.story import load
from socialops.networks.errors import NetworkError
from teams.models import Organization


class Command(BaseCommand):
    help = "Load the demo organization once; does nothing when it is there. --accounts prints who may sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")

    def handle(self, *args: Any, accounts: bool, **options: Any) -> None:
        if accounts:
            self.stdout.write(accounts_block())
            return
        if Organization.objects.filter(slug=GROUP).exists():
            self.stdout.write("The demo organization is already there: nothing to do.")
            return
        try:
            with translation.override("fr"):
                load()
        except NetworkError as error:
            raise CommandError(
                f"The sandbox networks refused or did not answer ({error.code}): start them with "
                "`python -m socialops.sandbox` and point <NETWORK>_BASE_URL to them."
            ) from error
        self.stdout.write("The demo organization is loaded.")
