"""One's own profile on screen: language, password, tokens; and who may open the settings at all."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import URLPattern

from brygga.crm.models import User
from brygga.crm.services import tokens
from brygga.web.urls import settings

pytestmark = pytest.mark.django_db

GOOD = "fjord-and-bridge-7"


def test_another_language_takes_effect_at_once(as_user: Client, user: User) -> None:
    sent = {"first_name": "Anna", "last_name": "Lind", "email": "anna@x.no", "language": "sv"}
    page = as_user.post("/profile", sent, follow=True)
    assert page.status_code == 200
    assert '<html lang="sv">' in page.text
    user.refresh_from_db()
    assert (user.name, user.email, user.language) == ("Anna Lind", "anna@x.no", "sv")


def test_what_is_wrong_in_the_profile_is_said_at_the_field(as_user: Client, user: User) -> None:
    page = as_user.post("/profile", {"email": "nowhere", "language": "sv"})
    assert page.status_code == 422
    assert "id_email_error" in page.text
    user.refresh_from_db()
    assert user.language == "en"


def test_the_old_password_is_asked_for(as_user: Client) -> None:
    wrong = as_user.post("/profile/password", {"old": "wrong", "password": GOOD})
    assert "not your present password" in wrong.text
    assert "too short" in as_user.post("/profile/password", {"old": "secret-word", "password": "x"}).text
    assert as_user.post("/profile/password", {"old": "secret-word", "password": GOOD}).status_code == 302
    assert authenticate(username="anna", password=GOOD)
    assert as_user.get("/profile").status_code == 200  # still logged in


def test_a_token_is_shown_once_and_works_until_it_is_revoked(as_user: Client, user: User) -> None:
    page = as_user.post("/profile/tokens/new", {"name": "Nightly script"}, headers={"HX-Request": "true"}).text
    found = re.search(r'id="token-key" value="([^"]+)"', page)
    assert found
    assert tokens.user_of(found[1]) == user
    assert page.count("Nightly script") >= 2  # in the title, and in the list behind the dialog
    listed = as_user.get("/profile").text
    assert "Nightly script" in listed
    assert found[1] not in listed
    (token,) = tokens.list_tokens(user)
    assert as_user.post(f"/profile/tokens/{token.pk}/revoke").headers["Location"] == "/profile"
    assert tokens.user_of(found[1]) is None
    assert "list the tokens" in as_user.post(f"/profile/tokens/{token.pk}/revoke", follow=True).text


def test_a_token_needs_a_name_and_belongs_to_its_user(as_user: Client, admin: User) -> None:
    assert as_user.post("/profile/tokens/new", {"name": " "}).status_code == 422
    assert as_user.post("/profile/tokens/new", {"name": "x" * 150}).status_code == 422
    token, key = tokens.create_token(admin, "Hers")
    as_user.post(f"/profile/tokens/{token.pk}/revoke")
    assert tokens.user_of(key) == admin


def path_of(pattern: URLPattern) -> str:
    """An address of a pattern, for whatever record."""
    return "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<slug:\w+>", "companies", str(pattern.pattern)))


@pytest.mark.parametrize("path", sorted(path_of(one) for one in settings.patterns))
def test_settings_are_for_administrators_and_the_profile_for_everybody(path: str, as_user: Client) -> None:
    for response in (Client().get(path), Client().post(path)):
        assert response.headers["Location"].startswith("/login?next=")
    expected = {403} if path.startswith("/settings") else {200, 302, 405, 422}
    assert as_user.get(path).status_code in expected
    assert as_user.post(path).status_code in expected


@pytest.mark.parametrize("path", ["/profile", "/profile/password", "/settings/users/new", "/settings/lists/new"])
def test_what_changes_something_needs_the_token_of_the_form(path: str, admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(path, {"name": "x"}).status_code == 403


def test_what_people_type_is_shown_as_text(as_admin: Client, admin: User) -> None:
    evil = "<img src=x onerror=alert(1)>"
    User.objects.filter(pk=admin.pk).update(first_name=evil)
    as_admin.post("/settings/lists/new", {"name": evil})
    as_admin.post("/settings/users/groups/new", {"name": evil})
    as_admin.post("/settings/fields/companies/new", {"name": evil, "kind": "text"})
    for path in ("users", "users/groups", "users/groups/rank", "lists/new", "fields/companies"):
        page = as_admin.get(f"/settings/{path}").text
        assert "<img" not in page
        assert "&lt;img" in page
