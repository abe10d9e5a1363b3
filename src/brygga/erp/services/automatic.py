"""Turning automatic sync on and off, and how often it runs (behaviour A1)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.erp.errors import Refused
from brygga.erp.models import SyncSettings

SHORTEST = 10
LONGEST = 24 * 60 * 60
"""Seconds between two runs, at least and at most."""


def switch_automatic_sync(on: bool) -> None:
    """Turn automatic sync on, with the next run at once, or off. A run at work goes on to its end."""
    settings = SyncSettings.load()
    if settings.automatic == on:
        return
    settings.automatic = on
    settings.next_run_at = timezone.now() if on else None
    settings.save(update_fields=["automatic", "next_run_at"])


def set_interval(seconds: int) -> None:
    """Let automatic sync run every so many seconds, counted from now. Raises Refused outside SHORTEST to LONGEST."""
    if not SHORTEST <= seconds <= LONGEST:
        raise Refused(
            _("The interval must be between %(shortest)s and %(longest)s seconds.")
            % {"shortest": SHORTEST, "longest": LONGEST}
        )
    settings = SyncSettings.load()
    settings.interval = seconds
    settings.next_run_at = timezone.now() + timedelta(seconds=seconds) if settings.automatic else None
    settings.save(update_fields=["interval", "next_run_at"])
