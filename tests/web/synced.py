"""An ERP in memory that is really synced, for tests of screens on log, plans and inbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.models import Connection, Link
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now

CUSTOMER, PERSON = ActorType.CUSTOMER, ActorType.PERSON
TOO_LONG = "Llanfairpwllgwyngyllgogerych"
"""A city that is longer than the ERP's field."""


@contextmanager
def memory_erp() -> Iterator[MemoryErp]:
    """The ERP, with the customers Fjord and Skog and a person of Fjord's, connected and imported."""
    erp = MemoryErp()
    with connectors.use("memory", erp):
        erp.put(CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1", CODE="F1", VATNO="NO1")
        erp.put(CUSTOMER, "2", NAME="Skog", CITY="Umeå")
        erp.put(PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
        connection = connect_memory("memory")
        for actor_type in ("Customer", "Person"):
            import_actors(connection, actor_type, Selection(everything=True), by="test")
        yield erp


def the_connection() -> Connection:
    """The connection to the ERP."""
    return Connection.objects.get(connector__name="memory")


def link(key: str = "1") -> Link:
    """The link of a customer."""
    return Link.objects.select_related("connection").get(actor_type="Customer", erp_key=key)


def synced(erp: MemoryErp) -> int:
    """A run in which three values were changed, one of them in the ERP; its number."""
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Luleå")
    run = sync_now(None, by="anna").run
    assert run is not None
    return run


def conflict(erp: MemoryErp, called: str = "Fjord") -> Link:
    """Name and city of Fjord, as it is called now, were changed on both sides, and a person is to decide."""
    Connection.objects.update(policy="ask")
    edit(company(called), NAME="Fjord Group", POSTALCITY="Bodø")
    erp.put(CUSTOMER, "1", NAME="Fjord ASA", CITY="Ås")
    sync_now(None, by="test")
    return link()


def misfit() -> Link:
    """Fjord's city became too long for the ERP."""
    edit(company("Fjord"), POSTALCITY=TOO_LONG)
    sync_now(None, by="test")
    return link()
