"""The host's store: encrypted, apart by connector, safe for threads and processes."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from brygga.soap.store import ConnectionStore

KEY = Fernet.generate_key().decode()
VALUES = {"Server": "erp.example.com", "Password": "hemligt ä"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "store.sqlite3"


def test_what_is_saved_is_there_for_the_next_process(path: Path) -> None:
    saved_at = ConnectionStore(path, [KEY]).save("csv", "g1", VALUES)
    stored = ConnectionStore(path, [KEY]).load("csv", "g1")
    assert stored is not None
    assert stored.values == VALUES
    assert stored.saved_at == saved_at == ConnectionStore(path, [KEY]).saved_at("csv", "g1")


def test_connections_are_apart_by_connector_and_guid(path: Path) -> None:
    store = ConnectionStore(path, [KEY])
    store.save("csv", "g1", VALUES)
    for connector, guid in (("workbook", "g1"), ("csv", "g2"), ("CSV", "g1")):
        assert store.load(connector, guid) is None
        assert store.saved_at(connector, guid) is None
        store.delete(connector, guid)
    assert store.load("csv", "g1") is not None


def test_saving_again_replaces_and_is_noticed(path: Path) -> None:
    store = ConnectionStore(path, [KEY])
    first = store.save("csv", "g1", VALUES)
    assert store.save("csv", "g1", {"Server": "b"}) != first
    stored = store.load("csv", "g1")
    assert stored is not None
    assert stored.values == {"Server": "b"}


def test_what_is_deleted_is_gone(path: Path) -> None:
    store = ConnectionStore(path, [KEY])
    store.save("csv", "g1", VALUES)
    store.delete("csv", "g1")
    assert store.load("csv", "g1") is None


def test_nothing_of_a_configuration_can_be_read_in_the_files(path: Path) -> None:
    store = ConnectionStore(path, [KEY])
    store.save("csv", "g1", VALUES)
    content = b"".join(file.read_bytes() for file in path.parent.glob("store.sqlite3*"))
    assert b"csv" in content
    for text in ("hemligt", "erp.example.com", "Password", "Server"):
        assert text.encode() not in content


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    ConnectionStore(path, [KEY]).save("csv", "g1", VALUES)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_the_file_has_a_write_ahead_log(path: Path) -> None:
    ConnectionStore(path, [KEY]).save("csv", "g1", VALUES)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_keys_are_changed_by_putting_a_new_one_first(path: Path) -> None:
    new = Fernet.generate_key().decode()
    ConnectionStore(path, [KEY]).save("csv", "old", VALUES)
    both = ConnectionStore(path, [new, KEY])
    assert both.load("csv", "old") is not None
    both.save("csv", "new", VALUES)
    assert ConnectionStore(path, [new]).load("csv", "new") is not None


def test_what_no_key_opens_counts_as_not_stored(path: Path) -> None:
    ConnectionStore(path, [KEY]).save("csv", "g1", VALUES)
    assert ConnectionStore(path, [Fernet.generate_key().decode()]).load("csv", "g1") is None


def test_a_store_needs_a_key(path: Path) -> None:
    with pytest.raises(ValueError, match="key is needed"):
        ConnectionStore(path, [])


def test_many_threads_at_once(path: Path) -> None:
    store = ConnectionStore(path, [KEY])

    def work(number: int) -> dict[str, str] | None:
        guid = f"g{number % 8}"
        store.save("csv", guid, {"Number": guid})
        stored = store.load("csv", guid)
        return stored.values if stored else None

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(64))) == [{"Number": f"g{number % 8}"} for number in range(64)]


def _save(path: Path, key: str, number: int) -> None:
    store = ConnectionStore(path, [key])
    for turn in range(10):
        store.save("csv", f"g{number}", {"Turn": str(turn)})


def test_many_processes_that_start_on_a_missing_file(path: Path) -> None:
    start = multiprocessing.get_context("spawn").Process
    processes = [start(target=_save, args=(path, KEY, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    store = ConnectionStore(path, [KEY])
    found = [store.load("csv", f"g{number}") for number in range(4)]
    assert [stored.values for stored in found if stored] == [{"Turn": "9"}] * 4
