"""What the settings ask for when DATABASE_URL or REDIS_URL is unset."""

from __future__ import annotations

from socialops.embedded import postgres, valkey
from socialops.embedded.datadir import default_data_dir, is_durable


def database_url() -> str:
    """The embedded PostgreSQL's URL, started if need be under SOCIALOPS_DATA_DIR (else `.demo`; tests: `.test`)."""
    return postgres.ensure_running(default_data_dir(), durable=is_durable())


def redis_url() -> str:
    """The embedded Valkey's URL, started if need be in the same folder."""
    return valkey.ensure_running(default_data_dir())
