"""Reads the environment. Unset DATABASE_URL or REDIS_URL mean: the embedded servers, where they are installed."""

from __future__ import annotations

from pathlib import Path

from environs import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """DATABASE_URL, or the embedded PostgreSQL's (started if need be)."""
    url = env.str("DATABASE_URL", "")
    if url:
        return url
    from socialops.embedded.services import database_url as embedded  # noqa: PLC0415 -- absent in production images

    return embedded()


def redis_url() -> str:
    """REDIS_URL, or the embedded Valkey's (started if need be)."""
    url = env.str("REDIS_URL", "")
    if url:
        return url
    from socialops.embedded.services import redis_url as embedded  # noqa: PLC0415 -- absent in production images

    return embedded()
