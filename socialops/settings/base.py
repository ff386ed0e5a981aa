"""What every environment shares."""

from __future__ import annotations

from typing import Any

import dj_database_url
import dj_email_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from socialops.settings.env import BASE_DIR, database_url, encryption_keys, env, media_storage, redis_url

SECRET_KEY: str = env.str("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PUBLIC_URL: str = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip(
    "/"
)  # how people reach us; in mails and redirect URIs

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "template_partials.apps.SimpleAppConfig",
    "socialops.tenancy",
    "socialops.permissions",
    "socialops.audit",
    "socialops.notifications",
    "socialops.api",
    "socialops.health",
    "socialops.i18n",
    "socialops.ui",
    "socialops.bench",
    "teams",
    "publishing",
    "editorial",
    "reputation",
    "kpis",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "socialops.logs.RequestLogMiddleware",
    "socialops.http.PlainTextMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "socialops.api.middleware.SlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "teams.web.middleware.PersonMiddleware",
    "socialops.tenancy.middleware.TenancyMiddleware",
    "teams.web.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "socialops.urls"
WSGI_APPLICATION = "socialops.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "socialops.ui.templatetags.ui",
                "socialops.ui.templatetags.publications",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "socialops.ui.context.page",
            ],
        },
    }
]

# ---------------------------------------------------------------- data
DATABASES = {"default": dj_database_url.parse(database_url(), conn_max_age=300, conn_health_checks=True)}
REDIS_URL = redis_url()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "socialops.cache.Cache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SOCIALOPS_ENCRYPTION_KEYS = encryption_keys()

MEDIA_MAX_BYTES = {  # the largest file of each kind that is kept; each network's own limits come on top
    "image": 20 * 1024 * 1024,
    "video": env.int("MEDIA_MAX_VIDEO_MB", 1024) * 1024 * 1024,
    "audio": env.int("MEDIA_MAX_AUDIO_MB", 200) * 1024 * 1024,
    "document": env.int("MEDIA_MAX_DOCUMENT_MB", 100) * 1024 * 1024,
}
SUBTITLES_MAX_BYTES = 500_000  # of one language: three hours of dense speech are a third of it
UPLOAD_MAX_BYTES = max(MEDIA_MAX_BYTES.values()) + 100 * 1024 * 1024  # all files of one request
MEDIA_ROOT = env.path("SOCIALOPS_MEDIA_DIR", BASE_DIR / "media")
# No MEDIA_URL: nothing serves uploads but the page that asks for rights (editorial:media-file).
STORAGES = {
    "default": media_storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = env.path("SOCIALOPS_STATIC_ROOT", BASE_DIR / "static")
STATICFILES_DIRS = [("dist", BASE_DIR / "socialops" / "static" / "dist")]

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None  # guardian: nobody unknown holds a right
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "teams.web.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "teams.web.accounts.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SocialOps"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# ---------------------------------------------------------------- words, time
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").iterdir() if path.is_dir())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored in UTC; shown in the brand's zone

# ---------------------------------------------------------------- mail
_email = dj_email_url.parse(env.str("EMAIL_URL", "console:"))
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "SocialOps <socialops@localhost>")

# ---------------------------------------------------------------- networks
SOCIALOPS_PRIVATE_HOSTS: list[str] = env.list("SOCIALOPS_PRIVATE_HOSTS", [])
BLUESKY_PLC_URL: str = env.str("BLUESKY_PLC_URL", "https://plc.directory")
NETWORKS = {
    network: {
        "client_id": env.str(f"{network.upper()}_CLIENT_ID", ""),
        "client_secret": env.str(f"{network.upper()}_CLIENT_SECRET", ""),
        "base_url": env.str(f"{network.upper()}_BASE_URL", ""),
        # what only some networks' apps have (`[[app.fields]]` of their data files)
        **{
            name: value
            for name in ("scopes", "application_id", "login", "consumer_key", "consumer_secret")
            if (value := env.str(f"{network.upper()}_{name.upper()}", ""))
        },
    }
    for network in ("facebook", "instagram", "linkedin", "x", "tiktok", "youtube", "bluesky", "mastodon", "threads")
}
if not NETWORKS["bluesky"]["client_id"] and PUBLIC_URL.startswith("https://"):
    NETWORKS["bluesky"]["client_id"] = f"{PUBLIC_URL}/oauth/bluesky/client-metadata.json"  # we serve it ourselves

# ---------------------------------------------------------------- Celery: three queues; PostgreSQL is the queue of record
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "publishing.sweep": {"queue": "default"},
    "publishing.refresh_tokens": {"queue": "default"},
    "publishing.warn_ahead": {"queue": "default"},
    "publishing.check_access": {"queue": "default"},
    "publishing.forget_prepared": {"queue": "default"},
    "publishing.*": {"queue": "publishing"},
    "reputation.*": {"queue": "ingest"},
    "kpis.*": {"queue": "ingest"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = None  # thread pools can't interrupt; network calls carry their own timeouts
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 10,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = env.str("CELERY_BEAT_SCHEDULE", "/tmp/socialops-beat")  # noqa: S108 -- only last-run times; the supervisor points it into the data folder
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "refresh-rights": {"task": "teams.refresh_due_rights", "schedule": 30.0},
    "forget-disconnected": {"task": "teams.forget_disconnected", "schedule": 600.0},
    "forget-removed-apps": {"task": "teams.forget_removed_apps", "schedule": 3600.0},
    "subscribe": {"task": "teams.subscribe_due", "schedule": 600.0, "options": {"expires": 600}},
    "read-limits": {"task": "teams.read_due_limits", "schedule": 60.0, "options": {"expires": 60}},
    "send-notifications": {"task": "notifications.send_due", "schedule": 15.0},
    "clear-sessions": {"task": "teams.clear_expired_sessions", "schedule": crontab(hour=3, minute=17)},
    "pull-metrics": {"task": "kpis.pull_due", "schedule": 10.0},
    "expire-posts": {"task": "editorial.expire_overdue", "schedule": 60.0},
    "pull-mentions": {"task": "reputation.pull_due", "schedule": 15.0, "options": {"expires": 15}},
    "send-replies": {"task": "reputation.send_due_replies", "schedule": 5.0, "options": {"expires": 5}},
    "forget-mentions": {"task": "reputation.forget_expired", "schedule": 60.0, "options": {"expires": 60}},
    # each app adds its own below, by name of the task
    "publishing-sweep": {"task": "publishing.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "publishing-warn-ahead": {"task": "publishing.warn_ahead", "schedule": 1800.0, "options": {"expires": 1800}},
    "publishing-refresh-tokens": {"task": "publishing.refresh_tokens", "schedule": 600.0, "options": {"expires": 600}},
    "publishing-forget-prepared": {"task": "publishing.forget_prepared", "schedule": crontab(hour=4, minute=23)},
}

# ---------------------------------------------------------------- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "teams.api.authentication.TokenAuthentication",
        "teams.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["socialops.api.permissions.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["socialops.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "socialops.api.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "socialops.api.pagination.CursorPagination",
    "EXCEPTION_HANDLER": "socialops.api.problems.handle_exception",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", "1200/min")},
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SocialOps API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "PostStateEnum": "editorial.enums.PostState",
        "DeliveryStateEnum": "publishing.enums.DeliveryState",
        "CampaignStateEnum": "editorial.enums.CampaignState",
    },
}

# ---------------------------------------------------------------- browser security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # posts/bulk of 1,000 long posts
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "socialops.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ---------------------------------------------------------------- logs
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO")
LOG_JSON: bool = env.bool("LOG_JSON", True)
LOGGING_CONFIG = "socialops.logs.configure"
LOGGING: dict[str, Any] = {}
