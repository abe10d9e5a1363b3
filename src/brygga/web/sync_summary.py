"""Whether and when sync runs by itself, in words (behaviour A1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.models import Run
from brygga.erp.services.status import automatic_sync, changes_of, sync_at_work
from brygga.web.shown import when


def summary() -> dict[str, Any]:
    """What the head of the Sync tab shows."""
    status = automatic_sync()
    return {
        "status": status,
        "every": _every(status.interval),
        "last_run": _last_run(status.last_run),
        "next_run": _next_run(status.next_run_at),
        "running": sync_at_work(),
    }


def _next_run(at: datetime | None) -> str:
    """When the next run begins, in words; empty where none will."""
    if at is None:
        return ""
    seconds = (at - timezone.now()).total_seconds()
    if seconds <= 0:
        return _("The next run is due.")
    return _("Next run in %(seconds)s s.") % {"seconds": round(seconds)}


def _every(seconds: int) -> str:
    if seconds % 60:
        return ngettext("Every %(n)s second.", "Every %(n)s seconds.", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("Every minute.", "Every %(n)s minutes.", minutes) % {"n": minutes}


def _last_run(run: Run | None) -> str:
    if run is None or run.ended_at is None:
        return _("No run yet.")
    changes = sum(changes_of(part) for part in run.report)
    text = ngettext(
        "Last run %(at)s, %(count)s change in %(seconds)s s.",
        "Last run %(at)s, %(count)s changes in %(seconds)s s.",
        changes,
    )
    seconds = number_format((run.ended_at - run.started_at).total_seconds(), decimal_pos=1)
    return text % {"at": when(run.ended_at), "count": changes, "seconds": seconds}
