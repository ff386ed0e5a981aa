"""The rules of the house, as predicates over facts that selectors found. Each refusal says why, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialops.permissions.actor import Actor, Scoped
from socialops.permissions.decision import Allowed, Decision, Denied
from socialops.permissions.rights import RIGHTS_ON, Right


def named(rights: Iterable[Right | str]) -> str:
    """Rights as people read them: « Schedule and publish », « See figures »."""
    return get_text_list([f"“{Right(right).label}”" for right in rights], _("and"))


def may_grant(actor: Actor, rights: Collection[str], scope: Scoped) -> Decision:
    """Members are managed by who may manage them, and nobody grants what they don't hold where they grant it.

    Rights that can't be held on the scope's kind have no effect there and are not counted.
    """
    effective = [right for right in Right if right in rights and right in RIGHTS_ON[scope.scope_path[0][0]]]
    missing = [right for right in effective if not actor.can(right, scope)]
    if missing:
        return Denied(_("You can't grant rights that you don't hold here: %(rights)s.") % {"rights": named(missing)})
    return Allowed()


def may_set_rights(actor: Actor, before: Collection[str], after: Collection[str]) -> Decision:
    """Nobody adds to a role a right they don't hold on the whole organization: the role may be given anywhere in it."""
    missing = [right for right in Right if right in after and right not in before and not actor.everywhere(right)]
    if missing:
        return Denied(
            _("You can't put into a role rights that you don't hold on the whole organization: %(rights)s.")
            % {"rights": named(missing)}
        )
    return Allowed()


def keeps_an_administrator(before: Collection[int], after: Collection[int]) -> Decision:
    """Ids of the members who hold every right on the whole organization with no end date, now and after what is asked."""
    if after or not before:
        return Allowed()
    return Denied(
        _(
            "This would leave the organization without an administrator. First give somebody else a role with every right "
            "on the whole organization, without an end date."
        )
    )


def has_needed_end(*, needs_end_date: bool, ends_at: datetime | None) -> Decision:
    """Guests come in with the date on which they leave."""
    if needs_end_date and ends_at is None:
        return Denied(_("This role is for guests: give it an end date."))
    return Allowed()


def may_archive(holders: int) -> Decision:
    """A role goes out of use once nobody holds it."""
    if holders:
        return Denied(
            ngettext(
                "%(count)s person holds this role: end that assignment first.",
                "%(count)s people hold this role: end these assignments first.",
                holders,
            )
            % {"count": holders}
        )
    return Allowed()
