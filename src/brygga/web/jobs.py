"""Jobs as they are shown: what each does, how far it is, and what came of it, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.models import Connection, Job, JobState
from brygga.erp.services import jobs
from brygga.erp.services.interrupted import held_leases
from brygga.erp.services.jobs import JobKind, Outcome, outcome
from brygga.erp.services.status import automatic_sync, sync_at_work
from brygga.web.shown import when

_SOON = 5
"""Seconds until a page asks again after a run that is due."""

_LONG = timedelta(seconds=15)
"""A job that has waited longer is told why."""

_RECENT = 3
"""Ended jobs that are listed."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job on a screen: `text` says how far it is or what came of it.

    `is_endless` says that it is at work and nobody knows how much there is to do; else `done` of `total` are done.
    `plan_url` leads to the plan that came of it, if one did.

    `seen` is a short code for the job and how it stands: a page that shows another one has news to tell.
    """

    id: int
    title: str
    by: str
    is_open: bool
    seen: str
    colour: str
    state_text: str
    text: str
    failures: Sequence[str]
    done: int
    total: int
    is_endless: bool
    stopping: bool
    ended: str
    plan_url: str

    @property
    def said(self) -> str:
        """What a screen reader is told when the job has come to this state."""
        came = [] if self.is_open else [self.text, *self.failures]
        return " ".join([f"{self.title}: {self.state_text}.", *came])


def job_context(seen: str = "") -> dict[str, Any]:
    """What the part of a page with jobs shows; `news` is what differs from `seen`, the states that it shows already.

    `at_work` says whether to ask again in a moment; else `ask_in` is in how many seconds there may be news, or 0.
    """
    views, known = _views([*jobs.unfinished(), *jobs.recent(_RECENT)]), set(seen.split())
    unfinished = [view for view in views if view.is_open]
    sync = automatic_sync()
    running = sync_at_work()
    run = f"run-{sync.last_run.pk if sync.last_run else 0}-{'on' if running else 'off'}"
    news = [view.said for view in views if view.seen not in known]
    if run not in known and not news:
        news = [_("A sync has begun.") if running else _("A sync has ended.")]
    return {
        "unfinished": unfinished,
        "ended": [view for view in views if not view.is_open],
        "seen": " ".join(["-", run, *(view.seen for view in views)]),
        "news": news if seen else [],
        "at_work": bool(unfinished) or running,
        "ask_in": _seconds_to(sync.next_run_at),
    }


def _seconds_to(next_run_at: datetime | None) -> int:
    """In how many seconds a run that begins then can be seen; soon, where it is due; 0 for no run."""
    if next_run_at is None:
        return 0
    return max(_SOON, math.ceil((next_run_at - timezone.now()).total_seconds()) + 1)


def job_view(job: Job) -> JobView:
    """One job as it stands."""
    return _views([job])[0]


def _views(found: Sequence[Job]) -> list[JobView]:
    if not found:
        return []
    names = {connection.pk: connection.name for connection in Connection.objects.all()}
    held = held_leases()
    return [_view(job, names, f"job:{job.pk}" in held) for job in found]


def _view(job: Job, names: dict[int, str], is_held: bool) -> JobView:
    is_open = job.state in (JobState.WAITING, JobState.RUNNING)
    came = Outcome(0, 0, ()) if is_open else outcome(job)
    code, colour, state_text = _open_state(job, is_held) if is_open else _end_state(job, came)
    return JobView(
        job.pk,
        _title(job, names),
        job.by,
        is_open,
        f"{job.pk}-{code}",
        colour,
        state_text,
        _so_far(job, code) if is_open else _("The plan is ready.") if _plan_url(job) else _result(came),
        came.failures,
        min(job.done, job.total),
        job.total or 1,
        not job.total and code in ("running", "stopping"),
        job.stop,
        when(job.ended_at) if job.ended_at else "",
        _plan_url(job),
    )


def _plan_url(job: Job) -> str:
    """Where the plan is that a job has made; empty where it has made none."""
    plan = job.cursor.get("at", {}).get("plan")
    return reverse("web:sync_plan", args=[plan]) if plan else ""


def _title(job: Job, names: dict[int, str]) -> str:
    params: dict[str, Any] = job.params
    if job.kind in (JobKind.IMPORT, JobKind.PLAN_IMPORT):
        shown = {"actor": params["actor_type"], "connection": names.get(params["connection"], "")}
        planning, importing = (
            _("Preview of %(actor)s from %(connection)s"),
            _("Import of %(actor)s from %(connection)s"),
        )
        return (planning if job.kind == JobKind.PLAN_IMPORT else importing) % shown
    if job.kind in (JobKind.MATCH, JobKind.PLAN_MATCH):
        shown = {"actor": params["actor_type"], "connection": names.get(params["connection"], "")}
        title = _("Match records: %(actor)s from %(connection)s") % shown
        return title if job.kind == JobKind.MATCH else _("Plan for: %(job)s") % {"job": title}
    if job.kind == JobKind.UNDO_MATCH:
        return _("Disconnect what plan %(number)s connected") % {"number": params["plan"]}
    if job.kind == JobKind.RESYNC:
        return _resync_title(params, names)
    if job.kind == JobKind.PLAN_RESYNC:
        return _("Plan for: %(job)s") % {"job": _resync_title(params, names)}
    if job.kind == JobKind.PLAN_UNDO:
        undo = _("Undo of run %(number)s") % {"number": params["run"]} if params["run"] else _("Undo")
        return _("Plan for: %(job)s") % {"job": undo}
    if job.kind == JobKind.APPLY:
        return _("Plan %(number)s") % {"number": params["plan"]}
    if params.get("connections") is None:
        return _("Sync")
    chosen = ", ".join(names.get(id_, "") for id_ in params["connections"])
    return _("Sync with %(connections)s") % {"connections": chosen}


def _resync_title(params: dict[str, Any], names: dict[int, str]) -> str:
    source = names.get(params["source"], _("CRM"))
    if not params.get("connections"):
        return _("Resync from %(source)s") % {"source": source}
    targets = ", ".join(names.get(id_, "") for id_ in params["connections"])
    return _("Resync from %(source)s to %(targets)s") % {"source": source, "targets": targets}


def _open_state(job: Job, is_held: bool) -> tuple[str, str, str]:
    if job.state == JobState.WAITING:
        return "waiting", "off", _("Waiting")
    if not is_held:
        return "interrupted", "warn", _("Interrupted")
    if job.stop:
        return "stopping", "warn", _("Stopping")
    return "running", "info", _("Running")


def _end_state(job: Job, came: Outcome) -> tuple[str, str, str]:
    if job.state == JobState.FAILED:
        return "failed", "bad", _("Failed")
    if job.state == JobState.STOPPED:
        return "stopped", "warn", _("Stopped")
    return "done", "warn" if came.attention else "ok", _("Done")


def _so_far(job: Job, code: str) -> str:
    if code == "waiting":
        return _long_wait() if job.created_at < timezone.now() - _LONG else _("It begins in a moment.")
    if code == "interrupted":
        return _("The server that ran it has stopped. It goes on where it was when one runs again.")
    if code == "stopping":
        return _("It ends after the page it is at. What is done stays done.")
    done, total = (number_format(count, force_grouping=True) for count in (job.done, job.total))
    if job.total:
        return _("%(done)s of %(total)s records.") % {"done": done, "total": total}
    return ngettext("%(n)s record so far.", "%(n)s records so far.", job.done) % {"n": done}


def _long_wait() -> str:
    return _(
        "Other jobs go first, or no server works off jobs. Start one with “brygga serve”, or do the work with "
        "“brygga job run”."
    )


def _result(came: Outcome) -> str:
    count = number_format(came.changes, force_grouping=True)
    text = ngettext("%(n)s change.", "%(n)s changes.", came.changes) % {"n": count}
    if came.attention:
        needs = ngettext("%(n)s needs attention.", "%(n)s need attention.", came.attention)
        text += " " + needs % {"n": number_format(came.attention, force_grouping=True)}
    return text
