"""Cursor pagination: stable under inserts, no COUNT."""

from __future__ import annotations

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """`?cursor=&page_size=` (1 to 200, 50 by default). Newest first unless the view sets `ordering`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"
