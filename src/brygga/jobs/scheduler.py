"""Automatic sync inside the server: a thread that runs the engine every interval (behaviour A1, E1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections, connections
from django.db.models import Q
from django.utils import timezone

from brygga.erp.models import SyncSettings
from brygga.erp.services.sync import sync_now

_log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between looks at the settings, which a user may change at any time."""


def run_engine() -> object:
    """One automatic run of all active connections."""
    return sync_now(None, by="scheduler")


class Scheduler:
    """Runs `work` when the settings say that it is time. A run that fails is logged; the next one comes all the same.

    `clock` tells the time; `wait` pauses for some seconds and says whether to stop.
    """

    def __init__(
        self,
        work: Callable[[], object] = run_engine,
        clock: Callable[[], datetime] = timezone.now,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._work = work
        self._clock = clock
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._thread = threading.Thread(target=self._loop, name="brygga-scheduler", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> bool:
        """Ask for the end and wait for the current run, `timeout` seconds at most; say whether it has ended.

        A run that is cut off then does no harm: the next one goes on where it was (behaviour E5).
        """
        self._stopping.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            close_old_connections()  # the database may have ended one of them since the last look
            self.look()
            if self._wait(LOOK_EVERY):
                break
        connections.close_all()

    def look(self) -> bool:
        """Run if it is time, and say whether it was. Never raises: the database, too, may be away for a while."""
        try:
            if not self._claim():
                return False
            self._work()
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
