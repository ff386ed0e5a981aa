"""`create_api_token EMAIL --organization SLUG`: prints the token alone on the last line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from socialops.tenancy.scope import tenant
from teams.models import Member, Organization
from teams.selectors.actors import actor_for
from teams.services.tokens import create_token


class Command(BaseCommand):
    help = "Make an API token for a member. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, email: str, organization: str, name: str, **_options: Any) -> None:
        found = Organization.objects.filter(slug=organization, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no organization “{organization}”.")
        with tenant(found):
            member = Member.objects.select_related("user").filter(user__email__iexact=email, is_active=True).first()
            actor = member and actor_for(user=member.user, organization=found)
            if member is None or actor is None:
                raise CommandError(f"{email} is no active member of “{organization}”: invite them first.")
            _token, secret = create_token(member=member, name=name, actor=actor)
        self.stdout.write(f"A token of {email} for {found.name}. It will not be shown again:")
        self.stdout.write(secret)
