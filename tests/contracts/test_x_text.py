"""Counting and links beside every case of twitter-text's own conformance files."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from socialops.networks.data import default_limits, network_data
from socialops.networks.x.weighted import find_cashtags, find_links, weighted_length

pytestmark = pytest.mark.contracts

REFUSED = set(default_limits("x")["text"]["refused"])
NOW = network_data("x")["weighted"]
# twitter-text's earlier configurations, for the cases written for them
SECOND = {**NOW, "emoji": False}
FIRST = {**SECOND, "scale": 1, "default_weight": 1, "light_weight": 1, "light_ranges": []}
WEIGHED = {
    "WeightedTweetsCounterTest": SECOND,
    "WeightedTweetsWithDiscountedEmojiCounterTest": NOW,
    "UnicodeDirectionalMarkerCounterTest": NOW,
}


def cases(folder: Path, name: str) -> dict[str, list[dict[str, Any]]]:
    found = yaml.safe_load((folder / "conformance" / f"twitter-text-{name}.yml").read_text(encoding="utf-8"))
    return dict(found["tests"])


def is_valid(text: str, length: int, most: int) -> bool:
    return 0 < length <= most and not REFUSED & set(text)


def differences(section: list[dict[str, Any]], found: Any) -> list[tuple[str, Any, Any]]:
    """Descriptions of the cases that come out otherwise."""
    assert section
    results = [(case["description"], found(case["text"]), case["expected"]) for case in section]
    return [result for result in results if result[1] != result[2]]


@pytest.mark.parametrize("section", sorted(WEIGHED))
def test_weighted_lengths(folder: Path, section: str) -> None:
    def counted(text: str) -> tuple[int, bool]:
        length = weighted_length(text, WEIGHED[section])
        return length, is_valid(text, length, 280)

    listed = cases(folder, "validate")[section]
    expected = [
        {**case, "expected": (case["expected"]["weightedLength"], case["expected"]["valid"])} for case in listed
    ]
    assert differences(expected, counted) == []


def test_the_shorter_posts_of_old(folder: Path) -> None:
    listed = cases(folder, "validate")["tweets"]
    assert differences(listed, lambda text: is_valid(text, weighted_length(text, FIRST), 140)) == []


def values(text: str) -> list[str]:
    return [link.value for link in find_links(unicodedata.normalize("NFC", text))]


def places(text: str) -> list[dict[str, Any]]:
    return [{"url": link.value, "indices": [link.start, link.end]} for link in find_links(text)]


@pytest.mark.parametrize(
    ("section", "found"),
    [
        ("urls", values),
        ("tco_urls_with_params", values),
        ("urls_with_indices", places),
        ("urls_with_directional_markers", places),
    ],
)
def test_links(folder: Path, section: str, found: Any) -> None:
    assert differences(cases(folder, "extract")[section], found) == []


def cashtags(text: str) -> list[str]:
    return [tag.value for tag in find_cashtags(text)]


def cashtag_places(text: str) -> list[dict[str, Any]]:
    return [{"cashtag": tag.value, "indices": [tag.start, tag.end]} for tag in find_cashtags(text)]


@pytest.mark.parametrize(("section", "found"), [("cashtags", cashtags), ("cashtags_with_indices", cashtag_places)])
def test_cashtags(folder: Path, section: str, found: Any) -> None:
    assert differences(cases(folder, "extract")[section], found) == []
