"""Deleting and restoring connections and connectors by a person, with what it means told first (behaviour A2, A3)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.erp.errors import Refused
from brygga.erp.models import Connection, Connector, Link
from brygga.erp.services import activation, connectors, removal
from brygga.erp.services.connections import test as try_connection
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def inactive(connection: Connection) -> Connection:
    """The connection to the ERP in memory, taken out of sync."""
    activation.deactivate(connection)
    return connection


def test_the_links_that_would_stop_are_counted_by_kind(connection: Connection) -> None:
    ends = removal.consequences(connection)
    assert ends.links == {"company": 2, "contact": 1}
    assert "is active" in ends.obstacle


def test_an_active_connection_is_not_deleted(connection: Connection) -> None:
    with pytest.raises(Refused, match="Deactivate it before"):
        removal.delete_inactive(connection, "eva")
    assert not Connection.objects.get(pk=connection.pk).deleted


def test_deleting_twice_is_refused(inactive: Connection) -> None:
    removal.delete_inactive(inactive, "eva")
    with pytest.raises(Refused, match="is deleted"):
        removal.delete_inactive(inactive, "eva")


def test_what_was_deleted_comes_back_with_its_links_and_works(erp: MemoryErp, inactive: Connection) -> None:
    removal.delete_inactive(inactive, "eva")
    edit(company("Fjord"), POSTALCITY="Voss")
    restored = Connection.objects.get(pk=inactive.pk)
    removal.restore_connection(restored, "eva")
    restored.refresh_from_db()
    assert (restored.deleted, restored.active) == (False, False)
    assert Link.objects.filter(connection=restored).count() == 3
    try_connection(restored)
    assert activation.activate(restored) == []
    sync_now([restored], "eva")
    assert erp.value("1", "CITY") == "Voss"


def test_restoring_what_is_there_changes_nothing(connection: Connection) -> None:
    removal.restore_connection(connection, "eva")
    assert Connection.objects.get(pk=connection.pk).active


def test_a_connection_is_not_restored_without_its_connector(inactive: Connection) -> None:
    removal.delete_inactive(inactive, "eva")
    connectors.delete_connectors([inactive.connector])
    deleted = Connection.objects.select_related("connector").get(pk=inactive.pk)
    with pytest.raises(Refused, match="Restore the connector first"):
        removal.restore_connection(deleted, "eva")
    removal.restore_connector(deleted.connector, "eva")
    removal.restore_connection(deleted, "eva")
    assert not Connection.objects.get(pk=inactive.pk).deleted


def test_a_name_that_is_taken_meanwhile_keeps_a_connection_deleted(inactive: Connection) -> None:
    removal.delete_inactive(inactive, "eva")
    Connection.objects.create(connector=inactive.connector, names=inactive.names)
    with pytest.raises(Refused, match="Another ERP connection is called"):
        removal.restore_connection(inactive, "eva")
    assert Connection.objects.get(pk=inactive.pk).deleted


def test_a_name_that_is_taken_meanwhile_keeps_a_connector_deleted(db: None) -> None:
    deleted = Connector.objects.create(name="Excel", url="plugin://workbook", deleted=True)
    Connector.objects.create(name="Excel", url="plugin://csv")
    with pytest.raises(Refused, match='Another connector is called "Excel"'):
        removal.restore_connector(deleted, "eva")
    assert Connector.objects.get(pk=deleted.pk).deleted
