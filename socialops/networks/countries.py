"""Countries of an audience, as people type them: ISO 3166-1 alpha-2, in any case."""

from __future__ import annotations

from collections.abc import Iterator

from socialops.networks.errors import Code
from socialops.networks.ports.content import Content
from socialops.networks.ports.quota import Problem

OPTION = "countries"


def countries_of(content: Content) -> list[str]:
    """As networks take them: FR, BE."""
    return [str(code).upper() for code in content.options.get(OPTION) or ()]


def check_countries(content: Content) -> Iterator[Problem]:
    """What is no code of two letters. Whether there is such a country the network says."""
    if any(not (len(code) == len("FR") and code.isascii() and code.isalpha()) for code in countries_of(content)):
        yield Problem(Code.OPTION_INVALID, "options", {"option": OPTION, "allowed": ""})
