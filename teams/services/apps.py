"""Writes of an organization's own developer apps. What they hold is secret: the audit log says that it changed, never what it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system
from teams.errors import RuleRefused
from teams.models import NetworkApp, Organization
from teams.selectors.apps import further_fields

UNDO_FOR = timedelta(days=1)


@transaction.atomic
def set_app(
    *,
    organization: Organization,
    network: str,
    client_id: str,
    client_secret: str,
    actor: Actor,
    further: Mapping[str, str] | None = None,
) -> NetworkApp:
    """`further` as `further_fields` lists them. Use this app from now on for connecting the organization's channels; those connected before keep to theirs while it is declared."""
    actor.require(Right.MANAGE_CHANNEL, organization)
    connector = connector_for(network)
    if not connector.needs_app:
        raise RuleRefused(
            _("%(network)s needs no application: SocialOps registers itself there.") % {"network": connector.label},
            code="no_app_needed",
        )
    if not client_id or not client_secret:
        raise RuleRefused(_("Give both, the identifier and the secret."), code="incomplete")
    app = NetworkApp.objects.select_for_update().filter(network=network).first()
    was_there = app is not None and app.removed_at is None
    app = app or NetworkApp(network=network)
    known = {field["name"] for field in further_fields(network)}
    more = {name: value for name, value in (further or {}).items() if name in known and value}
    app.secret = {"client_id": client_id, "client_secret": client_secret, **more}
    app.set_at, app.set_by, app.removed_at = timezone.now(), actor.user, None
    app.checked_at, app.check_error = None, ""
    app.save()
    action = "networkapp.replaced" if was_there else "networkapp.set"
    record(actor=actor, action=action, target=app, label=connector.label)
    return app


@transaction.atomic
def remove_app(*, organization: Organization, network: str, actor: Actor) -> None:
    """Back to the installation's app, where it has one. Kept for a day, so that it can be undone."""
    _mark(organization, network, actor, removed=True)


@transaction.atomic
def restore_app(*, organization: Organization, network: str, actor: Actor) -> None:
    """Undo `remove_app`. Nothing where it is too late."""
    _mark(organization, network, actor, removed=False)


def note_check(*, app: NetworkApp, error: str) -> None:
    """Keep what the network said of the app, unless it was replaced meanwhile. `error` is a NetworkError's code, "" for yes."""
    asked = NetworkApp.objects.filter(pk=app.pk, set_at=app.set_at)
    asked.update(checked_at=timezone.now(), check_error=error)


def forget_removed_apps() -> None:
    """Secrets of apps that were removed a day ago."""
    with system("apps removed a day ago, in every organization"):
        NetworkApp.objects.filter(removed_at__lt=timezone.now() - UNDO_FOR).delete()


def _mark(organization: Organization, network: str, actor: Actor, *, removed: bool) -> None:
    actor.require(Right.MANAGE_CHANNEL, organization)
    app = NetworkApp.objects.select_for_update().filter(network=network, removed_at__isnull=removed).first()
    if app is None:
        return
    app.removed_at = timezone.now() if removed else None
    app.save(update_fields=["removed_at"])
    action = "networkapp.removed" if removed else "networkapp.restored"
    record(actor=actor, action=action, target=app, label=connector_for(network).label)
