"""Django's settings, made from the environment that `brygga.environment` reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from brygga import environment
from brygga.environment import Database
from brygga.site import logs

_PACKAGE = Path(__file__).resolve().parent.parent


def _databases(database: Database) -> dict[str, Any]:
    if database.vendor == "sqlite":
        return {"default": _sqlite(database)}
    return {"default": _postgresql(database)}


def _sqlite(database: Database) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": database.name,
        "OPTIONS": {
            # A transaction that reads first and writes later would fail at once, without waiting, if another
            # writer came in between; asking for the write lock at the start makes it wait its turn instead.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY",
        },
    }


def _postgresql(database: Database) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.name,
        "USER": database.user,
        "PASSWORD": database.password,
        "HOST": database.host,
        "PORT": database.port or "",
        "OPTIONS": dict(database.options),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


# What the operator decided; the rooms below read it as `django.conf.settings.BRYGGA`.
BRYGGA = environment.read(os.environ)

SECRET_KEY = BRYGGA.secret_key
DEBUG = BRYGGA.debug
ALLOWED_HOSTS = list(BRYGGA.allowed_hosts)
DATABASES = _databases(BRYGGA.database)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",  # the page of the agent API and its files
    "brygga.crm.apps.CrmConfig",
    "brygga.erp.apps.ErpConfig",
    "brygga.web.apps.WebConfig",
]
MIDDLEWARE = [
    "brygga.site.middleware.SecureCookies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "brygga.web.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "brygga.web.middleware.UserLocale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "brygga.site.urls"
WSGI_APPLICATION = "brygga.site.wsgi.application"

AUTH_USER_MODEL = "crm.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"

# Holds the counts of failed log-ins; room enough that they are not pushed out by many names tried.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# The form of a mapping is one: some hundreds of fields with several controls each, or lists of a thousand items.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("sv", "Svenska"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"),
]
LOCALE_PATHS = [_PACKAGE / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# WhiteNoise serves the files from inside the package, so that an installation has no step to collect them.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 600

SESSION_COOKIE_NAME = "brygga_session"
CSRF_COOKIE_NAME = "brygga_csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if DEBUG else 30 * 24 * 60 * 60  # sent over https only

logs.set_up_structlog()
LOGGING = logs.configuration("DEBUG" if DEBUG else "INFO")
