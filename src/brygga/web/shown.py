"""Canonical values as people read them; see `brygga.erp.shown`, from where the screens take it."""

from brygga.erp.shown import clock, day, shown, when

__all__ = ["clock", "day", "shown", "when"]
