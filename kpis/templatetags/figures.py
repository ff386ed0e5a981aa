"""Words and signs of figures."""

from __future__ import annotations

from django import template

from kpis.enums import Metric
from socialops.ui.formats import show_change

register = template.Library()


@register.simple_tag
def metric_name(name: str) -> str:
    """“Impressions” for impressions, in the reader's language."""
    return str(Metric(name).label)


@register.simple_tag
def change(delta: float) -> str:
    """A fraction as a signed percentage: +12 %."""
    return show_change(delta)
