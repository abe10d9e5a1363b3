"""A thread that looks again and again whether there is something to do."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from django.db import close_old_connections, connections

from brygga.erp.engine.progress import Progress, StopRequested

LOOK_EVERY = 1.0
"""Seconds between looks: users change settings and start jobs at any time."""


class Loop(ABC):
    """Calls `look` in a thread of its own until it is stopped; what it works on then is asked to end, too.

    `wait` pauses for some seconds and says whether to stop.
    """

    def __init__(self, name: str, wait: Callable[[float], bool] | None = None) -> None:
        self.stopping = threading.Event()
        self._wait = wait or self.stopping.wait
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    @abstractmethod
    def look(self) -> bool:
        """Do what is due, and say whether there was something. Never raises."""

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask for the end and do not wait for it."""
        self.stopping.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Ask for the end and wait for the current work, `timeout` seconds at most; say whether it has ended.

        Work that is cut off then does no harm: it goes on where it was (behaviour E5).
        """
        self.ask_to_stop()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while not self.stopping.is_set():
            close_old_connections()  # the database may have ended one of them since the last look
            self.look()
            if self._wait(LOOK_EVERY):
                break
        connections.close_all()


def stop_all(loops: Sequence[Loop], timeout: float) -> bool:
    """Stop them side by side, in `timeout` seconds at most; say whether all of them have ended."""
    until = time.monotonic() + timeout
    for loop in loops:
        loop.ask_to_stop()
    ended = [loop.stop(max(0.0, until - time.monotonic())) for loop in loops]
    return all(ended)


class UntilStopped(Progress):
    """Progress of work that ends between two pages when its loop is to stop."""

    def __init__(self, stopping: threading.Event) -> None:
        super().__init__()
        self._stopping = stopping

    def report(self, done: int, total: int = 0) -> None:
        """Raises StopRequested when the loop is to stop."""
        super().report(done, total)
        if self._stopping.is_set():
            raise StopRequested
