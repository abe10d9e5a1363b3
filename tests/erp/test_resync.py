"""Resync: from the CRM or from a connection, to all or chosen ones, limited to keys, with and without blanks (A14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.engine.lease import HeldLease
from brygga.erp.engine.progress import Progress, StopRequested
from brygga.erp.models import Connection, LogEntry, Run, RunState, WaitingLink
from brygga.erp.services import linking
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture
def second(connection: Connection) -> Iterator[MemoryErp]:
    """A second ERP with an actor "1" for Fjord, fed from the CRM."""
    erp = MemoryErp()
    with connectors.use("second", erp):
        other = connect_memory("second", both="to_erp", in_="none")
        erp.put(CUSTOMER, "1", NAME="Fjord", CITY="Bergen")
        linking.connect(other, "company", company("Fjord").id, "Customer", "1", "crm", by="test")
        sync_now(None, by="test")
        yield erp


def other() -> Connection:
    return Connection.objects.get(connector__name="second")


def test_from_the_crm_to_all_connections(erp, second, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    second.put(CUSTOMER, "1", CITY="Voss")
    report = resync("crm", False, by="anna")
    assert (erp.value("1", "CITY"), second.value("1", "CITY")) == ("Bergen", "Bergen")
    assert [part.to_erp for part in report.connections] == [1, 1]
    run = Run.objects.get(pk=report.run)
    assert (run.kind, run.by, run.state) == ("resync", "anna", RunState.DONE)
    assert set(LogEntry.objects.filter(run=run).values_list("rule", flat=True)) == {"copied_from_crm"}


def test_from_the_crm_to_chosen_connections(erp, second, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    second.put(CUSTOMER, "1", CITY="Voss")
    resync("crm", False, by="anna", connections=[other()])
    assert (erp.value("1", "CITY"), second.value("1", "CITY")) == ("Oslo", "Bergen")


def test_from_a_connection_to_the_crm_and_on_to_the_others_in_the_same_run(erp, second, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    edit(company("Fjord"), POSTALCITY="Voss")
    report = resync(connection, False, by="anna")
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"
    assert second.value("1", "CITY") == "Oslo"
    written = LogEntry.objects.filter(run_id=report.run).values_list("connection__connector__name", "target")
    assert set(written) == {("memory", "crm"), ("second", "erp")}
    assert [part.name for part in report.connections] == ["memory", "second"]


def test_from_a_connection_to_the_crm_alone(erp, second, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    resync(connection, False, by="anna", connections=[])
    assert (company("Fjord").fields["POSTALCITY"], second.value("1", "CITY")) == ("Oslo", "Bergen")
    sync_now(None, by="test")
    assert second.value("1", "CITY") == "Oslo"


def test_a_dry_resync_tells_what_would_go_on_to_the_others_and_writes_nothing(erp, second, connection):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    report = resync(connection, False, by="anna", dry_run=True)
    assert [(p["connection"], p["side"], p["new"]) for p in report.planned] == [
        (connection.pk, "crm", "Oslo"), (other().pk, "erp", "Oslo"),
    ]  # fmt: skip
    assert (company("Fjord").fields["POSTALCITY"], report.run) == ("Bergen", None)


@pytest.mark.parametrize(
    ("erp_keys", "record", "written"),
    [(["1"], None, {"1"}), (None, "Skog", {"2"}), (["1", "77"], "Skog", {"1", "2"}), ([], None, set())],
)
def test_external_and_internal_keys_limit_a_resync(erp, connection, erp_keys, record, written):
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.put(CUSTOMER, "2", CITY="Luleå")
    records = None if record is None else [("company", company(record).id)]
    report = resync("crm", False, by="anna", erp_keys=erp_keys, record_ids=records)
    assert {key for key in ("1", "2") if erp.value(key, "CITY") in ("Bergen", "Umeå")} == written
    assert report.connections[0].to_erp == len(written)


@pytest.mark.parametrize(("keep_blanks", "city"), [(True, "Oslo"), (False, "")])
def test_a_blank_in_the_crm_overwrites_unless_blanks_are_kept(erp, connection, keep_blanks, city):
    edit(company("Fjord"), POSTALCITY=None)
    erp.put(CUSTOMER, "1", CITY="Oslo")
    resync("crm", keep_blanks, by="anna")
    assert erp.value("1", "CITY") == city


def test_an_edit_in_a_field_that_does_not_flow_that_way_is_not_lost(erp, connection):
    edit(company("Fjord"), VATNO="NO9", POSTALCITY="Voss")
    sync_now(None, by="test", record=("contact", 1))  # moves the CRM's mark to the link, and merges nothing
    assert WaitingLink.objects.filter(link__erp_key="1", link__actor_type="Customer").exists()
    resync(connection, False, by="anna")
    assert (company("Fjord").fields["POSTALCITY"], erp.value("1", "VATNO")) == ("Bergen", "NO1")
    sync_now(None, by="test")
    assert erp.value("1", "VATNO") == "NO9"


def test_progress_is_told_and_a_resync_can_be_stopped(erp, connection):
    class Stopping(Progress):
        seen: list[tuple[int, int]]

        def report(self, done, total=0):
            super().report(done, total)
            self.seen.append((done, total))
            if done == 2:
                raise StopRequested

    erp.put(CUSTOMER, "1", CITY="Oslo")
    progress = Stopping()
    progress.seen = []
    report = resync("crm", False, by="anna", progress=progress)
    assert report.stopped
    assert progress.seen[-1] == (2, 3)  # the customers of one page, not the person
    assert erp.value("1", "CITY") == "Bergen"
    assert Run.objects.get(pk=report.run).state == RunState.STOPPED


def test_a_connection_that_is_busy_or_down_is_told_and_holds_up_nobody(erp, second, connection):
    second.put(CUSTOMER, "1", CITY="Voss")
    assert HeldLease(f"connection:{connection.pk}", timezone.now).take()
    report = resync("crm", False, by="anna")
    assert [part.failure.code if part.failure else "" for part in report.connections] == ["busy", ""]
    assert second.value("1", "CITY") == "Bergen"
