from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.connectors import sample
from tests.connectors.conftest import GUID

from brygga.connectors import installed, load
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.workbook import WorkbookConnector
from brygga.contract.actors import ZERO_GUID, Access, ActorType, ConnectionInfo, ErpActor, FieldType, SearchRestriction
from brygga.contract.localised import text_for
from brygga.contract.responses import ErrorCode, State

CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON


def customer(key: str, **fields: str) -> ErpActor:
    return ErpActor(CUSTOMER, key, fields=fields)


def fetch(connector: TabularConnector, key: str, kind: ActorType = CUSTOMER) -> ErpActor:
    (actor,) = connector.get_actors(GUID, kind, [key], []).actors
    return actor


def edit_by_hand(path: Path, sheet: str, cells: dict[str, object]) -> None:
    workbook = load_workbook(path)
    for reference, value in cells.items():
        workbook[sheet][reference] = value
    workbook.save(path)


def news(connector: TabularConnector, since: str, kind: ActorType = CUSTOMER) -> list[str]:
    return [actor.erp_key for actor in connector.get_actors_by_timestamp(GUID, since, kind, []).actors]


def test_the_connectors_are_installed_and_loaded_once() -> None:
    assert {"workbook", "csv"} <= installed().keys()
    assert load("workbook") is load("workbook")
    with pytest.raises(LookupError, match="workbook"):
        load("abacus")


def test_types_are_inferred_from_the_cells(connector: TabularConnector) -> None:
    assert connector.get_supported_actor_types(GUID).items == ["Customer", "Person", "Supplier"]
    fields = {field.key: field for field in connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields}
    assert {key: field.type for key, field in fields.items()} == {
        "CustNo": FieldType.INTEGER,
        "Nm": FieldType.TEXT,
        "Ad1": FieldType.TEXT,
        "Zip": FieldType.TEXT,
        "CustGr": FieldType.LIST,
        "IntField": FieldType.INTEGER,
        "DoubleField": FieldType.DOUBLE,
        "DateField": FieldType.DATETIME,
        "CheckboxField": FieldType.CHECKBOX,
    }
    assert fields["CustGr"].list_name == "CustomerGroup"
    assert connector.get_list(GUID, "CustomerGroup").items["3"] == "CustomerGroup 3"
    assert connector.get_list_items(GUID, "customergroup", ["2", "77"]).items == {"2": "CustomerGroup 2"}


def test_untidy_cells_come_out_right(connector: TabularConnector) -> None:
    assert fetch(connector, "1").fields == {
        "CustNo": "[I:10001]",
        "Nm": "Kvarnen AB",
        "Ad1": "Ågatan 1",
        "Zip": "1234",
        "CustGr": "1",
        "IntField": "[I:1]",
        "DoubleField": "[F:1.5]",
        "DateField": "[D:07/06/2009]",
        "CheckboxField": "[I:1]",
    }
    second = fetch(connector, "2")
    assert (second.fields["Zip"], second.fields["Ad1"], second.fields["DoubleField"]) == ("0054", "", "[F:2.0]")
    assert fetch(connector, "3").fields["DateField"] == ""
    person = fetch(connector, "2", PERSON)
    assert (person.parent_type, person.parent_key) == (ActorType.SUPPLIER, "1")
    assert "ParentID" not in person.fields


def test_fields_sheet_overrides_inference(home: Path, book: Path, connector: TabularConnector) -> None:
    workbook = load_workbook(book)
    sheet = workbook.create_sheet("_fields")
    sheet.append(["Sheet", "Field", "Name", "Type", "List", "Mandatory", "ReadOnly", "MaxLength", "Rank", "Search"])
    sheet.append(["Customer", "Nm", 'US:"Name";SW:"Namn"', "Text", None, "x", None, 12, 99, None])
    sheet.append(["Customer", "IntField", None, "List", "SupplierGroup", None, None, None, None, "no"])
    sheet.append(["Customer", "CustNo", None, "Text", None, None, 1, None, None, None])
    workbook.save(book)
    fields = connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields
    by_key = {field.key: field for field in fields}
    name = by_key["Nm"]
    assert fields[-1].key == "Nm"
    assert (name.name, name.access, name.max_length) == ('US:"Name";SW:"Namn"', Access.MANDATORY, 12)
    assert (by_key["IntField"].type, by_key["IntField"].list_name) == (FieldType.LIST, "SupplierGroup")
    assert by_key["CustNo"].access is Access.READ_ONLY
    assert fetch(connector, "1").fields["CustNo"] == "10001"
    assert "IntField" not in connector.get_searchable_fields(GUID, CUSTOMER).items
    for fields_at_fault in ({"Nm": ""}, {"Nm": "x" * 13}, {"CustNo": "7"}):
        answer = connector.save_actors(GUID, [customer("1", **fields_at_fault)])
        assert not answer.ok
        assert next(iter(fields_at_fault)) in answer.user_explanation
    assert "Nm" in connector.create_actor(GUID, customer("")).user_explanation


def test_saving_writes_what_changed_and_nothing_else(book: Path, connector: TabularConnector) -> None:
    before = load_workbook(book)["Customer"]
    old = {cell.coordinate: cell.value for row in before.iter_rows() for cell in row}
    saved = [
        customer("1", Zip="0055", DoubleField="[F:2.75]", DateField="[D:01/02/2020]"),
        customer("1", CustGr="3", CheckboxField="[I:0]"),
        customer("3", Ad1="", Zip="9876", DateField="[D:03/04/2021]"),
    ]
    answer = connector.save_actors(GUID, saved)
    assert answer.ok
    assert [actor.fields["Zip"] for actor in answer.actors] == ["0055", "0055", "9876"]
    sheet = load_workbook(book)["Customer"]
    new = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
    changed = {place: value for place, value in new.items() if value != old.get(place) and place[0] != "A"}
    assert changed == {
        "F2": "0055",
        "I2": 2.75,
        "J2": datetime(2020, 1, 2),
        "G2": 3,
        "K2": 0,
        "E5": None,
        "J5": datetime(2021, 3, 4),
    }
    assert isinstance(new["F5"], int), "the zip code that is a number stays one"
    assert (new["A2"] != old["A2"], new["A5"] != old["A5"], new["A3"] == old["A3"]) == (True, True, True)
    assert sheet["J5"].number_format == before["J2"].number_format


def test_saving_the_same_values_leaves_the_file_alone(book: Path, connector: TabularConnector) -> None:
    content = book.read_bytes()
    stamp = fetch(connector, "2").last_modified
    same = customer("2", Nm="Smedjan & Co", Zip="0054", CustNo="10002", DoubleField="[F:2]", DateField="2014-12-27")
    (actor,) = connector.save_actors(GUID, [same]).actors
    assert book.read_bytes() == content
    assert actor.last_modified == stamp


def test_saving_refuses_whole_calls_and_names_the_culprit(book: Path, connector: TabularConnector) -> None:
    content = book.read_bytes()
    good = customer("1", Nm="Changed")
    for bad, code, word in [
        (customer("2", Nope="x"), ErrorCode.UNKNOWN_FIELD_KEY, "Nope"),
        (customer("2", CustGr="77"), ErrorCode.UNKNOWN_LIST_ITEM_ID, "77"),
        (customer("2", IntField="many"), "", "IntField"),
        (customer("2", Nm="bell \x07"), "", "D3"),
    ]:
        answer = connector.save_actors(GUID, [good, bad])
        assert (answer.ok, answer.error_code) == (False, code)
        assert word in answer.user_explanation
    assert book.read_bytes() == content


def test_an_unknown_key_is_left_out_with_a_warning(connector: TabularConnector) -> None:
    answer = connector.save_actors(GUID, [customer("99", Nm="x"), customer("1", Nm="New")])
    assert (answer.ok, answer.state) == (True, State.WARNING)
    assert [actor.erp_key for actor in answer.actors] == ["1"]
    assert "99" in answer.user_explanation


def test_creating_appends_with_the_next_key(book: Path, connector: TabularConnector) -> None:
    new = ErpActor(PERSON, "", parent_type=CUSTOMER, parent_key="3", fields={"FirstName": "Åsa", "Phone": "070 1"})
    actor = connector.create_actor(GUID, new).actor
    assert actor is not None
    assert (actor.erp_key, actor.parent_type, actor.parent_key) == ("3", CUSTOMER, "3")
    assert fetch(connector, "3", PERSON) == actor
    sheet = load_workbook(book)["Person"]
    assert [cell.value for cell in sheet[4]][1:] == [3, "Customer", 3, None, "Åsa", "070 1"]
    assert sheet["A4"].number_format == sheet["A3"].number_format
    assert sheet.dimensions == "A1:G4"
    orphan = connector.create_actor(GUID, ErpActor(PERSON, "", parent_type=CUSTOMER, parent_key="88"))
    assert not orphan.ok
    assert "88" in orphan.user_explanation


def test_a_deleted_rows_key_is_not_given_out_again(book: Path, connector: TabularConnector) -> None:
    assert news(connector, "") == ["1", "2", "3"]
    workbook = load_workbook(book)
    workbook["Customer"].delete_rows(5)
    workbook.save(book)
    assert news(connector, "") == ["1", "2"]
    actor = connector.create_actor(GUID, customer("", Nm="New")).actor
    assert actor is not None
    assert actor.erp_key == "4"


def test_moving_a_person_to_another_company(book: Path, connector: TabularConnector) -> None:
    moved = ErpActor(PERSON, "2", parent_type=CUSTOMER, parent_key="2")
    assert connector.save_actors(GUID, [moved]).ok
    assert [cell.value for cell in load_workbook(book)["Person"][3]][2:4] == ["Customer", 2]


def test_hand_edits_are_noticed_without_last_modified(book: Path, connector: TabularConnector) -> None:
    last = max(actor.last_modified for actor in connector.get_actors_by_timestamp(GUID, "", CUSTOMER, []).actors)
    edit_by_hand(book, "Customer", {"D3": "Renamed by hand"})
    assert news(connector, last) == ["3", "2"], "on or after: the last one seen comes again"
    assert fetch(connector, "2").last_modified > last


def test_last_modified_alone_is_no_change(book: Path, connector: TabularConnector) -> None:
    stamp = fetch(connector, "2").last_modified
    edit_by_hand(book, "Customer", {"A3": datetime(2030, 1, 1)})
    assert fetch(connector, "2").last_modified == stamp


def test_stamps_go_on_in_another_process_and_after_a_lost_state_file(home: Path, connector: TabularConnector) -> None:
    (actor,) = connector.save_actors(GUID, [customer("1", Nm="A")]).actors
    assert fetch(WorkbookConnector(), "1") == actor
    (home / "connectors" / "workbook.sqlite3").unlink()
    fresh = WorkbookConnector()
    lost = fresh.get_actors(GUID, CUSTOMER, ["1"], [])
    assert (lost.ok, lost.error_code) == (False, ErrorCode.UNKNOWN_CONNECTION_ID)
    fresh.save_connection(ConnectionInfo(GUID, {"Filename": "erp.xlsx"}))
    assert news(fresh, actor.last_modified) == ["1", "2", "3"]


def test_duplicate_and_missing_ids_are_warnings(book: Path, connector: TabularConnector) -> None:
    edit_by_hand(book, "Customer", {"B7": 1, "D7": "Twin", "D8": "No key"})
    answer = connector.search_actors(GUID, CUSTOMER, "", ["Nm"])
    assert (answer.ok, answer.state) == (True, State.WARNING)
    assert "“Customer”, row 7" in answer.user_explanation
    assert "“Customer”, row 8" in text_for(answer.user_explanation, "en")
    assert "”Customer”, rad 8" in text_for(answer.user_explanation, "sv")
    assert [actor.fields["Nm"] for actor in answer.actors] == ["Kvarnen AB", "Smedjan & Co", "Örnen"]
    refused = connector.save_actors(GUID, [customer("1", Nm="Which?")])
    assert not refused.ok
    assert "more than once" in refused.user_explanation


def test_searching(connector: TabularConnector) -> None:
    def keys(*restrictions: SearchRestriction) -> list[str]:
        found = connector.search_actors_advanced(GUID, CUSTOMER, restrictions, ["Nm"]).actors
        return [actor.erp_key for actor in found]

    assert keys(SearchRestriction("Nm", "begins", ["ör"])) == ["3"]
    assert keys(SearchRestriction("IntField", ">", ["1"]), SearchRestriction("CustGr", "oneof", ["3"])) == ["2"]
    assert [actor.erp_key for actor in connector.search_actors(GUID, CUSTOMER, "0054", []).actors] == ["2"]
    children = connector.search_actor_by_parent(GUID, PERSON, "", CUSTOMER, "1", ["FirstName"]).actors
    assert [actor.fields for actor in children] == [{"FirstName": "Erik"}]
    unknown = connector.search_actors_advanced(GUID, CUSTOMER, [SearchRestriction("Nope", "=", ["1"])], [])
    assert unknown.error_code == ErrorCode.UNKNOWN_FIELD_KEY


def test_unknown_connections_and_deletion(connector: TabularConnector) -> None:
    assert connector.get_list(ZERO_GUID, "CustomerGroup").error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    assert connector.test_connection(GUID).ok
    assert connector.delete_connection(GUID).ok
    assert connector.test_connection(GUID).error_code == ErrorCode.UNKNOWN_CONNECTION_ID


def test_a_column_keeps_its_type_while_it_fills_up(book: Path, connector: TabularConnector) -> None:
    assert connector.get_supported_actor_type_fields(GUID, PERSON).ok
    edit_by_hand(book, "Person", {"G2": 4612345})
    assert fetch(connector, "1", PERSON).fields["Phone"] == "4612345"


def test_paths_stay_within_their_directories(home: Path, connector: TabularConnector, tmp_path_factory) -> None:
    def test(filename: str) -> str:
        return connector.test_config_data(ConnectionInfo("", {"Filename": filename})).user_explanation

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    sample.untidy(elsewhere / "other.xlsx")
    (home / "link.xlsx").symlink_to(elsewhere / "other.xlsx")
    for filename in ("../other.xlsx", "~/erp.xlsx", "", "link.xlsx"):
        assert "Found" not in test(filename)
    assert "Found" in test(str(elsewhere / "other.xlsx"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRYGGA_FILE_ROOTS", str(home))
        assert "outside" in test(str(elsewhere / "other.xlsx"))
        assert "Found" in test(str(home / "erp.xlsx"))


def test_dates_in_a_column_without_date_format_get_one(book: Path, connector: TabularConnector) -> None:
    workbook = load_workbook(book)
    sheet = workbook.create_sheet("_fields")
    sheet.append(["Sheet", "Field", "Type"])
    sheet.append(["Person", "Phone", "Date"])
    workbook.save(book)
    answer = connector.save_actors(GUID, [ErpActor(PERSON, "1", fields={"Phone": "[DT:12/24/2024 15:00:00.0000000]"})])
    assert answer.ok
    assert fetch(connector, "1", PERSON).fields["Phone"] == "[DT:12/24/2024 15:00:00.0000000]"
    cell = load_workbook(book)["Person"]["G2"]
    assert (cell.value, cell.is_date) == (datetime(2024, 12, 24, 15), True)
    early = connector.save_actors(GUID, [ErpActor(PERSON, "1", fields={"Phone": "[D:01/01/1850]"})])
    assert "1900" in early.user_explanation
