"""X: a project with OAuth 2.0, paid by use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://console.x.com/",
    id_label=_("OAuth 2.0 Client ID"),
    secret_label=_("OAuth 2.0 Client Secret"),
    steps=(
        Step(
            _("Create an app in the X developer console"),
            _("Sign in with an account of your company, accept the developer agreement, and create an app."),
        ),
        Step(
            _("Buy credits"),
            _(
                "X bills each call: a publication, many times more with a link in it, and each thing read. Without credits nothing goes out. Set a spending limit there."
            ),
        ),
        Step(
            _("Set up user authentication"),
            _(
                "In the app’s authentication settings choose “Read and write and Direct message”, and the type “Web App, Automated App or Bot”: it is the one that has a secret. SocialOps asks people for these permissions."
            ),
            Shows.SCOPES,
        ),
        Step(
            _("Say where people come back to"),
            _("In the same settings, paste this as callback URI. X compares it letter by letter."),
            Shows.REDIRECT,
        ),
        Step(
            _("Have X tell us at once (optional)"),
            _(
                "X tests this address and tells of mentions and replies there. It must be https, without a port. Each event is billed."
            ),
            Shows.WEBHOOK,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _(
                "Take the OAuth 2.0 Client ID and Client Secret from “Keys and tokens”, not the API key. X shows the secret once."
            ),
        ),
    ),
    review=_(
        "There is no review, but self-serve apps may answer only people who mentioned or quoted the account, and can neither quote, like nor follow."
    ),
)
