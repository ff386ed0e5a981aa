"""Reads the environment. Unset DATABASE_URL or REDIS_URL mean: the embedded servers, where they are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parents[2]


def require(*names: str) -> None:
    """ImproperlyConfigured, naming every one that is unset or empty."""
    missing = [name for name in names if not env.str(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(
            f"Set {', '.join(missing)} in the environment: README's “Settings” says what each is."
        )


def encryption_keys() -> list[str]:
    """SOCIALOPS_ENCRYPTION_KEYS, newest first; each a Fernet key. The message never repeats a key."""
    keys = [key.strip() for key in env.str("SOCIALOPS_ENCRYPTION_KEYS", "").split(",") if key.strip()]
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise ImproperlyConfigured(
                f"Key {position} of SOCIALOPS_ENCRYPTION_KEYS is no Fernet key (32 bytes in URL-safe base64). Make one with: "
                "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
            ) from None
    if not keys:
        raise ImproperlyConfigured(
            "Set SOCIALOPS_ENCRYPTION_KEYS in the environment: README's “Settings” says what it is."
        )
    return keys


def media_storage() -> dict[str, Any]:
    """STORAGES["default"] from MEDIA_STORAGE: `file`, or `s3://bucket/prefix?endpoint=https://…&region=…`.

    S3 keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from the machine's own role. Objects are private: people get
    images from our own pages, which ask for their rights.
    """
    asked = env.str("MEDIA_STORAGE", "file")
    if asked == "file":
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = urlsplit(asked)
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname or set(options) - {"endpoint", "region"}:
        raise ImproperlyConfigured("MEDIA_STORAGE must be file, or s3://bucket/prefix?endpoint=https://…&region=….")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": options.get("endpoint"),
            "region_name": options.get("region"),
            "default_acl": None,
            "file_overwrite": False,
        },
    }


def database_url() -> str:
    """DATABASE_URL, or the embedded PostgreSQL's (started if need be)."""
    url = env.str("DATABASE_URL", "")
    if url:
        if url.partition("://")[0] not in {"postgres", "postgresql"}:
            raise ImproperlyConfigured(
                "DATABASE_URL must start with postgresql://: row-level security needs PostgreSQL."
            )
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
