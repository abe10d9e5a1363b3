"""Saving loses nothing: the rest of the file, other writers, crashes, damaged and locked files."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import time
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.connectors import sample
from tests.connectors.conftest import GUID

from brygga.connectors import files
from brygga.connectors.tabular import TabularConnector
from brygga.connectors.workbook import WorkbookConnector
from brygga.contract import values
from brygga.contract.actors import Access, ActorType, ConnectionInfo, ErpActor

CUSTOMER = ActorType.CUSTOMER


def rich_connector(home: Path, rows: int = 3) -> WorkbookConnector:
    sample.rich(home / "rich.xlsm", rows)
    connector = WorkbookConnector()
    assert connector.save_connection(ConnectionInfo(GUID, {"Filename": "rich.xlsm"})).ok
    return connector


def packed_member(content: bytes, name: str) -> tuple[int, int]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name)
    return start, start + info.compress_size


def test_all_other_parts_stay_byte_for_byte(home: Path) -> None:
    connector = rich_connector(home)
    before, packed = sample.parts(home / "rich.xlsm"), (home / "rich.xlsm").read_bytes()
    fields = {"Name": "New & <improved>", "Amount": "[F:0.1]"}
    assert connector.save_actors(GUID, [ErpActor(CUSTOMER, "2", fields=fields)]).ok
    after = sample.parts(home / "rich.xlsm")
    assert list(after) == list(before)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml"}
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]
    assert after["xl/vbaProject.bin"] == sample.MACROS
    start, end = packed_member(packed, "xl/vbaProject.bin")
    assert packed[start:end] in (home / "rich.xlsm").read_bytes(), "not even packed anew"
    sheet_before, sheet_after = before["xl/worksheets/sheet1.xml"], after["xl/worksheets/sheet1.xml"]
    row = sheet_before.index(b'<row r="3"'), sheet_before.index(b'<row r="4"')
    assert sheet_after.startswith(sheet_before[: row[0]])
    assert sheet_after.endswith(sheet_before[row[1] :])


def test_styles_formulas_and_tables_survive_a_new_row(home: Path) -> None:
    connector = rich_connector(home)
    created = connector.create_actor(GUID, ErpActor(CUSTOMER, "", fields={"Name": "Four", "Since": "[D:12/24/2024]"}))
    assert created.actor is not None
    workbook = load_workbook(home / "rich.xlsm", keep_vba=True)
    sheet = workbook["Customer"]
    assert [cell.value for cell in sheet[5]][:2] == [4, "Four"]
    assert sheet["B5"].fill.fgColor.rgb == "00FFEEAA"
    assert sheet["E5"].number_format == "dd/mm/yyyy"
    assert sheet["D2"].value == "=C2*2"
    assert sheet.column_dimensions["B"].width == 42
    assert sheet.tables["Customers"].ref == "A1:E5"
    assert sheet.dimensions == "A1:E5"
    assert workbook["Notes for people"]["B7"].value == "keep me"


def test_formulas_are_not_overwritten(home: Path) -> None:
    connector = rich_connector(home)
    content = (home / "rich.xlsm").read_bytes()
    answer = connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Twice": "5"})])
    assert not answer.ok
    assert "formula" in answer.user_explanation
    assert (home / "rich.xlsm").read_bytes() == content


def test_a_column_of_formulas_with_results_is_read_only(home: Path) -> None:
    connector = rich_connector(home)
    parts = sample.parts(home / "rich.xlsm")
    parts["xl/worksheets/sheet1.xml"] = (
        parts["xl/worksheets/sheet1.xml"].replace(b"<v></v>", b"<v>21</v>").replace(b"<v/>", b"<v>21</v>")
    )
    with zipfile.ZipFile(home / "rich.xlsm", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    fields = {field.key: field for field in connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields}
    assert fields["Twice"].access is Access.READ_ONLY
    assert fields["Amount"].access is Access.NORMAL


def test_permissions_are_kept_and_no_leftovers(book: Path, connector: TabularConnector) -> None:
    book.chmod(0o640)
    (book.parent / ".erp.xlsx.brygga-tmp").write_bytes(b"left by a crash")
    assert connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "x"})]).ok
    assert book.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in book.parent.iterdir()) == ["connectors", "erp.xlsx"]


@pytest.mark.parametrize("owner", ["~$erp.xlsx", ".~lock.erp.xlsx#"])
def test_an_open_workbook_is_read_and_not_written(book: Path, connector: TabularConnector, owner: str) -> None:
    content = book.read_bytes()
    text = ",Anna Ek,pc1,now;" if owner.startswith(".") else "\x07Anna Ek" + " " * 40
    (book.parent / owner).write_text(text, encoding="utf-8")
    assert len(list(connector.search_actors(GUID, CUSTOMER, "", []).actors)) == 3
    answer = connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "x"})])
    assert not answer.ok
    assert "Anna Ek" in answer.user_explanation
    assert book.read_bytes() == content


def damaged_contents(good: bytes) -> dict[str, bytes]:
    middle = len(good) // 2
    return {
        "password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        "damaged": good[:middle],
        "is no Excel": b"just a text",
        "damaged or": b"",
    }


@pytest.mark.parametrize("word", ["password", "damaged", "is no Excel", "damaged or"])
def test_bad_files_are_explained_and_left_alone(book: Path, connector: TabularConnector, word: str) -> None:
    bad = damaged_contents(book.read_bytes())[word]
    book.write_bytes(bad)
    for answer in (
        connector.test_connection(GUID),
        connector.search_actors(GUID, CUSTOMER, "", []),
        connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "x"})]),
    ):
        assert not answer.ok
        assert word in answer.user_explanation
    assert book.read_bytes() == bad


def test_a_flipped_byte_is_found(book: Path, connector: TabularConnector) -> None:
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        info = archive.getinfo("xl/worksheets/sheet2.xml")
    content[info.header_offset + 60 + info.compress_size // 2] ^= 0xFF
    book.write_bytes(content)
    assert "damaged" in connector.test_connection(GUID).user_explanation


def test_a_missing_file_is_explained_and_comes_back(book: Path, connector: TabularConnector) -> None:
    stamp = [actor.last_modified for actor in connector.search_actors(GUID, CUSTOMER, "", []).actors]
    away = book.rename(book.with_name("away.xlsx"))
    assert "not found" in connector.search_actors(GUID, CUSTOMER, "", []).user_explanation
    away.rename(book)
    assert [actor.last_modified for actor in connector.search_actors(GUID, CUSTOMER, "", []).actors] == stamp


def test_parts_that_unpack_too_far_are_refused(
    book: Path, connector: TabularConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brygga.connectors.xlsx_package.MAX_PART_BYTES", 1000)
    assert "unpacks" in connector.test_connection(GUID).user_explanation


def test_entities_are_not_expanded(book: Path, connector: TabularConnector) -> None:
    parts = sample.parts(book)
    secret = book.parent / "secret.txt"
    secret.write_text("TOP SECRET", encoding="utf-8")
    sheet = parts["xl/worksheets/sheet1.xml"]
    start = sheet.index(b"<worksheet")
    doctype = f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    parts["xl/worksheets/sheet1.xml"] = sheet[:start] + doctype + sheet[start:]
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "&x;"})])
    assert all(b"TOP SECRET" not in content for content in sample.parts(book).values())


def test_a_change_between_reading_and_writing_is_merged(
    book: Path, connector: TabularConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files._write_durably
    edits = iter(["by hand"])

    def edited_meanwhile(*args) -> None:
        for text in edits:
            workbook = load_workbook(book)
            workbook["Customer"]["E2"] = text
            workbook.save(book)
        write(*args)

    monkeypatch.setattr(files, "_write_durably", edited_meanwhile)
    assert connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": "by sync"})]).ok
    sheet = load_workbook(book)["Customer"]
    assert (sheet["D2"].value, sheet["E2"].value) == ("by sync", "by hand")


def _create_some(home: str, who: int, count: int) -> None:
    os.environ["BRYGGA_HOME"] = home
    connector = WorkbookConnector()
    for number in range(count):
        answer = connector.create_actor(GUID, ErpActor(CUSTOMER, "", fields={"Nm": f"{who}-{number}"}))
        assert answer.ok, answer.tech_explanation


def test_processes_writing_at_once_lose_nothing(book: Path, connector: TabularConnector) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_create_some, args=(str(book.parent), who, 8)) for who in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    actors = list(connector.get_actors_by_timestamp(GUID, "", CUSTOMER, ["Nm"]).actors)
    assert {f"{who}-{number}" for who in range(3) for number in range(8)} <= {actor.fields["Nm"] for actor in actors}
    assert len({actor.erp_key for actor in actors}) == 3 + 24
    assert len({actor.last_modified for actor in actors}) == 3 + 24


def _save_for_ever(home: str) -> None:
    os.environ["BRYGGA_HOME"] = home
    connector = WorkbookConnector()
    for number in range(100_000):
        connector.save_actors(GUID, [ErpActor(CUSTOMER, "1", fields={"Nm": f"round {number}", "Ad1": f"at {number}"})])


def test_a_kill_leaves_the_old_or_the_new_file(book: Path, connector: TabularConnector) -> None:
    context = multiprocessing.get_context("spawn")
    for pause in (0.0, 0.013, 0.031):
        worker = context.Process(target=_save_for_ever, args=(str(book.parent),))
        before = book.read_bytes()
        worker.start()
        assert worker.pid
        deadline = time.monotonic() + 30
        while book.read_bytes() == before:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(pause)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(10)
        (actor,) = connector.get_actors(GUID, CUSTOMER, ["1"], []).actors
        assert actor.fields["Nm"].removeprefix("round ") == actor.fields["Ad1"].removeprefix("at ")
        assert connector.save_actors(GUID, [ErpActor(CUSTOMER, "2", fields={"Nm": f"after {pause}"})]).ok


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2199, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["1", "2", "3"]),
    text=TEXTS | st.sampled_from(["_x0041_", " spaces ", "a\nb", "0054", "=1+1", "<&>\"'", "[I:5]"]),
    number=st.none() | st.integers(-(10**14), 10**14),
    double=st.none() | st.floats(-1e12, 1e12, allow_nan=False),
    moment=st.none() | MOMENTS,
    checked=st.none() | st.booleans(),
)
def test_what_is_saved_is_read_back(connector, key, text, number, double, moment, checked) -> None:
    fields = {
        "Nm": text,
        "IntField": values.encode(number),
        "DoubleField": values.encode(double),
        "DateField": values.encode(moment),
        "CheckboxField": values.encode(checked),
    }
    answer = connector.save_actors(GUID, [ErpActor(CUSTOMER, key, fields=fields)])
    assert answer.ok, answer.tech_explanation
    (actor,) = WorkbookConnector().get_actors(GUID, CUSTOMER, [key], []).actors
    assert actor.fields["Nm"] == text
    types = {f.key: f.type for f in connector.get_supported_actor_type_fields(GUID, CUSTOMER).fields}
    midnight = moment.date() if moment and not (moment.hour or moment.minute or moment.second) else moment
    wanted = {"IntField": number, "DoubleField": double, "DateField": midnight, "CheckboxField": checked}
    assert {name: values.decode(actor.fields[name], types[name]) for name in wanted} == wanted
