from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.conftest import GUID

from brygga.connectors import csv_text
from brygga.connectors.csv_folder import CsvConnector
from brygga.contract.actors import ActorType, ErpActor, FieldType

CUSTOMER = ActorType.CUSTOMER


def test_reading_types_and_values(csv_connector: CsvConnector) -> None:
    fields = {field.key: field for field in csv_connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields}
    assert {key: field.type for key, field in fields.items()} == {
        "Nm": FieldType.TEXT,
        "Zip": FieldType.TEXT,
        "CustGr": FieldType.LIST,
        "Amount": FieldType.DOUBLE,
        "Since": FieldType.DATETIME,
    }
    first, second, third = csv_connector.search_actors(GUID, CUSTOMER, "", []).actors
    assert first.fields == {
        "Nm": 'Kvarnen "AB"',
        "Zip": "0054",
        "CustGr": "1",
        "Amount": "[F:1.5]",
        "Since": "[D:01/31/2020]",
    }
    assert second.fields["Nm"] == "Smörgås"
    assert third.fields["Nm"] == "Two\r\nlines"
    assert csv_connector.get_list(GUID, "CustomerGroup").items == {"1": "Small", "2": "Large"}


def test_untouched_bytes_stay(folder: Path, csv_connector: CsvConnector) -> None:
    before = (folder / "Customer.csv").read_bytes()
    fields = {"Nm": "Å;ny", "Amount": "[F:3.25]", "Since": "[D:12/24/2024]", "Zip": "1234"}
    assert csv_connector.save_actors(GUID, [ErpActor(CUSTOMER, "2", fields=fields)]).ok
    after = (folder / "Customer.csv").read_bytes()
    old, new = "2;Smörgås;1234;;12,25;2021-02-03\r\n", '2;"Å;ny";1234;;3,25;2024-12-24\r\n'
    assert after == before.replace(old.encode("cp1252"), new.encode("cp1252"))


def test_creating_a_row(folder: Path, csv_connector: CsvConnector) -> None:
    before = (folder / "Customer.csv").read_bytes()
    actor = csv_connector.create_actor(GUID, ErpActor(CUSTOMER, "", fields={"Nm": "Ny", "CustGr": "2"})).actor
    assert actor is not None
    assert actor.erp_key == "4"
    assert (folder / "Customer.csv").read_bytes() == before + b'4;"Ny";;2;;\r\n'


def test_a_row_after_a_last_line_without_end(folder: Path, csv_connector: CsvConnector) -> None:
    (folder / "Customer.csv").write_bytes(b"\xef\xbb\xbfID\tNm\n1\tA")
    assert csv_connector.create_actor(GUID, ErpActor(CUSTOMER, "", fields={"Nm": "Ö"})).ok
    assert (folder / "Customer.csv").read_bytes() == b"\xef\xbb\xbfID\tNm\n1\tA\n2\t\xc3\x96"


def test_a_character_the_encoding_lacks_is_refused(folder: Path, csv_connector: CsvConnector) -> None:
    before = (folder / "Customer.csv").read_bytes()
    answer = csv_connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "日本"})])
    assert not answer.ok
    assert "UTF-8" in answer.user_explanation
    assert (folder / "Customer.csv").read_bytes() == before


def test_hand_edits_and_type_stability(folder: Path, csv_connector: CsvConnector) -> None:
    actors = list(csv_connector.get_actors_by_timestamp(GUID, "", CUSTOMER, []).actors)
    path = folder / "Customer.csv"
    path.write_bytes(path.read_bytes().replace(b"0054", b"5400"))
    changed = csv_connector.get_actors_by_timestamp(GUID, actors[-1].last_modified, CUSTOMER, ["Zip"]).actors
    assert [(actor.erp_key, actor.fields["Zip"]) for actor in changed] == [("3", ""), ("1", "5400")]


def test_a_missing_folder_is_explained(folder: Path, csv_connector: CsvConnector) -> None:
    folder.rename(folder.with_name("away"))
    assert "not found" in csv_connector.test_connection(GUID).user_explanation


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_formats_are_recognised(encoding: str, delimiter: str, newline: str) -> None:
    text = newline.join([delimiter.join(["ID", '"Na,m;e"', "Z"]), delimiter.join(["1", '"å"', 'stray"quote'])])
    content = text.encode(encoding)
    parsed = csv_text.parse(content)
    assert [record.values() for record in parsed.records] == [["ID", "Na,m;e", "Z"], ["1", "å", 'stray"quote']]
    assert parsed.encode("x.csv") == content


@given(st.text(st.sampled_from('ab;,\t"\r\nå'), max_size=60))
def test_any_text_is_given_back_as_it_came(text: str) -> None:
    assert csv_text.parse(text.encode()).encode("x.csv") == text.encode()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_value_is_read_back(value: str) -> None:
    parsed = csv_text.parse(b"ID;Nm;Z\n1;x;y\n2;;\n")
    parsed.set(2, 1, value)
    assert [record.values() for record in csv_text.parse(parsed.encode("x.csv")).records] == [
        ["ID", "Nm", "Z"],
        ["1", value, "y"],
        ["2", "", ""],
    ]
