"""What people write around words: hidden in a text, styled in a long one."""

from __future__ import annotations

import pytest

from socialops.networks.marks import SPOILERS, STYLES, pieces, unmarked


def cut(text: str) -> list[tuple[str, ...]]:
    return [(piece.text, *piece.styles) for piece in pieces(text, STYLES)]


@pytest.mark.parametrize(
    ("text", "seen", "hidden"),
    [
        ("Le tueur est ||le majordome||.", "Le tueur est le majordome.", ["le majordome"]),
        ("||Tout||", "Tout", ["Tout"]),
        ("mot||caché||mot", "motcachémot", ["caché"]),
        ("||une|| et ||deux||", "une et deux", ["une", "deux"]),
        ("||sur\ndeux lignes||", "sur\ndeux lignes", ["sur\ndeux lignes"]),
        ("si a || b || c", "si a || b || c", []),
        ("||jamais fermé", "||jamais fermé", []),
        ("||||", "||||", []),
    ],
)
def test_hidden_words_stand_between_bars(text: str, seen: str, hidden: list[str]) -> None:
    assert unmarked(text, SPOILERS) == seen
    assert [piece.text for piece in pieces(text, SPOILERS) if piece.styles] == hidden


def test_styles_stand_in_each_other_and_what_is_no_mark_stays() -> None:
    assert cut("**gras *et penché* là**") == [("gras ", "bold"), ("et penché", "bold", "italic"), (" là", "bold")]
    assert cut("__a__ ~~b~~ ==c==") == [("a", "underline"), (" ",), ("b", "strikethrough"), (" ",), ("c", "highlight")]
    assert cut("***x***") == [("x", "bold", "italic")]
    for plain in ("5 * 3 * 2", "a == b == c", "un_nom__de__code", "**jamais fermé", "* une\n* liste"):
        assert cut(plain) == [(plain,)]
