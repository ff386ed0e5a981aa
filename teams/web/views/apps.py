"""An organization's own developer app at a network: how to get one, pasting it, asking the network whether it knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from socialops.http import TenantRequest
from socialops.networks.data import disabled_by, network_data
from socialops.networks.errors import NetworkError
from socialops.networks.registry import connector_for, networks
from socialops.permissions.rights import Right
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.messages import toast
from socialops.ui.networks import NETWORK_NAMES
from teams.errors import app_sentence
from teams.models import NetworkApp
from teams.selectors.apps import further_fields, installation_app, networks_with_own_app, own_app
from teams.services import apps, connections
from teams.web.answers import into_form
from teams.web.guides import Guide, Shows, guide_to
from teams.web.present import CAPABILITIES

FURTHER: dict[str, tuple[Promise, Promise | str]] = {
    "consumer_key": (
        gettext_lazy("API key (optional)"),
        gettext_lazy("With its secret below: X signs what it tells us by this pair."),
    ),
    "consumer_secret": (gettext_lazy("API key secret (optional)"), ""),
    "login": (
        gettext_lazy("People sign in with"),
        gettext_lazy(
            "Facebook: accounts linked to a Page, several at once, deletion. Instagram: one account, no Page."
        ),
    ),
    "scopes": (
        gettext_lazy("Permissions (optional)"),
        gettext_lazy("Those of the app’s Auth tab, separated by spaces, where that is less than what is listed here."),
    ),
    "application_id": (
        gettext_lazy("Application number (optional)"),
        gettext_lazy("From the address of the app’s page: LinkedIn wants it to tell us of comments at once."),
    ),
}
"""What some networks' apps have besides: label and help."""


class AppForm(forms.Form):
    """Identifier and secret, under the network's own names for them."""

    client_id = forms.CharField(
        max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    client_secret = forms.CharField(
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept encrypted, and never shown again: paste both anew to change one."),
    )

    def __init__(self, *args: Any, guide: Guide, network: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_id"].label = str(guide.id_label)
        self.fields["client_secret"].label = str(guide.secret_label)
        for field in further_fields(network):
            self.fields[field["name"]] = self._further(field)

    @staticmethod
    def _further(field: Mapping[str, Any]) -> forms.Field:
        label, help_text = map(str, FURTHER[field["name"]])
        if "choices" in field:
            choices = [(value, NETWORK_NAMES[value]) for value in field["choices"]]
            return forms.ChoiceField(choices=choices, label=label, help_text=help_text)
        attrs = {"autocomplete": "off", "spellcheck": "false"}
        widget: forms.Widget = forms.PasswordInput(attrs) if field.get("secret") else forms.TextInput(attrs)
        return forms.CharField(max_length=1000, required=False, label=label, help_text=help_text, widget=widget)


@dataclass(frozen=True, slots=True)
class NetworkState:
    """A network on the page where one is chosen. `state` is a badge's words, `tone` and `shape` its looks."""

    network: str
    label: str
    needs_app: bool
    ready: bool
    state: Promise
    tone: str
    shape: str


def network_states() -> list[NetworkState]:
    """Every network, and whether accounts can be connected there now. One query."""
    own = networks_with_own_app()
    states = []
    for network in networks():
        needs_app = connector_for(network).needs_app
        ready = not needs_app or network in own or bool(installation_app(network))
        state = gettext_lazy("Ready") if ready else gettext_lazy("Needs an application first")
        tone, shape = ("success", "check") if ready else ("warning", "dashed")
        states.append(NetworkState(network, NETWORK_NAMES[network], needs_app, ready, state, tone, shape))
    return states


@sensitive_post_parameters("client_secret", "consumer_secret")
@without_request_transaction
@require_http_methods(["GET", "POST"])
def network_app(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    """The guide and the form; POST keeps the app and asks the network at once whether it knows it."""
    guide = _allowed(request, network)
    form = AppForm(request.POST if request.method == "POST" else None, guide=guide, network=network)
    if request.method == "POST" and form.is_valid():
        app = into_form(form, lambda: _keep(request, network, form.cleaned_data))
        if app is not None:
            toast(request, _("The application is kept."))
            _test(request, network, app.secret, app)
            return redirect("teams:network_app", organization, network)
    with tenant(request.organization):
        context = _context(request, network, guide)
        return render(request, "teams/network_app.html", {**context, "form": form})


@without_request_transaction
@require_POST
def check(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    """Ask the network whether it knows the app in use."""
    _allowed(request, network)
    with tenant(request.organization):
        own = own_app(network)
    _test(request, network, own.secret if own else installation_app(network), own)
    return redirect("teams:network_app", organization, network)


@require_POST
def remove(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    _guide(network)
    apps.remove_app(organization=request.organization, network=network, actor=request.actor)
    undo_url = reverse("teams:network_app_restore", args=[organization, network])
    toast(request, _("The application is removed."), undo_url=undo_url)
    return redirect("teams:network_app", organization, network)


@require_POST
def restore(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    _guide(network)
    apps.restore_app(organization=request.organization, network=network, actor=request.actor)
    toast(request, _("The application is in use again."))
    return redirect("teams:network_app", organization, network)


def _guide(network: str) -> Guide:
    if network not in networks():
        raise Http404
    return guide_to(network)


def _allowed(request: TenantRequest, network: str) -> Guide:
    guide = _guide(network)
    request.actor.require(Right.MANAGE_CHANNEL, request.organization)
    return guide


def _keep(request: TenantRequest, network: str, data: Mapping[str, str]) -> NetworkApp:
    with tenant(request.organization):
        return apps.set_app(
            organization=request.organization,
            network=network,
            client_id=data["client_id"],
            client_secret=data["client_secret"],
            further=data,
            actor=request.actor,
        )


def _test(request: TenantRequest, network: str, app: Mapping[str, str], own: NetworkApp | None) -> None:
    """Say what the network answered, and keep it where the app is the organization's."""
    error: NetworkError | None = None
    try:
        connections.check_app(network=network, app=app)
    except NetworkError as refusal:
        error = refusal
    if own is not None:
        with tenant(request.organization):
            apps.note_check(app=own, error="" if error is None else str(error.code))
    if error is None:
        toast(request, _("%(network)s knows this application.") % {"network": NETWORK_NAMES[network]})
    else:
        toast(request, app_sentence(error.code, network=NETWORK_NAMES[network], detail=error.detail), level="error")


def _context(request: TenantRequest, network: str, guide: Guide) -> dict[str, Any]:
    own, connector = own_app(network), connector_for(network)
    installed = installation_app(network) if connector.needs_app else {}
    app, scopes = own.secret if own else installed, _scopes(network)
    return {
        "network": network,
        "network_label": NETWORK_NAMES[network],
        "needs_app": connector.needs_app,
        "guide": guide,
        "steps": [step for step in guide.steps if step.shows != Shows.WEBHOOK or connector.has_webhooks],
        "own": own,
        "client_id": app.get("client_id", ""),
        "check_problem": app_sentence(own.check_error, network=NETWORK_NAMES[network])
        if own and own.check_error
        else "",
        "scopes": scopes,
        "uses_known": any(uses for _scope, uses in scopes),
        "redirect_uri": connections.redirect_uri(network),
        "webhook_url": connections.webhook_url(network),
        "verify_token": connector.verify_token(app=app) if app else "",
    }


def _scopes(network: str) -> list[tuple[str, list[str]]]:
    """What we ask people for there, and what each permission is for."""
    asked = network_data(network).get("oauth", {}).get("scopes", ())
    return [(scope, [str(CAPABILITIES[what]) for what in disabled_by(network, [scope])]) for scope in asked]
