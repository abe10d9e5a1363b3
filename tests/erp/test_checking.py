"""What is found in a mapping as it is made, and before a connection is activated (behaviour G6, A13)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.mapped import customers, field, fill_list, map_field, sampled

from brygga.contract import FieldMetadata, FieldType
from brygga.crm.fields import RecordType
from brygga.crm.services import user_fields
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import activation, checking, connections, mapping
from brygga.erp.services.actor_mapping import Draft, FieldChoice
from brygga.erp.services.checking import Finding, Severity
from brygga.merge import Kind

pytestmark = pytest.mark.django_db

MORE = (
    FieldMetadata("Since", "Customer since", type=FieldType.DATETIME),
    FieldMetadata("Rating", "Rating", type=FieldType.DOUBLE),
    FieldMetadata("Note", "Note", max_length=5000),
)


@pytest.fixture
def connection(db: None) -> Iterator[Connection]:
    with sampled(*MORE) as (_connector, made):
        map_field(made, "Name", "NAME", "in out")
        yield made


def found(connection: Connection, code: str) -> list[Finding]:
    return [finding for finding in checking.check(connection) if finding.code == code]


def only(connection: Connection, code: str) -> Finding:
    (finding,) = found(connection, code)
    return finding


def test_a_finding_names_field_severity_and_remedy(connection):
    mapping.assign(field(connection, "Name"), "", False, False)
    finding = only(connection, "mandatory")
    assert (finding.actor_type, finding.field_key, finding.severity) == ("Customer", "Name", Severity.BLOCKING)
    assert finding.text == "Name is mandatory in the ERP. Give it a direction or a default."
    assert finding.message == f"Customer: {finding.text}"


def test_what_is_not_synced_is_not_checked(connection):
    mapping.assign(field(connection, "Name"), "", False, False)
    mapping.set_sync(customers(connection), False)
    assert checking.check(connection) == []


def test_texts_that_are_longer_than_their_target(connection):
    assert only(connection, "length").sentence == (
        "Name takes 60 characters in the ERP; longer texts of the CRM do not get there."
    )
    map_field(connection, "Note", "DEPARTMENT", "in")
    severities = {finding.field_key: finding.severity for finding in found(connection, "length")}
    assert severities == {"Name": Severity.WARNING, "Note": Severity.WARNING}


def test_an_erp_field_without_limit_is_a_hint_only(connection):
    map_field(connection, "VATNO", "VATNO", "in")
    (finding,) = [one for one in found(connection, "length") if one.field_key == "VATNO"]
    assert finding.severity is Severity.HINT


def test_a_field_that_flows_both_ways_has_no_missing_way_back(connection):
    assert found(connection, "way_back") == []


@pytest.mark.parametrize(("directions", "stays"), [("in", "in the CRM stay"), ("out", "in the ERP stay")])
def test_a_missing_way_back_is_a_hint(connection, directions, stays):
    map_field(connection, "VATNO", "VATNO", directions)
    finding = only(connection, "way_back")
    assert stays in finding.sentence
    assert finding.severity is Severity.HINT


def test_a_way_back_that_would_lose_data_is_a_warning(connection):
    map_field(connection, "Blocked", "DEPARTMENT", "in")
    assert only(connection, "way_back").severity is Severity.WARNING


def test_what_is_read_only_needs_no_way_back(connection):
    map_field(connection, "NUMBER2", "NUMBER2", "in")
    assert found(connection, "way_back") == []


@pytest.mark.parametrize(
    ("key", "kind", "directions", "code", "values"),
    [
        ("Since", "date", "in out", "date_time", {"Dates with a time of day"}),
        ("Rating", "integer", "in out", "type", {"Numbers with decimals"}),
        ("VATNO", "integer", "in", "type", {"Texts that are no whole number"}),
        ("PAYTERM", "checkbox", "in", "type", {"Numbers other than 0 and 1"}),
        ("Since", "datetime", "in out", "date_time", set()),
        ("Since", "date", "out", "date_time", set()),
    ],
)
def test_types_that_do_not_hold_every_value(connection, key, kind, directions, code, values):
    own = user_fields.define_field(RecordType.COMPANY, "own", "Own field", Kind(kind))
    map_field(connection, key, own.key, directions)
    told = {finding.sentence.split(": ")[1].split(" do not")[0] for finding in found(connection, code)}
    assert told == values


def test_a_mandatory_field_whose_crm_field_may_be_blank(connection):
    mapping.assign(field(connection, "Name"), "DEPARTMENT", False, True)
    assert only(connection, "mandatory_blank").severity is Severity.WARNING
    mapping.set_default(field(connection, "Name"), ask=True)
    assert found(connection, "mandatory_blank") == []


def test_a_mandatory_crm_field_that_nothing_feeds(connection):
    map_field(connection, "Name", "NAME", "out")
    finding = only(connection, "crm_mandatory")
    assert "Name is mandatory in the CRM" in finding.sentence
    assert finding.field_key == ""


def test_a_mandatory_crm_field_whose_erp_field_may_be_blank(connection):
    mapping.assign(field(connection, "Name"), "DEPARTMENT", True, True)
    map_field(connection, "VATNO", "NAME", "in out")
    assert only(connection, "crm_blank").field_key == "VATNO"


def test_a_list_without_items_blocks(connection):
    map_field(connection, "CUSTGR", "category", "in out")
    assert only(connection, "list_mapping").severity is Severity.BLOCKING


def test_items_without_a_counterpart_are_named_on_either_side(connection):
    map_field(connection, "CUSTGR", "category", "in out")
    ids = fill_list("category", "Shops", "Farms", "Works", "Banks")
    mapping.set_items(field(connection, "CUSTGR"), {"1": ids["Shops"]})
    assert "2 of 3 ERP items are unmapped (Industry, Public)" in only(connection, "unmapped_erp").sentence
    assert "3 CRM items go to no ERP item (Banks, Farms, Works)" in only(connection, "unmapped_crm").sentence
    mapping.assign(field(connection, "CUSTGR"), "category", False, True)
    assert found(connection, "unmapped_erp") == []


def test_a_list_that_is_longer_than_its_counterpart(connection):
    map_field(connection, "CUSTGR", "category", "in")
    ids = fill_list("category", "Shops")
    mapping.set_items(field(connection, "CUSTGR"), {"1": ids["Shops"]})
    assert "has 3 items in the ERP, and the CRM list has 1" in only(connection, "many_to_one").sentence


def test_several_items_of_one_name(db):
    with sampled() as (connector, connection):
        connector.lists["groups"] = {"1": "Retail", "2": "Retail"}
        map_field(connection, "CUSTGR", "category", "out")
        fill_list("category", "Retail")
        assert "several items called Retail" in only(connection, "many_to_one").sentence


def test_an_erp_that_gives_no_list_leaves_the_rest_checked(db):
    with sampled() as (connector, connection):
        map_field(connection, "CUSTGR", "category", "in")
        connector.down = True
        assert only(connection, "list_mapping")
        assert found(connection, "many_to_one") == []


def test_a_crm_field_that_another_connection_feeds(connection):
    other = connections.define(connection.connector, {"en": "Other"}, {"Server": "b"})
    mapping.set_sync(customers(other), True)
    map_field(other, "Name", "NAME", "out")
    finding = only(other, "fed_by_other")
    assert "Sample feeds this CRM field already." in finding.sentence
    FieldMapping.objects.filter(pk=field(other, "Name").pk).update(to_crm=True)
    assert only(other, "fed_twice").severity is Severity.BLOCKING


def test_a_direction_that_is_no_longer_available_blocks(connection):
    FieldMapping.objects.filter(pk=field(connection, "Name").pk).update(access=2)
    assert "read-only in the ERP" in only(connection, "direction").sentence


def test_a_draft_is_checked_before_it_is_stored(connection):
    draft = Draft(customers(connection))
    draft.choose(FieldChoice(erp_key="CUSTGR", crm_key="category", to_crm=True))
    codes = {finding.code for finding in checking.check_draft(draft, {})}
    assert "list_mapping" in codes
    assert found(connection, "list_mapping") == []


def test_lists_are_known_for_a_while_once_they_were_read(connection):
    map_field(connection, "CUSTGR", "category", "in")
    drafts = [Draft(customers(connection))]
    assert checking.known_lists(drafts) == {}
    read = checking.read_lists(drafts)
    assert read["groups"]["1"] == "Retail"
    assert checking.known_lists(drafts) == read


def test_only_what_blocks_speaks_against_activating(connection):
    map_field(connection, "VATNO", "VATNO", "in")
    everything = activation.check(connection)
    assert {finding.severity for finding in everything} >= {Severity.WARNING, Severity.HINT}
    assert activation.check_activation(connection) == []
    assert activation.activate(connection) == []


def test_the_worst_comes_first(connection):
    map_field(connection, "CUSTGR", "category", "in")
    map_field(connection, "VATNO", "VATNO", "in")
    severities = [finding.severity for finding in checking.check(connection)]
    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.BLOCKING
