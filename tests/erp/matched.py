"""An ERP and a CRM that know some of the same companies and are not linked yet, for tests of the match workbench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import connect_memory

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, create_record
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, Job, JobState, Matching, MatchPair
from brygga.erp.services import matching
from brygga.jobs.runner import Runner

CUSTOMER = ActorType.CUSTOMER


def add_company(name: str, **values: str) -> RecordView:
    """A company in the CRM."""
    return create_record(RecordType.COMPANY, {"NAME": name, **values}, "test")


def add_contact(company: RecordView, first: str, last: str) -> RecordView:
    """A contact in the CRM."""
    values = {"FIRSTNAME": first, "LASTNAME": last}
    return create_record(RecordType.CONTACT, values, "test", company.id)


@contextmanager
def unlinked_sides(name: str = "memory") -> Iterator[tuple[MemoryErp, Connection]]:
    """Fjord Fisk stands on both sides, Havn twice in the ERP, Skog in the CRM only, and a nameless one in the ERP."""
    erp = MemoryErp()
    with connectors.use(name, erp):
        connection = connect_memory(name)
        erp.put(CUSTOMER, "1", NAME="Fjord Fisk AS", CITY="Bergen", VATNO="NO 987 654 321 MVA")
        erp.put(CUSTOMER, "2", NAME="Havn Handel", CITY="Oslo")
        erp.put(CUSTOMER, "3", NAME="Havn Handel AS", CITY="Moss")
        erp.put(CUSTOMER, "4", NAME="", CITY="Tromsø")
        erp.put(CUSTOMER, "5", NAME="Bakeriet Sol")
        add_company("Fjord Fisk", POSTALCITY="Florø", VATNO="987654321")
        add_company("Havn Handel")
        add_company("Skog og Tre")
        yield erp, connection


def run_job(state: str = JobState.DONE) -> Job:
    """Work the next job off."""
    job = Runner().run_next()
    assert job is not None
    assert job.state == state, job.problem
    return job


def actor_of(connection: Connection, actor_type: str = "Customer") -> ActorMapping:
    """An actor type of the connection."""
    return connection.actors.select_related("connection__connector").get(actor_type=actor_type)


def compared(connection: Connection, actor_type: str = "Customer") -> Matching:
    """The result of a comparison, made by a job."""
    actor = actor_of(connection, actor_type)
    matching.start(actor, "eva")
    run_job()
    return matching.get(actor.pk)


def pair_of(found: Matching, erp_key: str) -> MatchPair:
    """The only pair with this actor."""
    return found.pairs.get(actor__erp_key=erp_key)
