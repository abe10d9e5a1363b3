"""ERP connections: defined and configured (behaviour A4 to A6)."""

from __future__ import annotations

from django.urls import URLPattern, path

from brygga.web.views import connections

patterns: list[URLPattern] = [
    path("sync/connections/define", connections.define, name="connections_define"),
    path("sync/connections/<int:connection_id>/configure", connections.configure, name="connections_configure"),
]
