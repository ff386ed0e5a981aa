"""Production settings, in a process of their own: quiet when they are sane, one sentence when they aren't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
SANE = {
    "SECRET_KEY": "a-long-and-varied-secret-0123456789-abcdefghijklmnopqrstuvwxyz",
    "SOCIALOPS_ENCRYPTION_KEYS": KEY,
    "ALLOWED_HOSTS": "social.example",
    "PUBLIC_URL": "https://social.example",
    "DATABASE_URL": "postgresql://socialops@db.example/socialops",
    "REDIS_URL": "redis://valkey.example:6379/0",
    "DJANGO_SETTINGS_MODULE": "socialops.settings.production",
}


def _run(*command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in {**SANE, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_sane_deployment_has_no_warning() -> None:
    done = _run("manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("ALLOWED_HOSTS", None),
        ("SOCIALOPS_ENCRYPTION_KEYS", None),
        ("SOCIALOPS_ENCRYPTION_KEYS", f"{KEY},half-a-key"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:///data.db"),
        ("REDIS_URL", None),
        ("MEDIA_STORAGE", "ftp://somewhere"),
        ("MEDIA_STORAGE", "s3://"),
    ],
)
def test_nonsense_stops_it_with_one_sentence(name: str, value: str | None) -> None:
    done = _run("manage.py", "check", **{name: value})
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert name in done.stderr
    assert "half-a-key" not in done.stderr


def test_cookies_and_transport_are_strict() -> None:
    asked = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, "
        "s.SESSION_COOKIE_SAMESITE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.DEBUG, s.NETWORKS['bluesky']['client_id'])"
    )
    said = _run("-c", asked).stdout.split()
    assert said[:-1] == ["True", "True", "True", "Lax", "True", "True", "False"]
    assert said[-1] == "https://social.example/oauth/bluesky/client-metadata.json"
