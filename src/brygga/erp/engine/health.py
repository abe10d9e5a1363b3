"""How a connection fares: pauses that grow while it fails, limits beyond which it stops by itself (behaviour E6, G8).

A connection that fails is left alone by automatic sync for a while, and the others go on. Where going on would do
harm, because very many records fail or have disappeared at once, it is paused until an administrator has looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog

from brygga.erp.engine import marks
from brygga.erp.engine.report import ConnectionReport
from brygga.erp.models import Connection, SyncSettings
from brygga.erp.problems import Problem, restored

log = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
"""How long automatic sync leaves a connection alone after a failure; the pause doubles with each further one."""


class Remedy(StrEnum):
    """What to do next about a problem: try again, wait for something else, ask a person, stop the connection."""

    REPEAT = "repeat"
    WAIT = "wait"
    ASK = "ask"
    STOP = "stop"


_WAIT = frozenset({"unknown_item", "no_company_link", "busy", "erp_gone"})
_STOP = frozenset({"many_failed", "many_gone", "call_not_authorised"})
_ASK = frozenset(
    {
        "too_long", "not_a_number", "not_a_date", "not_a_checkbox", "fraction", "would_lose_digits", "would_lose_time",
        "mandatory_blank", "no_conversion", "conflict", "crm_deleted", "two_actors", "moved_in_erp", "moved_in_crm",
        "create_in_doubt", "several_same", "linked_already", "linked", "no_connector", "unknown_address",
        "bad_address", "unprotected_address", "unknown_application",
    }
)  # fmt: skip


def remedy_of(code: str) -> Remedy:
    """The class of a problem, by its code; what nobody knows better is repeated."""
    for remedy, codes in ((Remedy.WAIT, _WAIT), (Remedy.STOP, _STOP), (Remedy.ASK, _ASK)):
        if code in codes:
            return remedy
    return Remedy.REPEAT


def pause_after(failures: int) -> timedelta:
    """How long automatic sync leaves a connection alone after so many failures in a row."""
    return min(FIRST_PAUSE * 2 ** min(failures - 1, 12), LONGEST_PAUSE)


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether automatic sync may run this connection: it is not paused, and its pause after a failure is over."""
    return not connection.paused and (connection.retry_at is None or connection.retry_at <= now)


def paused_by(connection: Connection) -> Problem | None:
    """Why the connection is paused, as it stands in the database now; None if it is not."""
    stored = Connection.objects.filter(pk=connection.pk).values_list("paused", flat=True).first()
    return restored(stored) if stored else None


def pause(connection: Connection, problem: Problem, now: datetime) -> None:
    """Stop sync of a connection until an administrator lets it go on; one that is paused keeps its reason."""
    paused = {**problem.stored(), "since": now.isoformat()}
    if Connection.objects.filter(pk=connection.pk, paused={}).update(paused=paused):
        log.warning("connection paused", connection=connection.name, reason=problem.code, params=problem.params)


def after_run(connection: Connection, report: ConnectionReport, failed: int, now: datetime) -> None:
    """Remember how a run ended. Too many records that `failed` are a failure of the connection, which pauses it.

    Those that are missing in the ERP are not among them: they have a limit of their own.
    """
    limit = SyncSettings.load().failed_limit
    if report.failure is None and failed > limit:
        report.failure = Problem("many_failed", {"failed": failed, "limit": limit})
        pause(connection, report.failure, now)
    before = Connection.objects.filter(pk=connection.pk).values("failure", "failures").get()
    failures = before["failures"] + 1 if report.failure else 0
    Connection.objects.filter(pk=connection.pk).update(
        last_run_at=now,
        failure=_dated(report.failure, before["failure"], now) if report.failure else {},
        failures=failures,
        retry_at=now + pause_after(failures) if failures else None,
    )
    if before["failures"] and not failures:  # what the ERP refused in a bad hour may be welcome now
        marks.retry_failed(connection.pk)


def _dated(failure: Problem, before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {**failure.stored(), "since": before.get("since") or now.isoformat()}


def too_many_gone(looked: int, gone: int) -> Problem | None:
    """The problem if so many of the records that were looked for can hardly have been deleted one by one."""
    settings = SyncSettings.load()
    if gone > settings.gone_limit and gone * 100 > settings.gone_share * looked:
        return Problem("many_gone", {"gone": gone, "looked": looked})
    return None
