"""Sorting and pages of a list, by the query string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest

SORT = "sort"
PAGE = "page"
_Row = TypeVar("_Row", bound=Model)


def sort(request: HttpRequest, rows: QuerySet[_Row], columns: Mapping[str, str], *, default: str) -> QuerySet[_Row]:
    """Order by ?sort=name or ?sort=-name, where `columns` maps public names to fields; anything else means `default`.

    Missing values come last either way; the primary key settles ties, so that pages never overlap.
    """
    wanted = request.GET.get(SORT, default)
    if wanted.removeprefix("-") not in columns:
        wanted = default
    field = F(columns[wanted.removeprefix("-")])
    order = field.desc(nulls_last=True) if wanted.startswith("-") else field.asc(nulls_last=True)
    cast("Any", request).sorted_by = wanted  # read by the column headings of the same page
    return rows.order_by(order, "pk")


def paginate(request: HttpRequest, rows: Any, *, size: int = 50) -> Page[Any]:
    """The page ?page= asks for; the nearest one when it is out of range or nonsense."""
    return Paginator(rows, size).get_page(request.GET.get(PAGE))
