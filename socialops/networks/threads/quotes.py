"""The post to quote: from the address of its page to the id that the API wants.

No call of the API turns an address into an id, and the letters in it are another number. So it is looked for where the API lists posts to us: our own, our replies, and those that
mention us.
"""

from __future__ import annotations

import re
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code
from socialops.networks.ports import Target
from socialops.networks.quotes import refused
from socialops.networks.threads.answers import GONE, NETWORK, call, error_code, next_page, rows_of

PAGE = re.compile(r"https?://[^/\s]+/(?:@[\w.]+/post|t)/([\w-]+)/?(?:[?#]\S*)?")


def read(address: str) -> str | None:
    """The post's code, None for what is no post's address."""
    match = PAGE.fullmatch(address)
    return match[1] if match else None


def resolve(target: Target, address: str) -> str:
    """ValidationError quote_not_found for a post that the API does not list to us."""
    code = read(address)
    for edge in _edges(target):
        if found := _listed(target, edge, code):
            return found
    raise refused(Code.QUOTE_NOT_FOUND, address)


def _edges(target: Target) -> list[str]:
    """Each only with its scope: asking without one is refused."""
    granted, table = target.credentials.scopes, network_data(NETWORK)["quote"]["edges"]
    return [edge for edge, scope in table.items() if not granted or scope in granted]


def _listed(target: Target, edge: str, code: str | None) -> str:
    """The id of the post with this code among the newest of an edge, "" where it isn't there."""
    rule = network_data(NETWORK)["quote"]
    params: dict[str, Any] = {"fields": "id,permalink", "limit": rule["page_size"]}
    for _page in range(rule["pages"]):
        answer = call(target, "GET", f"{target.external_id}/{edge}", params=params, accept=(GONE,))
        if error_code(answer) == GONE:
            return ""
        for row in rows_of(answer):
            if read(str(row.get("permalink") or "")) == code:
                return str(row["id"])
        after = next_page(answer, rule["page_size"])
        if not after:
            return ""
        params["after"] = after
    return ""
