"""Mapping of fields and list items, defaults and rank (behaviour A7, A9 to A11)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.mapped import set_mapping
from tests.erp.sample_connector import SampleConnector

from brygga.contract import FieldType
from brygga.crm.models import CrmList, CrmListItem
from brygga.erp import connectors
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link
from brygga.erp.services import connections, list_mapping, mapping
from brygga.erp.services.actor_mapping import Draft, FieldChoice
from brygga.erp.services.connectors import create_connector
from brygga.merge import Policy
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connection(sample) -> Connection:
    return connections.define(create_connector("Sample", "plugin://sample"), {"en": "ERP"}, {"Server": "a"})


@pytest.fixture
def customer(connection) -> ActorMapping:
    actor = connection.actors.get(actor_type="Customer")
    mapping.set_sync(actor, True)
    return actor


def field(actor: ActorMapping, key: str) -> FieldMapping:
    return actor.fields.get(key=key)


def category(text: str) -> CrmListItem:
    return CrmListItem.objects.create(list=CrmList.objects.get(key="category"), text=text)


def obstacles(actor: ActorMapping, key: str, crm_key: str) -> tuple[str | None, str | None]:
    """Why a field of the actor type can't go to the CRM and to the ERP, were it mapped so."""
    draft = Draft(actor)
    return draft.obstacles(draft.choose(FieldChoice(erp_key=key, crm_key=crm_key)))


def test_a_mapping_is_stored_with_its_directions(customer):
    set_mapping(field(customer, "Name"), "NAME", True, True, show_in_search=True, policy=Policy.ERP)
    name = field(customer, "Name")
    assert (name.crm_key, name.to_crm, name.to_erp) == ("NAME", True, True)
    assert (name.show_in_search, name.show_in_tab, name.policy) == (True, False, "erp")


@pytest.mark.parametrize(
    ("key", "crm_key", "to_crm", "to_erp", "code"),
    [
        ("Name", "", True, False, "no_crm_field"),
        ("NUMBER2", "NUMBER2", False, True, "read_only_erp"),
        ("CUSTGR", "NAME", True, False, "list_and_value"),
        ("CUSTGR", "our_contact", True, False, "user_list"),
        ("Blocked", "NAME", False, True, "would_lose_data"),
    ],
)
def test_a_direction_that_is_not_available_is_refused_with_the_reason(customer, key, crm_key, to_crm, to_erp, code):
    with pytest.raises(Refused) as caught:
        set_mapping(field(customer, key), crm_key, to_crm, to_erp)
    assert str(mapping.REASONS[code]) in caught.value.user_message


def test_what_is_available_that_way_is_not_refused(customer):
    set_mapping(field(customer, "NUMBER2"), "NUMBER2", True, False)
    set_mapping(field(customer, "Blocked"), "DEPARTMENT", True, False)


def test_missing_fields_have_no_directions(customer):
    FieldMapping.objects.filter(actor=customer, key="VATNO").update(missing=True)
    FieldMapping.objects.filter(actor=customer, key="Name").update(crm_key="x:gone")
    assert obstacles(customer, "VATNO", "VATNO") == ("missing_erp", "missing_erp")
    assert obstacles(customer, "Name", "x:gone") == ("missing_crm", "missing_crm")


def test_an_unknown_crm_field_is_refused_even_without_direction(customer):
    with pytest.raises(Refused, match='no field "NAMES"'):
        set_mapping(field(customer, "Name"), "NAMES", False, False)


def test_a_crm_field_has_one_source(customer, connection):
    other = connections.define(connection.connector, {"en": "Other"}, {"Server": "b"}).actors.get(actor_type="Customer")
    set_mapping(field(customer, "Name"), "NAME", True, True)
    assert obstacles(other, "Name", "NAME") == ("fed_by_other", None)
    assert obstacles(customer, "VATNO", "NAME") == ("fed_by_field", None)
    set_mapping(field(other, "Name"), "NAME", False, True)
    connections.delete_connections([connection])
    assert obstacles(other, "Name", "NAME") == (None, None)


def test_actor_types_without_counterpart_are_not_synced(connection):
    with pytest.raises(Refused, match="no counterpart"):
        mapping.set_sync(connection.actors.get(actor_type="Employee"), True)


def test_a_new_mapping_is_applied_to_what_is_linked_already(customer, connection):
    ActorMapping.objects.filter(pk=customer.pk).update(position="77")
    link = Link.objects.create(
        connection=connection, actor_type="Customer", erp_key="1", record_type="company", record_id=1,
        base={"Name": ["a", "a"], "VATNO": ["b", "b"]},
    )  # fmt: skip
    set_mapping(field(customer, "Name"), "DEPARTMENT", True, False)
    customer.refresh_from_db()
    link.refresh_from_db()
    assert customer.position == ""
    assert link.base == {"VATNO": ["b", "b"]}


def test_the_same_mapping_again_changes_nothing(customer):
    set_mapping(field(customer, "Name"), "NAME", True, False)
    ActorMapping.objects.filter(pk=customer.pk).update(position="77")
    set_mapping(field(customer, "Name"), "NAME", True, False)
    customer.refresh_from_db()
    assert customer.position == "77"


def test_list_items_are_mapped_one_to_one(customer):
    groups = field(customer, "CUSTGR")
    set_mapping(groups, "category", True, True)
    shops, works = category("Shops"), category("Works")
    mapping.set_items(groups, {"1": shops.pk, "2": works.pk})
    assert dict(groups.items.values_list("erp_item", "crm_item__text")) == {"1": "Shops", "2": "Works"}
    with pytest.raises(Refused, match='"Shops" is used twice, for 1 and 3'):
        mapping.set_items(groups, {"1": shops.pk, "3": shops.pk})
    assert groups.items.count() == 2
    country = CrmListItem.objects.create(list=CrmList.objects.get(key="country"), text="Atlantis")
    with pytest.raises(Refused, match="not in the CRM list"):
        mapping.set_items(groups, {"1": country.pk})


def test_items_are_let_go_with_their_crm_field(customer):
    groups = field(customer, "CUSTGR")
    set_mapping(groups, "category", True, True)
    mapping.set_items(groups, {"1": category("Shops").pk})
    set_mapping(groups, "business", True, True)
    assert not groups.items.exists()


def test_items_of_equal_name_are_suggested_one_to_one():
    texts = {"1": "Retail", "2": "Industry ", "3": "Public", "4": "retail"}
    free = {"10": "retail", "11": "Industry", "12": "Farming"}
    assert list_mapping.equal_items(texts, free) == {"1": "10", "2": "11"}


def test_items_that_the_crm_lacks_are_named_once_and_only_with_a_text_that_fits():
    texts = {"1": "Retail", "2": "retail", "3": " ", "4": "x" * 201, "5": "Public ", "6": "Farming"}
    assert list_mapping.missing_items(texts, ["FARMING"]) == {"1": "Retail", "5": "Public"}


def test_defaults_are_stored_in_the_form_of_the_wire(customer):
    term = field(customer, "PAYTERM")
    mapping.set_default(term, value="30", ask=True, mandatory=True)
    term.refresh_from_db()
    assert (term.default_set, term.default_value, term.default_ask, term.default_mandatory) == (
        True,
        "[I:30]",
        True,
        True,
    )
    mapping.set_default(term)
    term.refresh_from_db()
    assert (term.default_set, term.default_value, term.default_ask) == (False, "", False)


def test_defaults_that_make_no_sense_are_refused(customer):
    with pytest.raises(Refused, match="needs a default value"):
        mapping.set_default(field(customer, "PAYTERM"), mandatory=True)
    with pytest.raises(Refused, match="doesn't fit"):
        mapping.set_default(field(customer, "PAYTERM"), value="soon")
    with pytest.raises(Refused, match="60 characters at most"):
        mapping.set_default(field(customer, "Name"), value="x" * 61)
    with pytest.raises(Refused, match="read-only"):
        mapping.set_default(field(customer, "NUMBER2"), value="1")


def test_what_the_erp_demands_is_mandatory_in_any_case(customer):
    name = field(customer, "Name")
    mapping.set_default(name, ask=True)
    assert name.default_mandatory


def test_ranks_order_the_fields(customer):
    mapping.set_rank(customer, ["PAYTERM", "Name"])
    assert list(customer.fields.values_list("key", flat=True)) == [
        "PAYTERM", "Name", "NUMBER2", "VATNO", "CUSTGR", "Blocked",
    ]  # fmt: skip


def test_the_engine_gets_what_has_a_direction(customer):
    set_mapping(field(customer, "Name"), "NAME", True, True, policy=Policy.ASK)
    set_mapping(field(customer, "NUMBER2"), "NUMBER2", True, False)
    set_mapping(field(customer, "CUSTGR"), "category", True, True)
    shops = category("Shops")
    mapping.set_items(field(customer, "CUSTGR"), {"1": shops.pk})
    name, number, group = mapping.compile_mappings(customer)
    assert (name.erp.key, name.erp.kind, name.erp.max_length, name.erp.mandatory) == ("Name", Kind.TEXT, 60, True)
    assert (name.crm.key, name.crm.mandatory, name.policy) == ("NAME", True, Policy.ASK)
    assert (number.erp.read_only, number.to_crm, number.to_erp, number.policy) == (True, True, False, None)
    assert group.to_crm_converter()("1") == str(shops.pk)
    assert group.to_erp_converter()(str(shops.pk)) == "1"


def test_missing_fields_do_not_reach_the_engine(customer):
    set_mapping(field(customer, "Name"), "NAME", True, True)
    FieldMapping.objects.filter(actor=customer, key="Name").update(missing=True)
    assert mapping.compile_mappings(customer) == []
    assert field(customer, "Name").type == FieldType.TEXT
