"""Users: found, added, changed, and kept from locking everybody out (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brygga.crm.errors import CrmError, InvalidValue, Refused
from brygga.crm.models import User
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services import groups, passwords, profile, users
from brygga.crm.services.users import UserValues

pytestmark = pytest.mark.django_db

GOOD = "fjord-and-bridge-7"


@pytest.fixture
def eva() -> User:
    """The only administrator."""
    return users.create_user("eva", "secret", administrator=True, first_name="Eva", last_name="Ek")


def test_an_added_user_has_everything_that_was_said(eva: User) -> None:
    sales, board = groups.add_group("Sales"), groups.add_group("Board")
    values = UserValues("Anna", "Berg", "anna@x.no", "sv", [ERP_SYNC], sales.pk, [board.pk, sales.pk], True)
    made = users.add_user(" anna ", GOOD, values, eva)
    assert authenticate(username="anna", password=GOOD) == made
    assert (made.name, made.email, made.language, made.licences) == ("Anna Berg", "anna@x.no", "sv", [ERP_SYNC])
    assert (made.is_administrator, made.is_active, made.primary_group) == (True, True, sales)
    assert list(made.other_groups.all()) == [board]


@pytest.mark.parametrize("name", ["", "  ", "EVA", "a b", "a/b", "a" * 151])
def test_a_user_name_that_will_not_do_is_said_at_the_field(name: str, eva: User) -> None:
    with pytest.raises(InvalidValue) as caught:
        users.add_user(name, GOOD, UserValues(), eva)
    assert caught.value.key == "username"
    assert User.objects.count() == 1


def test_a_password_is_refused_with_all_the_reasons(eva: User) -> None:
    with pytest.raises(InvalidValue) as caught:
        users.add_user("anna", "anna", UserValues(), eva)
    assert caught.value.key == "password"
    assert "too short" in str(caught.value.reason)
    assert "too similar" in str(caught.value.reason)
    assert not User.objects.filter(username="anna").exists()


@pytest.mark.parametrize(
    "wrong", [{"language": "xx"}, {"licences": ["gold"]}, {"primary_group": 99}, {"other_groups": [99]}]
)
def test_what_is_not_known_changes_nothing(wrong: dict[str, object], eva: User) -> None:
    anna = users.add_user("anna", GOOD, UserValues(first_name="Anna"), eva)
    with pytest.raises(Refused):
        users.change_user(anna.pk, replace(UserValues(first_name="Bo"), **wrong), eva)
    anna.refresh_from_db()
    assert anna.first_name == "Anna"


def test_the_last_administrator_stays_one(eva: User) -> None:
    bo = users.add_user("bo", GOOD, UserValues(administrator=True), eva)
    users.change_user(eva.pk, UserValues(administrator=False), bo)
    for values in (UserValues(administrator=False), UserValues(administrator=True, active=False)):
        with pytest.raises(Refused, match="only administrator"):
            users.change_user(bo.pk, values, eva)
    users.change_user(eva.pk, UserValues(administrator=True, active=False), bo)
    with pytest.raises(Refused, match="only administrator"):  # an inactive one administers nothing
        users.change_user(bo.pk, UserValues(), eva)
    assert User.objects.get(pk=bo.pk).is_administrator


def test_nobody_takes_the_own_right(eva: User) -> None:
    bo = users.add_user("bo", GOOD, UserValues(administrator=True), eva)
    for values in (UserValues(administrator=False), UserValues(administrator=True, active=False)):
        with pytest.raises(Refused, match="yourself"):
            users.change_user(bo.pk, values, bo)
    with pytest.raises(Refused, match="not there any more"):
        users.change_user(99, UserValues(), eva)


def test_a_deactivated_user_is_kept_and_cannot_log_in(eva: User) -> None:
    anna = users.add_user("anna", GOOD, UserValues(), eva)
    users.change_user(anna.pk, UserValues(active=False), eva)
    assert authenticate(username="anna", password=GOOD) is None
    assert [user.username for user in users.list_users(active_only=True)] == ["eva"]
    assert {user.username for user in users.list_users()} == {"anna", "eva"}


def test_every_word_is_found_somewhere(eva: User) -> None:
    group = groups.add_group("Försäljning")
    users.add_user("anna", GOOD, UserValues("Anna", "Öberg", primary_group=group.pk), eva)
    for text, names in (("öberg anna", ["anna"]), ("FÖRSÄLJ", ["anna"]), ("e", ["anna", "eva"]), ("zzz", [])):
        assert [user.username for user in users.list_users(text)] == names


def test_a_list_of_users_takes_the_same_queries_for_any_number(eva: User) -> None:
    group = groups.add_group("Sales")
    counts = []
    for name in ("one", "two"):
        users.add_user(name, GOOD, UserValues(primary_group=group.pk), eva)
        with CaptureQueriesContext(connection) as queries:
            assert [(user.primary_group, list(user.other_groups.all())) for user in users.list_users()]
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_own_password_is_asked_for_first(eva: User) -> None:
    with pytest.raises(InvalidValue) as caught:
        passwords.change_password(eva, "wrong", GOOD)
    assert caught.value.key == "old"
    passwords.change_password(eva, "secret", GOOD)
    assert authenticate(username="eva", password=GOOD) == eva


def test_the_own_profile(eva: User) -> None:
    profile.change_profile(eva, "Eva", "Lind", "eva@x.no", "da")
    eva.refresh_from_db()
    assert (eva.name, eva.email, eva.language) == ("Eva Lind", "eva@x.no", "da")
    with pytest.raises(Refused):
        profile.change_profile(eva, "Eva", "Lind", "", "xx")


def test_groups_are_added_renamed_and_ranked() -> None:
    ids = [groups.add_group(name).pk for name in ("A", "B", " C ")]
    groups.rename_group(ids[0], "Z")
    groups.rank_groups([ids[2], ids[0]])
    assert [group.name for group in groups.groups()] == ["C", "Z", "B"]


@pytest.mark.parametrize(
    "call",
    [
        lambda group: groups.add_group("sales"),
        lambda group: groups.add_group(" "),
        lambda group: groups.add_group("x" * 101),
        lambda group: groups.rename_group(99, "x"),
        lambda group: groups.delete_group(group, group, "eva"),
        lambda group: groups.delete_group(group, None, "eva"),
        lambda group: groups.delete_group(group, 99, "eva"),
        lambda group: groups.delete_group(99, None, "eva"),
    ],
)
def test_what_cannot_be_done_with_groups(call: Callable[[int], object], eva: User) -> None:
    group = groups.add_group("Sales")
    users.add_user("anna", GOOD, UserValues(primary_group=group.pk), eva)
    with pytest.raises(CrmError):
        call(group.pk)
    assert [one.primary for one in groups.groups_with_users()] == [1]


def test_a_deleted_group_leaves_its_users_another_one(eva: User) -> None:
    sales, board = groups.add_group("Sales"), groups.add_group("Board")
    anna = users.add_user("anna", GOOD, UserValues(primary_group=sales.pk), eva)
    bo = users.add_user("bo", GOOD, UserValues(other_groups=[sales.pk], active=False), eva)
    assert [(one.name, one.primary, one.others) for one in groups.groups_with_users()] == [
        ("Sales", 1, 0),
        ("Board", 0, 0),
    ]
    groups.delete_group(sales.pk, board.pk, "eva")
    assert User.objects.get(pk=anna.pk).group_ids() == {board.pk}
    assert User.objects.get(pk=bo.pk).group_ids() == set()
    groups.delete_group(groups.add_group("Sales").pk, None, "eva")  # the name is free again
    assert [group.name for group in groups.groups()] == ["Board"]
