"""Tests: the embedded servers without durability, mail in memory, no hidden waiting."""

from __future__ import annotations

import base64
import hashlib
import os

os.environ.setdefault("SECRET_KEY", "test-only")
os.environ.setdefault(
    "SOCIALOPS_ENCRYPTION_KEYS", base64.urlsafe_b64encode(hashlib.sha256(b"test-only").digest()).decode()
)
os.environ.setdefault("SOCIALOPS_DATA_DIR", ".test")
os.environ.setdefault("SOCIALOPS_DURABLE", "0")

from socialops.settings.base import *  # noqa: F403 -- the environment must be complete before base reads it
from socialops.settings.base import CACHES, INSTALLED_APPS
from socialops.settings.env import BASE_DIR

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; argon2 has its own test
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = BASE_DIR / ".test" / "media"
CACHES = {"default": {**CACHES["default"], "KEY_PREFIX": f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"}}
LOG_JSON = False
LOG_LEVEL = "WARNING"
SOCIALOPS_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]
WHITENOISE_AUTOREFRESH = True
INSTALLED_APPS = [*INSTALLED_APPS, "socialops.demo"]
