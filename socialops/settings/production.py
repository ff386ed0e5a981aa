"""Behind TLS. Everything secret comes from the environment, or the process refuses to start."""

from __future__ import annotations

from socialops.settings.env import env, require

require("SECRET_KEY", "SOCIALOPS_ENCRYPTION_KEYS", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")

from socialops.settings.base import *  # noqa: E402, F403 -- base is the settings; this file hardens them

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Whether every other name under the host's domain is bound to TLS too, and listed in browsers for good, is the operator's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
