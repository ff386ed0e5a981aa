"""Form fields of teams: wall time in a zone, a zone by search, and the places a role can be given on."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teams.models import Brand, Channel, Organization
from teams.models.organizations import valid_time_zone


class WallTimeField(forms.DateTimeField):
    """A naive date and time as people write it; `in_zone` makes it an instant once the zone is known."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
    default_error_messages = {"invalid": gettext_lazy("Enter a date and a time, for example 2026-12-31 18:00.")}

    def to_python(self, value: Any) -> Any:
        for text_format in self.input_formats:
            try:
                return datetime.strptime(str(value).strip(), text_format) if value else None  # noqa: DTZ007 -- the zone comes with the place
            except ValueError:
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def in_zone(moment: datetime | None, zone: zoneinfo.ZoneInfo) -> datetime | None:
    """A wall time of that zone as an instant; the first of the two when clocks go back. ValidationError in the hour that is skipped."""
    if moment is None:
        return None
    aware = moment.replace(tzinfo=zone)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise forms.ValidationError(
            _("%(time)s does not exist on that day in %(zone)s: clocks go forward. Choose an hour later.")
            % {"time": f"{moment:%H:%M}", "zone": zone.key}
        )
    return aware


class TimeZoneField(forms.CharField):
    """An IANA zone, found by typing part of it: the page brings `<datalist id="time-zones">`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(max_length=64, widget=forms.TextInput(attrs=attrs), validators=[valid_time_zone], **kwargs)


def time_zones() -> list[str]:
    """What the datalist offers: places, not the historical aliases."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return [*sorted(zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in areas), "UTC"]


class PlaceField(forms.ChoiceField):
    """The organization, one of its brands, or one of its channels, as the actor sees them. Cleans to the object."""

    def __init__(
        self, *, organization: Organization, brands: Sequence[Brand], channels: Sequence[Channel], **kwargs: Any
    ) -> None:
        self.places: dict[str, Organization | Brand | Channel] = {"organization": organization}
        self.places |= {f"brand:{brand.pk}": brand for brand in brands}
        self.places |= {f"channel:{channel.pk}": channel for channel in channels}
        choices: list[Any] = [
            ("organization", _("The whole organization")),
            (_("Brands"), [(f"brand:{brand.pk}", brand.name) for brand in brands]),
            *(
                (
                    _("Channels of %(brand)s") % {"brand": brand.name},
                    [(f"channel:{c.pk}", str(c)) for c in channels if c.brand_id == brand.pk],
                )
                for brand in brands
                if any(c.brand_id == brand.pk for c in channels)
            ),
        ]
        super().__init__(choices=[choice for choice in choices if choice[1]], **kwargs)

    def clean(self, value: Any) -> Organization | Brand | Channel:
        return self.places[super().clean(value)]


def zone_of(place: Organization | Brand | Channel) -> zoneinfo.ZoneInfo:
    """The zone in which a place's dates are written."""
    return place.brand.zone if isinstance(place, Channel) else place.zone
