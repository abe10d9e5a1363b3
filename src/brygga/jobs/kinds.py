"""What a job of each kind does; its params are described at `brygga.erp.services.jobs.JobKind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from brygga.contract import SearchRestriction
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, Job, StoredPlan
from brygga.erp.services import import_drafts, matching, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, make_undo_plan

Params: TypeAlias = Mapping[str, Any]


def carry_out(job: Job, progress: Progress) -> RunReport:
    """Do a job's work, from where its cursor says. Raises NotFound for what is gone, and what the service raises."""
    return _KINDS[JobKind(job.kind)](job.params, job.by, progress)


def _sync(params: Params, by: str, progress: Progress) -> RunReport:
    ids, record = params.get("connections"), params.get("record")
    chosen = None if ids is None else [_active(_connection(id_)) for id_ in ids]
    only = (record[0], record[1]) if record else None
    return sync_now(chosen, by, record=only, by_hand=True, progress=progress)


def _resync(params: Params, by: str, progress: Progress) -> RunReport:
    records = params.get("records")
    chosen = None if records is None else [(kind, record_id) for kind, record_id in records]
    side, targets = _ends_of_resync(params)
    keep_blanks = params.get("keep_blanks", False)
    return resync(side, keep_blanks, by, connections=targets, record_ids=chosen, progress=progress)


def _plan_resync(params: Params, by: str, progress: Progress) -> RunReport:
    side, targets = _ends_of_resync(params)
    _begin_anew(progress)
    return _planned(
        plans.make_resync_plan(side, params["keep_blanks"], by, connections=targets, progress=progress), progress
    )


def _begin_anew(progress: Progress) -> None:
    """A plan is made in one go: one that was interrupted is begun from the start."""
    progress.cursor.clear()
    progress.done = 0


def _planned(plan: StoredPlan, progress: Progress) -> RunReport:
    """The end of a job that made a plan: its id is left in the cursor."""
    progress.cursor["plan"] = plan.pk
    return RunReport(dry_run=True, plan=plan.pk)


def _ends_of_resync(params: Params) -> tuple[str | Connection, list[Connection] | None]:
    """Where the values come from, and the connections they are written to; None for all active ones."""
    source, ids = params["source"], params.get("connections")
    targets = None if ids is None else [_active(_connection(id_)) for id_ in ids]
    return source if source == "crm" else _connection(source), targets


def _import(params: Params, by: str, progress: Progress) -> RunReport:
    if "draft" in params:
        return import_drafts.carry_out(import_drafts.get(params["draft"]), by, progress)
    selection = Selection(
        params.get("everything", False),
        params.get("keys", ()),
        [SearchRestriction(*line) for line in params.get("where", ())],
    )
    return import_actors(
        _connection(params["connection"]),
        params["actor_type"],
        selection,
        params.get("duplicates"),
        params.get("on_duplicate", "skip"),
        by,
        progress=progress,
    )


def _plan_import(params: Params, by: str, progress: Progress) -> RunReport:
    return import_drafts.make_preview(import_drafts.get(params["draft"]), by, progress, params["language"])


def _apply(params: Params, by: str, progress: Progress) -> RunReport:
    return apply(plans.get(params["plan"]), by, progress=progress)


def _plan_undo(params: Params, by: str, progress: Progress) -> RunReport:
    _begin_anew(progress)
    return _planned(make_undo_plan(Undoing.of(params), by, progress=progress), progress)


def _match(params: Params, by: str, progress: Progress) -> RunReport:
    return matching.carry_out(params["actor"], progress)


def _plan_match(params: Params, by: str, progress: Progress) -> RunReport:
    return matching.carry_out_plan(params["actor"], params["wins"], by, progress)


def _undo_match(params: Params, by: str, progress: Progress) -> RunReport:
    return matching.carry_out_undo(params["plan"], by, progress)


def _active(connection: Connection) -> Connection:
    if not connection.active:
        raise Refused(_("The ERP connection of this job is not active any more."))
    return connection


def _connection(connection_id: int) -> Connection:
    found = Connection.objects.filter(pk=connection_id, deleted=False).select_related("connector").first()
    if found is None:
        raise NotFound(_("The ERP connection of this job has been deleted."))
    return found


_KINDS: Mapping[JobKind, Callable[[Params, str, Progress], RunReport]] = {
    JobKind.SYNC: _sync,
    JobKind.RESYNC: _resync,
    JobKind.PLAN_RESYNC: _plan_resync,
    JobKind.IMPORT: _import,
    JobKind.PLAN_IMPORT: _plan_import,
    JobKind.APPLY: _apply,
    JobKind.PLAN_UNDO: _plan_undo,
    JobKind.MATCH: _match,
    JobKind.PLAN_MATCH: _plan_match,
    JobKind.UNDO_MATCH: _undo_match,
}
