"""Leases: one engine at a time per connection, also when two servers run on one database (behaviour E5).

A lease is a row with an owner and an expiry, taken by compare-and-set, so it works alike on SQLite and
PostgreSQL. The lease of an engine that died is free at once to others on its machine; elsewhere it runs out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Q

from brygga.erp.engine.owners import is_dead, new_owner
from brygga.erp.models import Lease

LENGTH = timedelta(seconds=120)
"""How long a lease holds without being renewed. A call may take longer, and is kept alive meanwhile."""

_GIVEN_UP = 1.0
"""Seconds to wait for a renewal under way at the end; one that comes late finds the lease gone and does no harm."""

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another engine took over because this one did not renew in time; its work must stop."""


class HeldLease:
    """A lease that this process may hold. Use `take`, then `renew` between steps, then `release`."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.owner = new_owner()
        self._clock = clock

    def take(self) -> bool:
        """Take the lease if it is free, has run out, or belongs to a process that is dead; say whether it is ours."""
        if self._take_from(Q(owner=self.owner) | Q(expires_at__lte=self._clock())):
            return True
        holder = Lease.objects.filter(name=self.name).values_list("owner", flat=True).first()
        if holder is None:
            return self._make()
        return is_dead(holder) and self._take_from(Q(owner=holder))

    def renew(self) -> None:
        """Hold on for another `LENGTH`.

        Raises `LeaseLost` when another engine has taken it meanwhile.
        """
        if not self._take_from(Q(owner=self.owner)):
            raise LeaseLost(self.name)

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew again and again from a thread of its own, however long a step takes, until the block ends.

        The thread says nothing of a lease that is lost: whoever works under it learns that by `renew`.
        """
        over = threading.Event()
        thread = threading.Thread(target=self._keep, args=(over,), name=f"lease {self.name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(_GIVEN_UP)

    def release(self) -> None:
        """Give the lease back."""
        Lease.objects.filter(name=self.name, owner=self.owner).delete()

    def _take_from(self, held: Q) -> bool:
        until = self._clock() + LENGTH
        return bool(Lease.objects.filter(held, name=self.name).update(owner=self.owner, expires_at=until))

    def _make(self) -> bool:
        try:
            with transaction.atomic():
                Lease.objects.create(name=self.name, owner=self.owner, expires_at=self._clock() + LENGTH)
        except IntegrityError:
            return False
        return True

    def _keep(self, over: threading.Event) -> None:
        while not over.wait(LENGTH.total_seconds() / 4):
            try:
                self.renew()
            except LeaseLost:
                return
            except Error as failed:  # the database may be back for the next try, in time
                log.warning("lease not renewed", lease=self.name, reason=str(failed))
            finally:
                connection.close()  # this thread's own
