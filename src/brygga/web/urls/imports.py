"""The import from ERP, and the criteria of an advanced search (behaviour I, S)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import criteria, import_gathering, import_running, imports

_ONE = "import/<int:draft_id>"

patterns = [
    path("criteria/<int:actor_id>", criteria.editor, name="criteria"),
    path("import", imports.start, name="imports_start"),
    path("import/begin", imports.begin, name="imports_begin"),
    path(_ONE, imports.open_import, name="imports_open"),
    path(f"{_ONE}/automatic", imports.automatic, name="imports_automatic"),
    path(f"{_ONE}/discard", imports.discard, name="imports_discard"),
    path(f"{_ONE}/search", import_gathering.search, name="imports_search"),
    path(f"{_ONE}/add", import_gathering.add, name="imports_add"),
    path(f"{_ONE}/chosen", import_gathering.chosen, name="imports_chosen"),
    path(f"{_ONE}/remove", import_gathering.remove, name="imports_remove"),
    path(f"{_ONE}/settings", import_gathering.settings, name="imports_settings"),
    path(f"{_ONE}/preview", import_running.preview, name="imports_preview"),
    path(f"{_ONE}/check", import_running.check, name="imports_check"),
    path(f"{_ONE}/back", import_running.back, name="imports_back"),
    path(f"{_ONE}/run", import_running.run, name="imports_run"),
    path(f"{_ONE}/progress", import_running.progress, name="imports_progress"),
    path(f"{_ONE}/stop", import_running.stop, name="imports_stop"),
    path(f"{_ONE}/results", import_running.results, name="imports_results"),
    path(f"{_ONE}/records/<str:which>", import_running.records, name="imports_records"),
]
