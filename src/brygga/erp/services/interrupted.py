"""What was cut off by a crash: told by leases that nobody alive holds."""

from __future__ import annotations

from django.utils import timezone

from brygga.erp.engine.owners import is_dead
from brygga.erp.models import Lease, Run, RunState


def held_leases() -> set[str]:
    """The names of the leases that are in force and whose process is, for all we know, alive."""
    in_force = Lease.objects.filter(expires_at__gt=timezone.now()).values_list("name", "owner")
    return {name for name, owner in in_force if not is_dead(owner)}


def close_interrupted_runs() -> int:
    """Mark runs as stopped whose engine is gone, so that log and status tell the truth; returns how many.

    A run at work holds a lease nearly all the time. So while nobody holds one, no run is at work; one that is between
    two of its connections at this very moment takes no harm, for it stores its true end itself.
    """
    running = Run.objects.filter(state=RunState.RUNNING)
    if not running.exists() or held_leases():
        return 0
    return running.update(state=RunState.STOPPED, ended_at=timezone.now())
