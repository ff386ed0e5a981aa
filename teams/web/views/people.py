"""One's own account, and the door an invitation opens."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from socialops.tenancy.scope import tenant
from socialops.ui.messages import toast
from socialops.ui.theme import remember_theme
from teams.errors import RuleRefused
from teams.models import Invitation, Organization, User
from teams.selectors.organizations import organizations_of
from teams.services.invitations import accept_invitation, find_invitation, grants_of, organization_of_token
from teams.services.people import create_person, edit_person
from teams.web.answers import into_form
from teams.web.forms import PersonForm

_GONE = 410


class JoinForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters; a few unrelated words are easier to remember."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password"):
            person = User(email=self.email, name=data.get("name", ""))
            try:
                password_validation.validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return data


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, language, colours; e-mail, password and second factor are allauth's pages."""
    person: Any = request.user
    initial = {"name": person.name, "language": person.language, "theme": person.theme}
    form = PersonForm(request.POST or None, initial=initial)
    edited: User | None = None
    if request.method == "POST" and form.is_valid():
        edited = into_form(form, lambda: edit_person(user=person, **form.cleaned_data))
    if edited is not None:
        response = redirect("account")
        remember_theme(request, response, person.theme)
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME, samesite="Lax"
        )  # the person's own choice speaks from now on
        with translation.override(person.language):
            toast(request, _("Saved."))
        return response
    return render(request, "teams/account.html", {"form": form, "organizations": organizations_of(person)})


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link."""
    organization = organization_of_token(token)
    if organization is None:
        return _closed(
            request, _("This link is not complete, or was replaced by a newer one. Look for the last message.")
        )
    with tenant(organization):
        invitation = find_invitation(token)
        if invitation is None:
            return _closed(request, _("This link was replaced by a newer one. Look for the last message you received."))
        if request.user.is_anonymous and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(invitation.language)
            request.LANGUAGE_CODE = invitation.language
        closed = _why_closed(invitation)
        if closed:
            return _closed(request, closed)
        return _open_door(request, organization, invitation)


def _open_door(request: HttpRequest, organization: Organization, invitation: Invitation) -> HttpResponse:
    person: Any = request.user
    known = User.objects.filter(email__iexact=invitation.email).first()
    context: dict[str, Any] = {"invitation": invitation, "organization": organization, "grants": grants_of(invitation)}
    if person.is_authenticated and person.email.lower() != invitation.email.lower():
        return render(request, "teams/accept.html", {**context, "way": "other"})
    if person.is_authenticated:
        if request.method == "POST":
            return _join(request, organization, invitation, person)
        return render(request, "teams/accept.html", {**context, "way": "join"})
    if known is not None:
        return render(request, "teams/accept.html", {**context, "way": "sign_in"})
    form = JoinForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                person = create_person(
                    email=invitation.email,
                    name=form.cleaned_data["name"],
                    password=form.cleaned_data["password"],
                    language=invitation.language,
                )
                accept_invitation(invitation=invitation, user=person)
        except RuleRefused as error:
            return _closed(request, " ".join(error.messages))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return _sign_in(request, person, organization)
    return render(request, "teams/accept.html", {**context, "way": "new", "form": form})


def _join(request: HttpRequest, organization: Organization, invitation: Invitation, person: User) -> HttpResponse:
    try:
        accept_invitation(invitation=invitation, user=person)
    except RuleRefused as error:
        return _closed(request, " ".join(error.messages))
    toast(request, _("Welcome to %(organization)s.") % {"organization": organization})
    return redirect("teams:home", organization.slug)


def _sign_in(request: HttpRequest, person: User, organization: Organization) -> HttpResponse:
    """Through allauth, whose stages (second factor, notices) then hold here too."""
    url = reverse("teams:home", args=[organization.slug])
    response: HttpResponse = perform_login(request, person, redirect_url=url, signup=True, email=person.email)
    return response


def _why_closed(invitation: Invitation) -> str:
    if invitation.accepted_at is not None:
        return _("This invitation has already been accepted. Sign in to continue.")
    if invitation.revoked_at is not None:
        return _("This invitation has been revoked. Ask for a new one.")
    if invitation.expires_at <= timezone.now():
        return _("This invitation has expired. Ask for a new one.")
    return ""


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "teams/accept.html", {"way": "closed", "why": why}, status=_GONE)
