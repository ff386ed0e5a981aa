"""As in tests, but connectors wait less long for an answer."""

from __future__ import annotations

from socialops.settings.test import *  # noqa: F403
from socialops.settings.test import env

NETWORK_READ_SECONDS = 3.0
PUBLIC_URL = env.str("PUBLIC_URL")
MEDIA_ROOT = env.str("SOCIALOPS_MEDIA_DIR")
