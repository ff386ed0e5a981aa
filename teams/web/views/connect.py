"""Connecting a channel: choose, go to the network, come back, choose among the pages it offers.

The callback believes nothing but what `teams.web.kept` kept. These views wait for networks, so they run outside of the request's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import DisallowedRedirect, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialops.http import TenantRequest
from socialops.networks.errors import NetworkError
from socialops.networks.ports import Account
from socialops.networks.registry import connector_for, networks
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.messages import toast
from socialops.ui.networks import NETWORK_NAMES
from teams.errors import connection_sentence
from teams.models import Brand, Channel, Organization
from teams.selectors.apps import app_of
from teams.selectors.channels import get_channel
from teams.services import connections
from teams.services.channels import connect_channel
from teams.web import kept as session
from teams.web.views.apps import network_states
from teams.web.views.channels import brand_choices
from teams.web.views.choose import connect_one, still_allowed


class ConnectForm(forms.Form):
    """What must be known before leaving for a network."""

    def __init__(self, *args: Any, network: str, brands: Sequence[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network
        self.brands = {str(brand.pk): brand for brand in brands}
        self.fields["brand"] = forms.ChoiceField(
            label=gettext_lazy("Brand"), choices=[(pk, brand.name) for pk, brand in self.brands.items()]
        )
        if connector_for(network).needs_base_url:
            self.fields["base_url"] = forms.CharField(
                label=gettext_lazy("Server"),
                max_length=200,
                initial=settings.NETWORKS[network]["base_url"],
                help_text=gettext_lazy("Where the account lives, for example mastodon.social."),
                widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}),
            )
        if network == "bluesky":
            self.fields["handle"] = forms.CharField(
                label=gettext_lazy("Handle"),
                max_length=253,
                help_text=gettext_lazy("For example maison.bsky.social."),
                widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
            )

    def clean_brand(self) -> Brand:
        return self.brands[self.cleaned_data["brand"]]

    def server(self) -> str:
        """The address to start from."""
        return str(self.cleaned_data.get("base_url") or settings.NETWORKS[self.network]["base_url"])


class AppPasswordForm(ConnectForm):
    """Bluesky without the browser round trip."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = forms.CharField(
            label=gettext_lazy("App password"),
            max_length=200,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            help_text=gettext_lazy(
                "Made in Bluesky under Settings, Privacy and security, App passwords. Never your account's own."
            ),
        )


@require_safe
def choose_network(request: TenantRequest, organization: str) -> HttpResponse:
    """Which network, for which brand; those that need an application first lead to the guide."""
    brands = brand_choices(request.actor)
    if not brands:
        request.actor.require(Right.MANAGE_CHANNEL, request.organization)
    context = {
        "states": network_states(),
        "brand": request.GET.get("brand", ""),
        "can_add_apps": bool(request.actor.can(Right.MANAGE_CHANNEL, request.organization)),
    }
    return render(request, "teams/connect.html", context)


@without_request_transaction
@require_http_methods(["GET", "POST"])
def connect(request: TenantRequest, organization: str, network: str) -> HttpResponse:
    """The form of one network; POST goes there (or connects at once, with an app password)."""
    brands = _brands_to_connect(request, network)
    by_password = request.POST.get("way") == "password" and connector_for(network).supports_app_password
    initial = {"brand": next((b.pk for b in brands if b.slug == request.GET.get("brand")), None)}
    form = ConnectForm(
        request.POST if request.method == "POST" and not by_password else None,
        network=network,
        brands=brands,
        initial=initial,
    )
    password_form = AppPasswordForm(
        request.POST if by_password else None, network=network, brands=brands, initial=initial
    )
    asked = password_form if by_password else form
    with tenant(request.organization):
        ready = not connector_for(network).needs_app or bool(app_of(request.organization, network))
    if request.method == "POST" and asked.is_valid():
        brand = asked.cleaned_data["brand"]
        try:
            if by_password:
                return _connect_with_password(request, asked, brand)
            return _leave_for(
                request, network, brand, base_url=asked.server(), hint=asked.cleaned_data.get("handle", "")
            )
        except NetworkError as error:
            asked.add_error(None, _sentence(error, network, asked.cleaned_data.get("base_url", "")))
        except ValidationError as error:
            asked.add_error(None, error)
    return _in_tenant(
        request,
        "teams/connect_network.html",
        {
            "form": form,
            "password_form": password_form if connector_for(network).supports_app_password else None,
            "network": network,
            "network_label": NETWORK_NAMES[network],
            "needs_app": not ready,
            "can_add_apps": bool(request.actor.can(Right.MANAGE_CHANNEL, request.organization)),
        },
    )


@without_request_transaction
@require_POST
def reconnect(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """The same round trip for a channel that exists: its row and history stay."""
    with tenant(request.organization):
        channel = get_channel(request.actor, pk)
        request.actor.require(Right.MANAGE_CHANNEL, channel)
        brand = channel.brand
    hint = channel.handle if channel.network == "bluesky" else ""
    try:
        return _leave_for(request, channel.network, brand, base_url=channel.base_url, hint=hint, channel=channel)
    except NetworkError as error:
        toast(request, _sentence(error, channel.network, channel.base_url), level="error")
        return redirect("teams:channel", organization, pk)


@never_cache
@require_safe
@login_required
def callback(request: HttpRequest, network: str) -> HttpResponse:
    """Back from a network. Outside of any organization's path: which one is in what was kept."""
    if network not in networks():
        raise Http404
    kept = session.take(request, request.GET.get("state", ""), network)
    organization = None
    if kept is not None:
        organization = Organization.objects.filter(pk=kept["organization"], is_active=True).first()
    if kept is None or organization is None:
        toast(
            request,
            _("This connection was started in another browser, or too long ago. Start it again."),
            level="error",
        )
        return redirect("home")
    back = redirect("teams:connect_network", organization.slug, network)
    if kept["channel"]:
        back = redirect("teams:channel", organization.slug, kept["channel"])
    try:
        accounts, client_id = connections.finish(
            organization=organization, network=network, query=request.GET.dict(), pending=kept["pending"]
        )
        kept |= {"pending": None, "client_id": client_id}
        if len(accounts) > 1 and not kept["channel"]:
            state = session.keep(request, {**kept, "accounts": [connections.packed(a) for a in accounts]})
            return redirect("teams:choose_accounts", organization.slug, state)
        with tenant(organization):
            actor, brand = still_allowed(request, organization, kept)
            channel = _connect(kept, accounts, brand, actor)
    except NetworkError as error:
        toast(request, _sentence(error, network, kept["base_url"]), level="error")
        return back
    except ValidationError as error:
        toast(request, " ".join(error.messages), level="error")
        return back
    toast(request, _("%(handle)s is connected.") % {"handle": channel.handle})
    return redirect("teams:channel", organization.slug, channel.pk)


def _brands_to_connect(request: TenantRequest, network: str) -> list[Brand]:
    if network not in networks():
        raise Http404
    with tenant(request.organization):
        brands = brand_choices(request.actor)
        if not brands:
            request.actor.require(Right.MANAGE_CHANNEL, request.organization)
    return brands


def _leave_for(
    request: TenantRequest, network: str, brand: Brand, *, base_url: str, hint: str, channel: Channel | None = None
) -> HttpResponse:
    authorization = connections.start(
        organization=request.organization, network=network, base_url=base_url, login_hint=hint
    )
    session.keep(
        request,
        {
            "network": network,
            "organization": request.organization.pk,
            "brand": brand.pk,
            "channel": channel and channel.pk,
            "base_url": str(authorization.pending.get("base_url") or base_url),
            "pending": dict(authorization.pending),
        },
        state=authorization.state,
    )
    return _page_that_leaves(request, network, authorization.url)


def _page_that_leaves(request: TenantRequest, network: str, url: str) -> HttpResponse:
    """A page that goes on to the network at once, with a link for who stays.

    Not a redirect: browsers hold the redirects of a form's POST to the policy's form-action, which is ourselves alone, while a network's
    server can be anywhere.
    """
    if urlsplit(url).scheme not in {"https", "http"}:
        raise DisallowedRedirect(f"{network} leads to an address that is no web page")
    url = str(iri_to_uri(url))
    context = {"url": url, "network_label": NETWORK_NAMES[network], "host": urlsplit(url).hostname}
    response = _in_tenant(request, "teams/connect_leave.html", context)
    response["Refresh"] = f"0; url={url}"
    response["Cache-Control"] = "no-store"  # the address works once
    return response


def _connect_with_password(request: TenantRequest, form: ConnectForm, brand: Brand) -> HttpResponse:
    values = {"identifier": form.cleaned_data["handle"], "password": form.cleaned_data["password"]}
    account = connections.with_token(network=form.network, base_url=form.server(), values=values)
    with tenant(request.organization):
        channel = connect_channel(
            brand=brand, network=form.network, base_url=form.server(), account=account, actor=request.actor
        )
    toast(request, _("%(handle)s is connected.") % {"handle": channel.handle})
    return redirect("teams:channel", request.organization.slug, channel.pk)


def _connect(kept: dict[str, Any], accounts: Sequence[Account], brand: Brand, actor: Actor) -> Channel:
    if not kept["channel"]:
        return connect_one(kept, accounts[0], brand, actor)
    wanted = get_channel(actor, kept["channel"])
    account = next((account for account in accounts if account.external_id == wanted.external_id), None)
    if account is None:
        raise ValidationError(
            _("You signed in as %(other)s. To reconnect this channel, sign in as %(wanted)s.")
            % {"other": accounts[0].handle, "wanted": wanted.handle}
        )
    return connect_one(kept, account, brand, actor)


def _sentence(error: NetworkError, network: str, host: str) -> str:
    return connection_sentence(error, network=NETWORK_NAMES[network], host=host)


def _in_tenant(request: TenantRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    with tenant(request.organization):
        return render(request, template, context)
