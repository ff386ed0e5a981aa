"""This machine: `make demo` and development. Embedded servers, secrets made once in the data folder."""

from __future__ import annotations

import base64
import hashlib
import os

# Development only: fixed unless the supervisor made its own. Production reads both from the environment or refuses to start.
os.environ.setdefault("SECRET_KEY", "development-only-not-a-secret")
os.environ.setdefault(
    "SOCIALOPS_ENCRYPTION_KEYS", base64.urlsafe_b64encode(hashlib.sha256(b"development-only").digest()).decode()
)

from socialops.settings.base import *  # noqa: F403 -- the environment must be complete before base reads it
from socialops.settings.base import INSTALLED_APPS
from socialops.settings.env import env

DEBUG = env.bool("DEBUG", False)
LOG_JSON = env.bool("LOG_JSON", False)

INSTALLED_APPS = [*INSTALLED_APPS, "socialops.demo"]
