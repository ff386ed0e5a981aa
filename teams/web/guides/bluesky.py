"""Bluesky: nobody has to register anything."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide

GUIDE = Guide(
    review=_(
        "Bluesky wants no application: SocialOps presents itself by its own address, which must be public and https. Where it isn’t, accounts are connected with an app password."
    )
)
