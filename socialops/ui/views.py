"""Theme, language, and the style guide that shows every component in every state."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from socialops.ui import showcase
from socialops.ui.messages import toast
from socialops.ui.theme import THEMES, remember_theme

_YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


def _remember_for_person(request: HttpRequest, field: str, value: str) -> None:
    if request.user.is_authenticated and hasattr(request.user, field):
        setattr(request.user, field, value)
        request.user.save(update_fields=[field])


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system: for this device by cookie, for the person by their setting."""
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return HttpResponseBadRequest(_("Choose light, dark, or as the system."))
    response = _back(request)
    remember_theme(request, response, theme)
    _remember_for_person(request, "theme", theme)
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """French or English: for this device by cookie, for the person by their setting (mails follow it)."""
    language = request.POST.get("language", "")
    if not any(language == code for code, _name in settings.LANGUAGES):
        return HttpResponseBadRequest(_("Choose one of the languages offered."))
    response = _back(request)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR, samesite="Lax", secure=request.is_secure()
    )
    _remember_for_person(request, "language", language)
    translation.activate(language)
    return response


@login_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    cast("Any", request).sorted_by = request.GET.get("sort", "name")  # read by the column headings
    if request.GET.get("toast"):
        toast(request, _("The post was moved to Thursday."), undo_url=request.path)
        toast(request, _("The figures are from this morning."), level="info")
        toast(request, _("The token expires in 7 days."), level="warning")
        toast(request, _("The network refused the image."), level="error")
    page_obj = Paginator(range(1, 181), 8).get_page(request.GET.get("page"))
    context = {**showcase.context(), "page_obj": page_obj, "rows": showcase.rows(page_obj.object_list)}
    return render(request, "ui/styleguide.html", context)
