"""Forms of teams: shape only; the services say whether it may be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialops.http import TenantRequest
from socialops.permissions.rights import Right
from teams.models import Brand, Channel, Member, Role
from teams.models.organizations import valid_slug
from teams.selectors.members import members_of
from teams.selectors.roles import list_roles
from teams.selectors.seen import brands_seen, channels_seen
from teams.web.fields import PlaceField, TimeZoneField, WallTimeField, in_zone, zone_of

LANGUAGES = (
    ("fr", "Français"),
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pt", "Português"),
    ("pl", "Polski"),
    ("ar", "العربية"),
    ("zh", "中文"),
    ("ja", "日本語"),
)


class AssignForm(forms.Form):
    """A role on a place, for a time."""

    def __init__(self, data: Any, *, request: TenantRequest) -> None:
        super().__init__(data)
        self.roles = {str(role.pk): role for role in list_roles()}
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=[("", "—"), *((pk, role.label) for pk, role in self.roles.items())]
        )
        self.fields["scope"] = PlaceField(
            label=_("Where"),
            organization=request.organization,
            brands=brands_seen(request),
            channels=channels_seen(request),
        )
        self.fields["starts_at"] = WallTimeField(label=_("From"), required=False)
        self.fields["ends_at"] = WallTimeField(
            label=_("Until"),
            required=False,
            help_text=_(
                "Access stops at this minute. Guests and freelancers always need one. Times are those of the chosen place."
            ),
        )

    def clean_role(self) -> Role:
        return self.roles[self.cleaned_data["role"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        place = data.get("scope")
        for name in ("starts_at", "ends_at"):
            if place is not None and data.get(name):
                try:
                    data[name] = in_zone(data[name], zone_of(place))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return data


class InviteForm(AssignForm):
    """The same, offered by e-mail."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    language = forms.ChoiceField(
        label=_("Language of the invitation"), choices=[("fr", "Français"), ("en", "English")], initial="fr"
    )

    field_order = ("email", "name", "language", "role", "scope", "starts_at", "ends_at")

    def __init__(self, data: Any, *, request: TenantRequest) -> None:
        super().__init__(data, request=request)
        self.order_fields(self.field_order)


class DatesForm(forms.Form):
    """When an assignment runs, in its place's zone."""

    starts_at = WallTimeField(label=_("From"), required=False)
    ends_at = WallTimeField(label=_("Until"), required=False)

    def __init__(self, *args: Any, place: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            try:
                data[name] = in_zone(data.get(name), zone_of(self.place))
            except forms.ValidationError as error:
                self.add_error(name, error)
        return data


class OwnershipForm(forms.Form):
    """Who answers for a channel's account; the one who left stays shown until somebody else is chosen."""

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = members_of().filter(Q(is_active=True) | Q(pk=channel.owner_id)).order_by("user__name", "pk")
        self.people = {str(member.pk): member for member in members}
        self.fields["owner"] = forms.ChoiceField(
            label=_("Who answers for the account"),
            required=False,
            choices=[("", "—"), *((pk, str(member)) for pk, member in self.people.items())],
            initial=channel.owner_id,
            help_text=_("The person at your organization to call when something is wrong with the account itself."),
        )
        self.fields["recovery"] = forms.CharField(
            label=_("How it is recovered"),
            required=False,
            max_length=300,
            initial=channel.recovery,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_(
                "For example: recovery e-mail social@example.com, codes in the safe. No password here: whoever manages this channel reads it."
            ),
        )

    def clean_owner(self) -> Member | None:
        return self.people.get(self.cleaned_data["owner"])


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Member
        fields = ("title", "persona")


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    mission = forms.CharField(
        label=_("Mission"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What this person is here to do, in one sentence."),
    )
    rights = forms.MultipleChoiceField(
        label=_("Rights"), choices=Right.choices, widget=forms.CheckboxSelectMultiple(), required=False
    )
    persona = forms.ChoiceField(label=_("Opens on"), choices=Member.Persona.choices)
    needs_end_date = forms.BooleanField(
        label=_("Always until a date"),
        required=False,
        help_text=_("For guests: this role can't be given without an end date."),
    )


class OrganizationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Type a city: Paris, Montreal, Noumea…"))


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Type a city: Paris, Montreal, Noumea…"))
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Languages the brand publishes in."),
    )

    class Meta:
        model = Brand
        fields = ("name", "slug", "time_zone", "languages", "approval", "late_tolerance_minutes", "colour", "voice")
        widgets = {"colour": forms.TextInput(attrs={"type": "color"}), "voice": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "slug": _("In addresses and in the API: small letters, digits and hyphens."),
            "approval": _("With approval, nothing goes out that somebody else has not approved."),
            "late_tolerance_minutes": _("Later than this, a person decides whether it still goes out."),
            "voice": _("How the brand speaks: tone, words to use, words to avoid."),
        }

    def clean_slug(self) -> str:
        valid_slug(self.cleaned_data["slug"])
        return str(self.cleaned_data["slug"])

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def _post_clean(self) -> None:
        """The service validates the model, inside the organization in scope."""


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=[("fr", "Français"), ("en", "English")])
    theme = forms.ChoiceField(
        label=_("Colours"), choices=[("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
    )
