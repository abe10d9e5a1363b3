"""Operations on mapped fields, defaults and ranks (behaviour A7, A8, A10, A11)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Caller
from tests.erp.memory_erp import MemoryErp
from tests.erp.sample_connector import SampleConnector

from brygga.contract import ActorType
from brygga.crm.models import User, UserDefinedField
from brygga.crm.services.users import set_licences
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services.access import set_scope
from brygga.erp.services.activation import deactivate

pytestmark = pytest.mark.django_db

ADMINISTRATORS = [
    "UpdateConnectionFields", "GetActorTypeMapping", "SaveActorTypeMapping", "MoveErpFieldItem",
    "ValidateArchiveColumnConfig", "GetDefaultValueInfo", "SaveDefaultValueInfo",
    "GetConnectionListMappings", "SaveConnectionListMappings",
]  # fmt: skip


def read(admin: Caller, connection: Connection, actor_type: str = "Customer") -> Any:
    return admin("GetActorTypeMapping", {"ErpConnectionId": connection.pk, "ActorType": actor_type})


def fields_of(mapping: Any) -> dict[str, Any]:
    return {field["ErpFieldKey"]: field for field in mapping["FieldMappings"]}


def saving(connection: Connection, *fields: dict[str, Any], **members: Any) -> dict[str, Any]:
    mapping = {"ErpConnectionId": connection.pk, "ActorTypeErp": "Customer", "FieldMappings": list(fields)}
    return {"Mapping": mapping | members}


def field(connection: Connection, key: str) -> FieldMapping:
    return FieldMapping.objects.get(actor__connection=connection, actor__actor_type="Customer", key=key)


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_users_may_not_configure(anna: Caller, name: str) -> None:
    body = {"Mapping": {}, "ErpSyncDefaultValue": {}, "ListMapping": {}}
    assert anna.refused(name, body) == (403, "denied")


def test_a_mapping_is_read(admin: Caller, connection: Connection) -> None:
    mapping = read(admin, connection)
    assert (mapping["IsActive"], mapping["ActorTypeErp"], mapping["ActorTypeCrm"]) == (False, "Customer", "Contact")
    fields = fields_of(mapping)
    assert list(fields) == ["Name", "NUMBER2", "VATNO", "CUSTGR", "Blocked", "PAYTERM"]
    assert (fields["Name"]["ErpDisplayName"], fields["Name"]["Access"]) == ("Namn", "Mandatory")
    assert (fields["VATNO"]["CrmFieldKey"], fields["VATNO"]["SyncToCrm"]) == ("VATNO", False)
    assert (fields["CUSTGR"]["FieldType"], fields["CUSTGR"]["ListReference"]) == ("List", "groups")
    assert fields["PAYTERM"]["MissingInERP"] is fields["PAYTERM"]["MissingInCRM"] is False
    assert (mapping["TableRight"], fields["Name"]["FieldProperties"]) == (None, None)


@pytest.mark.parametrize("actor_type", ["Supplier", "Unknown", None])
def test_an_actor_type_that_is_not_offered_is_not_found(
    admin: Caller, connection: Connection, actor_type: str | None
) -> None:
    body = {"ErpConnectionId": connection.pk, "ActorType": actor_type}
    assert admin.refused("GetActorTypeMapping", body) == (404, "not_found")


def test_an_actor_type_may_be_given_by_number(admin: Caller, connection: Connection) -> None:
    assert read(admin, connection, 4)["ActorTypeCrm"] == "Person"  # type: ignore[arg-type]


def test_a_mapping_is_saved_and_what_is_left_out_stays(admin: Caller, connection: Connection) -> None:
    both = {"SyncToCrm": True, "SyncToErp": True}
    name = {"ErpFieldKey": "Name", "CrmFieldKey": "NAME", "ShowInSearch": True, "ShowInGui": True} | both
    group = {"ErpFieldId": field(connection, "CUSTGR").pk, "CrmFieldKey": "category", "SyncToCrm": True}
    mapping = admin("SaveActorTypeMapping", saving(connection, name, group, IsActive=True))
    fields = fields_of(mapping)
    assert mapping["IsActive"] is True
    assert {key: fields["Name"][key] for key in name} == name
    assert (fields["CUSTGR"]["CrmFieldKey"], fields["CUSTGR"]["SyncToErp"]) == ("category", False)
    assert fields["CUSTGR"]["CrmDisplayName"] == "Kategori"
    assert fields["VATNO"]["CrmFieldKey"] == "VATNO"
    assert read(admin, connection) == mapping

    unmapped = admin("SaveActorTypeMapping", saving(connection, {"ErpFieldKey": "Name", "CrmFieldKey": ""}))
    assert unmapped["IsActive"] is True
    empty = fields_of(unmapped)["Name"]
    assert (empty["CrmFieldKey"], empty["SyncToCrm"], empty["SyncToErp"], empty["ShowInGui"]) == (
        "",
        False,
        False,
        True,
    )


def test_what_was_read_can_be_saved(admin: Caller, fjord: Connection) -> None:
    mapping = read(admin, fjord)
    assert admin("SaveActorTypeMapping", {"Mapping": mapping}) == mapping


def test_fields_can_change_places(admin: Caller, fjord: Connection) -> None:
    swapped = [{"ErpFieldKey": "CODE", "CrmFieldKey": "POSTALCITY"}, {"ErpFieldKey": "CITY", "CrmFieldKey": "NUMBER1"}]
    fields = fields_of(admin("SaveActorTypeMapping", saving(fjord, *swapped)))
    assert (fields["CODE"]["CrmFieldKey"], fields["CITY"]["CrmFieldKey"]) == ("POSTALCITY", "NUMBER1")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"ErpFieldKey": "NUMBER2", "CrmFieldKey": "NUMBER2", "SyncToErp": True}, (409, "refused")),
        ({"ErpFieldKey": "Blocked", "CrmFieldKey": "", "SyncToCrm": True}, (409, "refused")),
        ({"ErpFieldKey": "Blocked", "CrmFieldKey": "no such"}, (409, "refused")),
        ({"ErpFieldKey": "VATNO"}, (409, "refused")),
        ({"ErpFieldKey": "no such"}, (404, "not_found")),
        ({"ErpFieldId": 4711}, (404, "not_found")),
    ],
)
def test_a_mapping_is_saved_wholly_or_not_at_all(
    admin: Caller, connection: Connection, wrong: dict[str, Any], refusal: tuple[int, str]
) -> None:
    good = {"ErpFieldKey": "VATNO", "CrmFieldKey": "VATNO", "SyncToCrm": True}
    before = read(admin, connection)
    assert admin.refused("SaveActorTypeMapping", saving(connection, good, wrong, IsActive=True)) == refusal
    assert read(admin, connection) == before


def test_the_reason_names_each_field_at_fault(admin: Caller, connection: Connection) -> None:
    to_erp = {"CrmFieldKey": "NUMBER2", "SyncToErp": True}
    wrong = saving(connection, {"ErpFieldKey": "NUMBER2"} | to_erp, {"ErpFieldKey": "Blocked", "SyncToCrm": True})
    message = admin.post("SaveActorTypeMapping", wrong, Accept_Language="en").json()["Message"]
    assert message.split("\n") == [
        "Customer number: The field is read-only in the ERP.",
        "Blocked: No CRM field is chosen.",
    ]


def test_the_kind_of_record_cannot_be_changed(admin: Caller, connection: Connection) -> None:
    body = saving(connection, ActorTypeCrm="Project", IsActive=True)
    assert admin.refused("SaveActorTypeMapping", body) == (400, "bad_request")
    assert read(admin, connection)["IsActive"] is False


def test_a_field_that_another_connection_feeds_is_already_mapped(
    admin: Caller, fjord: Connection, connection: Connection
) -> None:
    name = {"ErpFieldKey": "Name", "CrmFieldKey": "NAME", "SyncToErp": True}
    fields = fields_of(admin("SaveActorTypeMapping", saving(connection, name)))
    assert (fields["Name"]["AlreadyMapped"], fields["VATNO"]["AlreadyMapped"]) == (True, False)
    to_crm = saving(connection, name | {"SyncToCrm": True})
    assert admin.refused("SaveActorTypeMapping", to_crm) == (409, "refused")


def test_fields_that_went_missing_are_marked(admin: Caller, connection: Connection, sample: SampleConnector) -> None:
    extra = UserDefinedField.objects.create(record_type="company", key="extra", name="Extra", kind="text")
    vat = {"ErpFieldKey": "VATNO", "CrmFieldKey": "x:extra", "ShowInSearch": True, "ShowInGui": True}
    admin("SaveActorTypeMapping", saving(connection, vat))
    sample.fields[ActorType.CUSTOMER] = [f for f in sample.fields[ActorType.CUSTOMER] if f.key != "VATNO"]
    extra.delete()

    assert admin("UpdateConnectionFields", {"ErpConnectionId": connection.pk}) is True
    missing = fields_of(read(admin, connection))["VATNO"]
    assert missing["MissingInERP"] is missing["MissingInCRM"] is missing["ShowInGui"] is True

    admin("ValidateArchiveColumnConfig", {"ListOwner": "ErpSearch", "ErpConnectionId": connection.pk})
    missing = fields_of(read(admin, connection))["VATNO"]
    assert (missing["ShowInGui"], missing["ShowInSearch"], missing["CrmFieldKey"]) == (False, False, "x:extra")


def test_columns_that_are_there_stay(admin: Caller, connection: Connection) -> None:
    admin("SaveActorTypeMapping", saving(connection, {"ErpFieldKey": "VATNO", "ShowInSearch": True}))
    admin("ValidateArchiveColumnConfig", {"ErpConnectionId": connection.pk})
    assert fields_of(read(admin, connection))["VATNO"]["ShowInSearch"] is True
    assert admin.refused("ValidateArchiveColumnConfig", {"ErpConnectionId": 4711}) == (404, "not_found")


def test_fields_are_not_updated_from_a_connector_that_fails(
    admin: Caller, connection: Connection, sample: SampleConnector
) -> None:
    sample.down = True
    before = read(admin, connection)
    assert admin.refused("UpdateConnectionFields", {"ErpConnectionId": connection.pk}) == (424, "connector_failed")
    assert read(admin, connection) == before


@pytest.mark.parametrize(
    ("key", "direction", "order"),
    [
        ("VATNO", -1, ["Name", "VATNO", "NUMBER2", "CUSTGR", "Blocked", "PAYTERM"]),
        ("VATNO", 2, ["Name", "NUMBER2", "CUSTGR", "Blocked", "VATNO", "PAYTERM"]),
        ("Name", -1, ["Name", "NUMBER2", "VATNO", "CUSTGR", "Blocked", "PAYTERM"]),
        ("Name", 99, ["NUMBER2", "VATNO", "CUSTGR", "Blocked", "PAYTERM", "Name"]),
    ],
)
def test_a_field_moves(admin: Caller, connection: Connection, key: str, direction: int, order: list[str]) -> None:
    body = {"ErpFieldId": field(connection, key).pk, "Direction": direction, "ErpConnectionId": connection.pk}
    assert admin.post("MoveErpFieldItem", body | {"ErpActorType": "Customer"}).status_code == 204
    assert list(fields_of(read(admin, connection))) == order


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"Direction": 0}, (409, "refused")),
        ({"ErpFieldId": 4711}, (404, "not_found")),
        ({"ErpActorType": "Person"}, (400, "bad_request")),
        ({"ErpConnectionId": 4711}, (400, "bad_request")),
        ({"Direction": "up"}, (400, "bad_request")),
    ],
)
def test_what_cannot_be_moved(
    admin: Caller, connection: Connection, members: dict[str, Any], refusal: tuple[int, str]
) -> None:
    body = {"ErpFieldId": field(connection, "VATNO").pk, "Direction": 1}
    assert admin.refused("MoveErpFieldItem", body | members) == refusal
    assert list(fields_of(read(admin, connection)))[2] == "VATNO"


def test_a_default_is_saved_and_what_is_left_out_stays(admin: Caller, connection: Connection) -> None:
    pk = field(connection, "PAYTERM").pk
    value = {"HasFirstSyncDefaultValue": True, "FirstSyncDefaultValue": "[I:30]", "Mandatory": True}
    saved = admin("SaveDefaultValueInfo", {"ErpSyncDefaultValue": {"ErpFieldId": pk} | value})
    assert {key: saved[key] for key in value} == value
    assert (saved["ErpFieldKey"], saved["FieldType"], saved["PromptUser"]) == ("PAYTERM", "Integer", False)
    asked = admin("SaveDefaultValueInfo", {"ErpSyncDefaultValue": {"ErpFieldId": pk, "PromptUser": True}})
    assert asked == saved | {"PromptUser": True}
    assert admin("GetDefaultValueInfo", {"ErpFieldId": pk}) == asked
    none = admin("SaveDefaultValueInfo", {"ErpSyncDefaultValue": asked | {"HasFirstSyncDefaultValue": False}})
    assert (none["HasFirstSyncDefaultValue"], none["FirstSyncDefaultValue"]) == (False, "")


@pytest.mark.parametrize(
    ("key", "members"),
    [
        ("PAYTERM", {"Mandatory": True}),
        ("PAYTERM", {"HasFirstSyncDefaultValue": True, "FirstSyncDefaultValue": "soon"}),
        ("NUMBER2", {"PromptUser": True}),
    ],
)
def test_a_default_that_cannot_be_is_refused(
    admin: Caller, connection: Connection, key: str, members: dict[str, Any]
) -> None:
    pk = field(connection, key).pk
    before = admin("GetDefaultValueInfo", {"ErpFieldId": pk})
    body = {"ErpSyncDefaultValue": {"ErpFieldId": pk} | members}
    assert admin.refused("SaveDefaultValueInfo", body) == (409, "refused")
    assert admin("GetDefaultValueInfo", {"ErpFieldId": pk}) == before


def test_defaults_of_fields_that_are_not_there(admin: Caller, connection: Connection) -> None:
    assert admin.refused("GetDefaultValueInfo", {"ErpFieldId": 4711}) == (404, "not_found")
    assert admin.refused("SaveDefaultValueInfo", {"ErpSyncDefaultValue": {}}) == (404, "not_found")
    assert admin.refused("SaveDefaultValueInfo", {}) == (400, "bad_request")


def test_a_user_asks_what_an_actor_type_stands_for(anna: Caller, fjord: Connection) -> None:
    body = {"ErpConnectionId": fjord.pk, "ErpActorType": "Customer"}
    assert anna("GetCrmActorType", body) == "Contact"
    assert anna("SupportsAdvancedSearch", body) is True
    person = body | {"ErpActorType": "Person"}
    FieldMapping.objects.filter(actor__actor_type="Person").update(searchable=False)
    assert (anna("GetCrmActorType", person), anna("SupportsAdvancedSearch", person)) == ("Person", False)


def test_an_administrator_asks_while_setting_up(admin: Caller, admin_user: User, fjord: Connection) -> None:
    set_scope(fjord, everyone=False)
    deactivate(fjord)
    set_licences(admin_user.username, ["erp-sync"])
    body = {"ErpConnectionId": fjord.pk, "ErpActorType": "Customer"}
    assert (admin("GetCrmActorType", body), admin("SupportsAdvancedSearch", body)) == ("Contact", True)


@pytest.mark.parametrize("name", ["GetCrmActorType", "SupportsAdvancedSearch"])
def test_who_may_not_ask(anna: Caller, admin: Caller, erp: MemoryErp, fjord: Connection, name: str) -> None:
    body = {"ErpConnectionId": fjord.pk, "ErpActorType": "Customer"}
    assert admin.refused(name, body) == (403, "denied")  # no licence
    assert anna.refused(name, body | {"ErpActorType": "Sale"}) == (404, "not_found")
    assert anna.refused(name, body | {"ErpConnectionId": 4711}) == (404, "not_found")
    deactivate(fjord)
    assert anna.refused(name, body) == (409, "refused")
    set_scope(fjord, everyone=False)
    assert anna.refused(name, body) == (403, "denied")
