"""Mastodon: the connector registers itself on each server."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from teams.web.guides.guide import Guide

GUIDE = Guide(
    review=_(
        "Mastodon wants no application: SocialOps registers itself on each server the first time somebody connects an account there."
    )
)
