"""Instagram professional accounts: an app of Meta."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://developers.facebook.com/apps/",
    id_label=_("App ID"),
    secret_label=_("App secret"),
    steps=(
        Step(
            _("Make the account a professional one"),
            _(
                "Personal accounts can’t be connected. In the Instagram app, switch to a Business or Creator account, and link it to the Facebook Page that you manage: that is how Meta finds it."
            ),
        ),
        Step(
            _("Create an app at Meta for Developers"),
            _(
                "Choose “Create app”, tie it to your company’s business portfolio, and take the use case for Instagram content and messages. The app you use for Facebook Pages can serve both: add the use case to it."
            ),
        ),
        Step(
            _("Add the permissions"),
            _("In the use case, add each of these. SocialOps asks for them all when an account is connected."),
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
            _(
                "Both are in “App settings”, “Basic”. People sign in with Facebook: do not take the Instagram app ID and secret, a second pair that Meta shows elsewhere."
            ),
        ),
    ),
    review=_(
        "For accounts of people who have a role in the app, it works at once. For everybody else Meta wants “Advanced Access” to each permission: App Review with a screen recording, and a verified business."
    ),
)
