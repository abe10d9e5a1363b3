"""The match workbench (behaviour G5)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import match_links, matching

_OF = "sync/connections/<int:connection_id>/match"

patterns = [
    path(_OF, matching.workbench, name="matching"),
    path(f"{_OF}/run", matching.run, name="matching_run"),
    path(f"{_OF}/progress", matching.progress, name="matching_progress"),
    path(f"{_OF}/stop", matching.stop, name="matching_stop"),
    path(f"{_OF}/choose", matching.choose, name="matching_choose"),
    path(f"{_OF}/plan", matching.plan, name="matching_plan"),
    path(f"{_OF}/plans/<int:plan_id>/undo", matching.undo, name="matching_undo"),
    path(f"{_OF}/links.csv", match_links.export, name="matching_export"),
    path(f"{_OF}/links", match_links.import_, name="matching_import"),
]
