"""`connect_channel`: connect a channel without a browser; prints its id last."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from socialops.networks.errors import NetworkError
from socialops.networks.registry import connector_for, networks
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Brand, Organization
from teams.services.channels import connect_channel


class Command(BaseCommand):
    help = "Connect a channel with an access token (Mastodon, Facebook page) or an app password (Bluesky)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--brand", required=True, metavar="SLUG")
        parser.add_argument("--network", required=True, choices=networks())
        parser.add_argument("--base-url", default="", help="the server; the network's configured one by default")
        parser.add_argument("--access-token", default="")
        parser.add_argument("--identifier", default="", help="Bluesky handle or e-mail address")
        parser.add_argument("--password", default="", help="Bluesky app password")

    def handle(self, *args: Any, organization: str, brand: str, network: str, base_url: str, **options: Any) -> None:
        found = Organization.objects.filter(slug=organization, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no organization “{organization}”.")
        with tenant(found):
            place = Brand.objects.filter(slug=brand, is_active=True).first()
            if place is None:
                known = ", ".join(Brand.objects.filter(is_active=True).values_list("slug", flat=True))
                raise CommandError(f"“{organization}” has no brand “{brand}”. It has: {known}.")
        values = {key: options[key] for key in ("access_token", "identifier", "password") if options[key]}
        if not values:
            raise CommandError("Give --access-token, or --identifier and --password for Bluesky.")
        base_url = (base_url or settings.NETWORKS[network]["base_url"]).rstrip("/")
        connector = connector_for(network)
        try:
            account = connector.connect_with_token(base_url=base_url, values=values)
        except NetworkError as error:
            detail = "".join(f", {key}: {value}" for key, value in error.detail.items())
            raise CommandError(f"{connector.label} refused or did not answer: {error.code}{detail}.") from error
        try:
            with tenant(found):
                channel = connect_channel(
                    brand=place,
                    network=network,
                    base_url=base_url,
                    account=account,
                    actor=Actor.system("connect_channel", organization_id=found.pk),
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Connected {channel.handle} to {place.name}.")
        self.stdout.write(str(channel.pk))
