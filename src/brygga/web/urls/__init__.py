"""The addresses of the screens."""

from __future__ import annotations

from django.urls import URLPattern, path

from brygga.web.kinds import KINDS, PROJECTS, RecordKind
from brygga.web.views import connecting, creating, edit, erp_tab, jobs, lists, log, people, records, session, sync

app_name = "web"


def _addresses(kind: RecordKind) -> list[URLPattern]:
    """The addresses of one kind of record."""
    slug, given = kind.slug, {"kind": kind}
    one = f"{slug}/<int:record_id>"
    connection = f"{one}/erp/<int:connection_id>"
    return [
        path(slug, lists.record_list, given, name=slug),
        path(f"{slug}/new", edit.new, given, name=f"{slug}_new"),
        path(f"{slug}/suggestions", lists.suggestions, given, name=f"{slug}_suggestions"),
        path(one, records.record, given, name=f"{slug}_record"),
        path(f"{one}/edit", edit.edit, given, name=f"{slug}_edit"),
        path(f"{one}/delete", records.delete, given, name=f"{slug}_delete"),
        path(f"{one}/history", records.record_history, given, name=f"{slug}_history"),
        path(f"{one}/erp", erp_tab.erp_tab, given, name=f"{slug}_erp"),
        path(f"{one}/erp/sync", erp_tab.sync_all, given, name=f"{slug}_sync"),
        path(connection, erp_tab.section, given, name=f"{slug}_section"),
        path(f"{connection}/sync", erp_tab.section_sync, given, name=f"{slug}_section_sync"),
        path(f"{connection}/disconnect", connecting.disconnect, given, name=f"{slug}_disconnect"),
        path(f"{connection}/<str:actor_type>/connect", connecting.connect, given, name=f"{slug}_connect"),
        path(f"{connection}/<str:actor_type>/values", connecting.values, given, name=f"{slug}_values"),
        path(f"{connection}/<str:actor_type>/create", creating.create, given, name=f"{slug}_create"),
        *([path(f"{one}/people", people.related, given, name=f"{slug}_related")] if kind.related else []),
    ]


urlpatterns = [
    path("", session.start, name="start"),
    path("login", session.login, name="login"),
    path("logout", session.logout, name="logout"),
    path("find", lists.find, name="find"),
    *(pattern for kind in KINDS.values() for pattern in _addresses(kind)),
    path("projects/<int:record_id>/people/add", people.add, {"kind": PROJECTS}, name="projects_add_member"),
    path("projects/<int:record_id>/people/remove", people.remove, {"kind": PROJECTS}, name="projects_remove_member"),
    path("sync", sync.overview, name="sync"),
    path("sync/automatic", sync.automatic, name="sync_automatic"),
    path("sync/interval", sync.interval, name="sync_interval"),
    path("sync/now", jobs.sync_all, name="sync_now"),
    path("sync/jobs", jobs.progress, name="sync_jobs"),
    path("sync/jobs/<int:job_id>/stop", jobs.stop, name="sync_job_stop"),
    path("sync/log", log.log, name="sync_log"),
    path("sync/log.csv", log.log_csv, name="sync_log_csv"),
]
