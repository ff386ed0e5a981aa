"""What a service of teams refuses, and what a network answers while connecting, as sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialops.networks.errors import Code, ErrorKind, NetworkError
from socialops.permissions.decision import Decision, Denied


class RuleRefused(ValidationError):
    """A rule of the house says no, whoever asks (the last administrator, an end date that is missing). Forms show it; the API answers 409."""


def obey(decision: Decision, *, code: str) -> None:
    """Turn a refusal into RuleRefused."""
    if isinstance(decision, Denied):
        raise RuleRefused(str(decision.reason), code=code)


_CONNECTION: dict[str, Promise] = {
    Code.CONSENT_REFUSED: gettext_lazy(
        "%(network)s: the connection was not authorised. Nothing was changed; start again when you wish."
    ),
    Code.STATE_MISMATCH: gettext_lazy(
        "This connection was started elsewhere or too long ago. Start it again from here."
    ),
    Code.CODE_EXPIRED: gettext_lazy("%(network)s took the authorisation back because it came too late. Start again."),
    Code.ISSUER_MISMATCH: gettext_lazy(
        "The answer did not come from the server that was asked, so it was not believed. Start again."
    ),
    Code.WRONG_PASSWORD: gettext_lazy(
        "%(network)s refused this name and password. Check the handle, and make a new app password."
    ),
    Code.SECOND_FACTOR_NEEDED: gettext_lazy(
        "This account asks for a second factor: make an app password in its settings and use that one."
    ),
    Code.ACCOUNT_NOT_FOUND: gettext_lazy(
        "%(network)s knows no account that could be connected here. Check the name, and that you manage the page."
    ),
    Code.NO_CHANNEL: gettext_lazy(
        "This account has no %(network)s channel. Create one there, or start again and choose the account that has it."
    ),
    Code.ACCOUNT_DISABLED: gettext_lazy("%(network)s has disabled this account. Ask the network, then start again."),
    Code.TOKEN_EXPIRED: gettext_lazy("%(network)s no longer accepts this access. Reconnect the channel."),
    Code.TOKEN_REVOKED: gettext_lazy("%(network)s no longer accepts this access. Reconnect the channel."),
    Code.TOKEN_MISSING: gettext_lazy("There is no access to %(network)s. Reconnect the channel."),
    Code.SCOPE_MISSING: gettext_lazy(
        "%(network)s did not give every permission needed. Reconnect and accept all that is asked."
    ),
    Code.ROLE_LOST: gettext_lazy(
        "The person who connected this page no longer manages it. Reconnect with somebody who does."
    ),
    Code.APP_REJECTED: gettext_lazy(
        "%(network)s does not know our application (any more): an administrator must check its identifier and secret."
    ),
    Code.APP_NOT_CONFIGURED: gettext_lazy(
        "%(network)s needs an application first: an administrator of your organization adds it under Channels, Connect a channel."
    ),
    Code.APP_NOT_APPROVED: gettext_lazy("%(network)s has not yet approved our application for this."),
    Code.ADDRESS_REFUSED: gettext_lazy(
        "“%(host)s” can't be used. Give the public address of a server, for example mastodon.social."
    ),
    Code.UNREACHABLE: gettext_lazy("%(host)s did not answer. Check the address, and try again in a few minutes."),
    Code.UNEXPECTED_ANSWER: gettext_lazy("%(host)s did not answer as %(network)s does. Check the address."),
    Code.UNREADABLE_ANSWER: gettext_lazy("%(host)s did not answer as %(network)s does. Check the address."),
}


def connection_sentence(error: NetworkError, *, network: str, host: str = "") -> str:
    """Why connecting failed, and what to do. `network` is its label, `host` what the person typed."""
    template = _CONNECTION.get(error.code)
    if template is None and error.kind is ErrorKind.RATE_LIMIT:
        template = gettext_lazy("%(network)s asks to slow down. Try again in a few minutes.")
    if template is None:
        template = gettext_lazy("%(network)s can't be reached properly right now. Try again in a few minutes.")
    values = {"setting": "", **error.detail, "network": network}
    values["host"] = str(error.detail.get("host") or host or network)
    return str(template) % values


_APP: dict[str, Promise] = {
    Code.APP_REJECTED: gettext_lazy(
        "%(network)s does not know this identifier and secret. Copy both again, and look that the redirect address is declared there."
    ),
    Code.APP_NOT_CONFIGURED: gettext_lazy(
        "There is no application to test yet: paste its identifier and secret first."
    ),
    Code.APP_NOT_APPROVED: gettext_lazy(
        "%(network)s knows this application, but has not yet approved it: see what it still wants to review."
    ),
}


def app_sentence(code: str, *, network: str, detail: Mapping[str, Any] | None = None) -> str:
    """What a network said of our developer app, and what to do. `network` is its label."""
    template = _APP.get(code) or gettext_lazy(
        "%(network)s gave no clear answer (%(code)s), so nothing is known of this application. Try again in a few minutes."
    )
    return str(template) % {**(detail or {}), "network": network, "code": code}


def reason_sentence(code: str, *, network: str) -> str:
    """Why a connected channel needs a person, from the code kept with it; "" for none."""
    if not code:
        return ""
    template = _CONNECTION.get(code)
    if template is None:
        return _("%(network)s refuses this access. Reconnect the channel.") % {"network": network}
    return str(template) % {"network": network, "host": network, "setting": ""}
