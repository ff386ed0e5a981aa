"""The component tags: a builtin of every template. A misspelt argument fails when the template compiles.

Each has its line in docs/ui.md. Small ones are written here, because a page may hold a thousand; the others have a template in templates/ui.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.contrib import messages as django_messages
from django.http import QueryDict
from django.template.context import RequestContext
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from socialops.ui import charts, formats, languages, sparklines
from socialops.ui.charts import ChartData
from socialops.ui.icons import render_icon
from socialops.ui.listing import PAGE, SORT
from socialops.ui.messages import UNDO
from socialops.ui.networks import NETWORK_NAMES
from socialops.ui.statuses import DELIVERY_STATUSES, POST_STATUSES, SHAPES, TONES, Status

register = template.Library()

_BUTTONS = {
    "primary": "btn btn-primary",
    "secondary": "btn",
    "ghost": "btn btn-ghost",
    "danger": "btn btn-danger",
    "link": "btn btn-link",
}
_HEALTH_TONES = {"ok": "success", "warning": "warning", "down": "danger", "paused": "neutral"}


def _one_of(what: str, value: str, allowed: Any) -> None:
    if value not in allowed:
        raise template.TemplateSyntaxError(f"{what} “{value}” is none of: {', '.join(sorted(filter(None, allowed)))}.")


@register.simple_tag
def icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """An icon of the sprite; decorative unless labelled."""
    return render_icon(name, label=label, size=size)


@register.simple_tag
def network_icon(network: str, *, label: bool = True) -> SafeString:
    """The network's mark in its colour; without a label where its name stands beside."""
    _one_of("Network", network, NETWORK_NAMES)
    if not label:
        return format_html('<i class="net net-{}"></i>', network)
    name = NETWORK_NAMES[network]
    return format_html('<i class="net net-{}" role="img" aria-label="{}" title="{}"></i>', network, name, name)


@register.simple_tag
def network_name(network: str) -> str:
    """“Mastodon” for mastodon."""
    _one_of("Network", network, NETWORK_NAMES)
    return NETWORK_NAMES[network]


@register.simple_tag
def badge(*, text: str, tone: str = "neutral", shape: str = "") -> SafeString:
    """A word in a tinted pill, with a shape where the colour means something."""
    _one_of("Tone", tone, TONES)
    _one_of("Shape", shape, SHAPES)
    return _pill(str(text), tone, shape)


def _pill(text: str, tone: str, shape: str) -> SafeString:
    return format_html('<span class="pill t-{}{}">{}</span>', tone, f" s-{shape}" if shape else "", text)


@lru_cache(maxsize=256)
def _status_pill(status: Status, language: str | None) -> SafeString:
    return _pill(str(status.word), status.tone, status.shape)


@register.simple_tag
def post_status(status: str, *, asks: bool = False) -> SafeString:
    """An editorial state as word, shape and colour. `asks`: somebody must first say whether it is live somewhere, which no plan says."""
    _one_of("Post state", status, POST_STATUSES)
    shown = DELIVERY_STATUSES["unconfirmed"] if asks else POST_STATUSES[status]
    return _status_pill(shown, translation.get_language())


@register.simple_tag
def delivery_status(status: str) -> SafeString:
    """A delivery state as word, shape and colour."""
    _one_of("Delivery state", status, DELIVERY_STATUSES)
    return _status_pill(DELIVERY_STATUSES[status], translation.get_language())


@register.simple_tag
def health_dot(health: str) -> SafeString:
    """A channel's health in the rail: a dot whose word is there for screen readers."""
    _one_of("Health", health, _HEALTH_TONES)
    words = {
        "ok": _("Works"),
        "warning": _("Needs attention soon"),
        "down": _("Disconnected"),
        "paused": _("Suspended"),
    }
    return format_html(
        '<span class="health health-{}" title="{}"><span class="visually-hidden">{}</span></span>',
        health, words[health], words[health],
    )  # fmt: skip


@register.simple_tag
def brand_time(value: datetime | None, brand: Any, *, style: str = "short") -> SafeString | str:
    """A moment in the brand's zone with its abbreviation; — when there is none."""
    if value is None:
        return formats.MISSING
    zone = formats.zone_of(brand)
    # With "relative" the exact moment is the tooltip; otherwise the zone in full.
    title = formats.show_moment(value, zone) if style == "relative" else formats.describe_zone(value, zone)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.astimezone(zone).isoformat(timespec="minutes"),
        title,
        formats.show_moment(value, zone, style=style),
    )


@register.simple_tag
def number(value: formats.Number | None, *, unit: str = "", decimals: int = 0, exact: bool = False) -> str:
    """A number in the reader's language; — when missing. From 100,000 on shortened, unless `exact`."""
    return formats.show_number(value, unit=unit, decimals=decimals, exact=exact)


@register.simple_tag
def money(value: Decimal | None, *, currency: str = "USD") -> str:
    """An amount in the reader's language; — when missing."""
    return formats.show_money(value, currency=currency)


@register.simple_tag
def avatar(*, name: str, image_url: str = "", size: str = "") -> SafeString:
    """A face, or the initials on a colour that stays the same for the same name. The name stands beside it or in its title."""
    _one_of("Size", size, {"", "sm", "lg"})
    css = f"face face-{size}" if size else "face"
    if image_url:
        return format_html('<img class="{}" src="{}" alt="" title="{}" loading="lazy">', css, image_url, name)
    initials = "".join(word[0] for word in str(name).replace("@", " ").split()[:2]).upper() or "?"
    hue = sum(map(ord, str(name))) % 6
    return format_html('<span class="{} face-{}" title="{}" aria-hidden="true">{}</span>', css, hue, name, initials)


@register.inclusion_tag("ui/button.html")
def button(
    *, label: str, variant: str = "secondary", icon: str = "", href: str = "", type: str = "submit",  # noqa: A002 -- HTML's own words
    name: str = "", value: str = "", form: str = "", opens: str = "", size: str = "", disabled: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A button, or a link that looks like one."""
    _one_of("Variant", variant, _BUTTONS)
    _one_of("Size", size, {"", "sm"})
    css = _BUTTONS[variant] + (f" btn-{size}" if size else "")
    return {
        "label": label, "css": css, "icon": icon, "href": href, "type": "button" if opens else type,
        "name": name, "value": value, "form": form, "opens": opens, "disabled": disabled,
    }  # fmt: skip


@register.inclusion_tag("ui/empty_state.html")
def empty_state(
    *, title: str, text: str = "", icon: str = "inbox", action_label: str = "", action_url: str = ""
) -> dict[str, Any]:
    """Nothing here yet, and what to do about it."""
    return {"title": title, "text": text, "icon": icon, "action_label": action_label, "action_url": action_url}


@register.inclusion_tag("ui/kpi_tile.html")
def kpi_tile(
    *, label: str, value: formats.Number | None, unit: str = "", delta: formats.Number | None = None, period: str = "",
    better: str = "up", note: str = "", sample: str = "", missing: str = "", href: str = "",
    trend: Any = None, decimals: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """One figure with its unit, its denominator, its sample and its change. Missing shows as — with the reason, never as 0."""
    _one_of("Better", better, {"up", "down", "neither"})
    direction = "" if not delta else "up" if delta > 0 else "down"
    verdict = "" if not direction or better == "neither" else "good" if direction == better else "bad"
    return {
        "label": label, "value": formats.show_number(value, unit=unit, decimals=decimals), "is_missing": value is None,
        "delta": None if delta is None else formats.show_change(delta), "direction": direction, "verdict": verdict,
        "period": period, "note": note, "sample": sample, "missing": missing, "href": href,
        "spark": sparklines.draw(trend) if trend else None,
    }  # fmt: skip


@register.inclusion_tag("ui/chart.html")
def chart(*, kind: str, data: ChartData, title: str, note: str = "") -> dict[str, Any]:
    """A chart and the table that says the same."""
    _one_of("Chart", kind, charts.KINDS)
    return {"title": title, "note": note, "kind": kind, "data": data, "payload": data.payload(kind)}


@register.inclusion_tag("ui/copy_field.html")
def copy_field(*, value: str, label: str) -> dict[str, Any]:
    """Something to copy: a link, a token shown once."""
    return {"value": value, "label": label}


@register.inclusion_tag("ui/progress.html")
def progress(*, value: float, max: float, label: str) -> dict[str, Any]:  # noqa: A002 -- HTML's own word
    """How far: 3 of 7."""
    return {"value": value, "max": max, "label": label}


@register.inclusion_tag("ui/skeleton.html")
def skeleton(*, lines: int = 3) -> dict[str, Any]:
    """Grey lines where text is about to be."""
    return {"lines": range(lines)}


@register.inclusion_tag("ui/panel_head.html")
def panel_head(*, title: str) -> dict[str, Any]:
    """Title and closing cross of a fragment that goes into the drawer."""
    return {"title": title}


@register.inclusion_tag("ui/toasts.html", takes_context=True)
def toasts(context: RequestContext, *, oob: bool = False) -> dict[str, Any]:
    """The messages waiting for this person; `oob` brings them along with an htmx fragment."""
    levels = {"success": "success", "info": "info", "warning": "warning", "error": "danger"}
    waiting = []
    request = context.get("request")  # absent when the 500 page is rendered
    for message in django_messages.get_messages(request) if request else ():
        undo = next((tag for tag in (message.extra_tags or "").split() if tag.startswith(UNDO)), "")
        waiting.append(
            {
                "text": message.message,
                "tone": levels.get(message.level_tag, "info"),
                "undo_url": undo.removeprefix(UNDO),
            }
        )
    return {"toasts": waiting, "oob": oob, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/th.html", takes_context=True)
def th(context: RequestContext, *, label: str, sort: str = "", numeric: bool = False) -> dict[str, Any]:
    """A column heading; with `sort`, a link that orders by it, the other way round when it already does."""
    request = context["request"]
    by = getattr(request, "sorted_by", request.GET.get(SORT, ""))
    direction = {sort: "ascending", f"-{sort}": "descending"}.get(by, "") if sort else ""
    url = _with(request.GET, {SORT: f"-{sort}" if direction == "ascending" else sort, PAGE: None}) if sort else ""
    return {"label": label, "url": url, "direction": direction, "numeric": numeric}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: RequestContext, page_obj: Any) -> dict[str, Any]:
    """Earlier, later and a few pages around; nothing when there is one page."""
    query, paginator = context["request"].GET, page_obj.paginator
    numbers = (
        list(paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1))
        if paginator.num_pages > 1
        else []
    )
    return {
        "page": page_obj,
        "pages": [
            {
                "number": n,
                "url": _with(query, {PAGE: str(n)}) if isinstance(n, int) else "",
                "current": n == page_obj.number,
            }
            for n in numbers
        ],
        "previous": _with(query, {PAGE: str(page_obj.number - 1)}) if page_obj.has_previous() else "",
        "next": _with(query, {PAGE: str(page_obj.number + 1)}) if page_obj.has_next() else "",
    }


def _with(query: QueryDict, changes: dict[str, str | None]) -> str:
    """The query string with some of its parts changed or (None) left out."""
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return f"?{changed.urlencode()}"


@register.inclusion_tag("ui/form_field.html")
def form_field(bound: Any, *, label: str = "", help: str = "", hide_label: bool = False) -> dict[str, Any]:  # noqa: A002 -- the word of the trade
    """A field with its label, help, errors and what a screen reader needs to tie them together."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "textarea")
    css = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}.get(
        kind, "form-control"
    )
    grouped = bound.use_fieldset
    css = "choices" if grouped else css
    attrs: dict[str, Any] = {
        "class": " ".join(filter(None, [widget.attrs.get("class"), css, "is-invalid" if bound.errors else ""]))
    }
    help_text = help or bound.help_text
    described = [f"{bound.id_for_label}_helptext"] * bool(help_text) + [f"{bound.id_for_label}_error"] * bool(
        bound.errors
    )
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound, "id": bound.id_for_label, "control": bound.as_widget(attrs=attrs), "label": label or bound.label,
        "help": help_text, "hide_label": hide_label, "required": bound.field.required, "described": " ".join(described),
        "is_hidden": bound.is_hidden, "is_check": kind == "checkbox" and not grouped, "is_group": grouped,
    }  # fmt: skip


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with the whole form, and links to the fields to correct."""
    return {"form": form, "fields": [field for field in form if field.errors and not field.is_hidden]}


@register.filter
def begins_with(text: str, start: str) -> bool:
    """Whether a path lies under another."""
    return text.startswith(start)


@register.filter
def language_name(code: str) -> str:
    """français, Brazilian Portuguese."""
    return languages.language_name(code)


@register.simple_tag
def language_choices(first: list[str], *, taken: list[str]) -> list[tuple[str, str]]:
    """(code, name) of every language: `first` and the reader's own before the others, without those already `taken`; where none is left of these, nothing is chosen for the person."""
    mine = translation.get_language() or ""
    likely = [code for code in (*first, mine) if code not in taken]
    choices = languages.languages(likely)
    return choices if likely else [("", _("Choose a language")), *choices]


# Tags with something between them live next door.
from socialops.ui.templatetags import ui_blocks  # noqa: E402 -- it needs `register`

register.tags.update(ui_blocks.register.tags)
