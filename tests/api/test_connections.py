"""Operations on connections: read, save, delete, test, activate, order, sum up (behaviour A3 to A6, A12, A13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.api.conftest import VALUES, Caller
from tests.erp.sample_connector import SampleConnector

from brygga.crm.models import User, UserGroup
from brygga.erp.connectors import stored_values
from brygga.erp.models import Access, ActorMapping, Connection, Connector, FieldMapping, SyncSettings
from brygga.erp.services import connections as service

pytestmark = pytest.mark.django_db


def save(admin: Caller, **members: Any) -> Any:
    return admin("SaveConnection", {"Connection": members})


def stored(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def test_a_connection_is_defined(admin: Caller, connector: Connector, sample: SampleConnector) -> None:
    made = save(admin, ErpConnectorId=connector.pk, DisplayName="Affären", ConfigFields=VALUES)
    assert made["ErpConnectionId"] > 0
    assert sample.saved == {made["ConnectionId"]: VALUES}
    assert (made["Active"], made["Deleted"], made["AllAccess"]) == (False, False, True)
    assert made["ConfigFields"] == {"Server": "erp.local"}
    assert (made["UserGroupAccessIds"], made["AssociateAccessIds"]) == ([], [])
    assert (made["TableRight"], made["FieldProperties"]) == (None, None)
    assert Connection.objects.get().names == {"sv": "Affären"}


def test_a_connection_with_wrong_values_is_not_defined(admin: Caller, connector: Connector) -> None:
    body = {"ErpConnectorId": connector.pk, "DisplayName": "ERP", "ConfigFields": {"Port": "abc"}}
    response = admin.post("SaveConnection", {"Connection": body})
    assert (response.status_code, response.json()["Code"]) == (400, "invalid_configuration")
    assert {member["Member"] for member in response.json()["Members"]} == {"Server", "Port"}
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"DisplayName": "ERP"}, (404, "not_found")),
        ({"ConfigFields": VALUES}, (409, "refused")),
        ({"DisplayName": "ERP", "ConfigFields": {"Server": "nowhere"}}, (424, "connector_failed")),
        ({"DisplayName": "ERP", "ConfigFields": VALUES, "AssociateAccessIds": [4711]}, (404, "not_found")),
        ({"DisplayName": "ERP", "ConfigFields": VALUES, "UserGroupAccessIds": [4711]}, (404, "not_found")),
        ({"ErpConnectionId": 4711}, (404, "not_found")),
    ],
)
def test_a_connection_is_saved_wholly_or_not_at_all(
    admin: Caller, connector: Connector, members: dict[str, Any], refusal: tuple[int, str]
) -> None:
    if "ConfigFields" in members:
        members = members | {"ErpConnectorId": connector.pk}
    assert admin.refused("SaveConnection", {"Connection": members}) == refusal
    assert not Connection.objects.exists()


def test_the_reason_of_the_connector_is_told_in_the_language_asked_for(admin: Caller, connector: Connector) -> None:
    body = {"ErpConnectorId": connector.pk, "DisplayName": "ERP", "ConfigFields": {"Server": "nowhere"}}
    messages = [
        admin.post("SaveConnection", {"Connection": body}, Accept_Language=language).json()["Message"]
        for language in ("sv", "en-GB", "xx")
    ]
    assert messages == ["Servern finns inte.", "No such server.", "Servern finns inte."]


def test_what_is_left_out_stays(admin: Caller, connection: Connection) -> None:
    changed = save(admin, ErpConnectionId=connection.pk, DisplayDescription='US:"Books";SW:"Böcker"')
    assert changed["DisplayDescription"] == "Böcker"
    assert stored(connection).names == {"en": "ERP", "sv": "Affären"}
    assert stored_values(connection) == VALUES


def test_what_was_read_can_be_saved(admin: Caller, connection: Connection) -> None:
    read = admin("GetConnection", {"ErpConnectionId": connection.pk})
    assert read["DisplayName"] == "Affären"
    assert save(admin, **read) == read
    assert stored(connection).names == {"en": "ERP", "sv": "Affären"}
    assert stored_values(connection) == VALUES


def test_a_secret_that_is_given_empty_is_removed_and_one_that_is_left_out_stays(
    admin: Caller, connection: Connection, sample: SampleConnector
) -> None:
    for left_out in ({}, {"Password": None}):
        save(admin, ErpConnectionId=connection.pk, ConfigFields={"Server": "other", **left_out})
        assert stored_values(connection) == {**VALUES, "Server": "other"}
    save(admin, ErpConnectionId=connection.pk, ConfigFields={"Server": "other", "Password": ""})
    assert stored_values(connection) == {"Server": "other"}
    assert sample.saved[str(connection.guid)] == {"Server": "other"}


def test_a_plain_name_is_that_of_the_callers_language(admin: Caller, connection: Connection) -> None:
    save(admin, ErpConnectionId=connection.pk, DisplayName="Boken")
    assert stored(connection).names == {"en": "ERP", "sv": "Boken"}


def test_configuration_of_an_active_connection_stays(admin: Caller, connection: Connection) -> None:
    assert admin("ToggleErpConnectionActive", {"ErpConnectionId": connection.pk}) == []
    body = {"ErpConnectionId": connection.pk, "DisplayName": "New", "ConfigFields": {"Server": "other"}}
    assert admin.refused("SaveConnection", {"Connection": body}) == (409, "refused")
    assert stored(connection).names["sv"] == "Affären"
    assert stored_values(connection) == VALUES


def test_a_connection_stays_with_its_connector(admin: Caller, connection: Connection) -> None:
    other = Connector.objects.create(name="Other", url="plugin://sample")
    body = {"ErpConnectionId": connection.pk, "ErpConnectorId": other.pk}
    assert admin.refused("SaveConnection", {"Connection": body}) == (409, "refused")


def test_scope_is_saved_and_keeps_the_rights_of_those_who_had_them(
    admin: Caller, connection: Connection, user: User
) -> None:
    group = UserGroup.objects.create(name="Sales team")
    saved = save(admin, ErpConnectionId=connection.pk, AssociateAccessIds=[user.pk])
    assert (saved["AllAccess"], saved["AssociateAccessIds"]) == (False, [user.pk])
    Access.objects.filter(user=user).update(may_create=False)
    saved = save(admin, ErpConnectionId=connection.pk, UserGroupAccessIds=[group.pk])
    assert (saved["AssociateAccessIds"], saved["UserGroupAccessIds"]) == ([user.pk], [group.pk])
    assert dict(Access.objects.values_list("user_id", "may_create")) == {user.pk: False, None: True}
    nobody = save(admin, ErpConnectionId=connection.pk, AssociateAccessIds=[], UserGroupAccessIds=[])
    assert nobody["AllAccess"] is False
    assert save(admin, ErpConnectionId=connection.pk, AllAccess=True)["AllAccess"] is True


def test_all_connections_come_in_order_without_configuration(
    admin: Caller, connector: Connector, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    second = service.define(connector, {"en": "Second"}, VALUES)
    with django_assert_max_num_queries(6):
        found = admin("GetAllConnections", {})
    assert [one["DisplayName"] for one in found] == ["Affären", "Second"]
    assert {one["ConfigFields"] for one in found} == {None}
    admin("DeleteConnection", {"ErpConnectionId": second.pk})
    assert len(admin("GetAllConnections", {})) == 1
    assert [one["Deleted"] for one in admin("GetAllConnections", {"IncludeDeleted": True})] == [False, True]


def test_a_body_is_needed_where_one_is_described(admin: Caller) -> None:
    assert admin.refused("GetAllConnections", "") == (400, "bad_request")


def test_a_deleted_connection_can_be_read_and_nothing_else(
    admin: Caller, connection: Connection, sample: SampleConnector
) -> None:
    key = {"ErpConnectionId": connection.pk}
    assert admin("DeleteConnection", key) is None
    assert sample.saved == {}
    assert admin("GetConnection", key)["Deleted"] is True
    for operation in ("DeleteConnection", "ToggleErpConnectionActive", "TestConnectionById"):
        assert admin.refused(operation, key) == (404, "not_found")
    assert admin.refused("SaveConnection", {"Connection": key}) == (404, "not_found")


def test_an_active_connection_is_not_deleted(admin: Caller, connection: Connection, sample: SampleConnector) -> None:
    key = {"ErpConnectionId": connection.pk}
    assert admin("ToggleErpConnectionActive", key) == []
    assert admin.refused("DeleteConnection", key) == (409, "refused")
    assert (stored(connection).active, stored(connection).deleted) == (True, False)
    assert str(connection.guid) in sample.saved
    assert admin("ToggleErpConnectionActive", key) == []
    assert admin("DeleteConnection", key) is None


def test_configuration_values_are_told_without_secrets(admin: Caller, connection: Connection) -> None:
    key = {"ErpConnectionId": connection.pk}
    assert admin("GetErpConnectionConfigFields", key) == {"Server": "erp.local"}
    assert admin("GetErpConnectionConfigFields?$select=Nothing", key) == {"Server": "erp.local"}
    assert admin.refused("GetErpConnectionConfigFields", {"ErpConnectionId": 4711}) == (404, "not_found")


def test_activation_says_what_speaks_against_it(admin: Caller, connection: Connection) -> None:
    key = {"ErpConnectionId": connection.pk}
    connection.actors.filter(actor_type="Customer").update(sync=True)
    assert admin("ToggleErpConnectionActive", key, Accept_Language="en") == [
        "Customer: Name is mandatory in the ERP. Give it a direction or a default."
    ]
    assert not stored(connection).active
    FieldMapping.objects.filter(key="Name", actor__actor_type="Customer").update(to_erp=True)
    assert admin("ToggleErpConnectionActive", key) == []
    assert stored(connection).active
    assert admin("ToggleErpConnectionActive", key) == []
    assert not stored(connection).active


def test_a_connection_is_tested(admin: Caller, connection: Connection, sample: SampleConnector) -> None:
    key = {"ErpConnectionId": connection.pk}
    assert admin("TestConnectionById", key) is True
    sample.down = True
    assert admin("TestConnectionById", key) is False
    assert admin.refused("TestConnectionById", {"ErpConnectionId": 4711}) == (404, "not_found")


def test_configuration_is_tested_and_not_stored(admin: Caller, connection: Connection, sample: SampleConnector) -> None:
    key = {"ErpConnectionId": connection.pk}
    assert admin("TestConnectionByConfig", key | {"ConfigFields": {"Server": "other", "Port": 5432}}) is True
    assert admin("TestConnectionByConfig", key | {"ConfigFields": {"Server": "nowhere"}}) is False
    assert stored_values(connection) == VALUES
    assert admin.refused("TestConnectionByConfig", key) == (400, "invalid_configuration")
    assert admin.refused("TestConnectionByConfig", {"ErpConnectionId": 4711}) == (404, "not_found")


def test_priorities_are_an_order_in_which_the_crm_keeps_its_place(
    admin: Caller, connector: Connector, connection: Connection
) -> None:
    second, third = (service.define(connector, {"en": name}, VALUES) for name in ("Second", "Third"))
    service.set_priority([connection, None, second, third])
    assert admin("SaveErpConnectionSyncPriorities", {"ErpConnectionIds": [third.pk, connection.pk]}) is True
    assert service.list_connections() == [third, connection, second]
    assert SyncSettings.load().crm_priority == 2
    admin("SaveErpConnectionSyncPriorities", {"ErpConnectionIds": [second.pk, third.pk, 0]})
    assert service.list_connections() == [second, third, connection]
    assert SyncSettings.load().crm_priority == 3


@pytest.mark.parametrize(("ids", "refusal"), [([4711], (404, "not_found")), ([0, 0], (409, "refused"))])
def test_an_order_of_what_is_not_there_is_refused(
    admin: Caller, connection: Connection, ids: list[int], refusal: tuple[int, str]
) -> None:
    assert admin.refused("SaveErpConnectionSyncPriorities", {"ErpConnectionIds": ids}) == refusal
    assert admin.refused("SaveErpConnectionSyncPriorities", {"ErpConnectionIds": [connection.pk] * 2}) == (
        409,
        "refused",
    )


def test_the_summary_tells_mappings_and_defaults(admin: Caller, connection: Connection) -> None:
    FieldMapping.objects.filter(key="Name", actor__actor_type="Customer").update(to_crm=True, to_erp=True)
    FieldMapping.objects.filter(key="PAYTERM").update(default_set=True, default_value="30")
    summary = admin("GetErpSyncConnectionSummary", {"ErpSyncConnectionId": connection.pk})
    assert (summary["DisplayName"], summary["LastSync"]) == ("Affären", None)
    actors = {actor["ActorType"]: actor for actor in summary["Actors"]}
    assert set(actors) == set(ActorMapping.objects.values_list("actor_type", flat=True))
    assert actors["Customer"]["Mappings"].startswith("Namn ↔ ")
    assert actors["Customer"]["Defaults"] == "Payment term"
    assert (actors["Employee"]["HasMappings"], actors["Customer"]["HasMappings"]) == (False, True)
    assert admin.refused("GetErpSyncConnectionSummary", {}) == (404, "not_found")


def test_times_are_given_in_the_time_zone_asked_for(admin: Caller, connection: Connection) -> None:
    Connection.objects.update(last_run_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC))

    def last_sync(**headers: str) -> str:
        return str(admin("GetErpSyncConnectionSummary", {"ErpSyncConnectionId": connection.pk}, **headers)["LastSync"])

    assert last_sync() == "2026-07-01T12:30:00Z"
    assert last_sync(SO_TimeZone="Europe/Stockholm") == "2026-07-01T14:30:00+02:00"
    assert last_sync(SO_TimeZone="Nowhere/Else") == "2026-07-01T12:30:00Z"
