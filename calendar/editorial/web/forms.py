"""Forms of editorial."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from editorial.models import Campaign


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MoveForm(forms.Form):
    """A day and a time in a brand's zone."""

    date = forms.DateField(label=_("Day"), widget=DayInput())
    time = forms.TimeField(label=_("Time"), widget=ClockInput())

    def __init__(self, *args: Any, zone: ZoneInfo, at: datetime | None = None, **options: Any) -> None:
        local = at.astimezone(zone) if at else None
        initial = {"date": local.date(), "time": local.time()} if local else {}
        options = {"initial": initial, "auto_id": "move_%s", **options}
        super().__init__(*args, **options)


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Campaign
        fields = ["name", "objective", "starts_on", "ends_on", "colour", "state"]
        widgets = {
            "objective": forms.Textarea(attrs={"rows": 3}),
            "starts_on": DayInput(),
            "ends_on": DayInput(),
            "colour": forms.TextInput(attrs={"type": "color"}),
        }
