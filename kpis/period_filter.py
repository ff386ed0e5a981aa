"""What a dashboard is about: which brand, which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpis.selectors.figures import Period
from teams.models import Brand

DEFAULT_DAYS = 28
LONGEST = 731


class FiguresFilter(forms.Form):
    """?brand=slug&period=28 or ?period=custom&first=&last=. What can't be read falls back to the last 28 days, with the reason shown."""

    brand = forms.ChoiceField(required=False, label=gettext_lazy("Brand"))
    period = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Period"),
        choices=[
            ("7", gettext_lazy("Last 7 days")),
            ("28", gettext_lazy("Last 28 days")),
            ("90", gettext_lazy("Last 90 days")),
            ("365", gettext_lazy("Last 365 days")),
            ("custom", gettext_lazy("From … to …")),
        ],
    )
    first = forms.DateField(required=False, label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(required=False, label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, *, brands: Sequence[Brand]) -> None:
        super().__init__({"period": str(DEFAULT_DAYS), **{key: data[key] for key in data}})
        self.brands = {brand.slug: brand for brand in brands}
        choices = [(brand.slug, brand.name) for brand in brands]
        field: Any = self.fields["brand"]
        field.choices = [("", _("All brands")), *choices] if len(choices) != 1 else choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("period") != "custom":
            return cleaned
        first, last = cleaned.get("first"), cleaned.get("last")
        if not first or not last:
            raise forms.ValidationError(_("Give both dates: from and to."))
        if last < first:
            raise forms.ValidationError(_("The end comes before the start: swap the dates."))
        if (last - first).days >= LONGEST:
            raise forms.ValidationError(_("Two years at most: shorten the period."))
        return cleaned

    @property
    def chosen_brand(self) -> Brand | None:
        """None for all; the only one when there is only one."""
        if len(self.brands) == 1:
            return next(iter(self.brands.values()))
        return self.brands.get(str(self.cleaned_data.get("brand", ""))) if self.is_valid() else None

    def chosen_period(self, zone: dt.tzinfo) -> Period:
        today = timezone.now().astimezone(zone).date()
        if self.is_valid() and self.cleaned_data["period"] == "custom":
            return Period(self.cleaned_data["first"], self.cleaned_data["last"], zone)
        days = int(self.cleaned_data.get("period") or DEFAULT_DAYS) if self.is_valid() else DEFAULT_DAYS
        return Period(today - dt.timedelta(days=days - 1), today, zone)
