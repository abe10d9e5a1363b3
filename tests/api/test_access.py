"""Who may call: tokens, passwords, sessions; rights, reasons, and the limit on failures (behaviour A5, U1)."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.api.conftest import PASSWORD, PATH, Caller, basic
from tests.api.published import OPERATIONS

from brygga.api import limits
from brygga.crm.models import ApiToken, User
from brygga.crm.services.tokens import create_token, revoke_token

pytestmark = pytest.mark.django_db

FOR_USERS = {
    "GetConnectionsAndDisplayFields",
    "GetErpFieldValues",
    "GetFieldsForNewErpActor",
    "ConnectActor",
    "TryConnectActor",
    "GetFieldValuesFromCrm",
    "GetFieldValuesFromErp",
    "CreateActorLink",
    "BreakActorLink",
    "CreateErpActorFromCrm",
    "GetCrmActorType",
    "SupportsAdvancedSearch",
}
"""The operations behind the ERP tab; all others are for administrators."""


def test_nobody_calls_without_logging_in() -> None:
    for operation in OPERATIONS:
        response = Client().post(PATH + operation, {}, content_type="application/json")
        assert response.status_code == 401
        assert response.json()["Code"] == "not_logged_in"
        assert "Bearer" in response.headers["WWW-Authenticate"]
        assert "Basic" in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - FOR_USERS))
def test_operations_of_the_administration_are_for_administrators(operation: str, anna: Caller) -> None:
    assert anna.refused(operation, {}) == (403, "denied")


@pytest.mark.parametrize("operation", sorted(FOR_USERS))
def test_operations_of_the_erp_tab_are_for_users_with_the_licence(operation: str, anna: Caller, user: User) -> None:
    assert anna.post(operation, {}).status_code != 403
    user.licences = []
    user.save()
    assert anna.refused(operation, {}) == (403, "denied")


def test_a_denial_says_why_in_the_language_of_the_user(anna: Caller) -> None:
    response = anna.post("GetAllConnectors")
    assert response.json()["Message"] == "Only administrators may do this."
    assert "anna" in response.json()["Technical"]


def test_a_user_name_and_a_password_will_do(admin_user: User) -> None:
    assert Caller(basic("eva"))("GetAllConnectors") == []
    for wrong in ("eva:wrong", "eva", "nobody:x", "a\0b:x", ":", ""):
        header = {"Authorization": "Basic " + base64.b64encode(wrong.encode()).decode()}
        assert Caller(header).refused("GetAllConnectors") == (401, "not_logged_in")
    for header in ("Basic ???", "Basic", "Bearer", "Bearer x", "Negotiate abc", "7T:abc"):
        assert Caller({"Authorization": header}).refused("GetAllConnectors") == (401, "not_logged_in")


def test_a_token_works_until_it_is_revoked(admin: Caller, admin_user: User) -> None:
    assert admin("GetAllConnectors") == []
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    revoke_token(admin_user, token.pk)
    assert admin.refused("GetAllConnectors") == (401, "not_logged_in")


def test_who_has_left_gets_in_no_way(admin: Caller, admin_user: User) -> None:
    admin_user.is_active = False
    admin_user.save()
    for way in (admin, Caller(basic("eva"))):
        assert way.refused("GetAllConnectors") == (401, "not_logged_in")


def test_a_header_that_does_not_hold_is_not_made_up_for_by_a_session(admin_user: User) -> None:
    client = Client()
    client.force_login(admin_user)
    assert Caller({"Authorization": "Bearer x"}, client).refused("GetAllConnectors") == (401, "not_logged_in")


def test_a_session_needs_the_csrf_token_and_a_token_does_not(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert Caller(client=client).refused("GetAllConnectors") == (403, "denied")
    page = client.get("/api/docs").text
    csrf = re.search(r'data-csrf-token="(\w+)"', page)
    assert csrf
    assert Caller({"X-CSRFToken": csrf[1]}, client)("GetAllConnectors") == []
    other = Client(enforce_csrf_checks=True)
    assert Caller({"Authorization": f"Bearer {create_token(admin_user, 'x')[1]}"}, other)("GetAllConnectors") == []


def test_too_many_failures_of_one_name_stop_its_password_and_nothing_else(
    admin: Caller, admin_user: User, user: User
) -> None:
    for _attempt in range(limits.PER_USER):
        assert Caller(basic("EVA", "wrong")).refused("GetAllConnectors")[0] == 401
    response = Caller(basic("eva")).post("GetAllConnectors")
    assert (response.status_code, response.json()["Code"]) == (429, "too_many_failures")
    assert response.headers["Retry-After"] == str(limits.PERIOD)
    assert Caller(basic("anna")).refused("GetAllConnectors") == (403, "denied")
    assert admin("GetAllConnectors") == []


def test_too_many_failures_from_one_address_stop_that_address(admin: Caller, admin_user: User) -> None:
    for _attempt in range(limits.PER_ADDRESS):
        assert Caller({"Authorization": "Bearer guess"}).refused("GetAllConnectors")[0] == 401
    assert admin.refused("GetAllConnectors") == (429, "too_many_failures")
    elsewhere = Caller(basic("eva"), Client(REMOTE_ADDR="192.0.2.7"))
    assert elsewhere("GetAllConnectors") == []


def test_failures_are_forgotten_after_their_period(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PERIOD", 0)
    for _attempt in range(limits.PER_USER + 1):
        assert Caller(basic("eva", "wrong")).refused("GetAllConnectors")[0] == 401


def test_secrets_of_a_log_in_are_neither_answered_nor_counted_in_the_open(admin_user: User) -> None:
    response = Caller(basic("eva", "wrong-secret")).post("GetAllConnectors")
    assert "wrong-secret" not in response.text
    assert not any("eva" in key for key in cache._cache)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "sv"),
        ({"Accept_Language": "de-AT,en;q=0.5"}, "de"),
        ({"Accept_Language": "xx, *;q=0.1"}, "sv"),
        ({"Accept_Language": "de", "SO_Language": "da"}, "da"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_users(
    admin: Caller, headers: dict[str, Any], language: str
) -> None:
    response = admin.post("GetAllConnectors", **headers)
    assert response.headers["Content-Language"] == language


def test_the_password_of_the_tests_is_one_that_counts(admin_user: User) -> None:
    assert admin_user.check_password(PASSWORD)
