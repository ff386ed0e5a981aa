"""The filters above the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from reputation.enums import MentionKind, Sentiment
from reputation.filters import LONGEST_SEARCH, NO_LANGUAGE, OTHER_LANGUAGE, MentionFilter
from socialops.ui.networks import NETWORK_NAMES
from teams.models import Brand, Channel, Organization

OPEN, DONE, ALL = "open", "done", "all"
_DONE: dict[str, bool | None] = {OPEN: False, DONE: True, ALL: None}
_LANGUAGES = [
    ("", _("Every language")),
    ("fr", _("French")),
    ("en", _("English")),
    (OTHER_LANGUAGE, _("Another language")),
    (NO_LANGUAGE, _("Unclear")),
]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Brands and channels are those the actor sees; another one's id is 404. Fields that make no sense are shown as such and left out."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"placeholder": _("Words, author, “exact phrase”, -without")}),
    )
    sentiment = forms.ChoiceField(
        label=_("Sentiment"), required=False, choices=[("", _("Every sentiment")), *Sentiment.choices]
    )
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    network = forms.ChoiceField(label=_("Network"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *MentionKind.choices])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=_LANGUAGES)
    since = forms.DateField(label=pgettext_lazy("period", "From"), required=False, widget=_day())
    until = forms.DateField(label=pgettext_lazy("period", "To"), required=False, widget=_day())
    ours = forms.BooleanField(label=_("On our posts only"), required=False)
    state = forms.ChoiceField(
        required=False, choices=[(OPEN, OPEN), (DONE, DONE), (ALL, ALL)], widget=forms.HiddenInput
    )
    post = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    FIRST = ("sentiment", "brand", "channel")
    FURTHER = ("network", "kind", "language", "since", "until", "ours")

    def __init__(self, data: Any, *, brands: Sequence[Brand], channels: Sequence[Channel]) -> None:
        super().__init__(data, auto_id="filter-%s")
        self._brands = {brand.slug: brand for brand in brands}
        self._channels = {str(channel.pk): channel for channel in channels}
        used = dict.fromkeys(channel.network for channel in channels)
        self._choices("brand", _("Every brand"), [(brand.slug, brand.name) for brand in brands])
        self._choices("channel", _("Every channel"), [(pk, str(channel)) for pk, channel in self._channels.items()])
        self._choices("network", _("Every network"), [(name, NETWORK_NAMES[name]) for name in used])

    def _choices(self, name: str, empty: Any, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", empty), *choices]

    @property
    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def further(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FURTHER]

    @property
    def has_further(self) -> bool:
        """Whether one of the folded filters is set: then they are shown."""
        return any(self[name].value() for name in self.FURTHER)

    @property
    def drawer_count(self) -> int:
        """How many filters are set that a phone shows in a drawer."""
        return sum(bool(self[name].value()) for name in (*self.FIRST, *self.FURTHER))

    @property
    def drawer_label(self) -> str:
        """Of the button that opens it."""
        return (
            gettext("Filters (%(count)s)") % {"count": self.drawer_count} if self.drawer_count else gettext("Filters")
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab is set."""
        return bool(self.drawer_count or self["q"].value() or self["post"].value())

    def wanted(self, organization: Organization) -> MentionFilter:
        """What is asked for. Http404 for a brand or channel the actor doesn't see."""
        self.is_valid()
        for name, known in (("brand", self._brands), ("channel", self._channels)):
            asked = self[name].value()
            if asked and asked not in known:
                raise Http404
        data: dict[str, Any] = {name: self.cleaned_data.get(name) or None for name in self.fields}
        brand = self._brands.get(data["brand"] or "")
        return MentionFilter(
            brand=brand.pk if brand else None,
            channel=int(data["channel"]) if data["channel"] else None,
            delivery=data["post"],
            network=data["network"] or "",
            language=data["language"] or "",
            sentiment=data["sentiment"] or "",
            kind=data["kind"] or "",
            since=data["since"],
            until=data["until"],
            zone=organization.zone,
            done=_DONE[data["state"] or OPEN],
            q=data["q"] or "",
            ours=bool(data["ours"]),
        )
