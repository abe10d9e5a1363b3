"""Plans: made from a dry run, stored, looked at, and carried out as they are (behaviour G1); see `applying`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.erp.engine.progress import Progress, StopRequested
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, PlanItem, PlanOutcome, PlanState, StoredPlan
from brygga.erp.services.candidates import IMPORT
from brygga.erp.services.import_preview import ImportPlanWriter
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.plan_items import item_of
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import Clock, sync_now
from brygga.erp.services.unknown_items import LEFT_BLANK, UnknownItems

_ROWS = 1000
_LONG = timedelta(days=1)
"""No plan takes so long to make."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in the list of plans: how many items it has, by outcome."""

    plan: StoredPlan
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All items, whatever became of them."""
        return sum(self.counts.values())


def make_sync_plan(
    connections: Sequence[Connection] | None,
    by: str,
    record: tuple[str, int] | None = None,
    progress: Progress | None = None,
    clock: Clock = timezone.now,
) -> StoredPlan:
    """Plan what a sync would write now; see `sync.sync_now`. Raises Refused where no connection can be read."""
    report = sync_now(connections, by, dry_run=True, record=record, clock=clock, progress=progress)
    ids = None if connections is None else [connection.pk for connection in connections]
    return _stored("sync", by, {"connections": ids, "record": record and [str(record[0]), record[1]]}, report)


def make_resync_plan(
    source: str | Connection,
    keep_blanks: bool,
    by: str,
    *,
    connections: Sequence[Connection] | None = None,
    erp_keys: Sequence[str] | None = None,
    record_ids: Sequence[tuple[str, int]] | None = None,
    progress: Progress | None = None,
    clock: Clock = timezone.now,
) -> StoredPlan:
    """Plan what a resync would write now; see `resync.resync`.

    Raises Refused where no connection can be read, and StopRequested: half a plan is none.
    """
    report = resync(
        source, keep_blanks, by, True,
        connections=connections, erp_keys=erp_keys, record_ids=record_ids, progress=progress, clock=clock,
    )  # fmt: skip
    if report.stopped:
        raise StopRequested
    params = {
        "source": source.pk if isinstance(source, Connection) else source,
        "keep_blanks": keep_blanks,
        "connections": None if connections is None else [connection.pk for connection in connections],
        "erp_keys": None if erp_keys is None else list(erp_keys),
        "records": None if record_ids is None else [[str(kind), id_] for kind, id_ in record_ids],
    }
    return _stored("resync", by, params, report)


def make_import_plan(
    connection: Connection,
    actor_type: str,
    selection: Selection,
    duplicates: str | None = None,
    on_duplicate: str = "skip",
    by: str = "",
    progress: Progress | None = None,
    unknown_items: UnknownItems = LEFT_BLANK,
    clock: Clock = timezone.now,
) -> StoredPlan:
    """Plan an import: an item for each record to create, and one per field of those to fill; see `import_actors`.

    What was chosen by key and is left out is an item too, skipped, with the reason. The plan is stored page by page.
    `new_items` in its params are the texts of the list items that it would add, by CRM field key and ERP item. Raises
    Refused and NotFound as that does, and Refused where the ERP can't be read, StopRequested.
    """
    params = {
        "connection": connection.pk,
        "actor_type": actor_type,
        "duplicates": duplicates,
        "on_duplicate": on_duplicate,
        "unknown_items": unknown_items.params(),
    }
    with being_made("import", by, params) as plan:
        writer = ImportPlanWriter(plan, connection, actor_type, selection.keys)
        what = (connection, actor_type, selection, duplicates, on_duplicate, by, True, progress, unknown_items)
        report = import_actors(*what, on_page=writer, clock=clock)
        if report.stopped:
            raise StopRequested
        check_read(report)
        writer.end()
        note_report(plan, report)
        plan.params["new_items"] = unknown_items.foreseen
    return plan


@contextmanager
def being_made(kind: str, by: str, params: Mapping[str, Any]) -> Iterator[StoredPlan]:
    """A plan that is written page by page, and open at the end. If that is not reached, nothing is left of it."""
    _forget_half_made()
    plan = StoredPlan.objects.create(kind=kind, by=by, params=dict(params), state=PlanState.MAKING)
    try:
        yield plan
        plan.state = PlanState.OPEN
        plan.save(update_fields=["params", "state"])
    except BaseException:
        plan.delete()
        raise


def note_report(plan: StoredPlan, report: RunReport) -> None:
    """Keep with a plan, as `report` in its params, what could not be planned and why."""
    plan.params["report"] = [part.stored() for part in report.connections]


def _forget_half_made() -> None:
    """Delete plans that a crash left half made."""
    StoredPlan.objects.filter(state=PlanState.MAKING, created_at__lt=timezone.now() - _LONG).delete()


def report_of(plan: StoredPlan) -> RunReport:
    """The dry run from which a plan was made, with all that is planned."""
    parts = [ConnectionReport.restored(part) for part in plan.params["report"]]
    kept = items(plan).exclude(outcome=PlanOutcome.SKIPPED)
    planned = [line for item in kept.iterator(chunk_size=_ROWS) for line in shown(item)]
    return RunReport(connections=parts, planned=planned, dry_run=True, plan=plan.pk)


def parts_of(plan: StoredPlan) -> list[ConnectionReport]:
    """What the dry run found per connection; one with a `failure` could not be planned."""
    return [ConnectionReport.restored(part) for part in plan.params["report"]]


def creates(item: PlanItem) -> bool:
    """Whether an item stands for a whole record that is to be created."""
    return item.rule == IMPORT and not item.erp_field


def shown(item: PlanItem) -> Iterator[dict[str, Any]]:
    """An item as a dry run tells it: a record that would be created has a line per value."""
    head = {"side": item.side, "type": item.record_type, "id": item.record_id, "erp_key": item.erp_key}
    if creates(item):
        for field, value in item.new.items():
            yield {**head, "field": field, "old": None, "new": value, "rule": item.rule}
    else:
        yield {**head, "field": item.crm_field, "old": item.old, "new": item.new, "rule": item.rule}


def note_left_out(item: PlanItem, report: ConnectionReport) -> None:
    """Tell in a report that an item was left out, and why."""
    report.failed += 1
    place = {"type": item.record_type, "id": item.record_id, "erp_key": item.erp_key, "field": item.erp_field}
    report.problems.append({**place, **item.problem})


def get(plan_id: int) -> StoredPlan:
    """A plan. Raises NotFound."""
    try:
        return StoredPlan.objects.get(pk=plan_id)
    except StoredPlan.DoesNotExist as missing:
        raise NotFound(_("There is no plan %(id)s.") % {"id": plan_id}) from missing


def items(plan: StoredPlan) -> QuerySet[PlanItem]:
    """The items of a plan, in the order in which they are carried out."""
    return plan.items.select_related("connection").order_by("id")


def plans(limit: int = 100, start: int = 0) -> list[PlanLine]:
    """The newest plans, from place `start` on, with the number of their items by outcome."""
    newest = list(StoredPlan.objects.order_by("-id").defer("params")[start : start + limit])
    counted = PlanItem.objects.filter(plan__in=newest).values_list("plan", "outcome").annotate(Count("id"))
    counts: dict[int, dict[str, int]] = {}
    for plan_id, outcome, number in counted.order_by():
        counts.setdefault(plan_id, {})[outcome] = number
    return [PlanLine(plan, counts.get(plan.pk, {})) for plan in newest]


def counts(plan: StoredPlan) -> dict[str, int]:
    """How many items of a plan have which outcome."""
    return dict(plan.items.order_by().values_list("outcome").annotate(Count("id")))


def uncheck(item_ids: Iterable[int]) -> int:
    """Leave items out of plans that are still open; returns how many."""
    return _turn(item_ids, PlanOutcome.WAITING, PlanOutcome.UNCHECKED)


def check(item_ids: Iterable[int]) -> int:
    """Take items in again that were left out of open plans; returns how many."""
    return _turn(item_ids, PlanOutcome.UNCHECKED, PlanOutcome.WAITING)


def turn_all(plan: StoredPlan, checked: bool) -> int:
    """Take all items of an open plan in, or leave all of them out; returns how many were turned."""
    before, after = PlanOutcome.WAITING, PlanOutcome.UNCHECKED
    if checked:
        before, after = after, before
    return PlanItem.objects.filter(plan=plan, plan__state=PlanState.OPEN, outcome=before).update(outcome=after)


def drop(plan: StoredPlan) -> None:
    """Give a plan up. Raises Refused for one that has been carried out, or is being."""
    if not StoredPlan.objects.filter(pk=plan.pk, state=PlanState.OPEN).update(state=PlanState.DROPPED):
        raise Refused(_("Plan %(id)s is not open any more.") % {"id": plan.pk})
    plan.refresh_from_db()


def _turn(item_ids: Iterable[int], before: PlanOutcome, after: PlanOutcome) -> int:
    chosen = PlanItem.objects.filter(pk__in=list(item_ids), plan__state=PlanState.OPEN, outcome=before)
    return chosen.update(outcome=after)


@transaction.atomic
def _stored(kind: str, by: str, params: Mapping[str, Any], report: RunReport) -> StoredPlan:
    """A plan with all items of a dry run; what could not be planned, and why, is kept with it."""
    check_read(report)
    plan = StoredPlan(kind=kind, by=by, params=dict(params))
    note_report(plan, report)
    plan.save()
    add_items(plan, [item_of(entry) for entry in report.planned])
    return plan


def add_items(plan: StoredPlan, planned: Sequence[PlanItem]) -> None:
    """Add items to a plan that is being made."""
    for item in planned:
        item.plan = plan
    PlanItem.objects.bulk_create(planned, batch_size=_ROWS)


def check_read(report: RunReport) -> None:
    """Raises Refused where no connection could be read."""
    failures = [part.failure for part in report.connections if part.failure]
    if failures and len(failures) == len(report.connections):
        raise Refused(failures[0])
