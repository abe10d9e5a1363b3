"""Who a connection can be opened to (behaviour A5)."""

from __future__ import annotations

import pytest

from brygga.crm.models import User, UserGroup
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, Connector
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.scope import Candidate, Rights, candidates, grants, rights_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return Connection.objects.create(connector=Connector.objects.create(name="ERP"), names={"en": "ERP"})


def test_groups_come_first_then_users_by_name() -> None:
    bo, anna = User.objects.create(username="bo"), User.objects.create(username="x", first_name="Anna")
    sales, board = UserGroup.objects.create(name="Sales", rank=1), UserGroup.objects.create(name="Board", rank=2)
    assert candidates(None) == [
        Candidate(f"group-{sales.pk}", "Sales", True, None),
        Candidate(f"group-{board.pk}", "Board", True, None),
        Candidate(f"user-{anna.pk}", "Anna", False, None),
        Candidate(f"user-{bo.pk}", "bo", False, None),
    ]


def test_who_is_gone_is_shown_only_with_access(connection: Connection) -> None:
    gone = User.objects.create(username="gone", is_active=False)
    old = UserGroup.objects.create(name="Old", deleted=True)
    assert candidates(connection) == []
    set_scope(connection, False, [Grant(user=gone, may_create=False), Grant(group=old)])
    assert [(one.name, one.rights) for one in candidates(connection)] == [
        ("Old", Rights(True, True)),
        ("gone", Rights(True, False)),
    ]


def test_rights_become_grants_and_come_back(connection: Connection) -> None:
    anna, sales = User.objects.create(username="anna"), UserGroup.objects.create(name="Sales")
    rights = {f"user-{anna.pk}": Rights(False, True), f"group-{sales.pk}": Rights(True, False)}
    set_scope(connection, False, grants(rights))
    assert rights_of(connection) == rights


@pytest.mark.parametrize("key", ["user-4711", "group-4711", "nobody"])
def test_nobody_can_be_given_rights_who_is_not_there(key: str) -> None:
    with pytest.raises(NotFound):
        grants({key: Rights()})
