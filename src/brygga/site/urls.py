"""The addresses of the server."""

from __future__ import annotations

from django.urls import include, path

from brygga.api.api import api
from brygga.api.errors import unknown_operation
from brygga.site.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", api.urls),
    path("api/<path:rest>", unknown_operation),
    path("", include("brygga.web.urls")),
]
