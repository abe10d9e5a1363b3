"""The addresses of the screens, one module for each area."""

from __future__ import annotations

from brygga.web.urls import (
    attention,
    connections,
    connectors,
    erp_tab,
    imports,
    log,
    mappings,
    matching,
    records,
    settings,
    sync,
)

app_name = "web"
urlpatterns = [
    *records.patterns,
    *erp_tab.patterns,
    *sync.patterns,
    *connectors.patterns,
    *connections.patterns,
    *mappings.patterns,
    *log.patterns,
    *attention.patterns,
    *imports.patterns,
    *matching.patterns,
    *settings.patterns,
]
