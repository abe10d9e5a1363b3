"""Automatic sync inside the server: a thread that runs the engine every interval (behaviour A1, E1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from brygga.erp.engine.progress import Progress
from brygga.erp.models import SyncSettings
from brygga.erp.services.sync import due_connections, sync_now
from brygga.jobs.loop import Loop, UntilStopped

_log = structlog.get_logger(__name__)


def run_engine(progress: Progress | None = None) -> object:
    """One automatic run of the active connections; those that are paused or rest after a failure are left alone."""
    return sync_now(due_connections(), by="scheduler", progress=progress)


class Scheduler(Loop):
    """Runs `work` when the settings say that it is time. A run that fails is logged; the next one comes all the same.

    `clock` tells the time; `wait` pauses for some seconds and says whether to stop. The progress given to `work`
    raises StopRequested when the server stops.
    """

    def __init__(
        self,
        work: Callable[[Progress], object] = run_engine,
        clock: Callable[[], datetime] = timezone.now,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        super().__init__("brygga-scheduler", wait)
        self._work = work
        self._clock = clock

    def look(self) -> bool:
        """Run if it is time, and say whether it was. Never raises: the database, too, may be away for a while."""
        try:
            if not self._claim():
                return False
            self._work(UntilStopped(self.stopping))
        except Exception:
            _log.exception("scheduled_run_failed")
            return False
        return True

    def _claim(self) -> bool:
        """Whether it is time and this process, of several, is the one to run. The next run is set at once."""
        settings, now = SyncSettings.load(), self._clock()
        if not settings.automatic or (settings.next_run_at is not None and settings.next_run_at > now):
            return False
        due = Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
        mine = SyncSettings.objects.filter(due, pk=settings.pk, automatic=True)
        return bool(mine.update(next_run_at=now + timedelta(seconds=settings.interval)))
