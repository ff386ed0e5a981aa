"""LinkedIn: an app with the Community Management API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://www.linkedin.com/developers/apps",
    id_label=_("Client ID"),
    secret_label=_("Client secret"),
    steps=(
        Step(
            _("Create an app at LinkedIn Developers"),
            _(
                "Give it your company’s LinkedIn Page, and have an administrator of that Page confirm it with the link LinkedIn makes for that."
            ),
        ),
        Step(
            _("Ask for the Community Management API"),
            _(
                "Under “Products”, request it. LinkedIn gives it to registered companies only, and only to an app that has no other product: make a new app if this one has some."
            ),
        ),
        Step(
            _("Look at the permissions"),
            _(
                "Under “Auth”, LinkedIn lists what the app may ask for. SocialOps asks for these, always the same: another set would end the accesses given before."
            ),
            Shows.SCOPES,
        ),
        Step(
            _("Say where people come back to"),
            _("Under “Auth”, add this to the authorized redirect URLs of the app."),
            Shows.REDIRECT,
        ),
        Step(
            _("Have LinkedIn tell us at once (optional)"),
            _(
                "Under “Webhooks”, add this address: LinkedIn tests it at once, then every two hours. It tells of company pages only, and not in the Development tier."
            ),
            Shows.WEBHOOK,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _("Both are under “Auth”."),
        ),
    ),
    review=_(
        "Once LinkedIn has accepted the request, the app is in the Development tier, with few calls a day. The Standard tier needs a second review with a screen recording. An access lasts two months unless LinkedIn lets your app renew it; people must agree again once a year in any case."
    ),
)
