"""The notifications of editorial."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from socialops.notifications.kinds import register_kind


def register_kinds() -> None:
    """Called once, when the app is ready."""
    register_kind(
        "post.submitted",
        title=_("“%(label)s” waits for your approval"),
        plural=_("%(count)s posts of %(brand)s wait for your approval"),
        label=_("A post waits for my approval"),
        by_mail=True,
    )
    register_kind("post.approved", title=_("%(name)s approved “%(label)s”"), label=_("A post of mine is approved"))
    register_kind(
        "post.changes_requested",
        title=_("%(name)s asks for changes to “%(label)s”"),
        label=_("Changes to a post of mine are asked for"),
        by_mail=True,
    )
    register_kind(
        "post.expired",
        title=_("“%(label)s” was not approved before its date"),
        label=_("A post of mine expired"),
        by_mail=True,
    )
    register_kind(
        "post.commented",
        title=_("%(name)s commented on “%(label)s”"),
        plural=_("%(count)s comments on “%(label)s”"),
        label=_("Somebody comments on a post of mine"),
    )
