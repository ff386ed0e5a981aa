"""Every refusal that the facts sheets list has a meaning in the connectors' data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.meta.graph import meaning

pytestmark = pytest.mark.contracts

NUMBER = re.compile(r"(?<![\w.-])\d{1,7}(?![\w.%])")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
SUBCODE = re.compile(r"\b22070\d\d\b")
# What is listed and deliberately has none: refused as content, for a person to read.
FACEBOOK = {
    "12": "reviews, which we don't read",
    "33": "with code 100: the callers read it as gone",
    "90": "a number of days",
    "100": "a bad parameter",
    "1705": "a comment with a person's token, which we never send",
    "2069032": "with code 190, which decides",
}
INSTAGRAM = {
    "2207006": "with code 24: the container or its permission; the token is checked elsewhere",
    "2207010": "the caption is too long: checked before",
    "2207040": "more than 20 tags: checked before",
    "2207057": "the moment of the still picture: checked before",
    "2207085": "a fault of Meta's own when deleting, mended",
}
THREADS = {"24": "its subcode decides", "100": "a bad parameter"}


def rows(sheet: Path) -> Iterator[list[str]]:
    """Cells of the table whose first column is headed `code`."""
    inside = False
    for line in sheet.read_text(encoding="utf-8").splitlines():
        cells = [DATE.sub("", cell).strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        inside = bool(cells) and (inside or cells[0].startswith("code"))
        if inside and not re.match("code|-+$", cells[0]):
            yield cells


def numbers(value: Any) -> set[str]:
    """All numbers in a table of ours, ranges written as their ends."""
    if isinstance(value, dict):
        return {name for name in value if name.isdecimal()} | {n for own in value.values() for n in numbers(own)}
    if isinstance(value, list):
        return {number for own in value for number in numbers(own)}
    return {str(value)} if isinstance(value, int) else set()


def test_facebook(folder: Path) -> None:
    listed = {n for cells in rows(folder / "facebook.md") for cell in cells[:2] for n in NUMBER.findall(cell)}
    assert len(listed) > 25
    assert {n for n in listed if meaning(int(n), 0) is meaning(0, int(n)) is None} == set(FACEBOOK) & listed


def test_instagram(folder: Path) -> None:
    listed = {n for cells in rows(folder / "instagram.md") for n in SUBCODE.findall(cells[0])}
    assert len(listed) > 20
    assert {n for n in listed if meaning(0, int(n)) is None} == set(INSTAGRAM)


def test_threads(folder: Path) -> None:
    lines = (folder / "threads.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("- Errors: Graph shape")]
    listed = set(re.findall(r"(?<![\w.-])\d{1,7}(?![\w.])", line.partition("[K for THApiException]")[2]))
    assert listed - numbers(network_data("threads")["errors"]) == set(THREADS)


def test_tiktok(folder: Path) -> None:
    text = (folder / "tiktok.md").read_text(encoding="utf-8")
    listed = {name for cells in rows(folder / "tiktok.md") for name in re.findall(r"[a-z]+(?:_[a-z]+)+", cells[0])}
    known = network_data("tiktok")["errors"]
    short = {
        "too_many_pending_share": "spam_risk_too_many_pending_share",
        "unaudited_client": "unaudited_client_can_only_post_to_private_accounts",
    }
    unknown = {short.get(name, name) for name in listed} - known["codes"].keys()
    assert unknown == {"internal_error"}  # by its name, in the code: what it means depends on the call
    (reasons,) = re.findall(r"fail_reason: (.+)\.", text)
    assert set(re.findall(r"[a-z]+(?:_[a-z]+)+|\binternal\b", reasons)) == known["failures"].keys()
