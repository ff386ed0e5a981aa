"""What is extracted, and what counts as missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from socialops.i18n import catalogues

TEMPLATE = """<p class="it's">{% translate "Plain" %} {{ _("In a filter") }} {% tag label=_("It's an argument") %}</p>
        {% blocktranslate with name=x trimmed %}Hello {{ name }}, "you"{% endblocktranslate %}
    {% blocktranslate count days=n %}{{ days }} day{% plural %}{{ days }} days{% endblocktranslate %}
{% translate "May" context "month" %}"""
CODE = 'from x import gettext as _\nprint(_("In code"), ngettext("%(n)s post", "%(n)s posts", 2), pgettext("verb", "Post"))\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "views.py").write_text(CODE)
    (tmp_path / "locale" / "teams" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    return tmp_path


def test_every_string_of_code_and_templates_is_found(project: Path) -> None:
    found = {(m.context, m.text, m.plural) for m in catalogues.source_messages(project)}
    assert found == {
        ("", "Plain", ""),
        ("", "In a filter", ""),
        ("", "It's an argument", ""),
        ("", 'Hello %(name)s, "you"', ""),
        ("", "%(days)s day", "%(days)s days"),
        ("month", "May", ""),
        ("", "In code", ""),
        ("", "%(n)s post", "%(n)s posts"),
        ("verb", "Post", ""),
    }


def test_missing_and_broken_translations_are_named(project: Path) -> None:
    po = project / "locale" / "teams" / "fr" / "LC_MESSAGES" / "django.po"
    po.write_text(
        'msgid ""\nmsgstr "Language: fr\\nContent-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "Plain"\nmsgstr "Simple"\n\nmsgid "%(days)s day"\nmsgid_plural "%(days)s days"\nmsgstr[0] "%(jours)s jour"\nmsgstr[1] "%(days)s jours"\n'
        '\nmsgid "In code"\nmsgstr "Dans le code : « ici »"\n'
        '\nmsgid "Nobody says this"\nmsgstr "Personne"\n\nmsgctxt "noun"\nmsgid "Post"\nmsgstr "Billet"\n'
    )
    with override_settings(LOCALE_PATHS=[project / "locale" / "teams"]):
        problems = catalogues.problems(project)
    assert len(problems) == 10
    assert sum("line may break" in problem and "“In code”" in problem for problem in problems) == 1
    left = {problem for problem in problems if "no source says it" in problem}
    assert left == {f"teams: “{text}” is translated, and no source says it" for text in ("Nobody says this", "Post")}
    assert any("placeholder" in problem for problem in problems)
    assert not any("“Plain”" in problem for problem in problems)
