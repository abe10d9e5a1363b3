"""Settings and maintenance: users and groups on screen (behaviour C3, C4)."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import Erp

from brygga.crm.models import User, UserGroup
from brygga.crm.services import groups
from brygga.crm.services.users import create_user
from brygga.erp.models import Access

pytestmark = pytest.mark.django_db

GOOD = "fjord-and-bridge-7"
HTMX = {"HX-Request": "true"}


def values(**changes: object) -> dict[str, object]:
    """What the form of a user sends."""
    sent = {"first_name": "Bo", "last_name": "Dahl", "email": "bo@x.no", "language": "da", "active": "on"}
    return {**sent, **changes}


def test_the_list_shows_users_and_finds_them(as_admin: Client, user: User) -> None:
    group = groups.add_group("Sales")
    User.objects.filter(pk=user.pk).update(primary_group=group, language="sv")
    page = as_admin.get("/settings/users").text
    for text in ("Anna Berg", "anna", "Sales", "ERP sync", "Svenska", "Active"):
        assert text in page
    found = as_admin.get("/settings/users?q=berg").context["rows"]
    assert [row["user"] for row in found] == [user]
    assert "Nothing matches" in as_admin.get("/settings/users?q=zzz").text


def test_a_user_is_added_and_can_log_in(as_admin: Client) -> None:
    group = groups.add_group("Sales")
    sent = values(username="bo", password=GOOD, licences=["erp-sync"], primary_group=group.pk, administrator="on")
    response = as_admin.post("/settings/users/new", sent)
    assert (response.status_code, response.headers["Location"]) == (302, "/settings/users")
    made = authenticate(username="bo", password=GOOD)
    assert isinstance(made, User)
    assert (made.name, made.primary_group, made.licences, made.is_staff) == ("Bo Dahl", group, ["erp-sync"], True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "eva"}, "Somebody has this user name already"),
        ({"password": "bo"}, "too short"),
        ({"email": "nowhere"}, "id_email_error"),
        ({"primary_group": "99"}, "id_primary_group_error"),
        ({"language": "xx"}, "id_language_error"),
    ],
)
def test_what_is_wrong_is_said_in_the_dialog(wrong: dict[str, str], said: str, as_admin: Client, admin: User) -> None:
    sent = values(username="bo", password=GOOD) | wrong
    page = as_admin.post("/settings/users/new", sent)
    assert page.status_code == 422
    assert said in page.text
    part = as_admin.post("/settings/users/new", sent, headers=HTMX)
    assert part.status_code == 200
    assert said in part.text
    assert "<html" not in part.text
    assert not User.objects.filter(username="bo").exists()


def test_a_user_is_changed_and_deactivated(as_admin: Client, user: User) -> None:
    sent = values()
    del sent["active"]
    response = as_admin.post(f"/settings/users/{user.pk}", sent, headers=HTMX)
    assert response.headers["HX-Redirect"] == "/settings/users"
    user.refresh_from_db()
    assert (user.name, user.is_active, user.licences) == ("Bo Dahl", False, [])
    assert "Inactive" in as_admin.get("/settings/users").text


def test_ones_own_right_cannot_be_unchecked(as_admin: Client, admin: User) -> None:
    create_user("other", "secret", administrator=True)
    page = as_admin.get(f"/settings/users/{admin.pk}").text
    assert page.count(" disabled") == 2
    as_admin.post(f"/settings/users/{admin.pk}", values())  # neither of the two is sent, as a browser does
    admin.refresh_from_db()
    assert (admin.is_staff, admin.is_active, admin.name) == (True, True, "Bo Dahl")


def test_an_administrator_takes_the_right_of_another_one_but_never_the_own(as_admin: Client, admin: User) -> None:
    bo = create_user("bo", "secret", administrator=True)
    for user, kept in ((bo, False), (admin, True)):
        as_admin.post(f"/settings/users/{user.pk}", values())
        user.refresh_from_db()
        assert (user.is_staff, user.is_active) == (kept, True)


def test_a_password_is_set_by_the_rules(as_admin: Client, user: User, admin: User) -> None:
    address = f"/settings/users/{user.pk}/password"
    assert "8 characters" in as_admin.get(address).text
    assert "too common" in as_admin.post(address, {"password": "password"}).text
    assert as_admin.post(address, {"password": GOOD}).status_code == 302
    assert authenticate(username="anna", password=GOOD) == user
    as_admin.post(f"/settings/users/{admin.pk}/password", {"password": GOOD})
    assert as_admin.get("/settings/users").status_code == 200  # still logged in with the new one


def test_groups_are_added_renamed_ranked_and_deleted(as_admin: Client, user: User, erp: Erp) -> None:
    for name in ("Sales", "Support"):
        assert as_admin.post("/settings/users/groups/new", {"name": name}).status_code == 302
    assert "There is a group of this name" in as_admin.post("/settings/users/groups/new", {"name": "sales"}).text
    sales, support = groups.groups()
    as_admin.post(f"/settings/users/groups/{sales.pk}", {"name": "Trade"})
    as_admin.post("/settings/users/groups/rank", {"order": [support.pk, sales.pk]})
    assert [group.name for group in groups.groups()] == ["Support", "Trade"]

    User.objects.filter(pk=user.pk).update(primary_group=sales)
    Access.objects.create(connection=erp.connection, group=sales)
    address = f"/settings/users/groups/{sales.pk}/delete"
    assert "Fjord" in as_admin.get(address).text
    assert "choose the group that they get instead" in as_admin.post(address, {"replacement": ""}).text
    assert as_admin.post(address, {"replacement": support.pk}).status_code == 302
    user.refresh_from_db()
    assert user.primary_group == support
    assert not Access.objects.exists()
    assert as_admin.post(address, {"replacement": support.pk}).status_code == 422


def test_without_a_script_the_buttons_move_a_group(as_admin: Client) -> None:
    first, second = (groups.add_group(name) for name in ("First", "Second"))
    moved = as_admin.post("/settings/users/groups/rank", {"order": [first.pk, second.pk], "down": first.pk})
    assert [one.name for one in moved.context["ranked"]] == ["Second", "First"]
    assert [group.name for group in groups.groups()] == ["First", "Second"]  # nothing is stored before Save


def test_users_who_are_not_there_are_not_found(as_admin: Client) -> None:
    for path in ("/settings/users/99", "/settings/users/99/password"):
        assert as_admin.get(path).status_code == 404
    assert as_admin.get("/settings/users/groups/99").status_code == 422


def test_more_users_take_no_more_queries(as_admin: Client) -> None:
    counts = []
    for number in (1, 3):
        for n in range(number):
            group = UserGroup.objects.create(name=f"Group {number} {n}")
            create_user(f"user-{number}-{n}", "secret", group=group.name, other_groups=["Board"])
        with CaptureQueriesContext(connection) as queries:
            as_admin.get("/settings/users")
        counts.append(len(queries))
    assert counts[0] == counts[1]
