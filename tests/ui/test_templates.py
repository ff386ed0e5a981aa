"""All templates compile, and none holds a script or a style that the policy would refuse."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]
# Mail clients know no style sheets.
EXEMPT = {name for name in NAMES if "/mail/" in name or name.startswith("mail/") or name.endswith("mail.html")}
TAG = re.compile(r"{%.*?%}|{#.*?#}")
LOCAL_SCRIPT = re.compile(r"<script(?![^>]*\b(src|type=\"application/json\"))", re.IGNORECASE)
HANDLER = re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE)


def test_there_are_templates() -> None:
    assert len(NAMES) > 60


@pytest.mark.parametrize("name", NAMES)
def test_compiles(name: str) -> None:
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", sorted(set(NAMES) - EXEMPT))
def test_holds_no_inline_script_or_style(name: str) -> None:
    source = TAG.sub("", (ROOT / "templates" / name).read_text())
    assert not re.search(r"\sstyle\s*=", source), f"{name}: a style attribute"
    assert "<style" not in source, f"{name}: a style element"
    assert not LOCAL_SCRIPT.search(source), f"{name}: an inline script"
    assert not HANDLER.search(source), f"{name}: an event handler"
    assert "javascript:" not in source, f"{name}: a script in an address"
    assert "hx-on" not in source, f"{name}: a handler that htmx would have to evaluate"


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.points: list[str] = []
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if held.get("id"):
            self.ids.append(held["id"] or "")
        for name in ("aria-describedby", "aria-labelledby", "for"):
            self.points += (held.get(name) or "").split()
        if tag == "img" and "alt" not in held:
            self.unnamed.append(self.get_starttag_text() or "")


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
@pytest.mark.parametrize(("language", "word"), [("fr", "Aller|Réessayer"), ("en", "Go to|Try again")])
def test_error_page_shows_a_way_back(name: str, language: str, word: str, rf) -> None:
    with translation.override(language):
        said = engines["django"].get_template(name).render({"exception": "Ask Camille."}, rf.get("/x/"))
    assert re.search(word, said)
    assert f'lang="{language}"' in said
    assert ("Ask Camille." in said) == (name == "403.html")


def test_error_page_renders_without_a_request() -> None:
    assert "Something broke" in engines["django"].get_template("500.html").render({}, None)


@pytest.mark.django_db
class TestStyleguide:
    def test_asks_to_sign_in(self, client: Client) -> None:
        assert client.get("/styleguide/").status_code == 302

    @pytest.mark.parametrize(("language", "title"), [("fr", "Guide de style"), ("en", "Style guide")])
    def test_shows_everything(self, client: Client, django_user_model, language: str, title: str) -> None:
        client.force_login(
            django_user_model.objects.create_user("camille@example.org", name="Camille", language=language),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        client.cookies["django_language"] = language
        response = client.get("/styleguide/?toast=1&page=2&sort=-posts")
        said = response.content.decode()
        assert response.status_code == 200
        assert title in said
        found = _Ids()
        found.feed(said)
        assert found.unnamed == []
        assert set(found.points) <= set(found.ids)

    def test_choices_are_remembered(self, client: Client, django_user_model) -> None:
        person = django_user_model.objects.create_user("camille@example.org", name="Camille", language="fr")
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.post("/preferences/theme/", {"theme": "dark", "next": "/styleguide/"})
        answer = client.post("/preferences/language/", {"language": "en", "next": "https://evil.example/"})
        person.refresh_from_db()
        assert (person.theme, person.language, answer.headers["Location"]) == ("dark", "en", "/")
        said = client.get("/styleguide/").content.decode()
        assert '<html lang="en" data-bs-theme="dark">' in said
        assert client.post("/preferences/theme/", {"theme": "neon"}).status_code == 400
