"""Facebook Pages: an app of Meta with Facebook Login."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://developers.facebook.com/apps/",
    id_label=_("App ID"),
    secret_label=_("App secret"),
    steps=(
        Step(
            _("Create an app at Meta for Developers"),
            _(
                "Sign in with a Facebook account that manages your company in Meta Business, choose “Create app”, and tie it to your company’s business portfolio. Take the use case that manages everything on your Page."
            ),
        ),
        Step(
            _("Add the permissions"),
            _(
                "In the use case, under “Permissions and features”, add each of these. SocialOps asks for them all when a Page is connected."
            ),
            Shows.SCOPES,
        ),
        Step(
            _("Say where people come back to"),
            _(
                "Under Facebook Login, in its settings, paste this into “Valid OAuth Redirect URIs”. Meta compares it letter by letter."
            ),
            Shows.REDIRECT,
        ),
        Step(
            _("Have Meta tell us at once"),
            _(
                "Nothing to do: SocialOps asks for it when an account is connected, and Meta tests this address, which must be https. Where you declare it by hand, under Webhooks, give this verify token with it."
            ),
            Shows.WEBHOOK,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _("Both are in “App settings”, “Basic”. Meta asks for your password before it shows the secret."),
        ),
    ),
    review=_(
        "For Pages managed by people who have a role in the app, it works at once. For everybody else Meta wants “Advanced Access” to each permission: App Review with a screen recording, and a verified business. The app must then be set to Live."
    ),
)
