"""Users, groups, lists and user-defined fields (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.utils import translation

from brygga.crm.errors import Refused
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.models import CrmList, UserGroup
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services import groups, lists, user_fields, users
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

PROJECT = RecordType.PROJECT


def test_a_user_with_everything() -> None:
    made = users.create_user(
        "anna", "secret", licences=[ERP_SYNC], language="sv", group="Sales", other_groups=["Support", "Sales"]
    )
    user = authenticate(username="anna", password="secret")
    assert user == made
    assert (user.language, user.is_administrator, user.has_licence(ERP_SYNC)) == ("sv", False, True)
    assert user.primary_group.name == "Sales"
    assert user.group_ids() == set(UserGroup.objects.values_list("id", flat=True))
    assert [group.name for group in groups.groups()] == ["Sales", "Support"]


@pytest.mark.parametrize(
    "wrong", [{"username": " "}, {"username": "bo"}, {"licences": ["gold"]}, {"language": "xx"}, {"group": " "}]
)
def test_a_user_that_cannot_be_made(wrong: dict[str, object]) -> None:
    users.create_user("bo", "secret")
    with pytest.raises(Refused):
        users.create_user(**{"username": "eva", "password": "secret", **wrong})


def test_rights_are_changed_later() -> None:
    users.create_user("anna", "secret", administrator=True)
    users.create_user("bo", "secret")
    assert users.set_licences("bo", [ERP_SYNC]).has_licence(ERP_SYNC)
    assert users.set_groups("bo", "Sales", ["Support"]).primary_group.name == "Sales"
    assert users.set_groups("bo", "").group_ids() == set()
    with pytest.raises(Refused, match="only administrator"):
        users.set_administrator("anna", False)
    assert users.set_administrator("bo", True).is_administrator
    assert not users.set_administrator("anna", False).is_administrator
    with pytest.raises(Refused, match="nobody"):
        users.set_licences("nobody", [])


def test_items_are_renamed_ranked_and_deleted() -> None:
    ids = {text: int(item) for text, item in lists.add_items("category", ["A", "B", "C"]).items()}
    lists.rename_item(ids["A"], "Z")
    lists.rank_items("category", [ids["C"], ids["A"]])
    assert [item.text for item in lists.items("category")] == ["C", "Z", "B"]
    lists.delete_item(ids["C"])
    assert [item.text for item in lists.items("category")] == ["Z", "B"]
    for call in (
        lambda: lists.rename_item(ids["A"], "b"),
        lambda: lists.rename_item(ids["A"], ""),
        lambda: lists.rename_item(ids["C"], "D"),
        lambda: lists.delete_item(ids["C"]),
        lambda: lists.add_items("nowhere", ["x"]),
    ):
        with pytest.raises(Refused):
            call()


def test_standard_lists_survive_a_migration_with_their_new_names() -> None:
    CrmList.objects.filter(key="title").delete()
    CrmList.objects.filter(key="category").update(name="Segment")
    call_command("migrate", verbosity=0)
    assert CrmList.objects.filter(key="title").exists()
    with translation.override("en"):
        assert {crm_list.key: crm_list.label for crm_list in lists.lists()}["category"] == "Segment"


def test_user_defined_fields_come_and_go() -> None:
    field = user_fields.define_field(PROJECT, "big_one", "Big one", Kind.TEXT, max_length=5)
    assert (field.key, field.max_length) == ("x:big_one", 5)
    user_fields.rename_field(PROJECT, "big_one", "Large")
    assert fields_of(PROJECT)["x:big_one"].label == "Large"
    user_fields.delete_field(PROJECT, "big_one")
    assert "x:big_one" not in fields_of(PROJECT)


@pytest.mark.parametrize(
    "call",
    [
        lambda: user_fields.define_field(PROJECT, "Upper", "n", Kind.TEXT),
        lambda: user_fields.define_field(PROJECT, "a__b", "n", Kind.TEXT),
        lambda: user_fields.define_field(PROJECT, "a", " ", Kind.TEXT),
        lambda: user_fields.define_field(PROJECT, "a", "n", Kind.LIST, "nowhere"),
        lambda: user_fields.rename_field(PROJECT, "a", "n"),
        lambda: user_fields.delete_field(PROJECT, "a"),
    ],
)
def test_user_defined_fields_that_cannot_be(call: Callable[[], object]) -> None:
    with pytest.raises(Refused):
        call()


def test_a_key_is_used_once() -> None:
    user_fields.define_field(PROJECT, "a", "n", Kind.TEXT)
    user_fields.delete_field(PROJECT, "a")
    with pytest.raises(Refused):
        user_fields.define_field(PROJECT, "a", "n", Kind.INTEGER)


def test_migrations_are_complete() -> None:
    call_command("makemigrations", "crm", "--check", "--dry-run", verbosity=0)
