"""Our counting for X beside X's own library, over generated texts: scripts, emoji, links that are none, punctuation, characters no post may hold."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from socialops.embedded.node import npm_command
from socialops.networks.data import default_limits
from socialops.networks.text import count_text
from socialops.networks.x import weighted
from tests.real_servers.servers import KEPT, install

pytestmark = pytest.mark.networks

HERE = Path(__file__).parents[1] / "twitter_text"
INSTALLED = KEPT.parent / "twitter-text"
TEXTS = 5000
RULE = default_limits("x")["text"]

TOPS = weighted.HERE.joinpath("tlds.txt").read_text(encoding="utf-8").split("\n")[2:-1]
EMOJI = [
    *"©®☝⛹✌❤♾✈⚕🏋🏌🕴🕵🖐🏃👮👩👨🦸🧑🧞👁🗨🏳🏴🏻🏿🇫🇷🇦🇺😀🥲🫶",
    *("\u200d", "\ufe0f", "\ufe0e", "\u20e3", "♀️", "♂️", "1️⃣", "#⃣", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🧑‍🚀", "👁️‍🗨️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩‍❤️‍💋‍👨"),
]  # fmt: skip
WORDS = [
    "bonjour",
    "café",
    "café",
    "日本語",
    "東京。",
    "한국어",
    "Привет",
    "Ελληνικά",
    "ไทย",
    "हिन्दी",
    "مرحبا",
    "שלום",
    "𠀡",
    "𝒜",
    "ſ",
    "K",
    "ıİ",
    "ñ",
    "œuvre",
    "…",
    "€",
    "“",
    "”",
    "–",
    "—",
    "\u200b",
    "\u2009",
    "\u3000",
    "，",
    "①",
    "ﬁ",
    "ß",
    "×",
    "÷",
    "ͅ",
    "ι",
    "Ι",
    "ქართ",
    "a.b",
    "e.g.",
    "3.14",
    "foo.zip",
    "$TSLA",
    "@user",
    "#tag",
    "a@example.com",
]
INVALID = ["\ufffe", "\ufeff", "\uffff", "\u202a", "\u200e", "\u2066", "\x00", "\x85", "\xa0", "\r\n", "\n", "\t"]
LABELS = [
    "example",
    "a",
    "t",
    "x_y",
    "foo-bar",
    "-foo",
    "foo-",
    "_x",
    "日本",
    "bücher",
    "xn--bcher-kva",
    "xn--日本",
    "www",
    "𠀡a",
    "a𠀡",
    "é",
    "1",
    "3com",
    "ｂ",
    "co",
    "com",
    "ι",
    "。a",
    "a。b",
]
LONG_LABELS = ["a" * 63, "a" * 64, "日" * 20, "日" * 60]
ENDS = [
    "com",
    "fr",
    "co.jp",
    "COM",
    "Co",
    "рф",
    "РФ",
    "中国",
    "嘉里大酒店",
    "invalid",
    "xn--p1ai",
    "zip",
    "c",
    "ком",
    "გე",
    "ᲒᲔ",
    "vermögensberater",
    "VERMÖGENSBERATER",
    "com.",
    "com-x",
    "com+",
    "com@",
    "com日",
    "日com",
    "onion",
]
BEFORE = ["http://", "https://", "HTTPS://", "http:/", "ftp://", "", "", "", "", "//", *"@#$-._/＠"]
PATHS = [
    "a",
    "path",
    "(x)",
    "(a(b)c)",
    "(",
    "((a))",
    ")",
    "é",
    "日本",
    "Привет",
    "@user/",
    "@a",
    "%20",
    "😀",
    "ι",
    "…",
    *"-.,!~#$|–*';&/_=",
]
QUERIES = ["a", "1", "é", "日", *"=&.!-()#/?|~"]
SLUGS = ["abc", "a" * 39, "a" * 40, "a" * 41, "abc日", "Abc9", "a-b", ""]


def link(dice: random.Random) -> str:
    """Something like a link; half of them aren't."""
    labels = [
        dice.choice(LABELS if dice.random() < 0.9 else LONG_LABELS) for _ in range(dice.choice([1, 1, 1, 2, 2, 3]))
    ]
    text = dice.choice(BEFORE) + ".".join([*labels, dice.choice(TOPS if dice.random() < 0.5 else ENDS)])
    if dice.random() < 0.15:
        text = f"{dice.choice(['http://', 'https://', ''])}t.co/{dice.choice(SLUGS)}"
    if dice.random() < 0.2:
        text += ":" + dice.choice(["80", "8080", "x", ""])
    if dice.random() < 0.5:
        text += "/" + "".join(dice.choices(PATHS, k=dice.randint(0, 5)))
    if dice.random() < 0.3:
        text += "?" + "".join(dice.choices(QUERIES, k=dice.randint(0, 5)))
    return text


def letter(dice: random.Random) -> str:
    low, high = dice.choice([(32, 0x24F), (0x300, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x1FBFF)])
    return chr(dice.randint(low, high))


PIECES: list[tuple[Callable[[random.Random], str], int]] = [
    (link, 25),
    (lambda dice: "".join(dice.choices(EMOJI, k=dice.randint(1, 4))), 20),
    (lambda dice: dice.choice(WORDS), 30),
    (lambda dice: dice.choice(".,;:!?'\"()[]{}<>/\\|@＠#＃$%^&*-_=+~`"), 10),
    (lambda dice: dice.choice(INVALID), 4),
    (letter, 8),
    (lambda dice: "x" * dice.randint(1, 120), 3),
]


def generated(seed: int) -> list[str]:
    dice = random.Random(seed)
    makers, weights = [maker for maker, _ in PIECES], [weight for _, weight in PIECES]

    def text() -> str:
        chosen = dice.choices(makers, weights, k=dice.randint(0, 8))
        return "".join(maker(dice) + dice.choice(["", "", " ", " ", "\n"]) for maker in chosen)

    return [text() for _ in range(TEXTS)]


def theirs(texts: list[str]) -> list[tuple[int, bool]]:
    install(HERE, INSTALLED)
    node = Path(npm_command()[0]).parent / "node"
    lines = "\n".join(map(json.dumps, texts))
    done = subprocess.run(
        [node, "count.mjs"], cwd=INSTALLED, input=lines, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return [(length, valid) for length, valid in map(json.loads, done.stdout.splitlines())]


def ours(text: str) -> tuple[int, bool]:
    length = count_text(text, RULE)
    return length, 0 < length <= RULE["max"] and not set(RULE["refused"]) & set(text)


def test_every_generated_text_counts_the_same() -> None:
    texts = generated(20261123)
    expected = theirs(texts)
    assert len(expected) == TEXTS
    assert {valid for _length, valid in expected} == {True, False}
    different = [
        (text, ours(text), wanted) for text, wanted in zip(texts, expected, strict=True) if ours(text) != wanted
    ]
    assert different == []
