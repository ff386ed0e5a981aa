"""What people type on the screens of publishing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.rules import future_moment_in
from publishing.services.suspensions import Decision
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel, Organization
from teams.selectors.channels import visible_channels

_MINUTES = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class WhenForm(forms.Form):
    """A new due time, on the brand's clock."""

    due_at = forms.DateTimeField(label=_("New date and time"), widget=_MINUTES)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        self.fields["due_at"].help_text = _("Time in %(zone)s") % {"zone": brand.time_zone}

    def clean_due_at(self) -> dt.datetime:
        naive: dt.datetime = timezone.make_naive(self.cleaned_data["due_at"], dt.UTC)  # the field took it for UTC
        return future_moment_in(self.brand.zone, naive, now=timezone.now())


class BudgetForm(forms.Form):
    """What a network may cost in a month."""

    monthly = forms.DecimalField(
        label=_("Monthly ceiling in US dollars"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text=_("Once reached, nothing billed goes out there until the next month. Empty: no ceiling."),
    )


class SuspendForm(forms.Form):
    """Scope and reason. The scopes are those on which the actor may suspend."""

    scope = forms.ChoiceField(label=_("What is suspended"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody in your organization reads it."),
    )

    def __init__(
        self, *args: Any, actor: Actor, organization: Organization, campaign: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        channels = list(visible_channels(actor, right=Right.SUSPEND))
        brands = list(Brand.objects.filter(is_active=True))
        self._places: dict[str, tuple[str, Any]] = {}
        if actor.can(Right.SUSPEND, organization):
            self._add("organization", gettext("Everything: %(name)s") % {"name": organization.name}, {})
            if campaign is not None:
                self._add(f"campaign:{campaign}", gettext("This campaign"), {"campaign_key": campaign})
        for brand in brands:
            if actor.can(Right.SUSPEND, brand):
                self._add(f"brand:{brand.pk}", gettext("Brand: %(name)s") % {"name": brand.name}, {"brand": brand})
        for channel in channels:
            self._add(
                f"channel:{channel.pk}", gettext("Channel: %(name)s") % {"name": str(channel)}, {"channel": channel}
            )
        field = self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, label) for key, (label, _place) in self._places.items()]

    def _add(self, key: str, label: str, place: dict[str, Brand | Channel | int]) -> None:
        self._places[key] = (label, place)

    @property
    def is_empty(self) -> bool:
        """Nothing here may be suspended by this person."""
        return not self._places

    @property
    def place(self) -> dict[str, Any]:
        """The arguments of `suspend` that name the scope."""
        return dict(self._places[self.cleaned_data["scope"]][1])


class ReviewForm(forms.Form):
    """One held delivery: kept, given another date, or cancelled."""

    decision = forms.ChoiceField(label=_("Decision"))
    due_at = forms.DateTimeField(label=_("New date and time"), widget=_MINUTES, required=False)

    def __init__(self, *args: Any, delivery: Any, **kwargs: Any) -> None:
        self.delivery = delivery
        ahead = delivery.due_at > timezone.now()
        kwargs |= {"prefix": f"d{delivery.pk}", "initial": {"decision": "keep" if ahead else ""}}
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)
        decision.choices = [
            ("", _("Decide later")),
            *([(Decision.KEEP.value, _("Keep its date"))] if ahead else []),
            (Decision.RESCHEDULE.value, _("Give it another date")),
            (Decision.CANCEL.value, _("Cancel it")),
        ]
        decision.required = False

    def clean(self) -> dict[str, Any]:
        known: dict[str, Any] = super().clean() or self.cleaned_data
        if known.get("decision") == Decision.RESCHEDULE:
            if not known.get("due_at"):
                raise ValidationError({"due_at": _("Give the new date and time.")})
            naive = timezone.make_naive(known["due_at"], dt.UTC)
            try:
                known["due_at"] = future_moment_in(self.delivery.brand.zone, naive, now=timezone.now())
            except ValidationError as error:
                raise ValidationError({"due_at": error.messages}) from error
        return known
