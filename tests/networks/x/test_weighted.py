"""How long a text is on X, and what is a link there."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.data import default_limits
from socialops.networks.ports import Connector
from socialops.networks.text import count_text
from socialops.networks.x.weighted import find_cashtags, find_links, links_of

RULE = default_limits("x")["text"]
TEXTS = st.text(
    alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(list("#@:/.?() \r\n👩‍🇫🇷é中")))
)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本語", 6),
        ("한국어", 6),
        ("Привет", 6),
        ("Ελληνικά", 8),
        ("ไทย", 3),
        ("👨‍👩‍👧‍👦", 2),
        ("👋🏽", 2),
        ("🇫🇷", 2),
        ("❤", 2),
        ("❤️", 2),
        ("©", 1),
        ("1️⃣ ©️ ™", 8),
        ("☝️🏽", 2),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("🧑‍🚀", 5),  # later than Emoji 11: by its pieces
        ("…", 2),
        ("€", 2),
        ("“”–—", 4),
        ("https://example.com/abc", 23),
        ("example.com", 23),
        ("foo.zip", 23),
        ("example.com/日本語", 29),
        ("http://localhost/a", 18),
        ("a@example.com", 13),
        ("#example.com", 12),
        ("$example.com", 12),
        ("日本語example.com日本語", 35),
        ("a\r\nb", 4),
        ("Lire https://example.com/lampe_(objet).", 29),
        ("https://t.co/abcdefgh日", 25),
    ],
)
def test_lengths(text: str, length: int) -> None:
    """Measured with npm twitter-text 3.1.0."""
    assert count_text(text, RULE) == length


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("(voir http://a.fr/b)", ["http://a.fr/b"]),
        ("voir a.fr, b.com; c.invalid", ["a.fr", "b.com"]),
        ("é.fr est", ["é.fr"]),
        ("-a.fr _b.fr /c.fr .d.fr", []),
        ("http://-a.fr http://a-.fr", []),
        ("https://exa_mple.com", []),
        ("EXAMPLE.COM/A?b=1&c=2", ["EXAMPLE.COM/A?b=1&c=2"]),
        ("𠀡a.fr/b 😀a.fr", ["a.fr/b", "a.fr"]),
        ("a.fr:80/b", ["a.fr:80/b"]),
        (f"http://{'a' * 64}.fr", []),
        (f"https://a.fr/{'b' * 4090}", []),
    ],
)
def test_links(text: str, links: list[str]) -> None:
    assert [link.value for link in links_of(text)] == links


@given(TEXTS)
def test_links_lie_in_the_text_and_nothing_fails(text: str) -> None:
    end = 0
    for link in find_links(text):
        assert end <= link.start < link.end <= len(text)
        end = link.start + 1
    assert count_text(text, RULE) >= 0


@pytest.mark.parametrize(
    "text",
    ["あ" * 25_000 + ".com", "あ。" * 12_000 + "a.com", "a." * 12_500, "a_" * 12_000 + ".com", "(" * 25_000 + ".fr"],
)
def test_the_longest_post_is_counted_at_once(text: str) -> None:
    count_text("a.fr", RULE)  # what is read from files is read
    started = time.process_time()
    assert count_text(text, RULE) > 280
    assert time.process_time() - started < 2


def test_the_connector_counts_so(connector: Connector) -> None:
    found = connector.count_text("example.com", limits={"text": {"max": 25_000}})
    assert (found.length, found.limit, found.remaining) == (23, 25_000, 24_977)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("$ACME et $acme.PA\n$X", ["ACME", "acme.PA", "X"]),
        ("$ACME, $ACME.", ["ACME", "ACME"]),
        ("prix: 12$ ($ACME) €$ACME $$ACME $12 $ACME1 $TROPLONG", []),
        ("$Énergie $ACMEé", []),
    ],
)
def test_cashtags(text: str, symbols: list[str]) -> None:
    assert [tag.value for tag in find_cashtags(text)] == symbols
