"""The plan of a long undo: made part by part, told of, stopped, and never half there (behaviour G2, E10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory
from tests.erp.test_jobs import StopAfter

from brygga.contract import ActorType
from brygga.erp import connectors
from brygga.erp.engine.progress import Progress, StopRequested
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, LogEntry, PlanItem, PlanState, StoredPlan
from brygga.erp.services import linking, plans
from brygga.erp.services import undo as undoing
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, make_undo_plan, undo

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "SAVE_BATCH", 2)


@pytest.fixture
def run(erp: MemoryErp, connection: Connection) -> int:
    """A run that changed five companies, in three parts."""
    for key in range(3, 6):
        erp.put(CUSTOMER, str(key), NAME=f"Company {key}", CITY="Bergen")
    import_actors(connection, "Customer", Selection(everything=True), by="test")
    for key in range(1, 6):
        erp.put(CUSTOMER, str(key), CITY="Oslo")
    made = sync_now(None, by="test").run
    assert made is not None
    return made


@pytest.fixture
def second(run: int) -> Iterator[MemoryErp]:
    """Another ERP, to which three of the companies went in the run that is the latest now."""
    other = MemoryErp()
    with connectors.use("second", other):
        there = connect_memory("second", both="to_erp", in_="none")
        for name in ("Fjord", "Company 3", "Company 5"):
            linking.create_in_erp(there, "company", company(name).id, "Customer", {}, by="test")
        yield other


def changed_again(erp: MemoryErp) -> int:
    for key in range(1, 6):
        erp.put(CUSTOMER, str(key), CITY="Voss")
    made = sync_now(None, by="test").run
    assert made is not None
    assert LogEntry.objects.filter(run_id=made).values("connection").distinct().count() == 2
    return made


def test_a_plan_in_parts_is_whole(erp: MemoryErp, run: int) -> None:
    progress = StopAfter(99)
    plan = make_undo_plan(Undoing(run_id=run), "anna", progress=progress)
    assert plan.state == PlanState.OPEN
    assert sorted(item.erp_key for item in plans.items(plan)) == ["1", "2", "3", "4", "5"]
    steps = list(dict.fromkeys(progress.told))
    assert steps == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert apply(plan, "anna").changes == 5
    assert company("Company 5").fields["POSTALCITY"] == "Bergen"


def test_each_part_reads_only_its_own_actors(erp: MemoryErp, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    get_actors = MemoryErp.get_actors

    def counted(self: MemoryErp, guid: str, actor_type: ActorType, keys: list[str], fields: list[str]) -> object:
        asked.append(len(keys))
        return get_actors(self, guid, actor_type, keys, fields)

    monkeypatch.setattr(MemoryErp, "get_actors", counted)
    make_undo_plan(Undoing(run_id=run), "anna")
    assert asked == [2, 2, 1]


def test_a_dry_run_in_parts_tells_the_same_as_its_plan(erp: MemoryErp, run: int) -> None:
    told = undo(Undoing(run_id=run), "anna", dry_run=True)
    planned = plans.report_of(make_undo_plan(Undoing(run_id=run), "anna"))
    assert told.as_json()["planned"] == planned.as_json()["planned"]
    assert len(told.planned) == 5


def test_a_plan_that_is_stopped_on_the_way_leaves_nothing(run: int) -> None:
    with pytest.raises(StopRequested):
        make_undo_plan(Undoing(run_id=run), "anna", progress=StopAfter(2))
    assert not StoredPlan.objects.exists()
    assert not PlanItem.objects.exists()


def test_of_an_erp_that_goes_down_on_the_way_the_plan_has_nothing(erp: MemoryErp, second: MemoryErp) -> None:
    run = changed_again(erp)

    def tired(operation: str) -> None:
        if operation == "get_actors" and second.count("get_actors") > before + 1:
            second.down = "Closed."

    before, second.before = second.count("get_actors"), tired
    plan = make_undo_plan(Undoing(run_id=run), "anna", progress=Progress())
    assert {item.connection.name for item in plans.items(plan)} == {"memory"}
    assert plan.items.count() == 5
    assert [part.error for part in plans.parts_of(plan) if part.failure] == ["Closed."]
    assert second.count("get_actors") == before + 2  # it is not asked again for the parts that follow

    second.down, before = "", second.count("get_actors")
    told = undo(Undoing(run_id=run), "anna", dry_run=True)
    assert len(told.planned) == 5


def test_where_no_erp_can_be_read_there_is_no_plan(erp: MemoryErp, run: int) -> None:
    erp.down = "Closed."
    with pytest.raises(Refused, match="Closed"):
        make_undo_plan(Undoing(run_id=run), "anna")
    assert not StoredPlan.objects.exists()


def test_more_entries_than_a_number_are_told_without_reading_them(run: int) -> None:
    assert Undoing(run_id=run).is_more_than(4)
    assert not Undoing(run_id=run).is_more_than(5)
    assert Undoing.of(Undoing(record=("company", 7)).params()) == Undoing(record=("company", 7))
