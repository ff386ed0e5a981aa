"""The audit log: who did what, when. For those who may read it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from socialops.api.csv import write_csv
from socialops.audit.models import Event
from socialops.audit.selectors import list_events
from socialops.http import TenantRequest
from socialops.permissions.rights import Right
from socialops.ui.listing import paginate
from teams.selectors.members import members_of
from teams.web.audit_words import FAMILIES, action_words

_EXPORT_LIMIT = 20_000


class FilterForm(forms.Form):
    actor = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    action = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("Everything")), *FAMILIES.items()]
    )
    target = forms.CharField(label=gettext_lazy("About"), required=False, max_length=100)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = members_of().order_by("user__name").values_list("user_id", "user__name", "user__email")
        who: Any = self.fields["actor"]
        who.choices = [("", _("Everybody")), *((str(pk), name or email) for pk, name, email in people)]


@require_safe
def audit(request: TenantRequest, organization: str) -> HttpResponse:
    request.actor.require(Right.SEE_AUDIT, request.organization)
    form = FilterForm(request.GET)
    page = paginate(request, _events(request, form), size=50)
    rows = [(event, action_words(event.action), changes_words(event.changes)) for event in page]
    context = {"form": form, "page_obj": page, "rows": rows, "zone": request.organization.time_zone}
    return render(request, "teams/audit.html", context)


@require_safe
def export(request: TenantRequest, organization: str) -> HttpResponse:
    """The same rows as a sheet, the newest 20,000 at most; times in the organization's zone."""
    request.actor.require(Right.SEE_AUDIT, request.organization)
    zone = request.organization.zone
    rows = (
        (
            event.at.astimezone(zone).isoformat(timespec="seconds"),
            event.actor_name,
            event.actor_kind,
            event.action,
            str(action_words(event.action)),
            event.target_kind,
            event.target_id,
            event.target_label,
            "; ".join(changes_words(event.changes)),
            event.reason,
            event.request_id,
        )
        for event in _events(request, FilterForm(request.GET))[:_EXPORT_LIMIT].iterator(chunk_size=1000)
    )
    header = [
        _("When (%(zone)s)") % {"zone": zone.key},
        _("Who"),
        _("Kind"),
        _("Code"),
        _("What"),
        _("About"),
        _("Id"),
        _("Name"),
        _("Changes"),
        _("Reason"),
        _("Request"),
    ]
    response = HttpResponse(write_csv(header, rows), content_type="text/csv; charset=utf-8")
    name = f"audit-{request.organization.slug}-{timezone.now().astimezone(zone):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def changes_words(changes: dict[str, Any]) -> list[str]:
    """`name: before → after`, one line a field."""
    lines = []
    for field, values in changes.items():
        before, after = values if isinstance(values, list) and len(values) == 2 else (None, values)
        lines.append(f"{field.replace('_', ' ')}: {_shown(before)} → {_shown(after)}")
    return lines


def _events(request: TenantRequest, form: FilterForm) -> QuerySet[Event]:
    asked = form.cleaned_data if form.is_valid() else {}
    return list_events(
        actor_id=int(asked["actor"]) if asked.get("actor") else None,
        action=asked.get("action", ""),
        target=asked.get("target", "").strip(),
        since=_midnight(request, asked.get("since")),
        until=_midnight(request, asked.get("until"), days=1),
    )


def _midnight(request: TenantRequest, day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time.min, tzinfo=request.organization.zone)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "—"
    return str(value)
