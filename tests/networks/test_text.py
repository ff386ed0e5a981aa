"""Counting, finding and comparing text."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.bluesky.richtext import facets
from socialops.networks.data import default_limits, network_data
from socialops.networks.registry import networks
from socialops.networks.text import (
    comparable,
    count_bytes,
    count_graphemes,
    count_text,
    find_hashtags,
    find_mentions,
    find_urls,
    html_to_text,
    with_link,
)

MASTODON: Any = default_limits("mastodon")["text"]
BLUESKY: Any = default_limits("bluesky")["text"]
FACEBOOK: Any = default_limits("facebook")["text"]
FAMILY = "👩‍👩‍👧‍👦"

TEXTS = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(list("#@:/. \r\n👩‍🇫🇷é"))))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("bonjour", 7),
        ("é", 1),
        ("e\u0301", 1),
        (FAMILY, 1),
        ("🇫🇷🇩🇪", 2),
        ("a\r\nb", 3),
        ("नमस्ते", 3),
    ],
)
def test_graphemes(text: str, length: int) -> None:
    assert count_graphemes(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://example.com/" + "x" * 200, 23),
        ("example.com", 11),
        ("(voir https://example.com/a)", 6 + 23 + 1),
        ("https://fr.wikipedia.org/wiki/Lampe_(objet)", 23),
        ("Lire https://example.com.", 5 + 23 + 1),
        ("http://a.fr http://b.fr", 47),
        ("@ami@piaille.fr salut", 10),
        ("@ami salut", 10),
        ("mail@ami@piaille.fr", 19),
        ("https://piaille.fr/@ami@mastodon.social", 23),
        ("http://localhost/x", 18),
    ],
)
def test_mastodon_counts_urls_as_23_and_mentions_without_their_host(text: str, length: int) -> None:
    assert count_text(text, MASTODON) == length


def test_facebook_counts_characters_and_bluesky_graphemes() -> None:
    assert count_text(FAMILY, FACEBOOK) == 7
    assert count_text(FAMILY, BLUESKY) == 1
    assert count_bytes(FAMILY) == 25


@given(TEXTS)
def test_the_quick_way_for_plain_text_counts_the_same(text: str) -> None:
    assert count_graphemes(text) == len(regex.findall(r"\X", text))


@given(TEXTS, TEXTS)
def test_graphemes_never_exceed_characters_nor_their_sum(one: str, other: str) -> None:
    assert count_graphemes(one) <= len(one) <= count_bytes(one)
    assert count_graphemes(one + other) <= count_graphemes(one) + count_graphemes(other)


@given(st.text(alphabet=st.characters(categories=["L", "Nd"], max_codepoint=0x24F), max_size=80))
def test_without_links_and_mentions_mastodon_counts_graphemes(text: str) -> None:
    assert count_text(text, MASTODON) == count_graphemes(text)


@given(TEXTS)
def test_spans_are_what_they_say(text: str) -> None:
    for span in find_urls(text):
        assert text[span.start : span.end] == span.value
    for span in find_hashtags(text):
        assert text[span.start + 1 : span.end] == span.value
    for span in find_mentions(text):
        assert text[span.start + 1 : span.end] == span.value


@given(TEXTS)
def test_facets_never_overlap_and_cut_between_characters(text: str) -> None:
    data = text.encode()
    end = 0
    for facet in facets(text, lambda _: "did:plc:x"):
        start, following = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert end <= start < following <= len(data)
        data[start:following].decode()
        end = following


def test_facets_of_a_french_post() -> None:
    text = "Été 🪔 @ami.test https://example.com/#ancre #lumière"
    found = {
        text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(): f["features"][0]
        for f in facets(text, lambda handle: "did:plc:ami" if handle == "ami.test" else None)
    }
    assert {name: feature["$type"].partition("#")[2] for name, feature in found.items()} == {
        "@ami.test": "mention",
        "https://example.com/#ancre": "link",
        "#lumière": "tag",
    }
    assert facets("@nobody.test", lambda _: None) == []


@pytest.mark.parametrize(
    ("text", "tags"),
    [("#a #b_1 (#c) x#d #1 #été2026", ["a", "b_1", "c", "été2026"]), ("# #", []), ("https://a.fr/#x", [])],
)
def test_hashtags(text: str, tags: list[str]) -> None:
    assert [span.value for span in find_hashtags(text)] == tags


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un</p><p>Deux<br>Trois</p>", "Un\n\nDeux\nTrois"),
        ("<p>A &amp; B &lt;3</p>", "A & B <3"),
        (
            (
                '<p><a href="https://example.com/long/path"><span class="invisible">https://</span>'
                '<span class="ellipsis">example.com/long</span><span class="invisible">/path</span></a></p>'
            ),
            "https://example.com/long/path",
        ),
        ('<p><a href="https://example.com/long/path">example.com/long…</a></p>', "https://example.com/long/path"),
        ('<a href="https://h/@ami" class="u-url mention">@<span>ami</span></a> salut', "@ami salut"),
        ('<p class="quote-inline">RE: <a href="https://h/1">h/1</a></p><p>Oui</p>', "Oui"),
        ("<script>alert(1)</script>texte", "texte"),
        ("<ul><li>un</li><li>deux</li></ul>", "- un\n- deux"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


@given(TEXTS)
def test_any_html_is_survived(html: str) -> None:
    assert isinstance(html_to_text("<p>" + html), str)


def test_texts_compare_as_networks_show_them() -> None:
    assert comparable("Bonjour  @ami@piaille.fr\n\n!") == comparable("Bonjour @ami !")
    assert comparable("Bonjour") != comparable("bonjour")


def test_a_link_is_added_once() -> None:
    assert with_link("Lire", "https://a.fr") == "Lire\n\nhttps://a.fr"
    assert with_link("Lire https://a.fr", "https://a.fr") == "Lire https://a.fr"
    assert with_link("", "https://a.fr") == "https://a.fr"


@pytest.mark.parametrize("network", networks())
def test_every_limit_says_when_and_where_it_was_checked(network: str) -> None:
    data = network_data(network)
    assert data["checked"] >= "2026-01-01"
    assert data["source"].startswith("https://")
    rule = data["limits"]["text"]
    counted = {"unit", "max", "max_bytes", "url_length", "mention_without_host"}
    assert (
        {"unit", "max"}
        <= set(rule)
        <= counted | {"max_hashtags", "max_cashtags", "max_mentions", "max_links", "refused"}
    )
