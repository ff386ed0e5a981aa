"""TikTok: an app with Login Kit and the Content Posting API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide, Shows, Step

GUIDE = Guide(
    portal="https://developers.tiktok.com/apps/",
    id_label=_("Client key"),
    secret_label=_("Client secret"),
    steps=(
        Step(
            _("Create an app at TikTok for Developers"),
            _(
                "Create an organization for your company first, then an app in it. TikTok wants its name, icon, terms and privacy policy, as your customers know them."
            ),
        ),
        Step(
            _("Add the products"),
            _(
                "Add Login Kit and the Content Posting API, and turn on “Direct Post”. Then add these permissions: TikTok reviews each."
            ),
            Shows.SCOPES,
        ),
        Step(
            _("Say where people come back to"),
            _("In Login Kit, for the platform Web, add this redirect URI. It must be https."),
            Shows.REDIRECT,
        ),
        Step(
            _("Show that the address of your files is yours"),
            _(
                "TikTok fetches photos from SocialOps. Under “URL properties”, verify the domain or the beginning of the address at which you open SocialOps."
            ),
        ),
        Step(
            _("Have TikTok tell us at once (optional)"),
            _(
                "In the app’s webhook settings, paste this address. TikTok tells there when a video is processed and when somebody takes their access back."
            ),
            Shows.WEBHOOK,
        ),
        Step(
            _("Paste the identifier and the secret here"),
            _("Both are at the top of the app’s page."),
        ),
    ),
    review=_(
        "Until TikTok has audited the app, a handful of people may publish through it, from private accounts, and nobody else sees the result. After the audit, publications can be public. Comments can’t be read: TikTok keeps them out of this interface."
    ),
)
