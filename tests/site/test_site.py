"""The site around the rooms: health, cookies, static files, settings."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from brygga.site import settings as site_settings
from brygga.site.middleware import SecureCookies


@pytest.mark.django_db
def test_a_server_that_reaches_its_database_is_healthy(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_server_without_its_database_says_so_and_keeps_the_reason_to_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(cursor: CursorWrapper, *args: Any) -> None:
        raise DatabaseError("password of anna is wrong")

    monkeypatch.setattr(CursorWrapper, "execute", refuse)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert b"anna" not in response.content


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_secure_over_https_only(rf: RequestFactory, secure: bool) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("brygga_session", "x")
        return response

    response = SecureCookies(view)(rf.get("/", secure=secure))
    assert bool(response.cookies["brygga_session"]["secure"]) is secure


@pytest.mark.django_db
def test_the_sqlite_file_has_a_write_ahead_log_and_keeps_foreign_keys() -> None:
    if connection.vendor == "sqlite":
        assert pragma("journal_mode") == "wal"
        assert pragma("foreign_keys") == 1
        assert connection.transaction_mode == "IMMEDIATE"
    else:
        assert connection.settings_dict["CONN_HEALTH_CHECKS"]


def pragma(name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def test_users_are_the_crm_rooms_own() -> None:
    assert get_user_model()._meta.label == "crm.User"


def test_the_six_languages_are_on_offer() -> None:
    assert [code for code, _ in site.LANGUAGES] == ["en", "sv", "da", "de", "nb", "nl"]


def test_a_postgresql_address_becomes_djangos_settings() -> None:
    database = site_settings.environment.parse_database_url("postgresql://anna:pw@db:5433/brygga?sslmode=require")
    default = site_settings._databases(database)["default"]
    assert {key: default[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "brygga",
        "USER": "anna",
        "PASSWORD": "pw",
        "HOST": "db",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
    }
