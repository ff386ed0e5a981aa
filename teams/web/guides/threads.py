"""Threads profiles: the Threads use case of an app of Meta, with an identifier and a secret of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://developers.facebook.com/apps/",
    id_label=_("Threads app ID"),
    secret_label=_("Threads app secret"),
    steps=(
        Step(
            _("Create an app at Meta for Developers"),
            _(
                "Choose “Create app”, and take the use case “Access the Threads API”. It stands beside Facebook and Instagram, with its own identifier and secret."
            ),
        ),
        Step(
            _("Add the permissions"),
            _("In the use case, add each of these. SocialOps asks for them all when a profile is connected."),
            Shows.SCOPES,
        ),
        Step(
            _("Say where people come back to"),
            _(
                "In the settings of the use case, paste this as redirect callback URL. Look at it again once saved: Meta may add a slash, and compares it letter by letter. Only https addresses are taken."
            ),
            Shows.REDIRECT,
        ),
        Step(
            _("Have Threads tell us at once (optional)"),
            _(
                "Under the webhooks of the use case, paste this address and this verify token, and choose replies and mentions. Meta wants the app live, reviewed, and the business verified for it."
            ),
            Shows.WEBHOOK,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _(
                "In “App settings”, “Basic”, take the Threads app ID and the Threads app secret, not those of the Facebook app above them."
            ),
        ),
    ),
    review=_(
        "Profiles added as Threads testers, who accept in their account’s settings, work at once. For everybody else Meta wants App Review for each permission, and a verified business."
    ),
)
