"""A connection saved from one form: wholly or not at all (behaviour A4 to A6, A12)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from tests.erp.sample_connector import SampleConnector

from brygga.crm.models import User, UserGroup
from brygga.erp import connectors
from brygga.erp.connectors import stored_values
from brygga.erp.errors import ConnectorFailed, InvalidConfiguration, NotFound, Refused
from brygga.erp.models import Connection, Connector, SyncSettings
from brygga.erp.services import access, connections
from brygga.erp.services.connection_config import open_values
from brygga.erp.services.connection_saving import Draft, save, save_priorities
from brygga.erp.services.connectors import connections_of, create_connector, get_connector

pytestmark = pytest.mark.django_db

VALUES = {"Server": "erp.local", "Password": "hemlig"}


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connector(sample: SampleConnector) -> Connector:
    return create_connector("Sample", "plugin://sample")


@pytest.fixture
def connection(connector: Connector) -> Connection:
    return save(0, Draft(connector.pk, name='US:"ERP";SW:"Affären"', values=VALUES))


def test_a_localised_name_has_all_its_languages_and_a_plain_one_that_of_the_caller(connection: Connection) -> None:
    assert connection.names == {"en": "ERP", "sv": "Affären"}
    with translation.override("de"):
        save(connection.pk, Draft(name="Warenwirtschaft"))
    with translation.override("sv"):
        save(connection.pk, Draft(name="Affären"))
    connection.refresh_from_db()
    assert connection.names == {"en": "ERP", "sv": "Affären", "de": "Warenwirtschaft"}


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (Draft(name=" "), Refused),
        (Draft(connector_id=4711), Refused),
        (Draft(name="New", values={"Server": "nowhere"}), ConnectorFailed),
        (Draft(name="New", values={"Port": "1"}), InvalidConfiguration),
        (Draft(name="New", user_ids=[4711]), NotFound),
        (Draft(name="New", group_ids=[4711]), NotFound),
    ],
)
def test_what_cannot_be_saved_changes_nothing(connection: Connection, draft: Draft, error: type[Exception]) -> None:
    with pytest.raises(error):
        save(connection.pk, draft)
    connection.refresh_from_db()
    assert (connection.names, connection.all_access) == ({"en": "ERP", "sv": "Affären"}, True)
    assert stored_values(connection) == VALUES


def test_a_new_connection_is_open_unless_somebody_is_named(connector: Connector, connection: Connection) -> None:
    user = User.objects.create(username="anna")
    closed = save(0, Draft(connector.pk, "Second", values=VALUES, user_ids=[user.pk]))
    nobody = save(0, Draft(connector.pk, "Third", values=VALUES, all_access=False))
    assert [c.all_access for c in (connection, closed, nobody)] == [True, False, False]
    assert [access.granted(c) for c in (connection, closed, nobody)] == [([], []), ([user.pk], []), ([], [])]


def test_taking_the_last_one_out_opens_a_connection_to_nobody(connection: Connection) -> None:
    group = UserGroup.objects.create(name="Sales team")
    save(connection.pk, Draft(group_ids=[group.pk]))
    save(connection.pk, Draft(group_ids=[]))
    connection.refresh_from_db()
    assert not connection.all_access
    assert access.granted(connection) == ([], [])


def test_a_group_that_is_deleted_cannot_be_named(connection: Connection) -> None:
    group = UserGroup.objects.create(name="Sales team", deleted=True)
    with pytest.raises(NotFound):
        save(connection.pk, Draft(group_ids=[group.pk]))


def test_an_order_leaves_nobody_out(connector: Connector, connection: Connection) -> None:
    second = save(0, Draft(connector.pk, "Second", values=VALUES))
    save_priorities([second.pk])
    assert connections.list_connections() == [second, connection]
    assert SyncSettings.load().crm_priority == 1
    save_priorities([second.pk, 0])
    assert SyncSettings.load().crm_priority == 2
    with pytest.raises(NotFound):
        save_priorities([4711])
    with pytest.raises(Refused):
        save_priorities([second.pk, second.pk])


def test_connectors_and_connections_are_found_by_id(connector: Connector, connection: Connection) -> None:
    assert get_connector(connector.pk) == connector
    assert connections_of(connector) == [connection]
    connections.delete_connections([connection])
    assert connections_of(connector) == []
    assert connections.get_connection(connection.pk, with_deleted=True) == connection
    for missing in (connection.pk, 4711):
        with pytest.raises(NotFound, match=str(missing)):
            connections.get_connection(missing)
    with pytest.raises(NotFound):
        save(connection.pk, Draft(name="New"))


def test_values_are_shown_without_secrets_and_tried_with_them(connection: Connection, sample: SampleConnector) -> None:
    assert open_values(connection) == {"Server": "erp.local"}
    connections.test_values(connection, {"Server": "other"})
    with pytest.raises(ConnectorFailed):
        connections.test_values(connection, {"Server": "nowhere"})
    assert stored_values(connection) == VALUES
    assert sample.saved == {str(connection.guid): VALUES}


def test_the_position_is_the_newest_of_all_actor_types(connection: Connection) -> None:
    assert connections.position(connection) == ""
    connection.actors.filter(actor_type="Customer").update(position="9")
    connection.actors.filter(actor_type="Person").update(position="10")
    assert connections.position(connection) == "10"


def test_a_draft_that_is_saved_twice_is_one_connection(connector: Connector, sample: SampleConnector) -> None:
    draft = Draft(connector.pk, name="ERP", values=VALUES, guid=uuid.uuid4())
    first, second = save(0, draft), save(0, draft)
    assert first == second
    assert first.guid == draft.guid
    assert sample.saved == {str(draft.guid): VALUES}


def test_of_two_at_once_the_later_gets_what_the_earlier_made(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = Draft(connector.pk, name="ERP", values=VALUES, guid=uuid.uuid4())
    define = connections.define

    def overtaken(*args: Any, **kwargs: Any) -> Connection:
        monkeypatch.setattr(connections, "define", define)
        save(0, draft)
        return define(*args, **kwargs)

    monkeypatch.setattr(connections, "define", overtaken)
    assert save(0, draft) == Connection.objects.get()


def test_grants_set_the_rights(connection: Connection) -> None:
    user = User.objects.create(username="anna")
    save(connection.pk, Draft(all_access=False, grants=[access.Grant(user=user, may_create=False)]))
    save(connection.pk, Draft(user_ids=[user.pk]))
    row = connection.access.get()
    assert (row.user, row.may_connect, row.may_create) == (user, True, False)


def test_whoever_is_granted_something_has_it_alone(connector: Connector) -> None:
    user = User.objects.create(username="anna")
    assert not save(0, Draft(connector.pk, "ERP", values=VALUES, grants=[access.Grant(user=user)])).all_access
