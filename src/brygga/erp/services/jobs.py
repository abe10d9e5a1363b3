"""Jobs: work that runs in the background, shows its progress and can be stopped (behaviour E10).

Here they are started, stopped and looked at; `brygga.jobs.runner` works them off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.erp.engine.lease import HeldLease
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, Job, JobState, Run
from brygga.erp.problems import text_in
from brygga.erp.services.status import changes_of

OPEN = (JobState.WAITING, JobState.RUNNING)
"""The states of a job that is still to come to its end."""


class JobKind(StrEnum):
    """What a job does, and the params that say so; an id stands for the thing.

    sync: `connections`, a list of ids or None for all active ones; `record`, [type, id] or None.
    resync: `source`, "crm" or the id of a connection; `keep_blanks`; `records`, a list of [type, id], or None for all;
    `connections`, the ids of those that are written to, or nothing for all active ones.
    plan-resync: as resync, without `records`; the id of the plan is left in the cursor as `plan`.
    import: `connection`, `actor_type`; what: `everything`, `keys` or `where`, the last a list of
    [field key, operator, values]; `duplicates`, a CRM field key or None; `on_duplicate`. Or `draft`, the id of an
    import whose plan is carried out.
    plan-import: `draft`, `connection`, `actor_type`; `language`, that of list items which the plan would add.
    apply: `plan`. plan-undo: `log`, `record` and `run`, two of them None (see `undo.Undoing`); the id of the plan is
    left in the cursor.
    match: `actor`, the id of an actor mapping; `connection`, `actor_type`. plan-match: the same, and `wins` (see
    `match_plans.Wins`); the id of the plan is left in the cursor. undo-match: `plan`.
    """

    SYNC = "sync"
    RESYNC = "resync"
    PLAN_RESYNC = "plan-resync"
    IMPORT = "import"
    PLAN_IMPORT = "plan-import"
    APPLY = "apply"
    PLAN_UNDO = "plan-undo"
    MATCH = "match"
    PLAN_MATCH = "plan-match"
    UNDO_MATCH = "undo-match"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: changed fields and records, what needs a person, and the reader's text of each failure."""

    changes: int
    attention: int
    failures: tuple[str, ...]


def start(kind: JobKind, params: Mapping[str, Any], by: str) -> Job:
    """Have work done in the background. The same work is not queued twice: a job that is still open is returned."""
    for job in Job.objects.filter(state__in=OPEN, kind=kind, stop=False).order_by("id"):
        if job.params == dict(params):
            return job
    return Job.objects.create(kind=kind, params=dict(params), by=by)


def stop(job: Job) -> None:
    """Ask for the end of a job: it comes between two pages, and at once if nobody is at work on it."""
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(stop=True)
    lease = lease_of(job)
    if lease.take():
        Job.objects.filter(pk=job.pk, state__in=OPEN).update(state=JobState.STOPPED, ended_at=timezone.now())
        lease.release()
    job.refresh_from_db()


def get(job_id: int) -> Job:
    """A job. Raises NotFound."""
    try:
        return Job.objects.select_related("run").get(pk=job_id)
    except Job.DoesNotExist as missing:
        raise NotFound(_("There is no job %(id)s.") % {"id": job_id}) from missing


def unfinished() -> list[Job]:
    """The jobs that wait or run, in the order in which they are worked off."""
    return list(Job.objects.filter(state__in=OPEN).order_by("id"))


def recent(limit: int) -> list[Job]:
    """The jobs that came to their end, the latest first."""
    return list(Job.objects.exclude(state__in=OPEN).select_related("run").order_by("-ended_at", "-id")[:limit])


def outcome(job: Job) -> Outcome:
    """What came of a job so far, over all the runs that it took."""
    runs = Run.objects.filter(pk__in=job.cursor.get("runs", [])).order_by("pk")
    parts = [part for run in runs for part in run.report]
    failures = _failures(parts) or ([text_in(job.problem)] if job.problem else [])
    return Outcome(
        sum(changes_of(part) for part in parts),
        sum(part.get("conflicts", 0) + part.get("failed", 0) for part in parts),
        tuple(dict.fromkeys(failures)),
    )


def _failures(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why connections failed, in the reader's language and with their names in it."""
    failed = [part for part in parts if part.get("failure")]
    found = Connection.objects.in_bulk([part["connection"] for part in failed if part.get("connection")])
    names = {pk: connection.name for pk, connection in found.items()}
    return [f"{names.get(part.get('connection'), part['name'])}: {text_in(part['failure'])}" for part in failed]


def lease_of(job: Job) -> HeldLease:
    """The lease that whoever works on the job holds."""
    return HeldLease(f"job:{job.pk}", timezone.now)
