"""Operations on connectors: list, default, read, save, delete, try (behaviour A2)."""

from __future__ import annotations

import pytest
from tests.api.conftest import Caller
from tests.erp.sample_connector import SampleConnector
from tests.web.config_erp import ConfigErp

from brygga.erp import connectors
from brygga.erp.models import Connection, Connector
from brygga.erp.services.template_tags import serial_number

pytestmark = pytest.mark.django_db

ENTITY = "ErpSyncConnectorEntity"


def test_a_default_connector_has_all_members_and_is_not_stored(admin: Caller) -> None:
    assert admin(f"CreateDefault{ENTITY}") == {
        "ErpConnectorId": 0,
        "DisplayName": "",
        "URL": "",
        "Deleted": False,
        "TableRight": None,
        "FieldProperties": None,
    }
    assert not Connector.objects.exists()


def test_a_connector_is_added_changed_and_read(admin: Caller, sample: SampleConnector) -> None:
    added = admin(f"Save{ENTITY}", {"ErpConnectorId": 0, "DisplayName": "Sample", "URL": "plugin://sample"})
    key = added["ErpConnectorId"]
    assert admin("GetAllConnectors") == [{"Id": key, "Name": "Sample", "ToolTip": "plugin://sample"}]
    changed = admin(f"Save{ENTITY}", {"ErpConnectorId": key, "DisplayName": "Other", "Unknown": 1, "URL": None})
    assert changed == added | {"DisplayName": "Other"}
    assert admin(f"Get{ENTITY}?erpSyncConnectorEntityId={key}") == changed


@pytest.mark.parametrize("url", ["", "plugin://nowhere", "ftp://host/", "sample"])
def test_an_address_without_an_answer_is_refused(admin: Caller, url: str, db: None) -> None:
    assert admin.refused(f"Save{ENTITY}", {"DisplayName": "Sample", "URL": url}) == (409, "refused")
    assert not Connector.objects.exists()


def test_a_connector_that_is_not_there_is_not_found(admin: Caller) -> None:
    for call in (f"Get{ENTITY}?erpSyncConnectorEntityId=4711", f"Delete{ENTITY}?erpSyncConnectorEntityId=4711"):
        assert admin.refused(call) == (404, "not_found")
    assert admin.refused(f"Save{ENTITY}", {"ErpConnectorId": 4711, "DisplayName": "x"}) == (404, "not_found")


def test_a_parameter_that_is_missing_or_no_number_is_named(admin: Caller) -> None:
    for query in ("", "?erpSyncConnectorEntityId=abc", "?erpSyncConnectorEntityId=3000000000"):
        response = admin.post(f"Get{ENTITY}{query}")
        assert response.status_code == 400
        assert response.json()["Members"][0]["Member"] == "erpSyncConnectorEntityId"


def test_a_connector_is_deleted_and_stays_readable(admin: Caller, connector: Connector) -> None:
    query = f"?erpSyncConnectorEntityId={connector.pk}"
    assert admin(f"CanDelete{ENTITY}", {"ErpSyncConnectorId": connector.pk}) == "NoError"
    assert admin(f"Delete{ENTITY}{query}") is None
    assert admin("GetAllConnectors") == []
    assert admin(f"Get{ENTITY}{query}")["Deleted"] is True
    assert admin(f"CanDelete{ENTITY}", {"ErpSyncConnectorId": connector.pk}) == "ErrorNotFound"


def test_a_connector_with_connections_stays(admin: Caller, connector: Connector, connection: Connection) -> None:
    assert admin(f"CanDelete{ENTITY}", {"ErpSyncConnectorId": connector.pk}) == "ErrorConnectorHasConnections"
    assert admin.refused(f"Delete{ENTITY}?erpSyncConnectorEntityId={connector.pk}") == (409, "refused")
    connector.refresh_from_db()
    assert not connector.deleted


def test_an_address_is_tried(admin: Caller, sample: SampleConnector) -> None:
    assert admin("TestConnectorUrl", {"Url": "plugin://sample"}) == "NoError"
    assert admin("TestConnectorUrl", {"Url": "plugin://nowhere"}) == "ErrorNotFound"
    assert admin("TestConnectorUrl", {}) == "ErrorNotFound"
    assert admin.refused("TestConnectorUrl", {"Url": ["x"]}) == (400, "bad_request")


def test_configuration_fields_come_in_rank_order(admin: Caller, connector: Connector) -> None:
    fields = admin("GetConfigurationFields", {"ErpConnectorId": connector.pk})
    assert [(f["FieldKey"], f["FieldType"], f["Access"]) for f in fields] == [
        ("Server", "Text", "Mandatory"),
        ("Password", "Password", "Normal"),
        ("Port", "Integer", "Normal"),
    ]
    assert fields[0]["MaxLength"] == 30
    assert admin.refused("GetConfigurationFields", {"ErpConnectorId": 0}) == (404, "not_found")


def test_tags_in_defaults_are_filled_in_for_the_caller(admin: Caller) -> None:
    with connectors.use("asking", ConfigErp()):
        asking = Connector.objects.create(name="Asking", url="plugin://asking")
        fields = admin("GetConfigurationFields", {"ErpConnectorId": asking.pk})
    defaults = {field["FieldKey"]: field["DefaultValue"] for field in fields}
    assert (defaults["Company"], defaults["Serial"]) == ("<NAME> by eva, <other>", serial_number())


def test_selected_members_are_given_and_the_others_are_null(admin: Caller, connector: Connector) -> None:
    assert admin("GetAllConnectors?$select=name, ID") == [{"Id": connector.pk, "Name": "Sample", "ToolTip": None}]
    read = admin(f"Get{ENTITY}?erpSyncConnectorEntityId={connector.pk}&$select=URL")
    assert {name for name, value in read.items() if value is not None} == {"URL"}
