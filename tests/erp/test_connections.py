"""ERP connections: defined, changed, activated, found, ordered; who may use them (behaviour A3-A6, A8, A12, A13)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from tests.erp.sample_connector import SampleConnector

from brygga.contract import Access, ActorType, FieldMetadata, FieldType, Response
from brygga.crm.models import CrmListItem, User, UserGroup
from brygga.crm.models.lists import CrmList
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, InvalidConfiguration, NotFound, Refused
from brygga.erp.models import ConfigValue, Connection, Connector, FieldMapping, ListItemMapping, SyncSettings
from brygga.erp.services import access
from brygga.erp.services import connections as service
from brygga.erp.services.connectors import create_connector

pytestmark = pytest.mark.django_db

VALUES = {"Server": "erp.local", "Password": "hemlig"}


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connector(sample) -> Connector:
    return create_connector("Sample", "plugin://sample")


@pytest.fixture
def connection(connector) -> Connection:
    return service.define(connector, {"en": "ERP", "sv": "Affären"}, VALUES)


def field(connection: Connection, key: str, actor_type: str = "Customer") -> FieldMapping:
    return FieldMapping.objects.get(actor__connection=connection, actor__actor_type=actor_type, key=key)


def codes(findings: list[service.Finding]) -> set[tuple[str, str]]:
    return {(finding.code, finding.field_key) for finding in findings}


def test_defining_goes_in_the_order_of_the_contract(sample, connection):
    assert sample.calls[:4] == ["test_config_data", "save_connection", "test_connection", "get_supported_actor_types"]
    assert sample.saved == {str(connection.guid): VALUES}
    assert not connection.active


def test_secrets_are_stored_encrypted_and_the_rest_is_not(connection):
    stored = {value.key: value for value in ConfigValue.objects.filter(connection=connection)}
    assert stored["Server"].value == "erp.local"
    assert stored["Password"].secret
    assert "hemlig" not in stored["Password"].value
    assert connectors.stored_values(connection) == VALUES


def test_actor_types_stand_for_records_and_unknown_ones_are_left_out(connection):
    types = dict(connection.actors.values_list("actor_type", "record_type"))
    assert types == {"Customer": "company", "Person": "contact", "Employee": ""}
    assert not connection.actors.filter(sync=True).exists()


def test_fields_are_stored_as_told_and_mapped_by_key_without_direction(connection):
    name = field(connection, "Name")
    assert (name.crm_key, name.to_crm, name.to_erp) == ("NAME", False, False)
    assert (name.access, name.max_length, name.searchable) == (Access.MANDATORY, 60, True)
    assert field(connection, "VATNO").crm_key == "VATNO"
    assert not field(connection, "VATNO").searchable
    assert field(connection, "CUSTGR").crm_key == ""
    assert field(connection, "firstname", "Person").crm_key == "FIRSTNAME"
    assert field(connection, "NAME", "Employee").crm_key == ""


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "Server"),
        ({"Server": "a", "Colour": "red"}, "Colour"),
        ({"Server": "a" * 31}, "Server"),
        ({"Server": "a", "Port": "many"}, "Port"),
    ],
)
def test_values_that_cannot_be_used_are_named(connector, sample, values, key):
    with pytest.raises(InvalidConfiguration) as caught:
        service.define(connector, {"en": "ERP"}, values)
    assert [problem.key for problem in caught.value.problems] == [key]
    assert not Connection.objects.exists()
    assert sample.saved == {}


def test_values_are_stored_in_the_form_of_the_wire(connector, sample):
    connection = service.define(connector, {"en": "ERP"}, {"Server": "a", "Port": "8000"})
    assert sample.saved[str(connection.guid)]["Port"] == "[I:8000]"


def test_a_failing_test_of_the_values_explains_and_leaves_nothing(connector, sample):
    with pytest.raises(ConnectorFailed, match="No such server"):
        service.define(connector, {"en": "ERP"}, {"Server": "nowhere", "Password": "hemlig"})
    assert not Connection.objects.exists()


def test_a_connection_that_fails_after_saving_is_taken_back(connector, sample, monkeypatch):
    monkeypatch.setattr(sample, "test_connection", lambda guid: Response.failure("Closed."))
    with pytest.raises(ConnectorFailed, match="Closed"):
        service.define(connector, {"en": "ERP"}, VALUES)
    assert sample.saved == {}
    assert not Connection.objects.exists()


def test_a_name_is_given_once_in_any_language(connector, connection):
    with pytest.raises(Refused, match='"Affären" already'):
        service.define(connector, {"en": "Affären"}, VALUES)
    with pytest.raises(Refused, match="needs a name"):
        service.define(connector, {"en": " "}, VALUES)


def test_a_connection_is_found_by_its_name_in_any_language(connection):
    assert service.find_connection("ERP") == service.find_connection("Affären") == connection
    with translation.override("sv"), pytest.raises(NotFound, match='"Affären"'):
        service.find_connection("Erp")


def test_configuration_of_an_active_connection_stays(connection):
    connection.active = True
    connection.save()
    with pytest.raises(Refused, match="Deactivate it"):
        service.change(connection, values={**VALUES, "Server": "other"})
    service.change(connection, names={"en": "New name"}, values=VALUES)
    connection.refresh_from_db()
    assert connection.names == {"en": "New name"}


def test_a_secret_that_is_left_out_stays(connection, sample):
    service.change(connection, values={"Server": "other"})
    assert connectors.stored_values(connection) == {"Server": "other", "Password": "hemlig"}
    assert sample.saved[str(connection.guid)] == {"Server": "other", "Password": "hemlig"}


def test_changed_values_are_tried_first(connection):
    with pytest.raises(ConnectorFailed):
        service.change(connection, values={"Server": "nowhere"})
    assert connectors.stored_values(connection) == VALUES


def test_a_field_that_is_gone_is_kept_without_directions_and_comes_back(connection, sample):
    vat = field(connection, "VATNO")
    vat.to_crm = vat.to_erp = True
    vat.rank = 42
    vat.save()
    offered = sample.fields[ActorType.CUSTOMER]
    sample.fields[ActorType.CUSTOMER] = [told for told in offered if told.key != "VATNO"]
    service.refresh_fields(connection)
    vat.refresh_from_db()
    assert (vat.missing, vat.to_crm, vat.to_erp, vat.crm_key) == (True, False, False, "VATNO")
    sample.fields[ActorType.CUSTOMER] = offered
    service.refresh_fields(connection)
    vat.refresh_from_db()
    assert (vat.missing, vat.rank) == (False, 42)


def test_an_actor_type_that_is_gone_loses_its_fields_but_not_its_mapping(connection, sample):
    name = field(connection, "firstname", "Person")
    FieldMapping.objects.filter(pk=name.pk).update(to_crm=True)
    del sample.fields[ActorType.PERSON]
    service.refresh_fields(connection)
    name.refresh_from_db()
    assert (name.missing, name.to_crm, name.crm_key) == (True, False, "FIRSTNAME")


def test_new_fields_are_mapped_by_themselves_unless_the_crm_field_is_taken(connection, sample):
    FieldMapping.objects.filter(pk=field(connection, "CUSTGR").pk).update(crm_key="PHONE")
    sample.fields[ActorType.CUSTOMER] += [FieldMetadata("Phone"), FieldMetadata("Email")]
    service.refresh_fields(connection)
    assert field(connection, "Phone").crm_key == ""
    assert field(connection, "Email").crm_key == "EMAIL"


def test_refreshing_sends_the_configuration_again_if_it_was_lost(connection, sample):
    sample.saved.clear()
    service.refresh_fields(connection)
    assert sample.saved == {str(connection.guid): VALUES}


def test_activation_finds_every_fault_and_names_the_field(connection, sample):
    connection.actors.filter(actor_type="Customer").update(sync=True)
    FieldMapping.objects.filter(pk=field(connection, "CUSTGR").pk).update(crm_key="category", to_crm=True)
    FieldMapping.objects.filter(pk=field(connection, "VATNO").pk).update(missing=True)
    sample.down = True
    findings = service.activate(connection)
    assert codes(findings) == {
        ("mandatory", "Name"),
        ("list_mapping", "CUSTGR"),
        ("missing", "VATNO"),
        ("connection", ""),
    }
    assert any("closed for the night" in finding.message for finding in findings)
    assert not Connection.objects.get(pk=connection.pk).active


@pytest.mark.parametrize("cure", [{"to_erp": True}, {"default_set": True, "default_value": "x"}, {"default_ask": True}])
def test_activation_when_nothing_speaks_against_it(connection, cure):
    connection.actors.filter(actor_type="Customer").update(sync=True)
    FieldMapping.objects.filter(pk=field(connection, "Name").pk).update(**cure)
    assert service.activate(connection) == []
    assert Connection.objects.get(pk=connection.pk).active
    service.deactivate(connection)
    assert not Connection.objects.get(pk=connection.pk).active


def test_actor_types_that_are_not_synced_need_nothing(connection):
    assert service.activate(connection) == []


def test_one_mapped_item_is_enough_for_a_list(connection):
    connection.actors.filter(actor_type="Customer").update(sync=True)
    FieldMapping.objects.filter(pk=field(connection, "Name").pk).update(to_erp=True)
    groups = field(connection, "CUSTGR")
    FieldMapping.objects.filter(pk=groups.pk).update(crm_key="category", to_crm=True)
    item = CrmListItem.objects.create(list=CrmList.objects.get(key="category"), text="Retail shops")
    ListItemMapping.objects.create(field=groups, erp_item="1", crm_item=item)
    assert service.activate(connection) == []


def test_deleting_marks_and_lets_the_connector_forget(connection, sample):
    service.delete_connections([connection])
    connection.refresh_from_db()
    assert (connection.deleted, connection.active) == (True, False)
    assert sample.saved == {}
    assert service.list_connections() == []
    assert service.list_connections(with_deleted=True) == [connection]
    with pytest.raises(Refused, match="deleted"):
        service.activate(connection)


def test_deleting_works_when_the_erp_does_not(connection, sample, monkeypatch):
    monkeypatch.setattr(sample, "delete_connection", lambda guid: Response.failure("Closed."))
    service.delete_connections([connection])
    assert Connection.objects.get(pk=connection.pk).deleted


def test_priority_is_an_order_of_connections_and_the_crm(connector, connection):
    second = service.define(connector, {"en": "Second"}, VALUES)
    assert service.list_connections() == [connection, second]
    service.set_priority([second, None, connection])
    assert service.list_connections() == [second, connection]
    assert SyncSettings.load().crm_priority == 2
    with pytest.raises(Refused, match="one place"):
        service.set_priority([second, second])


def test_a_test_tells_the_reason(connection, sample):
    service.test(connection)
    sample.down = True
    with pytest.raises(ConnectorFailed, match="closed for the night"):
        service.test(connection)


def test_the_summary_shows_mapped_fields_in_the_language_of_the_reader(connection):
    with translation.override("sv"):
        actors = {actor.actor_type: actor for actor in service.summary(connection)}
    assert [f.erp_key for f in actors["Customer"].fields] == ["Name", "NUMBER2", "VATNO"]
    assert actors["Customer"].fields[0].erp_name == "Namn"
    assert actors["Employee"].fields == []


def make_user(name: str, *groups: UserGroup, licence: bool = True) -> User:
    user = User.objects.create(username=name, licences=["erp-sync"] if licence else [])
    user.other_groups.set(groups)
    return user


def test_everyone_with_the_licence_may_use_an_open_connection(connection):
    user, visitor = make_user("anna"), make_user("bo", licence=False)
    assert access.may_see(user, connection)
    assert access.may_connect(user, connection)
    assert access.may_create(user, connection)
    assert not access.may_see(visitor, connection)
    assert not access.may_connect(visitor, connection)


def test_a_scope_is_for_users_and_groups_each_with_rights(connection):
    sales = UserGroup.objects.create(name="Sales team")
    anna, bo, eve = make_user("anna"), make_user("bo", sales), make_user("eve")
    cay = make_user("cay")
    cay.primary_group = sales
    cay.save()
    grants = [access.Grant(user=anna, may_create=False), access.Grant(group=sales, may_connect=False)]
    access.set_scope(connection, False, grants)
    assert [access.may_see(user, connection) for user in (anna, bo, cay, eve)] == [True, True, True, False]
    assert [access.may_connect(user, connection) for user in (anna, bo, cay, eve)] == [True, False, False, False]
    assert [access.may_create(user, connection) for user in (anna, bo, cay, eve)] == [False, True, True, False]
    assert access.visible_connections(anna, [connection]) == [connection]
    assert access.visible_connections(eve, [connection]) == []
    access.set_scope(connection, True)
    assert access.may_create(eve, connection)


def test_employees_have_no_counterpart(connection):
    assert field(connection, "NAME", "Employee").type == FieldType.TEXT
    assert connection.actors.get(actor_type="Employee").record_type == ""
