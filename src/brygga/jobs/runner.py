"""Works off jobs: one at a time, whoever holds the job's lease, from where its cursor says (behaviour E10)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models.functions import Coalesce
from django.utils import timezone

from brygga.erp.engine.lease import HeldLease, LeaseLost
from brygga.erp.engine.progress import StopRequested
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import BryggaError, Refused
from brygga.erp.models import Job, JobState
from brygga.erp.problems import Problem
from brygga.erp.services.interrupted import close_interrupted_runs
from brygga.erp.services.jobs import OPEN, lease_of
from brygga.jobs.kinds import carry_out
from brygga.jobs.loop import Loop, UntilStopped

_log = structlog.get_logger(__name__)

STORE_EVERY = 0.5
"""Seconds between two writes of how far a job has come; as often it learns that somebody stopped it."""

PATIENCE = 60.0
"""Seconds that a job waits for somebody else's work on its connection, such as an automatic sync, to end."""

TRIES = 5
"""How often a job is begun, without getting further, when the server or the database goes down each time."""

TIDY_EVERY = 60.0
"""Seconds between looks for runs that a crash has cut off."""


class End(Enum):
    """Why a job was asked to end before its end."""

    STOPPED = auto()  # by a person
    PAUSED = auto()  # because the server stops; the job goes on at its next start
    LOST = auto()  # because another server has taken the job over


class JobProgress(UntilStopped):
    """Progress that is stored with the job, and ends it where somebody has stopped it.

    `runs` are the earlier runs of a job that was interrupted, `tries` how often it has begun since it last got further.
    What has a cursor goes on counting where it was; other work begins anew and passes quickly over what is done.
    """

    def __init__(
        self, job: Job, lease: HeldLease, stopping: threading.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stopping)
        self.cursor = dict(job.cursor.get("at", {}))
        self.done = job.done if self.cursor else 0
        self.runs: list[int | None] = list(job.cursor.get("runs", []))
        self.tries: int = job.cursor.get("tries", 0) + 1
        self.end: End | None = None
        self._job = job
        self._lease = lease
        self._clock = clock
        self._store_at = clock()
        self._patient_until: float | None = None

    def report(self, done: int, total: int = 0) -> None:
        """Store how far the job has come, twice a second at most. Raises StopRequested."""
        self._patient_until = None
        self._tell(done, total)

    def wait(self) -> bool:
        """Wait a moment, in all PATIENCE seconds at most. Raises StopRequested."""
        now = self._clock()
        self._patient_until = self._patient_until or now + PATIENCE
        if now >= self._patient_until:
            return False
        self._tell(self.done, self.total)
        self._stopping.wait(STORE_EVERY)
        return True

    def _tell(self, done: int, total: int) -> None:
        try:
            super().report(done, total)
        except StopRequested:
            self.end = End.PAUSED
            raise
        if self._clock() >= self._store_at:
            self._store_at = self._clock() + STORE_EVERY
            self._store()

    def _store(self) -> None:
        try:
            self._lease.renew()
        except LeaseLost as lost:
            self.end = End.LOST
            raise StopRequested from lost
        if not Job.objects.filter(pk=self._job.pk, stop=False).update(**self.stored()):
            self.end = End.STOPPED
            raise StopRequested

    def stored(self) -> dict[str, Any]:
        """The columns of the job that say how far it has come."""
        if self.done > self._job.done or self.end is End.PAUSED:
            self.tries = 0
        cursor = {"at": self.cursor, "runs": self.runs, "tries": self.tries}
        return {"done": self.done, "total": self.total, "cursor": cursor}


class Runner(Loop):
    """Runs the jobs that wait, and those that a stop of a server has interrupted, the oldest first."""

    def __init__(self, wait: Callable[[float], bool] | None = None, name: str = "brygga-jobs") -> None:
        super().__init__(name, wait)
        self._tidy_at = 0.0

    def look(self) -> bool:
        """Run one job, if there is one, and say whether there was. Never raises: the database may be away."""
        try:
            return self.run_next() is not None
        except Exception:
            _log.exception("job_runner_failed")
            return False

    def run_next(self) -> Job | None:
        """Run the oldest job that nobody else works on; None if there is none."""
        claimed = self._claim()
        if claimed is None:
            self._tidy()
            return None
        job, lease = claimed
        try:
            with lease.kept_alive():
                self._run(job, lease)
        finally:
            lease.release()
        job.refresh_from_db()
        return job

    def _claim(self) -> tuple[Job, HeldLease] | None:
        """The next job with its lease. It may have ended, or been stopped, before the lease was ours."""
        for job in Job.objects.filter(state__in=OPEN).order_by("id"):
            lease = lease_of(job)
            if not lease.take():
                continue
            still_open = Job.objects.filter(pk=job.pk, state__in=OPEN)
            if still_open.update(state=JobState.RUNNING, started_at=Coalesce("started_at", timezone.now())):
                job.refresh_from_db()
                return job, lease
            lease.release()
        return None

    def _tidy(self) -> None:
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_EVERY
            close_interrupted_runs()

    def _run(self, job: Job, lease: HeldLease) -> None:
        progress = JobProgress(job, lease, self.stopping)
        report, problem = None, None
        try:
            progress.advance(0)  # somebody may have stopped it while nobody ran it
            if progress.tries > TRIES:
                raise Refused(Problem("job_given_up"))
            report = carry_out(job, progress)
        except StopRequested:
            pass
        except (OperationalError, InterfaceError) as gone:
            _log.warning("job_interrupted", job=job.pk, kind=job.kind, reason=str(gone))
            close_old_connections()
            return
        except BryggaError as failed:
            problem = failed.problem
            _log.warning("job_failed", job=job.pk, kind=job.kind, technical=failed.technical or str(failed))
        except Exception:
            problem = Problem("job_failed")
            _log.exception("job_failed", job=job.pk, kind=job.kind)
        if progress.end is not End.LOST:
            Job.objects.filter(pk=job.pk).update(**_ended(progress, report, problem))


def _ended(progress: JobProgress, report: RunReport | None, problem: Problem | None) -> dict[str, Any]:
    """What to store of a job that is not worked on any more, for now or for good."""
    stopped = report.stopped if report else problem is None
    if report:
        progress.runs.append(report.run)
        problem = next((part.failure for part in report.connections if part.failure), None)
    come = progress.stored() | ({"run_id": report.run} if report else {})
    if stopped and progress.end is End.PAUSED:
        return come
    state = JobState.STOPPED if stopped else JobState.FAILED if problem else JobState.DONE
    return come | {"state": state, "ended_at": timezone.now(), "problem": problem.stored() if problem else {}}
