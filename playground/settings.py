"""Django's settings. Everything that may differ from server to server comes from `environment`."""

from __future__ import annotations

import os

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from playground import environment

_values = environment.read(os.environ)

BASE_DIR = environment.ROOT
DATA_DIR = environment.data_dir(_values["DATA_DIR"])
HOST: str = _values["HOST"]
PORT: int = _values["PORT"]
DEBUG: bool = _values["DEBUG"]
SECRET_KEY: str = _values["SECRET_KEY"] or environment.secret_key(DATA_DIR)
ALLOWED_HOSTS: list[str] = _values["ALLOWED_HOSTS"]

SANDBOX: str = _values["SANDBOX"]
SANDBOX_MAY_BE_OFF: bool = environment.may_be_off(_values)
WARM_WORKERS: int = _values["WARM_WORKERS"]
RUN_TIME_LIMIT_S: float = _values["RUN_TIME_LIMIT_S"]
RUN_MEMORY_MB: int = _values["RUN_MEMORY_MB"]
RUNS_PER_MINUTE: int = _values["RUNS_PER_MINUTE"]
RUNS_AT_ONCE: int = _values["RUNS_AT_ONCE"]
SNIPPETS_PER_MINUTE: int = _values["SNIPPETS_PER_MINUTE"]
QUEUE_LIMIT: int = _values["QUEUE_LIMIT"]
KEEP_RUNS_DAYS: int = _values["KEEP_RUNS_DAYS"]
EMBED_ANCESTORS: list[str] = _values["EMBED_ANCESTORS"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "playground.apps.PlaygroundConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "playground.headers.security_headers",
    "playground.headers.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

try:
    DATABASES = {"default": dj_database_url.parse(_values["DATABASE_URL"] or f"sqlite:///{DATA_DIR}/db.sqlite3")}
except ValueError as error:  # its own errors, all of them
    raise ImproperlyConfigured(f"The setting DATABASE_URL cannot be read: {error}") from None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers never wait for the writer, and a writer asks for its lock first, so that none has to give up half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # In a file as well: threads of their own read the tests' database, each by a connection of its own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # A database that does not answer is told as such; without this a request would hang for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
# A visitor is known by what the cookie itself carries: reading a page writes no row.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "playground.views.failures.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

HTTPS: bool = _values["HTTPS"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

STATIC_URL = "/static/"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"  # the build names files by their content

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "playground": {"handlers": ["stderr"], "level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        # Whoever scans for machines names hosts that are not ours: answered with 400, and not worth a traceback.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
