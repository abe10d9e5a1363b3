"""How a connection fares: growing pauses, limits that pause it, and going on again (behaviour E6, G8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.configuration import apply, diff, export
from brygga.erp.engine import health
from brygga.erp.engine.health import Remedy, remedy_of
from brygga.erp.engine.lease import HeldLease
from brygga.erp.errors import InvalidConfiguration, Refused
from brygga.erp.models import Connection, Lease, Link, LinkState, Run, RunState, SyncSettings
from brygga.erp.problems import TEXTS, Problem
from brygga.erp.services.health import resume
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.resync import resync
from brygga.erp.services.status import ConnectionState, connection_states
from brygga.erp.services.sync import due_connections, sync_now
from brygga.jobs.scheduler import run_engine

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def limits() -> SyncSettings:
    """Limits that a handful of records passes."""
    settings = SyncSettings.load()
    settings.failed_limit, settings.gone_limit, settings.gone_share = 2, 2, 50
    settings.save()
    return settings


@pytest.fixture
def many(erp, connection) -> Connection:
    """Six more customers, A to F."""
    for key in "ABCDEF":
        erp.put(CUSTOMER, key, NAME=key, CITY="Oslo")
    assert import_actors(connection, "Customer", Selection(keys=list("ABCDEF")), by="test").failed == 0
    sync_now(None, by="test")
    return connection


def vanish(erp: MemoryErp, keys: str) -> None:
    """Actors disappear from the ERP, and their companies are edited, so that they are looked for."""
    for key in keys:
        del erp.actors[CUSTOMER, key]
        edit(company(key), POSTALCITY="Bergen")


def states() -> dict[str, str]:
    return dict(Link.objects.filter(actor_type="Customer").values_list("erp_key", "state"))


def test_pauses_double_up_to_an_hour():
    seconds = [health.pause_after(failures).total_seconds() for failures in (1, 2, 3, 7, 8, 100)]
    assert seconds == [30, 60, 120, 1920, 3600, 3600]


def test_every_problem_has_a_class_and_only_known_ones_do():
    named = health._ASK | health._WAIT | health._STOP
    assert named <= set(TEXTS)
    assert not health._ASK & health._WAIT | health._ASK & health._STOP | health._WAIT & health._STOP
    assert (remedy_of("unknown_item"), remedy_of("conflict")) == (Remedy.WAIT, Remedy.ASK)
    assert (remedy_of("many_gone"), remedy_of("call_unreachable")) == (Remedy.STOP, Remedy.REPEAT)


def test_a_failing_connection_rests_longer_each_time_and_a_good_run_ends_that(erp, connection, now):
    erp.down = "Closed."
    for failures, pause in ((1, 30), (2, 60), (3, 120)):
        sync_now(None, by="test", clock=lambda: now)
        connection.refresh_from_db()
        assert (connection.failures, connection.retry_at) == (failures, now + timedelta(seconds=pause))
    began = connection.failure["since"]
    assert began == now.isoformat()

    erp.down = ""
    sync_now(None, by="test", clock=lambda: now)
    connection.refresh_from_db()
    assert (connection.failures, connection.retry_at, connection.failure) == (0, None, {})


def test_automatic_sync_leaves_a_failing_connection_alone_and_goes_on_with_the_others(erp, connection):
    second = MemoryErp()
    with connectors.use("second", second):
        other = connect_memory("second", both="to_erp", in_="to_erp")
        erp.down = "Closed."
        run_engine()
        erp.calls.clear()
        second.calls.clear()

        report = run_engine()

        assert [part.connection for part in report.connections] == [other.pk]
        assert erp.calls == []
        assert second.calls != []
        assert report.failed == 0
        later = timezone.now() + timedelta(minutes=1)
        assert {c.pk for c in due_connections(lambda: later)} == {connection.pk, other.pk}


def test_a_sync_by_hand_does_not_wait_for_the_pause(erp, connection):
    erp.down = "Closed."
    sync_now(None, by="test")
    erp.down = ""
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert sync_now(None, by="anna", by_hand=True).failed == 0
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_an_erp_that_is_back_is_asked_again_for_what_it_refused(erp, connection):
    erp.refuses = {"1"}
    edit(company("Fjord"), NAME="Fjord AS")
    sync_now(None, by="test")
    erp.down = "Closed."
    sync_now(None, by="test")
    erp.down, erp.refuses = "", set()

    sync_now(None, by="test")  # is back
    sync_now(None, by="test")

    assert erp.value("1", "NAME") == "Fjord AS"
    assert set(states().values()) == {"ok"}


def test_too_many_failures_pause_the_connection(erp, many, limits):
    erp.refuses = set("ABC")
    for key in "ABC":
        edit(company(key), POSTALCITY="Bergen")

    report = sync_now(None, by="test")

    assert report.connections[0].failure == Problem("many_failed", {"failed": 3, "limit": 2})
    connection = Connection.objects.get()
    assert connection.paused["code"] == "many_failed"
    assert not due_connections()
    assert Run.objects.get(pk=report.run).state == RunState.FAILED


def test_as_many_failures_as_the_limit_do_not(erp, many, limits):
    erp.refuses = set("AB")
    for key in "AB":
        edit(company(key), POSTALCITY="Bergen")
    assert sync_now(None, by="test").failed == 2
    assert Connection.objects.get().paused == {}


def test_a_paused_connection_is_refused_with_the_reason_until_it_goes_on(erp, connection, now):
    health.pause(connection, Problem("many_failed", {"failed": 7, "limit": 2}), now)
    health.pause(connection, Problem("many_gone", {"gone": 7, "looked": 9}), now)  # it keeps its first reason
    erp.put(CUSTOMER, "1", CITY="Oslo")
    erp.calls.clear()

    refused = sync_now(None, by="anna", by_hand=True)
    one = sync_now([connection], by="anna", record=("company", company("Fjord").id))

    assert [r.connections[0].failure.code for r in (refused, one)] == ["many_failed", "many_failed"]
    assert "7 records failed" in refused.connections[0].error
    assert resync("crm", False, "anna").failed == 1
    assert erp.calls == []
    assert run_engine().connections == []

    assert resume(connection, "anna") is None
    assert sync_now(None, by="test").failed == 0
    assert company("Fjord").fields["POSTALCITY"] == "Oslo"


def test_only_a_paused_connection_goes_on(connection):
    with pytest.raises(Refused, match="memory"):
        resume(connection, "anna")


def test_a_connection_that_is_not_let_in_stops_at_once(erp, connection, monkeypatch, now):
    def refuse(*args: object) -> None:
        raise Refused(Problem("call_not_authorised"))

    monkeypatch.setattr(connectors, "call", refuse)
    sync_now(None, by="test")
    assert Connection.objects.get().paused["code"] == "call_not_authorised"


def test_a_mass_disappearance_marks_nothing_and_pauses(erp, many, limits):
    vanish(erp, "ABC")
    edit(company("D"), POSTALCITY="Bergen")

    report = sync_now(None, by="test")

    assert report.connections[0].failure == Problem("many_gone", {"gone": 3, "looked": 4})
    assert "3 of the 4 records" in report.connections[0].error
    assert set(states().values()) == {"ok"}
    assert erp.value("D", "CITY") == "Bergen"  # the others are not held up
    assert Connection.objects.get().paused["code"] == "many_gone"


@pytest.mark.parametrize(
    ("gone", "changed"),
    [("AB", ""), ("ABC", "DEF")],
    ids=["no more than the limit", "no more than the share"],
)
def test_a_few_that_disappear_are_marked(erp, many, limits, gone, changed):
    vanish(erp, gone)
    for key in changed:
        edit(company(key), POSTALCITY="Bergen")
    assert sync_now(None, by="test").failed == len(gone)
    assert {key for key, state in states().items() if state == LinkState.GONE} == set(gone)
    assert Connection.objects.get().paused == {}


def test_those_known_to_be_gone_do_not_count_again(erp, many, limits, now):
    vanish(erp, "AB")
    sync_now(None, by="test", clock=lambda: now)
    vanish(erp, "C")
    later = now + timedelta(hours=1)
    report = sync_now(None, by="test", clock=lambda: later)
    assert report.connections[0].failure is None
    assert states()["C"] == LinkState.GONE


def test_a_resync_has_the_brake_too(erp, many, limits):
    for key in "ABCDEF":
        del erp.actors[CUSTOMER, key]
    report = resync("crm", False, "anna")
    assert report.connections[0].failure == Problem("many_gone", {"gone": 6, "looked": 9})
    assert set(states().values()) == {"ok"}
    assert Connection.objects.get().paused["code"] == "many_gone"


def test_after_a_mass_disappearance_those_that_are_back_go_on(erp, many, limits):
    lost = {key: erp.actors[CUSTOMER, key] for key in "ABC"}
    vanish(erp, "ABC")
    sync_now(None, by="test")
    erp.actors |= {(CUSTOMER, key): actor for key, actor in lost.items()}

    resume(many, "anna")

    assert sync_now(None, by="test").failed == 0
    assert erp.value("A", "CITY") == "Bergen"


def test_those_that_are_still_missing_pause_it_again_unless_that_is_accepted(erp, many, limits):
    for key in "ABCDEF":
        del erp.actors[CUSTOMER, key]
    resync("crm", False, "anna")
    resume(many, "anna")
    assert sync_now(None, by="test").connections[0].failure.code == "many_gone"

    report = resume(Connection.objects.get(), "anna", accept_gone=True)

    assert report is not None
    assert {key for key, state in states().items() if state == LinkState.GONE} == set("ABCDEF")
    assert Connection.objects.get().paused == {}


def test_a_dry_run_neither_pauses_nor_is_paused(erp, many, limits, now):
    vanish(erp, "ABC")
    assert sync_now(None, by="test", dry_run=True).connections[0].failure is None
    assert Connection.objects.get().paused == {}
    health.pause(many, Problem("many_failed", {"failed": 7, "limit": 2}), now)
    erp.put(CUSTOMER, "1", CITY="Oslo")
    assert sync_now(None, by="test", dry_run=True).changes == 1


def test_a_lease_that_is_lost_is_no_failure_of_the_connection(erp, connection, now):
    def take_over(operation: str) -> None:
        Lease.objects.update(owner="somebody else")

    erp.before = take_over
    assert sync_now(None, by="test", clock=lambda: now).connections[0].failure == Problem("lease_lost")
    connection.refresh_from_db()
    assert (connection.failures, connection.failure) == (0, {})


def test_the_status_tells_that_a_connection_is_paused_and_why(connection, now):
    health.pause(connection, Problem("many_failed", {"failed": 7, "limit": 2}), now)
    (status,) = connection_states()
    assert status.state == ConnectionState.FAILED
    assert "7 records failed" in status.failure


def test_the_limits_are_configured_exported_and_checked(connection):
    apply("sync: {failed_limit: 7, gone_limit: 3, gone_share: 25}")
    settings = SyncSettings.load()
    assert (settings.failed_limit, settings.gone_limit, settings.gone_share) == (7, 3, 25)
    assert diff(export()) == []
    assert "gone_share: 25" in export()
    with pytest.raises(InvalidConfiguration, match="0 to 100"):
        apply("sync: {gone_share: 101}")


def test_what_another_engine_is_at_work_on_is_no_failure(connection, now):
    other = HeldLease(f"connection:{connection.pk}", timezone.now)
    assert other.take()
    assert sync_now(None, by="test").connections[0].failure == Problem("busy")
    connection.refresh_from_db()
    assert (connection.failures, connection.failure) == (0, {})
