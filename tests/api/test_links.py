"""Operations for one record and an ERP, in the name of a user (behaviour A5, U1 to U6, U9)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Caller
from tests.erp.mapped import set_mapping
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorType, ListResponse
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.erp.models import Access, Connection, FieldMapping, Link, WaitingLink
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.activation import deactivate
from brygga.erp.services.mapping import set_default, set_sync

pytestmark = pytest.mark.django_db

OPERATIONS = [
    "GetErpFieldValues", "GetFieldsForNewErpActor", "GetFieldValuesFromErp", "ConnectActor", "TryConnectActor",
    "CreateActorLink", "BreakActorLink", "CreateErpActorFromCrm",
]  # fmt: skip
TO_CONNECT = ["GetFieldValuesFromErp", "ConnectActor", "TryConnectActor", "CreateActorLink", "BreakActorLink"]
TO_CREATE = ["GetFieldsForNewErpActor", "CreateErpActorFromCrm"]


@pytest.fixture
def skog(fjord: Connection) -> RecordView:
    """A company that is not linked; the ERP has one of the same name, elsewhere."""
    return create_record(RecordType.COMPANY, {"NAME": "Skog", "POSTALCITY": "Lund"}, by="anna")


def field(key: str) -> FieldMapping:
    return FieldMapping.objects.get(actor__actor_type="Customer", key=key)


def body(connection: Connection, record: RecordView, **members: Any) -> dict[str, Any]:
    """Members for any of the operations."""
    return {
        "ErpConnectionId": connection.pk, "ConnectionId": connection.pk,
        "CrmRecordId": record.id, "EntityId": record.id, "CrmEntityId": record.id, "CrmActorType": "Contact",
        "ErpKey": "2", "ErpActorType": "Customer", "ActorTypeErp": "Customer",
    } | members  # fmt: skip


def link_of(record: RecordView) -> Link | None:
    return Link.objects.filter(record_type="company", record_id=record.id).first()


# Rights


@pytest.mark.parametrize("name", [*OPERATIONS, "GetConnectionsAndDisplayFields", "GetFieldValuesFromCrm"])
def test_the_licence_is_needed(admin: Caller, fjord: Connection, skog: RecordView, name: str) -> None:
    assert admin.refused(name, body(fjord, skog)) == (403, "denied")


@pytest.mark.parametrize("name", OPERATIONS)
def test_access_to_the_connection_is_needed(anna: Caller, fjord: Connection, skog: RecordView, name: str) -> None:
    set_scope(fjord, everyone=False)
    assert anna.refused(name, body(fjord, skog)) == (403, "denied")
    assert link_of(skog) is None


@pytest.mark.parametrize("name", sorted({*OPERATIONS} - {"TryConnectActor"}))
def test_the_connection_must_be_there_and_active(anna: Caller, fjord: Connection, skog: RecordView, name: str) -> None:
    assert anna.refused(name, body(fjord, skog, ErpConnectionId=4711, ConnectionId=4711)) == (404, "not_found")
    deactivate(fjord)
    assert anna.refused(name, body(fjord, skog)) == (409, "refused")
    assert link_of(skog) is None


def test_a_try_to_connect_where_that_cannot_be(anna: Caller, fjord: Connection, skog: RecordView) -> None:
    assert anna("TryConnectActor", body(fjord, skog, ErpConnectionId=4711)) is False
    deactivate(fjord)
    assert anna("TryConnectActor", body(fjord, skog)) is False
    assert link_of(skog) is None


@pytest.mark.parametrize(
    ("name", "right"), [*((name, "may_connect") for name in TO_CONNECT), *((name, "may_create") for name in TO_CREATE)]
)
def test_connecting_and_creating_are_rights_of_their_own(
    anna: Caller, user: User, erp: MemoryErp, fjord: Connection, skog: RecordView, name: str, right: str
) -> None:
    set_scope(fjord, everyone=False, grants=[Grant(user=user, may_connect=False, may_create=False)])
    assert anna.refused(name, body(fjord, skog)) == (403, "denied")
    assert link_of(skog) is None
    assert erp.count("create_actor") == 0
    Access.objects.update(**{right: True})
    assert anna.post(name, body(fjord, skog)).status_code in (200, 204)


# Looking


def test_the_connections_of_a_record(anna: Caller, fjord: Connection, skog: RecordView) -> None:
    FieldMapping.objects.filter(actor__actor_type="Customer", key__in=["NAME", "CODE"]).update(show_in_tab=True)
    record = {"CrmActorType": "Contact", "EntityId": company("Fjord").id}
    (shown,) = anna("GetConnectionsAndDisplayFields", record)
    assert (shown["ErpConnectionId"], shown["ConnectionName"], shown["Connected"]) == (fjord.pk, "memory", True)
    assert (shown["CrmActorType"], shown["ErpActorType"]) == ("Contact", "Customer")
    assert [field["FieldKey"] for field in shown["ErpFields"]] == ["NAME", "CODE"]

    (unlinked,) = anna("GetConnectionsAndDisplayFields", record | {"EntityId": skog.id})
    assert (unlinked["Connected"], unlinked["ErpFields"], unlinked["ErpActorType"]) == (False, [], "Unknown")
    assert unlinked["ErpActorTypes"] == ["Customer"]

    set_scope(fjord, everyone=False)
    assert anna("GetConnectionsAndDisplayFields", record) == []


@pytest.mark.parametrize(
    ("record", "refusal"),
    [
        ({"CrmActorType": "Contact", "EntityId": 4711}, (404, "no_such_record")),
        ({"CrmActorType": "Sale", "EntityId": 1}, (400, "bad_request")),
        ({"CrmActorType": "Planet", "EntityId": 1}, (400, "bad_request")),
        ({}, (400, "bad_request")),
    ],
)
def test_a_record_that_is_not_there(anna: Caller, record: dict[str, Any], refusal: tuple[int, str]) -> None:
    assert anna.refused("GetConnectionsAndDisplayFields", record) == refusal
    as_value = {"ActorTypeCrm": record.get("CrmActorType"), "RecordId": record.get("EntityId")}
    assert anna.refused("GetFieldValuesFromCrm", as_value) == refusal


def test_live_values_come_in_the_order_of_the_keys(
    anna: Caller, erp: MemoryErp, fjord: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erp, "get_list_items", lambda *_args: ListResponse(items={"1": 'US:"Shops"'}))
    record = {"ErpConnectionId": fjord.pk, "CrmActorType": "Contact", "EntityId": company("Fjord").id}
    assert anna("GetErpFieldValues", record | {"FieldKeys": ["CITY", "GROUP", "NAME"]}) == ["Bergen", "Shops", "Fjord"]
    assert anna("GetErpFieldValues", record) == []
    FieldMapping.objects.filter(pk=field("NAME").pk).update(show_in_tab=True)
    assert anna("GetErpFieldValues", record) == ["Fjord"]


def test_live_values_that_cannot_be_had(anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView) -> None:
    linked = body(fjord, company("Fjord"))
    assert anna.refused("GetErpFieldValues", body(fjord, skog)) == (404, "not_found")
    assert anna.refused("GetErpFieldValues", linked | {"FieldKeys": ["NO"]}) == (404, "not_found")
    FieldMapping.objects.filter(key="CODE").update(to_crm=False, to_erp=False)
    assert anna.refused("GetErpFieldValues", linked | {"FieldKeys": ["CODE"]}) == (404, "not_found")
    erp.down = "Closed for the night."
    response = anna.post("GetErpFieldValues", linked | {"FieldKeys": ["NAME"]})
    assert (response.status_code, response.json()["Message"]) == (424, "Closed for the night.")


def test_both_sides_are_told_in_the_form_of_the_crm(anna: Caller, fjord: Connection, skog: RecordView) -> None:
    crm = anna("GetFieldValuesFromCrm", {"ActorTypeCrm": "Contact", "RecordId": company("Fjord").id})
    erp = anna("GetFieldValuesFromErp", {"ErpConnectionId": fjord.pk, "ActorTypeErp": "Customer", "ErpKey": "1"})
    in_crm = {value["CrmFieldKey"]: value for value in crm}
    in_erp = {value["CrmFieldKey"]: value for value in erp}
    assert set(in_crm) == set(in_erp) == {"NAME", "POSTALCITY", "category", "NUMBER1", "VATNO"}
    assert {key: value["Value"] for key, value in in_crm.items()} == {k: v["Value"] for k, v in in_erp.items()}
    assert in_crm["category"]["DisplayValue"] == in_erp["category"]["DisplayValue"] == "Retail"
    assert (in_erp["POSTALCITY"]["DisplayName"], in_erp["POSTALCITY"]["Value"]) == ("CITY", "Bergen")
    assert (in_crm["NUMBER1"]["SyncToCrm"], in_crm["NUMBER1"]["SyncToErp"]) == (True, False)


def test_a_value_that_does_not_fit_is_told_as_it_is(anna: Caller, erp: MemoryErp, fjord: Connection) -> None:
    erp.put(ActorType.CUSTOMER, "2", GROUP="77")
    actor = {"ErpConnectionId": fjord.pk, "ActorTypeErp": "Customer", "ErpKey": "2"}
    values = {value["CrmFieldKey"]: value for value in anna("GetFieldValuesFromErp", actor)}
    assert values["category"]["DisplayValue"] == "77"
    assert anna.refused("GetFieldValuesFromErp", actor | {"ErpKey": "99"}) == (404, "not_found")
    set_sync(field("NAME").actor, False)
    assert anna.refused("GetFieldValuesFromErp", actor) == (404, "not_found")


# Connecting


@pytest.mark.parametrize("name", ["ConnectActor", "TryConnectActor", "CreateActorLink"])
def test_a_record_and_an_actor_are_connected(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView, name: str
) -> None:
    answer = anna(name, body(fjord, skog))
    assert answer is (None if name == "ConnectActor" else True)
    link = link_of(skog)
    assert link is not None
    assert (link.erp_key, link.state) == ("2", "ok")
    assert company("Skog").fields["POSTALCITY"] == erp.value("2", "CITY")


@pytest.mark.parametrize(("chosen", "city"), [("Umeå", "Umeå"), ("Lund", "Lund")])
@pytest.mark.parametrize("name", ["ConnectActor", "TryConnectActor"])
def test_the_values_chosen_are_written_to_both_sides(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView, chosen: str, city: str, name: str
) -> None:
    values = [{"CrmFieldKey": "POSTALCITY", "Value": chosen}, {"CrmFieldKey": "NAME", "Value": "Skog"}]
    anna(name, body(fjord, skog, FieldValues=values))
    assert company("Skog").fields["POSTALCITY"] == erp.value("2", "CITY") == city


@pytest.mark.parametrize(("value", "group"), [("", ""), ("2", "2")])
def test_a_blank_can_be_chosen(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView, value: str, group: str
) -> None:
    actor = {"ErpConnectionId": fjord.pk, "ActorTypeErp": "Customer", "ErpKey": "2"}
    in_erp = {v["CrmFieldKey"]: v["Value"] for v in anna("GetFieldValuesFromErp", actor)}
    chosen = [{"CrmFieldKey": "category", "Value": in_erp["category"] if value else ""}]
    anna("ConnectActor", body(fjord, skog, FieldValues=chosen))
    assert erp.value("2", "GROUP") == group
    assert bool(company("Skog").fields["category"]) is bool(group)


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"FieldValues": [{"CrmFieldKey": "POSTALCITY", "Value": "Oslo"}]}, (409, "refused")),
        ({"FieldValues": [{"CrmFieldKey": "PHONE", "Value": ""}]}, (409, "refused")),
        ({"ErpKey": "1"}, (409, "refused")),
        ({"ErpKey": "99"}, (404, "not_found")),
        ({"CrmRecordId": 4711}, (404, "not_found")),
        ({"ErpActorType": "Supplier"}, (404, "not_found")),
        ({"ErpActorType": "Person"}, (404, "not_found")),
    ],
)
def test_what_cannot_be_connected(
    anna: Caller,
    erp: MemoryErp,
    fjord: Connection,
    skog: RecordView,
    members: dict[str, Any],
    refusal: tuple[int, str],
) -> None:
    assert anna.refused("ConnectActor", body(fjord, skog, **members)) == refusal
    assert anna("TryConnectActor", body(fjord, skog, **members)) is False
    if "FieldValues" not in members:
        assert anna.refused("CreateActorLink", body(fjord, skog, **members)) == refusal
    assert link_of(skog) is None
    assert erp.count("save_actors") == 0


def test_a_value_that_does_not_flow_that_way_cannot_be_chosen(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView
) -> None:
    edit(skog, NUMBER1="S9")
    erp.put(ActorType.CUSTOMER, "2", CODE="S2")
    chosen = [{"CrmFieldKey": "NUMBER1", "Value": "S9"}]
    assert anna.refused("ConnectActor", body(fjord, skog, FieldValues=chosen)) == (409, "refused")
    assert link_of(skog) is None


def test_what_the_erp_does_not_take_at_once_waits(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView
) -> None:
    def fail(operation: str) -> None:
        if operation == "save_actors":
            raise RuntimeError("the network is down")

    erp.before = fail
    anna("ConnectActor", body(fjord, skog, FieldValues=[{"CrmFieldKey": "POSTALCITY", "Value": "Lund"}]))
    link = link_of(skog)
    assert link is not None
    assert WaitingLink.objects.filter(link=link).exists()


def test_a_link_is_broken_once(anna: Caller, erp: MemoryErp, fjord: Connection) -> None:
    record = company("Fjord")
    assert anna("BreakActorLink", body(fjord, record)) is True
    assert link_of(record) is None
    assert erp.value("1", "NAME") == company("Fjord").name == "Fjord"
    assert anna("BreakActorLink", body(fjord, record)) is False
    assert anna.refused("BreakActorLink", body(fjord, record, CrmRecordId=4711)) == (404, "no_such_record")


# Creating


def test_the_fields_to_ask_for(anna: Caller, fjord: Connection) -> None:
    set_default(field("CODE"), value="NEW", ask=True, mandatory=True)
    set_default(field("VATNO"), value="NO9")
    set_mapping(field("GROUP"), "", False, False)
    FieldMapping.objects.filter(actor__actor_type="Customer", key__in=["NAME", "GROUP"]).update(access=1)
    asked = anna("GetFieldsForNewErpActor", {"ErpConnectionId": fjord.pk, "ErpActorType": "Customer"})
    assert [(f["FieldKey"], f["DefaultValue"], f["Access"]) for f in asked] == [
        ("GROUP", "", "Mandatory"),
        ("CODE", "NEW", "Mandatory"),
    ]
    wrong = {"ErpConnectionId": fjord.pk, "ErpActorType": "Sale"}
    assert anna.refused("GetFieldsForNewErpActor", wrong) == (404, "not_found")


def test_an_actor_is_created_once(anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView) -> None:
    set_default(field("CODE"), ask=True)
    values = {"ErpFieldKeyValues": {"CODE": "S7"}}
    assert anna("CreateErpActorFromCrm", body(fjord, skog, **values)) is True
    link = link_of(skog)
    assert link is not None
    assert (erp.value(link.erp_key, "NAME"), erp.value(link.erp_key, "CODE")) == ("Skog", "S7")
    assert anna.refused("CreateErpActorFromCrm", body(fjord, skog, **values)) == (409, "refused")
    assert erp.count("create_actor") == 1


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"ErpFieldKeyValues": {"VATNO": "NO1"}}, (409, "refused")),
        ({"ErpFieldKeyValues": {"NO": "x"}}, (409, "refused")),
        ({"ErpFieldKeyValues": {"CITY": "x" * 21}}, (409, "refused")),
        ({"CrmEntityId": 4711}, (404, "not_found")),
        ({"CrmActorType": "Project"}, (404, "not_found")),
        ({"ErpActorType": "Employee"}, (404, "not_found")),
        ({"ErpFieldKeyValues": ["x"]}, (400, "bad_request")),
    ],
)
def test_an_actor_that_cannot_be_created(
    anna: Caller,
    erp: MemoryErp,
    fjord: Connection,
    skog: RecordView,
    members: dict[str, Any],
    refusal: tuple[int, str],
) -> None:
    set_default(field("CITY"), ask=True)
    assert anna.refused("CreateErpActorFromCrm", body(fjord, skog, **members)) == refusal
    assert erp.count("create_actor") == 0


def test_a_mandatory_field_needs_a_value(anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView) -> None:
    set_default(field("CODE"), ask=True, mandatory=True)
    response = anna.post("CreateErpActorFromCrm", body(fjord, skog))
    assert (response.status_code, "CODE" in response.json()["Message"]) == (409, True)
    assert erp.count("create_actor") == 0


def test_an_erp_that_refuses_the_actor_is_told(
    anna: Caller, erp: MemoryErp, fjord: Connection, skog: RecordView
) -> None:
    erp.down = "The books are closed."
    response = anna.post("CreateErpActorFromCrm", body(fjord, skog))
    assert (response.status_code, response.json()["Message"]) == (424, "The books are closed.")
    assert link_of(skog) is None
