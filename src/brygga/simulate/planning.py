"""Planning, carrying out plans, undoing; and whether what was carried out is what was planned (I7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import sending
from brygga.erp.models import Link, LogEntry, PlanItem, PlanOutcome, Sending, StoredPlan
from brygga.erp.problems import refusal_text
from brygga.erp.services import importing, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.undo import Undoing, make_undo_plan
from brygga.simulate import scene, steps
from brygga.simulate.doing import do
from brygga.simulate.erp import canonical
from brygga.simulate.operating import record_of, refusals_heeded
from brygga.simulate.people import BY
from brygga.simulate.steps import CRM
from brygga.simulate.world import Undone, World


@do.register
def _plan(step: steps.Plan, world: World) -> None:
    before = _written(world)
    with world.troubled(step), refusals_heeded():
        plan = _planned(step.of, world)
        if plan is not None:
            world.plans[step.number] = plan.pk
    if not step.meanwhile and _written(world) != before:
        world.happened.wrong.append(f"I7: {step} has written something")


@do.register
def _apply(step: steps.Apply, world: World) -> None:
    if step.number in world.plans:
        plan = plans.get(world.plans[step.number])
        waiting = [item.pk for item in plans.items(plan) if item.outcome == PlanOutcome.WAITING]
        if step.without is not None and waiting:
            plans.uncheck([waiting[step.without % len(waiting)]])
        _carry_out(plan, step, world)


@do.register
def _undo(step: steps.Undo, world: World) -> None:
    plan = None
    with refusals_heeded():
        plan = _planned(step, world)
    if plan is not None:
        _carry_out(plan, step, world)


def _planned(step: steps.Sync | steps.Resync | steps.Import | steps.Undo, world: World) -> StoredPlan | None:
    """The plan of what a step would do; None if it makes no sense."""
    clock = world.machine.now
    if isinstance(step, steps.Undo):
        what = _undoing(step)
        return make_undo_plan(what, BY, clock=clock) if what else None
    if isinstance(step, steps.Import):
        if step.erp not in world.erps:
            return None
        connection, actor_type = scene.connection_of(step.erp), str(scene.ACTOR_TYPES[step.type])
        choices = (step.duplicates, step.on_duplicate, BY)
        everything = importing.Selection(everything=True)
        return plans.make_import_plan(connection, actor_type, everything, *choices, clock=clock)
    record = None if step.record is None else record_of(step.record, world)
    if step.record is not None and record is None:
        return None
    if isinstance(step, steps.Sync):
        return plans.make_sync_plan(None, BY, record, clock=clock)
    source = step.source if step.source == CRM else scene.connection_of(step.source)
    return plans.make_resync_plan(source, step.keep_blanks, BY, record_ids=[record] if record else None, clock=clock)


def _undoing(step: steps.Undo) -> Undoing | None:
    lines = LogEntry.objects.order_by("-id")[step.back : step.back + 1]
    line = next(iter(lines), None)
    if line is None:
        return None
    if step.what == "field":
        return Undoing(log_id=line.pk)
    if step.what == "record":
        return Undoing(record=(line.record_type, line.record_id))
    return Undoing(run_id=line.run.pk)


def _carry_out(plan: StoredPlan, step: steps.Apply | steps.Undo, world: World) -> None:
    before = Standing(world, plan)
    started = world.latest_log()
    with world.troubled(step), refusals_heeded():
        apply(plan, BY, world.machine.now)
    plan.refresh_from_db()
    items = list(plans.items(plan).select_related("connection__connector"))
    lines = list(LogEntry.objects.filter(run=plan.run).select_related("connection").order_by("id")) if plan.run else []
    wrong = [*_beyond(items, lines), *_unproven(items, lines)]
    if not step.meanwhile:
        wrong += before.overrun(items, [line for line in lines if line.pk > started])
    world.happened.wrong += [f"I7: {step}: {what}" for what in wrong]
    _part_deleted(items, world)
    if plan.kind == "undo":
        world.happened.undone += before.at_rest(items, started, world)


def _beyond(items: Iterable[PlanItem], lines: Iterable[LogEntry]) -> Iterator[str]:
    """What the run of a plan wrote and the plan does not have."""
    planned = {asked for item in items if item.outcome != PlanOutcome.UNCHECKED for asked in _asked(item)}
    for line in lines:
        known = line.rule == "created" or refusal_text(line.rule)  # a create was asked for earlier, and not answered
        if not known and _of_line(line) not in planned:
            yield f"{line.record_type} {line.record_id}, {line.target} {line.crm_field}: {line.new!r} was not planned"


def _unproven(items: Iterable[PlanItem], lines: Iterable[LogEntry]) -> Iterator[str]:
    """What is said to be done, and the log does not have."""
    logged = {_of_line(line) for line in lines}
    for item in items:
        if item.outcome == PlanOutcome.DONE and not set(_asked(item)) <= logged:
            yield f"{item.record_type} {item.record_id}, {item.crm_field}: done, and not in the log"


_Asked = tuple[Any, ...]


def _asked(item: PlanItem) -> Iterator[_Asked]:
    """The log lines that an item stands for: one for a value, and one per value of a record to create or delete."""
    place = (item.connection.pk, item.record_type, item.erp_key)
    if item.erp_field:
        yield (*place, item.side, item.crm_field, item.old, item.new)
    elif item.rule == "import":
        yield from ((*place, CRM, field, None, value) for field, value in item.new.items())
    elif item.old:
        yield from ((*place, CRM, field, value, None) for field, value in item.old.items())


def _of_line(line: LogEntry) -> _Asked:
    place = (line.connection.pk, line.record_type, line.erp_key)
    return (*place, line.target, line.crm_field, line.old, line.new)


def _part_deleted(items: Iterable[PlanItem], world: World) -> None:
    """An undone import has removed links."""
    for item in items:
        if item.outcome == PlanOutcome.DONE and not item.erp_field and item.rule == "undone":
            world.happened.parted.add((item.connection.connector.name, item.erp_key, item.record_id))


def _written(world: World) -> tuple[object, ...]:
    """Grows with whatever is written to either side."""
    return (world.latest_log(), *(len(erp.written) + len(erp.created) for erp in world.erps.values()))


@dataclass(frozen=True, slots=True)
class _Field:
    """A mapped field of a link: what both sides hold, what was agreed, whether an answer is missing."""

    link: int
    crm: Any
    erp: Any
    base: list[Any] | None
    sent: dict[str, Any] | None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is on its way."""
        return self.base == [self.crm, self.erp] and not self.sent


class Standing:
    """How the fields of a plan's records stand before it is carried out."""

    def __init__(self, world: World, plan: StoredPlan) -> None:
        self._plan = plan
        places = {(item.record_type, item.record_id) for item in plans.items(plan) if item.record_id is not None}
        self._fields: dict[tuple[int, str, int, str], _Field] = {}
        self._crm_fields: dict[tuple[str, int, str], list[_Field]] = {}
        ids = {kind: [id_ for of, id_ in places if of == kind] for kind, _id in places}
        for kind, of_kind in ids.items():
            self._read(world, RecordType(kind), of_kind)

    def _read(self, world: World, kind: RecordType, ids: list[int]) -> None:
        snapshots = crm_side().read(kind, ids, scene.CRM_KEYS[kind])
        links = Link.objects.filter(record_type=kind, record_id__in=ids).select_related("connection__connector")
        on_its_way = sending.lost(Sending.objects.all())
        for link in links:
            name = link.connection.connector.name
            actor = world.erps[name].actors.get(link.erp_key)
            for erp_field, (crm_field, _way) in scene.mapped(name, kind).items() if actor else ():
                crm = snapshots[link.record_id].values[crm_field]
                erp = canonical(erp_field, actor.fields[erp_field]) if actor else None
                found = _Field(link.pk, crm, erp, link.base.get(erp_field), link.sent or on_its_way.get(link.pk))
                self._fields[link.connection.pk, kind, link.record_id, erp_field] = found
                self._crm_fields.setdefault((kind, link.record_id, crm_field), []).append(found)

    def overrun(self, items: Iterable[PlanItem], lines: Iterable[LogEntry]) -> Iterator[str]:
        """Items that were written though something had moved since they were planned."""
        written = {_of_line(line): line for line in lines}
        touched: set[tuple[Any, ...]] = set()
        for item in items:
            place = (item.record_type, item.record_id, item.crm_field)
            line = next((written[asked] for asked in _asked(item) if asked in written), None)
            found = self._fields.get((item.connection.pk, item.record_type, item.record_id, item.erp_field))
            if line and item.erp_field and place not in touched and found and self._has_moved(item, found):
                yield f"{item.record_type} {item.record_id}, {item.crm_field} was written though it had moved"
            if line:
                touched.add(place)

    def _has_moved(self, item: PlanItem, found: _Field) -> bool:
        if found.sent:
            return False  # what was sent and not answered for may have arrived, and is no edit then
        now = (found.crm, found.erp) if item.side == CRM else (found.erp, found.crm)
        return (*now, found.base) != (item.old, item.other, item.base)

    def at_rest(self, items: Iterable[PlanItem], started: int, world: World) -> Iterator[Undone]:
        """The fields in which something was undone while nothing was on its way."""
        done = [item for item in items if item.outcome == PlanOutcome.DONE and item.erp_field]
        for place in {(item.record_type, item.record_id, item.crm_field) for item in done}:
            fields = self._crm_fields.get(place, [])
            if fields and all(field.is_quiet for field in fields):
                links = frozenset(field.link for field in fields)
                yield Undone(RecordType(place[0]), place[1], place[2], links, started, world.latest_log())
