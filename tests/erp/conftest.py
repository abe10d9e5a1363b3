"""A connection to an ERP in memory, mapped and active, for tests of the engine and the services on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory
from tests.erp.served import served

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.models import Connection
from brygga.erp.services.importing import Selection, import_actors


@pytest.fixture
def wire() -> str:
    """How Brygga reaches the ERP; a module that runs through SOAP as well has a fixture of its own."""
    return "in process"


@pytest.fixture
def erp(wire: str, tmp_path: Path) -> Iterator[MemoryErp]:
    erp = MemoryErp()
    with (
        served(erp, tmp_path) if wire == "soap" else nullcontext(erp) as connector,
        connectors.use("memory", connector),
    ):
        yield erp


@pytest.fixture
def connection(erp: MemoryErp, db: None) -> Connection:
    """Two customers imported: Fjord (1) with a person, and Skog (2)."""
    erp.put(ActorType.CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1", CODE="F1", VATNO="NO1")
    erp.put(ActorType.CUSTOMER, "2", NAME="Skog", CITY="Umeå")
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    connection = connect_memory("memory")
    for actor_type in ("Customer", "Person"):
        report = import_actors(connection, actor_type, Selection(everything=True), by="test")
        assert report.failed == 0
    return connection
