"""YouTube: a Google Cloud project with the YouTube APIs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://console.cloud.google.com/",
    id_label=_("Client ID"),
    secret_label=_("Client secret"),
    steps=(
        Step(
            _("Create a Google Cloud project"),
            _(
                "Use an account of your company, and a project for this alone: its daily quota is counted for all channels together."
            ),
        ),
        Step(
            _("Turn the interfaces on"),
            _("Under “APIs & Services”, “Library”, enable the YouTube Data API v3 and the YouTube Analytics API."),
        ),
        Step(
            _("Fill in the consent screen"),
            _(
                "In the Google Auth Platform give the app a name, an address for help and your privacy policy, choose “External”, and add these permissions. Then publish it: while it is in “Testing”, every access ends after seven days."
            ),
            Shows.SCOPES,
        ),
        Step(
            _("Create a client"),
            _(
                "Under “Clients”, create one of the type “Web application”, and paste this into the authorized redirect URIs."
            ),
            Shows.REDIRECT,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _(
                "Google shows both when the client is created. It shows the secret once: make another one if it is lost."
            ),
        ),
    ),
    review=_(
        "These permissions are sensitive: Google verifies the app, with a screen recording, before people outside your company can agree without a warning. The project has a daily quota, counted from midnight in California; more of it is asked for with an audit."
    ),
)
