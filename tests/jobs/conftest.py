"""An ERP in memory with more actors than fit a page, and what tests of jobs do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.engine import reconcile, run
from brygga.erp.models import Connection
from brygga.erp.services import importing, resync
from brygga.jobs import runner

ACTORS = 12
PAGE = 4
"""Three pages."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of PAGE records, and progress that is stored at each."""
    for module, name in (
        (importing, "PAGE"), (importing, "KEYS_PER_CALL"), (run, "PAGE"), (run, "SAVE_BATCH"),
        (reconcile, "SAVE_BATCH"), (resync, "SAVE_BATCH"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, PAGE)
    monkeypatch.setattr(runner, "STORE_EVERY", 0.0)


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    """An ERP with ACTORS customers."""
    erp = MemoryErp()
    for number in range(1, ACTORS + 1):
        erp.put(ActorType.CUSTOMER, str(number), NAME=f"Company {number}", CITY="Bergen")
    with connectors.use("memory", erp):
        yield erp


@pytest.fixture
def connection(erp: MemoryErp, db: None) -> Connection:
    """A connection to it; nothing is imported yet."""
    return connect_memory("memory")


def on_call(erp: MemoryErp, operation: str, number: int, act: Callable[[], object]) -> None:
    """Do something just before the nth call of an operation from now on."""
    seen = 0

    def before(called: str) -> None:
        nonlocal seen
        seen += called == operation
        if called == operation and seen == number:
            act()

    erp.before = before
