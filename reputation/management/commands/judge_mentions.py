"""After an upgrade that brought a new sentiment model."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reputation.services.mentions import judge_again
from socialops.tenancy.scope import tenant
from teams.models import Organization


class Command(BaseCommand):
    help = (
        "Let the current sentiment model judge the mentions an earlier one did. People's corrections stay as they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for organization in Organization.objects.order_by("pk"):
            total = 0
            while count := self._batch(organization):
                total += count
            self.stdout.write(f"{organization.slug}: {total}")

    @staticmethod
    def _batch(organization: Organization) -> int:
        with tenant(organization):
            return judge_again()
