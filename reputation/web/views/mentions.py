"""What people say: the list, one mention with its conversation, and what is done about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reputation.enums import Sentiment
from reputation.models import Mention
from reputation.selectors.mentions import around, get_mention, list_mentions, place
from reputation.selectors.pulls import list_sources
from reputation.services import mentions as service
from reputation.web.forms import ALL, DONE, OPEN, FilterForm
from reputation.web.present import name_language, show_row, show_source, why_no_text
from reputation.web.rail import open_count
from socialops.api.csv import write_csv
from socialops.http import TenantRequest
from socialops.permissions.decision import RightMissing
from socialops.permissions.rights import Right
from socialops.ui.listing import paginate
from socialops.ui.messages import toast
from teams.selectors.seen import brands_seen, channels_seen

PAGE_SIZE = 30
EXPORTED_AT_MOST = 20_000


def _form(request: TenantRequest) -> FilterForm:
    return FilterForm(request.GET, brands=brands_seen(request), channels=channels_seen(request, disconnected=True))


@require_safe
def mention_list(request: TenantRequest, organization: str) -> HttpResponse:
    """Narrowed by the query string; what waits first."""
    form = _form(request)
    wanted = form.wanted(request.organization)
    page = paginate(request, list_mentions(request.actor, wanted, with_places=False), size=PAGE_SIZE)
    place(page, channels_seen(request, disconnected=True))
    sources = [show_source(source) for source in list_sources(channels_seen(request))]
    context = {
        "form": form,
        "page_obj": page,
        "rows": [show_row(mention, request.actor) for mention in page],
        "tabs": _tabs(request, form),
        "sources": sources,
        "troubled": sum(1 for line in sources if not line.source.is_well),
        "may_export": request.actor.can_anywhere(Right.EXPORT),
        "zone": request.organization.time_zone,
        "query": request.GET.urlencode(),
    }
    return render(request, "reputation/mentions.html", context)


def _tabs(request: TenantRequest, form: FilterForm) -> list[dict[str, Any]]:
    current = form.cleaned_data.get("state") or OPEN
    tabs = []
    for state, label in ((OPEN, _("To handle")), (DONE, _("Done")), (ALL, _("All"))):
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = state
        count = open_count(request) if state == OPEN else None
        tabs.append({"label": label, "url": f"?{query.urlencode()}", "current": state == current, "count": count})
    return tabs


@require_safe
def mention(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """A page of its own; in the drawer when htmx asks."""
    return show(request, get_mention(request.actor, pk))


def show(
    request: TenantRequest, found: Mention, *, also_row: bool = False, status: int = 200, **typed: Any
) -> HttpResponse:
    """The mention's page, in the drawer when htmx asks. `typed`, `typed_private` and `refusal`: an answer that could not be taken."""
    context = {
        "row": show_row(found, request.actor),
        "conversation": [show_row(other, request.actor) for other in around(found)],
        "also_row": also_row,
        **typed,
    }
    template = "reputation/mention.html#panel" if request.htmx else "reputation/mention.html"
    return render(request, template, context, status=status)


@require_POST
def sentiment(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    """`to`: the label, or "" to take the correction back."""
    found = get_mention(request.actor, pk)
    to = request.POST.get("to", request.GET.get("to", ""))
    before = found.human_sentiment
    if to not in {"", Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE}:
        toast(request, _("Choose positive, neutral or negative."), level="error")
        return answer(request, pk)
    service.correct_sentiment(mention=found, sentiment=to, actor=request.actor)
    undo = f"{reverse('reputation:sentiment', args=[organization, pk])}?to={before}"
    if to:
        text = _("Label corrected: %(label)s.") % {"label": Sentiment(to).label}
    else:
        text = _("Correction taken back: the model’s label counts again.")
    toast(request, text, undo_url=undo if to != before else "")
    return answer(request, pk)


@require_POST
def done(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    service.mark_done(mention=get_mention(request.actor, pk), actor=request.actor)
    toast(request, _("Marked as done."), undo_url=reverse("reputation:reopen", args=[organization, pk]))
    return answer(request, pk)


@require_POST
def reopen(request: TenantRequest, organization: str, pk: int) -> HttpResponseBase:
    service.reopen(mention=get_mention(request.actor, pk), actor=request.actor)
    toast(request, _("Back among those to handle."))
    return answer(request, pk)


def answer(request: TenantRequest, pk: int) -> HttpResponseBase:
    """The row or panel as it is now for htmx; else back to where the person was."""
    if request.htmx:
        found = get_mention(request.actor, pk)
        if request.POST.get("from") == "panel":
            return show(request, found, also_row=True)
        return render(
            request, "reputation/mention_row.html", {"row": show_row(found, request.actor), "is_answer": True}
        )
    back = request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else reverse("reputation:mentions", args=[request.organization.slug]))


@require_safe
def export(request: TenantRequest, organization: str) -> HttpResponseBase:
    """What the filters show, of the channels where the right to export is held; times in the organization's zone."""
    if not request.actor.can_anywhere(Right.EXPORT):
        raise RightMissing(_("You need the right “%(right)s” here.") % {"right": Right.EXPORT.label})
    wanted = _form(request).wanted(request.organization)
    rows = list(list_mentions(request.actor, wanted, right=Right.EXPORT)[: EXPORTED_AT_MOST + 1])
    if len(rows) > EXPORTED_AT_MOST:
        toast(
            request, _("More than 20,000 mentions: choose a shorter period or a channel, then export."), level="error"
        )
        return redirect(f"{reverse('reputation:mentions', args=[organization])}?{request.GET.urlencode()}")
    zone = request.organization.zone
    header = [
        _("Published (%(zone)s)") % {"zone": zone.key}, _("Brand"), _("Channel"), _("Network"), _("Kind"), _("Author"), _("Handle"),
        _("Text"), _("Link"), _("Language"), _("Sentiment"), _("Model’s label"), _("Model’s confidence"), _("Model"), _("Corrected by"),
        _("Answers our post"), _("Done at"),
    ]  # fmt: skip
    lines = [
        (
            row.published_at.astimezone(zone).isoformat(timespec="seconds"), row.brand.name, row.channel.name, row.network,
            str(row.get_kind_display()), row.author_name, row.author_handle, why_no_text(row) or row.text, row.url,
            "" if row.expired_at else name_language(row.language),
            str(row.label.label), str(Sentiment(row.sentiment).label), round(row.sentiment_confidence, 2), row.sentiment_model,
            str(row.human_sentiment_by or ""), row.delivery.external_url or row.delivery.label if row.delivery else "",
            row.done_at.astimezone(zone).isoformat(timespec="seconds") if row.done_at else "",
        )
        for row in rows
    ]  # fmt: skip
    separator = ";" if translation.get_language() == "fr" else ","
    response = HttpResponse(write_csv(header, lines, separator=separator), content_type="text/csv; charset=utf-8")
    name = f"mentions-{organization}-{timezone.now().astimezone(zone):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
