"""Every operation of the published description, once done and once refused; one by one, what they mean stands in the
other modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
from tests.api.conftest import VALUES, Caller
from tests.api.published import OPERATIONS
from tests.erp.scenes import company

from brygga.crm.fields import RecordType
from brygga.crm.services.records import create_record
from brygga.erp.models import Connection, Connector, FieldMapping, Link

pytestmark = pytest.mark.django_db

NOT_FOUND, REFUSED, BAD, DENIED = (404, "not_found"), (409, "refused"), (400, "bad_request"), (403, "denied")
NOWHERE = 4711


@dataclass
class Scene:
    """Who calls, and what there is: an active connection with a linked company, one not active, a lone connector."""

    admin: Caller
    anna: Caller
    fjord: Connection
    connection: Connection
    lone: Connector
    linked: int
    unlinked: int

    def field(self, key: str) -> int:
        """The id of a field of the active connection's customers."""
        return FieldMapping.objects.get(actor__connection=self.fjord, actor__actor_type="Customer", key=key).pk

    def for_record(self, record_id: int, **members: Any) -> dict[str, Any]:
        """The members that operations for one record take, under the names that each of them uses."""
        return {
            "ErpConnectionId": self.fjord.pk, "ConnectionId": self.fjord.pk, "CrmActorType": "Contact",
            "CrmRecordId": record_id, "EntityId": record_id, "CrmEntityId": record_id, "RecordId": record_id,
            "ActorTypeCrm": "Contact", "ErpActorType": "Customer", "ActorTypeErp": "Customer", "ErpKey": "2",
        } | members  # fmt: skip


@pytest.fixture
def scene(admin: Caller, anna: Caller, fjord: Connection, connection: Connection) -> Scene:
    unlinked = create_record(RecordType.COMPANY, {"NAME": "Skog", "POSTALCITY": "Lund"}, by="anna").id
    lone = Connector.objects.create(name="Lone", url="plugin://sample")
    return Scene(admin, anna, fjord, connection, lone, company("Fjord").id, unlinked)


Body: TypeAlias = Callable[[Scene], Any]


def _nothing(scene: Scene) -> None:
    return None


@dataclass(frozen=True)
class Case:
    """Bodies of a call that is done and of one that is refused; `user` calls operations of the ERP tab."""

    done: Body = _nothing
    refused: Body | None = None
    refusal: tuple[int, str] = NOT_FOUND
    by_user: bool = False
    query: Callable[[Scene], str] = lambda scene: ""
    bad_query: str = ""


def of_connection(name: str = "ErpConnectionId", **members: Any) -> Case:
    """An operation that takes the id of a connection."""
    return Case(lambda s: {name: s.connection.pk} | members, lambda s: {name: NOWHERE} | members)


def of_fjord(by_user: bool = False, **members: Any) -> Case:
    """The same, for the connection that is active."""
    return Case(
        lambda s: {"ErpConnectionId": s.fjord.pk} | members,
        lambda s: {"ErpConnectionId": NOWHERE} | members,
        by_user=by_user,
    )


def for_user(
    linked: bool = False, wrong: dict[str, Any] | None = None, refusal: tuple[int, str] = NOT_FOUND, **members: Any
) -> Case:
    """An operation for one record: done for the linked or the unlinked company."""
    bad = wrong or {"ErpConnectionId": NOWHERE, "ConnectionId": NOWHERE}
    return Case(
        lambda s: s.for_record(s.linked if linked else s.unlinked, **members),
        lambda s: s.for_record(s.linked if linked else s.unlinked, **members) | bad,
        by_user=True,
        refusal=refusal,
    )


def of_connector() -> Case:
    """An operation that takes the id of a connector in its query."""
    parameter = "?erpSyncConnectorEntityId="
    return Case(query=lambda s: f"{parameter}{s.lone.pk}", bad_query=f"{parameter}{NOWHERE}")


def listing(item: Any, crm_item: Any) -> Body:
    """A list mapping of customer groups."""

    def body(scene: Scene) -> dict[str, Any]:
        items = [{"ErpListItemId": item, "CrmListItem": crm_item}]
        mapping = {"ErpFieldId": scene.field("GROUP"), "ErpCrmListItemMappings": items}
        return {"ListMapping": {"ErpConnectionId": scene.fjord.pk, "ErpListItemMappings": [mapping]}}

    return body


def mapped(**field: Any) -> Body:
    """A mapping of one field of customers."""

    def body(scene: Scene) -> dict[str, Any]:
        fields = {"ErpConnectionId": scene.fjord.pk, "ActorTypeErp": "Customer", "FieldMappings": [field]}
        return {"Mapping": fields}

    return body


def default(**members: Any) -> Body:
    """What a new customer gets as its code."""
    return lambda s: {"ErpSyncDefaultValue": {"ErpFieldId": s.field("CODE")} | members}


def resync(name: str) -> Case:
    """A resync from the CRM; an ERP that is not there is refused."""
    return Case(lambda s: {name: [Link.objects.get(record_id=s.linked).pk]}, lambda s: {"ErpConnectionId": NOWHERE})


def resync_external() -> Case:
    """The same, by keys of the ERP."""
    keys = {"ErpActorType": "Customer", "ExternalKeys": ["1"]}
    return Case(lambda s: keys, lambda s: keys | {"ErpConnectionId": NOWHERE})


ONLY_RIGHTS = Case()
"""Takes nothing that could be wrong: what is refused is a caller without the right."""

NO_RECORD = {"EntityId": NOWHERE, "RecordId": NOWHERE}

CASES: dict[str, Case] = {
    "GetConnection": of_connection(),
    "SaveConnection": Case(
        lambda s: {"Connection": {"ErpConnectionId": s.connection.pk, "DisplayName": "Renamed"}},
        lambda s: {"Connection": {"ErpConnectorId": s.lone.pk, "DisplayName": "New", "ConfigFields": {}}},
        (400, "invalid_configuration"),
    ),
    "DeleteConnection": of_connection(),
    "GetConfigurationFields": Case(lambda s: {"ErpConnectorId": s.lone.pk}, lambda s: {"ErpConnectorId": NOWHERE}),
    "GetErpConnectionConfigFields": of_connection(),
    "ToggleErpConnectionActive": of_fjord(),
    "TestConnectionById": of_connection(),
    "TestConnectionByConfig": of_connection(ConfigFields=VALUES),
    "SaveErpConnectionSyncPriorities": Case(
        lambda s: {"ErpConnectionIds": [s.connection.pk, s.fjord.pk]}, lambda s: {"ErpConnectionIds": [NOWHERE]}
    ),
    "MoveErpFieldItem": Case(
        lambda s: {"ErpFieldId": s.field("CITY"), "Direction": -1}, lambda s: {"ErpFieldId": NOWHERE, "Direction": 1}
    ),
    "SupportsAdvancedSearch": of_fjord(by_user=True, ErpActorType="Customer"),
    "GetAllConnectors": ONLY_RIGHTS,
    "GetAllConnections": Case(lambda s: {"IncludeDeleted": True}, lambda s: {"IncludeDeleted": "perhaps"}, BAD),
    "GetConnectionsAndDisplayFields": for_user(wrong=NO_RECORD, refusal=(404, "no_such_record")),
    "GetErpFieldValues": for_user(linked=True, FieldKeys=["CITY"]),
    "GetFieldsForNewErpActor": for_user(),
    "GetConnectionListMappings": of_fjord(),
    "SaveConnectionListMappings": Case(listing("3", {"Name": "State"}), listing("9", {"Name": "State"}), REFUSED),
    "ConnectActor": for_user(FieldValues=[{"CrmFieldKey": "POSTALCITY", "Value": "Lund"}]),
    "TryConnectActor": for_user(wrong={"CrmActorType": "Planet"}, refusal=BAD),
    "GetFieldValuesFromCrm": for_user(wrong=NO_RECORD, refusal=(404, "no_such_record")),
    "GetFieldValuesFromErp": for_user(),
    "GetActorTypeMapping": of_fjord(ActorType="Customer"),
    "CreateActorLink": for_user(),
    "BreakActorLink": for_user(linked=True),
    "CreateErpActorFromCrm": for_user(ErpFieldKeyValues={}),
    "SaveActorTypeMapping": Case(
        mapped(ErpFieldKey="CITY", ShowInGui=True), mapped(ErpFieldKey="CITY", CrmFieldKey="no such"), REFUSED
    ),
    "ValidateArchiveColumnConfig": of_connection(),
    "UpdateConnectionFields": of_connection(),
    "GetCrmActorType": of_fjord(by_user=True, ErpActorType="Customer"),
    "GetErpSyncConnectionSummary": of_connection("ErpSyncConnectionId"),
    "CreateDefaultErpSyncConnectorEntity": ONLY_RIGHTS,
    "SaveErpSyncConnectorEntity": Case(
        lambda s: {"DisplayName": "Another", "URL": "plugin://sample"},
        lambda s: {"DisplayName": "Another", "URL": "plugin://nowhere"},
        REFUSED,
    ),
    "DeleteErpSyncConnectorEntity": of_connector(),
    "GetErpSyncConnectorEntity": of_connector(),
    "CanDeleteErpSyncConnectorEntity": Case(
        lambda s: {"ErpSyncConnectorId": s.lone.pk}, lambda s: {"ErpSyncConnectorId": "x"}, BAD
    ),
    "TestConnectorUrl": Case(lambda s: {"Url": "plugin://sample"}, lambda s: {"Url": ["plugin:"]}, BAD),
    "SaveDefaultValueInfo": Case(
        default(HasFirstSyncDefaultValue=True, FirstSyncDefaultValue="F7"),
        default(Mandatory=True, HasFirstSyncDefaultValue=False, PromptUser=False),
        REFUSED,
    ),
    "GetDefaultValueInfo": Case(lambda s: {"ErpFieldId": s.field("CODE")}, lambda s: {"ErpFieldId": NOWHERE}),
    "SyncAll": ONLY_RIGHTS,
    "ForceSyncAll": ONLY_RIGHTS,
    "ForceResync": resync("InternalKeyIds"),
    "ForceResyncNoBlankValues": resync("InternalKeyIds"),
    "ForceResyncBatchTask": resync("InternalKeyIds"),
    "ForceResyncExternal": resync_external(),
    "ForceResyncExternalNoBlankValues": resync_external(),
    "GetEngineStatus": ONLY_RIGHTS,
    "ChangeEngineStatus": Case(lambda s: {"Run": False}, lambda s: {"Run": "perhaps"}, BAD),
    "ChangeEngineInterval": Case(lambda s: {"Interval": "00:05:00"}, lambda s: {"Interval": "00:00:01"}, REFUSED),
}


def test_every_published_operation_has_its_case() -> None:
    assert CASES.keys() == OPERATIONS.keys()
    assert len(CASES) == 49


@pytest.mark.parametrize("name", CASES)
def test_it_is_done(name: str, scene: Scene) -> None:
    case = CASES[name]
    answer = (scene.anna if case.by_user else scene.admin)(f"{name}{case.query(scene)}", case.done(scene))
    assert (answer is None) == (OPERATIONS[name][2] == "")


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused(name: str, scene: Scene) -> None:
    case = CASES[name]
    caller = scene.anna if case.by_user else scene.admin
    if case is ONLY_RIGHTS:
        assert scene.anna.refused(name) == DENIED
        return
    body = case.refused(scene) if case.refused else None
    assert caller.refused(f"{name}{case.bad_query}", body) == case.refusal
