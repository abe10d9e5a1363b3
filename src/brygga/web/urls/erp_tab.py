"""The ERP tab of a record and its dialogs (behaviour U)."""

from __future__ import annotations

from django.urls import URLPattern, path

from brygga.web.kinds import KINDS, RecordKind
from brygga.web.views import connecting, creating, erp_tab, finding, saving, section_decision


def _addresses(kind: RecordKind) -> list[URLPattern]:
    """The addresses of the tab of one kind of record."""
    slug, given = kind.slug, {"kind": kind}
    tab = f"{slug}/<int:record_id>/erp"
    connection = f"{tab}/<int:connection_id>"
    return [
        path(tab, erp_tab.erp_tab, given, name=f"{slug}_erp"),
        path(f"{tab}/edit", saving.edit, given, name=f"{slug}_erp_edit"),
        path(f"{tab}/save", saving.save, given, name=f"{slug}_erp_save"),
        path(f"{tab}/cancel", saving.cancel, given, name=f"{slug}_erp_cancel"),
        path(f"{tab}/sync", erp_tab.sync_all, given, name=f"{slug}_sync"),
        path(connection, erp_tab.section, given, name=f"{slug}_section"),
        path(f"{connection}/sync", erp_tab.section_sync, given, name=f"{slug}_section_sync"),
        path(f"{connection}/drop", saving.drop, given, name=f"{slug}_erp_drop"),
        path(f"{connection}/decide", section_decision.decide, given, name=f"{slug}_decide"),
        path(f"{connection}/disconnect", connecting.disconnect, given, name=f"{slug}_disconnect"),
        path(f"{connection}/<str:actor_type>/connect", finding.connect, given, name=f"{slug}_connect"),
        path(f"{connection}/<str:actor_type>/values", connecting.values, given, name=f"{slug}_values"),
        path(f"{connection}/<str:actor_type>/create", creating.create, given, name=f"{slug}_create"),
    ]


patterns = [pattern for kind in KINDS.values() for pattern in _addresses(kind)]
