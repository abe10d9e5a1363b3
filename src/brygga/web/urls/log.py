"""The log, its runs, plans and undo, and why a value is what it is (behaviour A15, G1 to G3)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import log, plans, runs, undoing, why

patterns = [
    path("sync/log", log.log, name="sync_log"),
    path("sync/log.csv", log.log_csv, name="sync_log_csv"),
    path("sync/log/<int:entry_id>/why", why.log_why, name="log_why"),
    path("why/<str:record_type>/<int:record_id>/<int:connection_id>/<path:crm_field>", why.why_field, name="why_field"),
    path("sync/runs", runs.run_list, name="sync_runs"),
    path("sync/runs/figures", runs.figures, name="sync_figures"),
    path("sync/runs/<int:run_id>", runs.run, name="sync_run"),
    path("sync/runs/<int:run_id>/stop", runs.stop, name="sync_run_stop"),
    path("sync/undo", undoing.undo, name="sync_undo"),
    path("sync/plans/undo/<int:job_id>", undoing.planning, name="sync_undo_planning"),
    path("sync/plans/undo/<int:job_id>/stop", undoing.stop, name="sync_undo_stop"),
    path("sync/plans", plans.plan_list, name="sync_plans"),
    path("sync/plans/<int:plan_id>", plans.plan, name="sync_plan"),
    path("sync/plans/<int:plan_id>/choose", plans.choose, name="sync_plan_choose"),
    path("sync/plans/<int:plan_id>/apply", plans.apply_plan, name="sync_plan_apply"),
    path("sync/plans/<int:plan_id>/drop", plans.drop, name="sync_plan_drop"),
    path("sync/plans/<int:plan_id>/progress", plans.progress, name="sync_plan_progress"),
]
