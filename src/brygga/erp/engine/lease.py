"""Leases: one engine at a time per connection, also when two servers run on one database (behaviour E5).

A lease is a row with an owner and an expiry, taken by compare-and-set, so it works alike on SQLite and
PostgreSQL; the lease of an engine that died runs out by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from brygga.erp.models import Lease

LENGTH = timedelta(seconds=120)
"""How long a lease holds without being renewed; longer than the longest time-out of one connector call."""


class LeaseLost(Exception):
    """Another engine took over because this one did not renew in time; its work must stop."""


class HeldLease:
    """A lease that this process may hold. Use `take`, then `renew` between steps, then `release`."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.owner = uuid.uuid4().hex
        self._clock = clock

    def take(self) -> bool:
        """Take the lease if it is free or has run out; say whether it is ours."""
        now = self._clock()
        free = Q(owner=self.owner) | Q(expires_at__lte=now)
        if Lease.objects.filter(free, name=self.name).update(owner=self.owner, expires_at=now + LENGTH):
            return True
        try:
            with transaction.atomic():
                Lease.objects.create(name=self.name, owner=self.owner, expires_at=now + LENGTH)
        except IntegrityError:
            return False
        return True

    def renew(self) -> None:
        """Hold on for another `LENGTH`.

        Raises `LeaseLost` when another engine has taken it meanwhile.
        """
        changed = Lease.objects.filter(name=self.name, owner=self.owner).update(expires_at=self._clock() + LENGTH)
        if not changed:
            raise LeaseLost(self.name)

    def release(self) -> None:
        """Give the lease back."""
        Lease.objects.filter(name=self.name, owner=self.owner).delete()
