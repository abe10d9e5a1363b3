"""Runs that were cut off by a crash are closed, so that log and status tell the truth."""

from __future__ import annotations

from django.utils import timezone

from brygga.erp.engine.owners import is_dead
from brygga.erp.models import Lease, Run, RunState


def close_interrupted_runs() -> int:
    """Mark runs as stopped whose engine is gone; returns how many.

    A run at work holds a lease nearly all the time. So while nobody holds one, no run is at work; one that is between
    two of its connections at this very moment takes no harm, for it stores its true end itself.
    """
    owners = Lease.objects.filter(expires_at__gt=timezone.now()).values_list("owner", flat=True)
    running = Run.objects.filter(state=RunState.RUNNING)
    if not running.exists() or not all(map(is_dead, owners)):
        return 0
    return running.update(state=RunState.STOPPED, ended_at=timezone.now())
