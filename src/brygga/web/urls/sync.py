"""The Sync tab, its jobs, and what is done with the connection that is selected (behaviour A1, A3, A12 to A14)."""

from __future__ import annotations

from django.urls import path

from brygga.merge import Side
from brygga.web.views import activation, connection_deleting, jobs, priority, resyncing, sync

_ONE = "sync/connections/<int:connection_id>"

patterns = [
    path("sync", sync.overview, name="sync"),
    path("sync/automatic", sync.automatic, name="sync_automatic"),
    path("sync/interval", sync.interval, name="sync_interval"),
    path("sync/now", jobs.sync_all, name="sync_now"),
    path("sync/jobs", jobs.progress, name="sync_jobs"),
    path("sync/jobs/<int:job_id>/stop", jobs.stop, name="sync_job_stop"),
    path("sync/priority", priority.priority, name="sync_priority"),
    path(f"{_ONE}/activate", activation.activate, name="sync_activate"),
    path(f"{_ONE}/deactivate", activation.deactivate, name="sync_deactivate"),
    path(f"{_ONE}/test", activation.test, name="sync_test"),
    path(f"{_ONE}/resync/crm", resyncing.resync, {"source": Side.CRM}, name="sync_resync_crm"),
    path(f"{_ONE}/resync/erp", resyncing.resync, {"source": Side.ERP}, name="sync_resync_erp"),
    path(f"{_ONE}/delete", connection_deleting.delete, name="sync_delete"),
    path(f"{_ONE}/restore", connection_deleting.restore, name="sync_restore"),
]
