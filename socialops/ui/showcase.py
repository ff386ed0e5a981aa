"""Sample data of the style guide: made up, but of the kind real screens hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from socialops.networks.articles import Article
from socialops.networks.markdown import blocks_of
from socialops.networks.polls import Poll
from socialops.ui.charts import ChartData, Mark, Series
from socialops.ui.icons import icon_names
from socialops.ui.navigation import Bell, NewLink, Place, RailBrand, RailChannel, RailLink
from socialops.ui.networks import NETWORK_NAMES
from socialops.ui.pictures import Picture
from socialops.ui.statuses import DELIVERY_STATUSES, POST_STATUSES, SHAPES, TONES

_WAVE = (12, 18, 15, 22, 31, 28, 17, 21, 26, 34, 30, 38, 41, 36)
_BEFORE = (10, 12, 16, 15, 20, 22, 19, 18, 20, 24, 27, 25, 28, 30)


class DemoRail:
    """A rail with every part filled."""

    persona = "manager"
    organization_name = "Groupe Rivage"
    bar_has_current = True
    banners = ()

    def __init__(self) -> None:
        places = [
            ("today", _("Today"), "home", 3),
            ("calendar", _("Calendar"), "calendar", None),
            ("inbox", _("Inbox"), "inbox", 1248),
            ("reputation", _("Reputation"), "activity", None),
            ("library", _("Library"), "photo", None),
            ("campaigns", _("Campaigns"), "flag", None),
        ]
        self.places = [Place(key, label, "#main", icon, key == "calendar", count) for key, label, icon, count in places]
        self.more = [Place("team", _("Team"), "#main", "users", False, None)]
        self.bar = self.places[:4]
        self.organizations = [RailLink("Groupe Rivage", "#main", current=True), RailLink("Studio Lumen", "#main")]
        self.brands = [
            RailBrand("Maison Rivage", "#main", "#7a3b52", current=True),
            RailBrand("Rivage Voyages", "#main", "#2f6f9f"),
        ]
        self.brand = self.brands[0]
        self.channels = [
            RailChannel("@maisonrivage", "mastodon", "#main"),
            RailChannel("maisonrivage.fr", "bluesky", "#main", "warning", _("Expires in 7 days")),
            RailChannel("Maison Rivage", "facebook", "#main", "down", _("Disconnected")),
            RailChannel("Maison Rivage Belgique et Luxembourg", "linkedin", "#main", "paused", _("Suspended")),
        ]
        self.new = [NewLink(_("New post"), "#main", "plus"), NewLink(_("New campaign"), "#main", "flag")]
        self.bell = Bell("#main", 7)
        self.account = [RailLink(_("My profile"), "#main")]


class DemoForm(forms.Form):
    """Every kind of field, some of them wrong."""

    name = forms.CharField(max_length=80)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    email = forms.EmailField()
    network = forms.ChoiceField(choices=list(NETWORK_NAMES.items()), required=False)
    alone = forms.BooleanField(required=False)
    days = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    approval = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the campaign")
        self.fields["text"].label = _("Objective")
        self.fields["text"].help_text = _("One sentence everybody will read.")
        self.fields["email"].label = _("E-mail address")
        self.fields["network"].label = _("Network")
        self.fields["alone"].label = _("Publish the first comment by itself")
        self.fields["alone"].help_text = _("It goes out one minute after the post.")
        self.fields["days"].label = _("Days")
        cast("Any", self.fields["days"]).choices = [("mon", _("Monday")), ("thu", _("Thursday"))]
        self.fields["approval"].label = _("Approval")
        cast("Any", self.fields["approval"]).choices = [
            ("none", _("No approval")),
            ("required", _("Approval by someone else")),
        ]


def context() -> dict[str, Any]:
    """What templates/ui/styleguide.html shows."""
    now = timezone.now()
    days = [(now.date() - timedelta(days=13 - i)).isoformat() for i in range(14)]
    line = ChartData(
        x=days,
        x_kind="date",
        x_label=_("Day"),
        series=[
            Series(_("This period"), [*_WAVE[:6], None, *_WAVE[7:]], emphasis=True),
            Series(_("Before"), _BEFORE),
        ],
        marks=[Mark(days[8], _("Campaign starts"))],
    )
    ranking = ChartData(
        x=["Mastodon", "Bluesky", "Facebook", "LinkedIn"],
        x_label=_("Network"),
        series=[Series(_("Engagement rate"), [0.061, 0.042, 0.018, 0.009])],
        unit="%",
        decimals=1,
    )
    stacked = ChartData(
        x=days[-7:],
        x_kind="date",
        x_label=_("Day"),
        series=[
            Series(_("Positive"), _WAVE[-7:], emphasis=True),
            Series(_("Neutral"), _BEFORE[-7:]),
            Series(_("Negative"), _BEFORE[:7]),
        ],
    )
    wrong = DemoForm({"name": "", "email": "camille@", "text": _("Be seen by people under 30.")})
    return {
        "rail": SimpleLazyObject(DemoRail),
        "post_states": list(POST_STATUSES),
        "delivery_states": list(DELIVERY_STATUSES),
        "tones": sorted(TONES),
        "shapes": sorted(SHAPES - {""}),
        "networks": list(NETWORK_NAMES),
        "icons": sorted(icon_names()),
        "form": DemoForm(),
        "wrong": wrong,
        "line": line,
        "ranking": ranking,
        "stacked": stacked,
        "nothing": ChartData(x=[], series=[]),
        "trend": _WAVE,
        "soon": now + timedelta(hours=30),
        "next_summer": now.replace(month=7, day=1) + timedelta(days=365),
        "sample_poll": Poll((_("Copper"), _("Paper"), _("Glass")), "three_days", _("Which lamp next?")),
        "sample_article": Article(
            _("How a lamp is repaired"),
            blocks_of(_("A lamp is **made to be opened**: three screws, no glue.\n\n- Unplug it\n- Turn it over")),
            pictures=1,
        ),
        "sample_pictures": [Picture("lampe.jpg", _("A lamp on a table"))],
        "zones": ["Europe/Paris", "America/New_York", "Asia/Dubai", "Asia/Kolkata"],
    }


def rows(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """A page of a list."""
    names = ("Camille Fournier", "Idris Benali", "Agence Lumen", "Zoé Le Goff", "@freelance_nora")
    states = list(POST_STATUSES)
    return [{"name": names[n % 5], "status": states[n % len(states)], "posts": n * 37 % 1500} for n in numbers]
