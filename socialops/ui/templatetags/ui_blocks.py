"""The component tags that hold content: {% drawer … %}…{% enddrawer %}. Part of the `ui` builtin."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from socialops.ui.statuses import TONES

register = template.Library()


def _render(name: str, **values: Any) -> SafeString:
    return SafeString(render_to_string(f"ui/{name}.html", values))


@register.simple_block_tag
def page_header(
    content: str, *, title: str, subtitle: str = "", back_url: str = "", back_label: str = ""
) -> SafeString:
    """The h1 of a screen, what it is about, and its actions."""
    return _render(
        "page_header",
        actions=SafeString(content.strip()),
        title=title,
        subtitle=subtitle,
        back_url=back_url,
        back_label=back_label,
    )


@register.simple_block_tag
def banner(content: str, *, tone: str = "warning", title: str = "") -> SafeString:
    """Something that must be known before anything else on the page."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"Tone “{tone}” is none of: {', '.join(sorted(TONES))}.")
    return _render("banner", content=content, tone=tone, title=title)


@register.simple_block_tag
def tabs(content: str, *, label: str) -> SafeString:
    """Views of one thing, each with its own URL."""
    return _render("tabs", content=content, label=label)


@register.inclusion_tag("ui/tab.html")
def tab(*, label: str, url: str, current: bool = False, count: int | None = None) -> dict[str, Any]:
    """One of the tabs."""
    return {"label": label, "url": url, "current": current, "count": count}


@register.simple_block_tag
def menu(
    content: str,
    *,
    label: str,
    icon: str = "dots",
    variant: str = "ghost",
    hide_label: bool = False,
    align: str = "end",
) -> SafeString:
    """A button that opens a list of actions; arrow keys move in it, Esc closes it."""
    if align not in {"start", "end"}:
        raise template.TemplateSyntaxError("A menu aligns to its start or its end.")
    return _render("menu", content=content, label=label, icon=icon, variant=variant, hide_label=hide_label, align=align)


@register.inclusion_tag("ui/menu_item.html", takes_context=True)
def menu_item(
    context: Context, *, label: str, url: str = "", icon: str = "", method: str = "get", danger: bool = False,
    opens: str = "", current: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One action. method="post" sends a form with the CSRF token."""
    if method not in {"get", "post"}:
        raise template.TemplateSyntaxError("A menu item goes by get or by post.")
    return {
        "label": label, "url": url, "icon": icon, "method": method, "danger": danger, "opens": opens, "current": current,
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.simple_block_tag
def drawer(content: str, *, id: str, title: str) -> SafeString:  # noqa: A002 -- HTML's own word
    """A panel from the side, for what belongs to the page behind it."""
    return _render("dialog", content=content, id=id, title=title, kind="drawer")


@register.simple_block_tag
def dialog(content: str, *, id: str, title: str) -> SafeString:  # noqa: A002 -- HTML's own word
    """A panel in the middle, for the few things that must interrupt."""
    return _render("dialog", content=content, id=id, title=title, kind="modal")


@register.simple_block_tag
def listing(content: str, *, id: str) -> SafeString:  # noqa: A002 -- HTML's own word
    """What sorting, filtering and paging replace. Its links and its filters swap this part alone and push the URL."""
    return _render("listing", content=content, id=id)


@register.simple_block_tag(takes_context=True)
def filters(context: Context, content: str) -> SafeString:
    """A form of the query string: applies by itself on change, by its button without JavaScript; keeps the sort order."""
    return _render("filters", content=content, request=context["request"])


@register.simple_block_tag
def table(content: str, *, caption: str) -> SafeString:
    """A table that scrolls inside its own box on a phone; the caption is for screen readers."""
    return _render("table", content=content, caption=caption)
