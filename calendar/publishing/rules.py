"""Rules that need no database."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def moment_in(zone: zoneinfo.ZoneInfo, naive: dt.datetime) -> dt.datetime:
    """A wall-clock time of a zone as a moment; the first of the two when clocks go back. ValidationError when clocks skip it."""
    moment = naive.replace(tzinfo=zone, fold=0)
    if moment.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != naive:
        raise ValidationError(
            _("That time does not exist in %(zone)s: clocks go forward then. Choose another."),
            params={"zone": zone.key},
        )
    return moment


def future_moment_in(zone: zoneinfo.ZoneInfo, naive: dt.datetime, *, now: dt.datetime) -> dt.datetime:
    """As `moment_in`, and not in the past."""
    moment = moment_in(zone, naive)
    if moment <= now:
        raise ValidationError(_("That time is in the past: choose a later one."))
    return moment
