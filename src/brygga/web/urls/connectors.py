"""Sync connectors and the catalogue (behaviour A2)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import connectors

_ONE = "sync/connectors/<int:connector_id>"

patterns = [
    path("sync/catalogue", connectors.installed, name="sync_catalogue"),
    path("sync/connectors/add", connectors.add, name="connectors_add"),
    path("sync/connectors/check", connectors.check, name="connectors_check"),
    path(f"{_ONE}/configure", connectors.configure, name="connectors_configure"),
    path(f"{_ONE}/delete", connectors.delete, name="connectors_delete"),
    path(f"{_ONE}/restore", connectors.restore, name="connectors_restore"),
]
