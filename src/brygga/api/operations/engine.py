"""Operations on the engine: how it stands, syncing and resyncing now (behaviour A1, A14, E1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Router

from brygga.api.enums import ResponseStatus
from brygga.api.frame import operation, user_of
from brygga.api.schemas.engine import (
    ChangedData,
    ChangedDataItem,
    ChangeEngineIntervalRequest,
    ChangeEngineStatusRequest,
    ErpSyncEngineStatus,
    ForceResyncBatchTaskRequest,
    ForceResyncExternalNoBlankValuesRequest,
    ForceResyncExternalRequest,
    ForceResyncNoBlankValuesRequest,
    ForceResyncRequest,
    PluginResponse,
)
from brygga.api.schemas.kinds import table_name
from brygga.erp.engine.report import RunReport
from brygga.erp.models import Connection
from brygga.erp.services import automatic, chosen_records, jobs
from brygga.erp.services.changed import changed_records
from brygga.erp.services.chosen_records import RecordRef
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.resync import resync
from brygga.erp.services.status import automatic_sync
from brygga.erp.services.sync import sync_now
from brygga.erp.shown import when

router = Router()

AUTOMATIC_OFF = "automatic_sync_off"
"""The code of a sync that was not begun because automatic sync is off."""


@operation(router, "GetEngineStatus", admin=True)
def get_status(request: HttpRequest) -> ErpSyncEngineStatus:
    """Whether automatic sync is on, when it runs next, and how the last run went."""
    return _status()


@operation(router, "ChangeEngineStatus", admin=True)
def change_status(request: HttpRequest, body: ChangeEngineStatusRequest) -> ErpSyncEngineStatus:
    """Turn automatic sync on, with the next run at once, or off; a run at work goes on to its end."""
    automatic.switch_automatic_sync(body.run)
    return _status()


@operation(router, "ChangeEngineInterval", admin=True)
def change_interval(request: HttpRequest, body: ChangeEngineIntervalRequest) -> None:
    """Set the time between two runs of automatic sync, in whole seconds."""
    automatic.set_interval(round(body.interval.total_seconds()))


@operation(router, "SyncAll", admin=True)
def sync_all(request: HttpRequest) -> PluginResponse:
    """Sync all active connections now, unless automatic sync is off."""
    if not automatic_sync().automatic:
        text = _("Automatic sync is off, so nothing was synced. Turn it on, or sync all the same with ForceSyncAll.")
        return _not_begun(text)
    return _went(sync_now(None, user_of(request).username, by_hand=True))


@operation(router, "ForceSyncAll", admin=True)
def force_sync_all(request: HttpRequest) -> PluginResponse:
    """Sync all active connections now, even if automatic sync is off."""
    return _went(sync_now(None, user_of(request).username, by_hand=True))


@operation(router, "ForceResync", admin=True)
def force_resync(request: HttpRequest, body: ForceResyncRequest) -> PluginResponse:
    """Write all values of a connection, or of the CRM, over those of the others, whatever was agreed before.

    Back up first. The answer comes when it is done; see `ForceResyncBatchTask` for many records.
    """
    return _resync(request, body.erp_connection_id, _internal(body), keep_blanks=False)


@operation(router, "ForceResyncNoBlankValues", admin=True)
def force_resync_no_blanks(request: HttpRequest, body: ForceResyncNoBlankValuesRequest) -> PluginResponse:
    """As `ForceResync`, but a blank never replaces a value."""
    return _resync(request, body.erp_connection_id, _internal(body), keep_blanks=True)


@operation(router, "ForceResyncBatchTask", admin=True)
def force_resync_job(request: HttpRequest, body: ForceResyncBatchTaskRequest) -> None:
    """As `ForceResync`, in the background; the list of jobs shows how far it is. A job that waits is not doubled."""
    source, records = chosen_records.source_of(body.erp_connection_id), _internal(body)
    params = {"source": source.pk if isinstance(source, Connection) else source, "keep_blanks": False}
    if records is not None:
        params["records"] = [list(record) for record in records]
    jobs.start(JobKind.RESYNC, params, user_of(request).username)


@operation(router, "ForceResyncExternal", admin=True)
def force_resync_external(request: HttpRequest, body: ForceResyncExternalRequest) -> PluginResponse:
    """As `ForceResync`, for the records that are linked with these actors.

    With a connection these are its actors, and its values are written; without one they are those of any connection,
    and the CRM's are.
    """
    return _resync(request, body.erp_connection_id, _external(body), keep_blanks=False)


@operation(router, "ForceResyncExternalNoBlankValues", admin=True)
def force_resync_external_no_blanks(
    request: HttpRequest, body: ForceResyncExternalNoBlankValuesRequest
) -> PluginResponse:
    """As `ForceResyncExternal`, but a blank never replaces a value."""
    return _resync(request, body.erp_connection_id, _external(body), keep_blanks=True)


def _internal(body: ForceResyncRequest) -> list[RecordRef] | None:
    """The records named; None means all."""
    return chosen_records.records_of_links(body.internal_key_ids) if body.internal_key_ids else None


def _external(body: ForceResyncExternalRequest) -> list[RecordRef]:
    source = chosen_records.source_of(body.erp_connection_id)
    connection = source if isinstance(source, Connection) else None
    return chosen_records.records_of_actors(connection, body.erp_actor_type, body.external_keys)


def _resync(
    request: HttpRequest, connection_id: int, records: Sequence[RecordRef] | None, keep_blanks: bool
) -> PluginResponse:
    source = chosen_records.source_of(connection_id)
    return _went(resync(source, keep_blanks, user_of(request).username, record_ids=records))


def _status() -> ErpSyncEngineStatus:
    now = automatic_sync()
    return ErpSyncEngineStatus(
        is_running=now.automatic, status_message=_message(), interval=timedelta(seconds=now.interval)
    )


def _message() -> str:
    now, parts = automatic_sync(), []
    parts.append(_("Automatic sync is on.") if now.automatic else _("Automatic sync is off."))
    if now.last_run and now.last_run.ended_at:
        parts.append(_("The last run ended %(at)s.") % {"at": when(now.last_run.ended_at)})
    else:
        parts.append(_("No run yet."))
    if now.next_run_at:
        parts.append(_("The next run begins %(at)s.") % {"at": when(now.next_run_at)})
    return " ".join(parts)


def _not_begun(text: str) -> PluginResponse:
    return PluginResponse(
        is_ok=False,
        user_explanation=text,
        tech_explanation="automatic sync is off",
        error_code=AUTOMATIC_OFF,
        changes=ChangedData(added_records=[], updated_records=[], deleted_records=[]),
        status=ResponseStatus.ERROR,
    )


def _went(report: RunReport) -> PluginResponse:
    status, changed = _status_of(report), changed_records(report.run)
    with translation.override("en"):
        technical = f"run {report.run}: {_in_words(report)}"
    return PluginResponse(
        is_ok=status is not ResponseStatus.ERROR,
        user_explanation=_in_words(report),
        tech_explanation=technical,
        error_code=next((part.failure.code for part in report.connections if part.failure), ""),
        changes=ChangedData(
            added_records=_items(changed.added), updated_records=_items(changed.updated), deleted_records=[]
        ),
        status=status,
    )


def _status_of(report: RunReport) -> ResponseStatus:
    if any(part.failure for part in report.connections):
        return ResponseStatus.ERROR
    if report.failed or report.conflicts:
        return ResponseStatus.WARNING
    return ResponseStatus.OK_WITH_INFO if report.changes else ResponseStatus.OK


def _in_words(report: RunReport) -> str:
    counts = {"changes": report.changes, "failed": report.failed, "conflicts": report.conflicts}
    text = _("%(changes)s changes, %(failed)s failed, %(conflicts)s in conflict.") % counts
    return " ".join([text, *(f"{part.name}: {part.error}" for part in report.connections if part.failure)])


def _items(records: Iterable[RecordRef]) -> list[ChangedDataItem]:
    return [ChangedDataItem(tablename=table_name(kind), record_id=record_id) for kind, record_id in records]
