"""Undo: set values back from the log, of one entry, a record or a run, by a plan like any other (behaviour E9, G2).

A value is set back only where its side still has what was written. What the sides have agreed on moves along, so that
nothing echoes or flows until somebody edits again. An undo is logged, and can be undone itself.

A plan is made part by part, each of so many records: only the ids of the records are ever in memory all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.batch import chunks
from brygga.erp.engine.approved import UNDONE, agreed_by, refuse
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import SAVE_BATCH
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, LogEntry, PlanItem, PlanOutcome, Run, StoredPlan
from brygga.erp.problems import Problem, refusal_text
from brygga.erp.services import plans
from brygga.erp.services.applying import apply
from brygga.erp.services.candidates import IMPORT
from brygga.erp.services.standing import Standing
from brygga.erp.services.sync import Clock
from brygga.merge import Side

CREATED = "created"
"""The rule of a value with which an actor was created."""

_FIRST_VERSION = 1
"""The version of a record that nobody has changed since it was created."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What to undo: a log entry, a record's (type, id), or a run's. Exactly one of them is given."""

    log_id: int | None = None
    record: tuple[str, int] | None = None
    run_id: int | None = None

    def entries(self) -> QuerySet[LogEntry]:
        """The log entries concerned, newest first. Raises NotFound where there is no such entry or run."""
        entries = LogEntry.objects.order_by("-id")
        if self.log_id is not None:
            return _known(entries.filter(pk=self.log_id), _("There is no log entry %(id)s."), self.log_id)
        if self.record is not None:
            return entries.filter(record_type=self.record[0], record_id=self.record[1])
        _known(Run.objects.filter(pk=self.run_id), _("There is no run %(id)s."), self.run_id)
        return entries.filter(run_id=self.run_id)

    def is_more_than(self, number: int) -> bool:
        """Whether more log entries than this are concerned. Raises NotFound."""
        return self.entries()[: number + 1].count() > number

    def params(self) -> dict[str, Any]:
        """What was asked for, as JSON."""
        return {"log": self.log_id, "record": self.record and [*self.record], "run": self.run_id}

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Undoing:
        """What `params` gave."""
        record = params["record"]
        return cls(params["log"], record and (record[0], record[1]), params["run"])


@dataclass(slots=True)
class _Chain:
    """What was written to a field, several times perhaps: the last entry, and the value before all of them."""

    last: LogEntry
    old: Any
    ends: bool = False

    def go_back(self, entry: LogEntry) -> None:
        """Take in the entry before; where somebody else has been in between, the chain begins after that."""
        self.ends = self.ends or entry.new != self.old
        if not self.ends:
            self.old = entry.old


def undo(
    what: Undoing, by: str, dry_run: bool = False, clock: Clock = timezone.now, progress: Progress | None = None
) -> RunReport:
    """Set back what can be set back. What was left out, and why, is among the problems of the report.

    A dry run writes nothing and tells what an undo would do. Raises NotFound for an unknown entry or run, Refused where
    no connection can be read, StopRequested while the plan is made.
    """
    progress = progress or Progress()
    if not dry_run:
        return apply(make_undo_plan(what, by, clock, progress), by, clock, progress)
    report = RunReport(dry_run=True)
    items = [item for part in _foreseen(what, report, clock, progress) for item in part]
    plans.check_read(report)
    parts = {part.connection: part for part in report.connections if not part.failure}
    for item in (item for item in items if item.connection_id in parts):
        if item.outcome == PlanOutcome.WAITING:
            report.planned += plans.shown(item)
        elif item.outcome == PlanOutcome.MOVED:
            plans.note_left_out(item, parts[item.connection_id])
    return report


def make_undo_plan(what: Undoing, by: str, clock: Clock = timezone.now, progress: Progress | None = None) -> StoredPlan:
    """Plan an undo. Entries that can't be undone are items too, refused from the start with the reason.

    `progress` is told of the records dealt with. Raises NotFound for an unknown entry or run, Refused where no
    connection can be read, and StopRequested: half a plan is none. Nor is there half a connection in it: of one that
    failed on the way, the plan has nothing.
    """
    report = RunReport(dry_run=True)
    with plans.being_made("undo", by, what.params()) as plan:
        for items in _foreseen(what, report, clock, progress or Progress()):
            plans.add_items(plan, items)
        plans.check_read(report)
        failed = [part.connection for part in report.connections if part.failure]
        plan.items.filter(connection__in=failed).delete()
        plans.note_report(plan, report)
    return plan


def _foreseen(what: Undoing, report: RunReport, clock: Clock, progress: Progress) -> Iterator[list[PlanItem]]:
    """The items, part by part. Failures of connections are in the report."""
    entries, standing = what.entries(), Standing(report, clock, progress)
    connections = Connection.objects.select_related("connector").in_bulk()
    records = list(entries.values_list("record_type", "record_id").order_by("record_type", "record_id").distinct())
    progress.expect(len(records))
    for record_type, of_type in groupby(records, key=itemgetter(0)):
        for ids in chunks((record_id for _type, record_id in of_type), SAVE_BATCH):
            part = [*entries.filter(record_type=record_type, record_id__in=ids)]
            for entry in part:
                entry.connection = connections[entry.connection_id]
            yield _items(what, [entry for entry in part if not refusal_text(entry.rule)], standing)
            progress.advance(len(ids))


def _items(what: Undoing, entries: Sequence[LogEntry], standing: Standing) -> list[PlanItem]:
    standing.read(entries)
    whole = () if what.log_id is not None else (IMPORT,)
    imported = [entry for entry in entries if entry.rule in whole]
    created = [entry for entry in entries if entry.rule == CREATED]
    values = [entry for entry in entries if entry.rule not in (CREATED, *whole)]
    kept = [_left_out(entry, Problem("undo_created")) for entry in created]
    if what.run_id is None:
        kept += [_left_out(entry, Problem("undo_imported", {"run": entry.run_id})) for entry in imported]
        imported = []
    return [*_set_back(values, standing), *_delete(imported, standing), *kept]


def _set_back(entries: Iterable[LogEntry], standing: Standing) -> Iterator[PlanItem]:
    """An item per field: the ERP's first, so that the CRM's find the ERP as these leave it."""
    chains: dict[tuple[Any, ...], _Chain] = {}
    for entry in entries:
        place = _place(entry)
        if place in chains:
            chains[place].go_back(entry)
        else:
            chains[place] = _Chain(entry, entry.old)
    changed = [chain for chain in chains.values() if chain.old != chain.last.new]
    for chain in sorted(changed, key=_turn):
        if standing.was_read(chain.last):
            yield _item(chain, standing)


def _place(entry: LogEntry) -> tuple[Any, ...]:
    """The field that was written: one of the CRM may have been fed by several connections."""
    if entry.target == Side.CRM:
        return entry.record_type, entry.record_id, entry.crm_field
    return entry.connection_id, entry.actor_type, entry.erp_key, entry.erp_field


def _turn(chain: _Chain) -> tuple[Any, ...]:
    last = chain.last
    return last.target == Side.CRM, last.connection.priority, last.connection_id, last.actor_type, last.record_id


def _item(chain: _Chain, standing: Standing) -> PlanItem:
    item = _of(chain.last, new=chain.old)
    problem = standing.obstacle(chain.last, chain.old)
    if problem:
        refuse(item, problem)
        return item
    crm, erp = standing.values(chain.last)
    item.old, item.other = (crm, erp) if item.side == Side.CRM else (erp, crm)
    item.base = standing.base(chain.last)
    if item.old != chain.last.new:
        refuse(item, Problem("undo_changed_since"))
    else:
        standing.will_be(chain.last, chain.old, agreed_by(item))
    return item


def _delete(imported: Iterable[LogEntry], standing: Standing) -> Iterator[PlanItem]:
    """An item per record that an import created; those that were changed since are left as they are."""
    made: dict[tuple[int, int], list[LogEntry]] = {}
    for entry in imported:
        made.setdefault((entry.connection_id, entry.record_id), []).append(entry)
    used = {
        record_type: standing.in_use(record_type, [e[0].record_id for e in made.values()])
        for record_type in {e[0].record_type for e in made.values()}
    }
    for entries in made.values():
        if standing.was_read(entries[0]):
            yield _deletion(entries, standing, used[entries[0].record_type])


def _deletion(entries: list[LogEntry], standing: Standing, used: set[int]) -> PlanItem:
    entry = entries[0]
    item = _of(entry, erp_field="", crm_field="", old={e.crm_field: e.new for e in entries})
    snapshot = standing.record(entry)
    if standing.link(entry) is None:
        refuse(item, Problem("plan_not_linked"))
    elif snapshot is None or snapshot.deleted:
        refuse(item, Problem("crm_deleted"))
    elif snapshot.version != _FIRST_VERSION:
        refuse(item, Problem("undo_changed_since"))
    elif entry.record_id in used:
        refuse(item, Problem("undo_in_use"))
    item.other = snapshot.version if snapshot else None
    return item


def _left_out(entry: LogEntry, problem: Problem) -> PlanItem:
    item = _of(entry, old=entry.new, new=entry.old)
    refuse(item, problem)
    return item


def _of(entry: LogEntry, **values: Any) -> PlanItem:
    copied = ("connection_id", "record_type", "record_id", "actor_type", "erp_key", "erp_field", "crm_field")
    of_entry = {name: getattr(entry, name) for name in copied}
    return PlanItem(**{**of_entry, "side": entry.target, "old": entry.new, "rule": UNDONE, **values})


def _known(found: QuerySet[Any], text: str, number: int | None) -> QuerySet[Any]:
    if not found.exists():
        raise NotFound(text % {"id": number})
    return found
