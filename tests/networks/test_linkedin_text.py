"""LinkedIn's little text: nothing that somebody wrote is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socialops.networks.data import network_data
from socialops.networks.linkedin import little, restli
from socialops.networks.ports import Connector, Target
from socialops.sandbox.linkedin import little as theirs
from socialops.sandbox.linkedin import restli as their_addresses
from tests.networks.driving import content, publish

PIECES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.sampled_from(
        [
            *"|{}@[]()<>#\\*_~＃",
            *(" ", "\n", "#lumière", "#mon_tag", "#été2027", "# ", "@camille", "{hashtag|\\#|x}", "\\#", "\\\\"),
            *(
                "https://x.fr/a_(b)#c",
                "@[Maison Lumière](urn:li:organization:1067001)",
                "@[Léa (DG)](urn:li:person:aB_9-x)",
            ),
            *("@[rien](urn:li:group:1)", "@[](urn:li:person:1)", "@[coupé](urn:li:person:"),
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@pytest.fixture
def network() -> str:
    return "linkedin"


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
def test_any_text_survives_escaping_and_linkedins_reading(text: str) -> None:
    pieces = theirs.read(little.commentary(text))
    assert theirs.shown(pieces) == little.named(text)
    assert little.plain(theirs.write(pieces)) == text  # as GET gives it back: hashtags as templates
    assert little.plain(little.commentary(text)) == text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_any_text_survives_publishing_and_reading_back(connector: Connector, target: Target, text: str) -> None:
    what = content(f"{text}§")  # the last character is what a cut would lose
    published = publish(connector, target, what)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == little.named(f"{text}§")
    connector.delete(target, external_id=published.external_id)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Bonjour (à tous) !", r"Bonjour \(à tous\) !"),
        ("#lumière et #mon_tag", r"#lumière et {hashtag|\#|mon\_tag}"),
        ("C# n°1 #1", r"C\# n°1 \#1"),
        ("@[Acme (FR)](urn:li:organization:12) & @camille", r"@[Acme \(FR\)](urn:li:organization:12) & \@camille"),
        ("@[Acme](urn:li:group:12)", r"\@\[Acme\]\(urn:li:group:12\)"),
        ("https://x.fr/a_b#c", r"https://x.fr/a\_b\#c"),
        (r"a\b", r"a\\b"),
    ],
)
def test_what_is_an_element_and_what_is_text(text: str, sent: str) -> None:
    assert little.commentary(text) == sent


def test_unescaped_text_would_be_cut(connector: Connector, target: Target) -> None:
    """The stand-in reads as LinkedIn does, else the tests above would prove nothing."""
    assert theirs.shown(theirs.read("Ouvert (tous les jours)")) == "Ouvert "
    assert theirs.shown(theirs.read(r"Ouvert \(tous les jours) *")) == r"Ouvert (tous les jours"


def test_escapes_and_emoji_are_counted_as_they_are_sent(connector: Connector) -> None:
    limit = network_data("linkedin")["limits"]["text"]["max"]
    for text, length in (("a" * 10, 10), ("(((", 6), ("🪔", 2), ("#tag", 4), ("#a_b", len(r"{hashtag|\#|a\_b}"))):
        count = connector.count_text(text, limits={})
        assert (count.length, count.limit) == (length, limit)
    assert not connector.check(content("(" * (limit // 2)), limits={})
    (problem,) = connector.check(content("(" * (limit // 2 + 1)), limits={})
    assert (problem.code, problem.detail["length"]) == ("text_too_long", limit + 2)


KEYS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES: Any = st.recursive(
    KEYS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, min_size=1, max_size=3))
)


@given(VALUES)
def test_any_value_survives_a_restli_address(value: Any) -> None:
    assert their_addresses.parse(restli.encode(value)) == value


def test_addresses_keep_their_structure_literal() -> None:
    assert (
        restli.address("posts", "urn:li:share:1", ids=["urn:li:share:1", "urn:li:share:2"], none=None)
        == "posts/urn%3Ali%3Ashare%3A1?ids=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3Ashare%3A2)"
    )
    key = {"actor": "urn:li:person:1", "entity": "urn:li:comment:(urn:li:activity:1,2)"}
    assert restli.address("reactions", key) == (
        "reactions/(actor:urn%3Ali%3Aperson%3A1,entity:urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29)"
    )
