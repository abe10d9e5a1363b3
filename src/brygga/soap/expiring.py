"""Texts that are remembered until a moment: used nonces, and addresses that have authenticated."""

from __future__ import annotations

import threading
from collections.abc import Callable


class TooMany(Exception):
    """There is no room: everything that is remembered still counts."""


class ExpiringSet:
    """A bounded set of texts, each kept until a moment in epoch seconds. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float], capacity: int = 10_000) -> None:
        self._clock = clock
        self._capacity = capacity
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, text: str, until: float) -> bool:
        """Remember a text, and tell whether it is new; one that is kept longer already stays so. Raises TooMany."""
        with self._lock:
            known = text in self._live()
            if not known and len(self._until) >= self._capacity:
                raise TooMany(f"{len(self._until)} are remembered")
            self._until[text] = max(until, self._until.get(text, until))
            return not known

    def __contains__(self, text: str) -> bool:
        now = self._clock()
        with self._lock:
            return self._until.get(text, now) > now

    def __len__(self) -> int:
        with self._lock:
            return len(self._live())

    def _live(self) -> dict[str, float]:
        """What still counts; the rest is forgotten."""
        now = self._clock()
        self._until = {text: until for text, until in self._until.items() if until > now}
        return self._until
