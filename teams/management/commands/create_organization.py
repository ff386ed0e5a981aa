"""`create_organization SLUG --name NAME --owner EMAIL`: a tenant ready to work in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from teams.models import Organization, User
from teams.services.organizations import create_organization


class Command(BaseCommand):
    help = "Create an organization with a brand “main” (Europe/Paris, no approval) and its owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="its address: small letters, digits, hyphens")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--owner-name", default="")
        parser.add_argument(
            "--password", help="for a new owner; without it they set one through “Forgot your password?”"
        )

    def handle(
        self, *args: Any, slug: str, name: str, owner: str, owner_name: str, password: str | None, **_o: Any
    ) -> None:
        if Organization.objects.filter(slug=slug).exists():
            raise CommandError(
                f"The organization “{slug}” already exists. Nothing was changed; choose another address."
            )
        existed = User.objects.filter(email__iexact=owner.strip()).exists()
        try:
            create_organization(slug=slug, name=name, owner_email=owner, owner_name=owner_name, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Created {name}, with a brand “main” and {owner} as its admin.")
        address = f"{settings.PUBLIC_URL}/o/{slug}/"
        if existed:
            self.stdout.write(f"{owner} already has an account: sign in at {address}")
        elif password:
            self.stdout.write(f"Sign in at {address}")
        else:
            self.stdout.write(
                f"Set a password at {settings.PUBLIC_URL}/accounts/password/reset/, then sign in at {address}"
            )
