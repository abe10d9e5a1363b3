"""What every test has: a data directory of its own, secrets made for this run, and the database of DATABASE_URL."""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import django
import pytest
from django.conf import settings as django_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

# Django reads the environment when its settings are imported, so this comes before anything of Brygga's.
_HOME = tempfile.TemporaryDirectory(prefix="brygga-tests-", ignore_cleanup_errors=True)
for _name in [name for name in os.environ if name.startswith("BRYGGA_") and name != "BRYGGA_HYPOTHESIS"]:
    del os.environ[_name]
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "brygga.site.settings",
    "BRYGGA_HOME": _HOME.name,
    "BRYGGA_SECRET_KEY": secrets.token_urlsafe(48),
    "BRYGGA_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
}

# The same examples every time: a failure in CI can be repeated at once, and a slow machine is no failure.
hypothesis_settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# For a longer search by hand: BRYGGA_HYPOTHESIS=search pytest tests/merge
hypothesis_settings.register_profile(
    "search", parent=hypothesis_settings.get_profile("repeatable"), derandomize=False, max_examples=2000
)
hypothesis_settings.load_profile(os.environ.get("BRYGGA_HYPOTHESIS", "repeatable"))


# Here rather than from the ini file, where Django would start before the lines above.
django.setup()
django_settings.LOGGING_CONFIG = None  # or each command run here would log to the standard error of its own test
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # log-ins need not be slow
if django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: a database in memory has no write-ahead log and locks in other ways.
    django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(Path(_HOME.name) / "test.sqlite3")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """The data directory of this test, empty at its start."""
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("BRYGGA_HOME", str(path))
    settings.BRYGGA = replace(settings.BRYGGA, home=path)
    return path


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """Each test starts in the server's language, whatever the last request was answered in."""
    translation.deactivate()
    yield
    translation.deactivate()
