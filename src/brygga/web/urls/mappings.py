"""What of a connection is mapped: fields, list items, defaults, rank (behaviour A7 to A11)."""

from __future__ import annotations

from django.urls import path

from brygga.web.views import defaults, list_mapping, mappings, ranking

_OF = "sync/connections/<int:connection_id>"

patterns = [
    path(f"{_OF}/mappings", mappings.mappings, name="mappings"),
    path(f"{_OF}/mappings/check", mappings.check, name="mappings_check"),
    path(f"{_OF}/mappings/try", mappings.try_on, name="mappings_try"),
    path(f"{_OF}/mappings/renew", mappings.renew, name="mappings_renew"),
    path(f"{_OF}/list-mapping", list_mapping.list_mapping, name="list_mapping"),
    path(f"{_OF}/defaults", defaults.defaults, name="defaults"),
    path(f"{_OF}/rank", ranking.rank, name="rank"),
]
