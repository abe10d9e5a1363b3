"""What a job of each kind does; its params are described at `brygga.erp.services.jobs.JobKind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from brygga.contract import SearchRestriction
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, Job
from brygga.erp.services import plans
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now

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
    source = params["source"]
    side = source if source == "crm" else _connection(source)
    records = params.get("records")
    chosen = None if records is None else [(kind, record_id) for kind, record_id in records]
    return resync(side, params.get("keep_blanks", False), by, record_ids=chosen, progress=progress)


def _import(params: Params, by: str, progress: Progress) -> RunReport:
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


def _apply(params: Params, by: str, progress: Progress) -> RunReport:
    return apply(plans.get(params["plan"]), by, progress=progress)


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
    JobKind.IMPORT: _import,
    JobKind.APPLY: _apply,
}
