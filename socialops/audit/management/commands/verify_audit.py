"""`verify_audit`: exit 0 only if every organization's audit chain is whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from socialops.audit.chain import verify_chain
from socialops.tenancy.models import organization_model


class Command(BaseCommand):
    help = "Recompute the hash chain of the audit log of every organization, or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one")

    def handle(self, *_args: Any, **options: Any) -> None:
        organizations = organization_model()._default_manager.order_by("slug")
        if options["organization"]:
            organizations = organizations.filter(slug=options["organization"])
            if not organizations:
                raise CommandError(f"No organization has the address “{options['organization']}”.")
        broken = []
        for organization in organizations.iterator():
            result = verify_chain(organization_id=organization.pk)
            state = "whole" if result.whole else f"BROKEN at {result.broken_at}, {result.unsealed} unsealed"
            self.stdout.write(f"{organization.slug}: {result.events} events, {state}")
            if not result.whole:
                broken.append(organization.slug)
        if broken:
            raise CommandError(f"The audit log was altered: {', '.join(broken)}.")
