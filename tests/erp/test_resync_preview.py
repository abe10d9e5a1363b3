"""A resync tried out on some records before it is started, and started as a job (behaviour A14, E9)."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.engine.lease import HeldLease
from brygga.erp.models import Connection, Job, JobState, LogEntry, PlanItem, StoredPlan
from brygga.erp.services import linking, plans, resync_preview
from brygga.erp.services.applying import apply
from brygga.erp.services.resync_preview import preview, start_plan, start_resync
from brygga.jobs import runner
from brygga.jobs.runner import Runner
from brygga.merge import Side

pytestmark = pytest.mark.django_db


@pytest.fixture
def apart(erp: MemoryErp, connection: Connection) -> Connection:
    """Fjord has another city in the ERP than in the CRM."""
    erp.put(ActorType.CUSTOMER, "1", CITY="Oslo")
    return connection


@pytest.mark.parametrize(("source", "old", "new"), [(Side.CRM, "Oslo", "Bergen"), (Side.ERP, "Bergen", "Oslo")])
def test_a_preview_tells_what_would_change_and_changes_nothing(
    source: Side, old: str, new: str, erp: MemoryErp, apart: Connection
) -> None:
    logged = LogEntry.objects.count()
    found = preview(apart, source, False, "eva")
    assert (found.links, found.tried, found.changes, found.failed, found.failures) == (3, 3, 1, 0, [])
    (line,) = found.lines
    target = Side.ERP if source is Side.CRM else Side.CRM
    assert (line.record_name, line.old, line.new, line.target) == ("Fjord", old, new, target)
    assert (erp.value("1", "CITY"), company("Fjord").fields["POSTALCITY"]) == ("Oslo", "Bergen")
    assert LogEntry.objects.count() == logged


def test_a_preview_looks_at_some_records_only(apart: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync_preview, "TRIED", 2)
    found = preview(apart, Side.CRM, False, "eva")
    assert (found.links, found.tried) == (3, 2)


def test_a_blank_is_kept_out_of_the_preview_where_that_is_asked_for(erp: MemoryErp, connection: Connection) -> None:
    edit(company("Fjord"), POSTALCITY="")
    assert preview(connection, Side.CRM, False, "eva").changes == 1
    assert preview(connection, Side.CRM, True, "eva").changes == 0


def test_a_preview_says_why_a_connection_can_not_be_read(connection: Connection) -> None:
    lease = HeldLease(f"connection:{connection.pk}", timezone.now)
    assert lease.take()
    found = preview(connection, Side.CRM, False, "eva")
    assert found.changes == 0
    assert "Another run is at work" in found.failures[0]


def test_a_resync_from_the_crm_is_for_one_connection(erp: MemoryErp, apart: Connection) -> None:
    second = MemoryErp()
    with connectors.use("second", second):
        other = connect_memory("second", both="to_erp", in_="none")
        second.put(ActorType.CUSTOMER, "1", NAME="Fjord", CITY="Bergen")
        linking.connect(other, "company", company("Fjord").id, "Customer", "1", "crm", by="test")
        second.put(ActorType.CUSTOMER, "1", CITY="Voss")
        start_resync(apart, Side.CRM, False, "eva")
        assert Runner().run_next() is not None
    assert Job.objects.get().state == JobState.DONE
    assert (erp.value("1", "CITY"), second.value("1", "CITY")) == ("Bergen", "Voss")


def test_a_resync_from_the_erp_goes_to_the_crm(erp: MemoryErp, apart: Connection) -> None:
    start_resync(apart, Side.ERP, True, "eva")
    start_resync(apart, Side.ERP, True, "eva")
    assert Job.objects.count() == 1
    assert Runner().run_next() is not None
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_a_job_does_not_resync_to_what_was_deactivated_meanwhile(erp: MemoryErp, apart: Connection) -> None:
    start_resync(apart, Side.CRM, False, "eva")
    Connection.objects.update(active=False)
    assert Runner().run_next() is not None
    job = Job.objects.get()
    assert job.state == JobState.FAILED
    assert erp.value("1", "CITY") == "Oslo"


@pytest.mark.parametrize("source", [Side.CRM, Side.ERP])
def test_a_plan_lists_every_change_and_is_applied_as_it_is(source: Side, erp: MemoryErp, apart: Connection) -> None:
    start_plan(apart, source, False, "eva")
    assert Runner().run_next() is not None
    job = Job.objects.get()
    assert job.state == JobState.DONE
    plan = plans.get(job.cursor["at"]["plan"])
    assert plans.counts(plan) == {"waiting": 1}
    assert erp.value("1", "CITY") == "Oslo"
    apply(plan, "eva")
    assert (
        erp.value("1", "CITY") == company("Fjord").fields["POSTALCITY"] == ("Bergen" if source is Side.CRM else "Oslo")
    )


def test_a_plan_that_is_stopped_is_none(apart: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    start_plan(apart, Side.CRM, False, "eva")
    monkeypatch.setattr(runner, "STORE_EVERY", 0)
    stop_at_first_page(monkeypatch)
    assert Runner().run_next() is not None
    assert Job.objects.get().state == JobState.STOPPED
    assert not StoredPlan.objects.exists()


def test_a_plan_that_was_interrupted_is_made_anew(apart: Connection) -> None:
    start_plan(apart, Side.CRM, False, "eva")
    beyond = {f"{apart.pk} {kind}": 10**9 for kind in ("Customer", "Person")}
    Job.objects.update(state=JobState.RUNNING, done=3, cursor={"at": beyond})
    assert Runner().run_next() is not None
    assert PlanItem.objects.count() == 1


def stop_at_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody stops the job while its first page is compared."""
    read = MemoryErp.get_actors

    def reading(*args: object) -> object:
        Job.objects.update(stop=True)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryErp, "get_actors", reading)
