"""Defining and configuring ERP connections (behaviour A4 to A6)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.erp.models import Connection
from brygga.web.access import administrators
from brygga.web.connection_dialog import ConnectionDialog
from brygga.web.dialogs import done
from brygga.web.sync_page import connection_or_404, on_sync_tab
from brygga.web.sync_selection import Selection

_CHECKED = frozenset({"test", "save"})
"""The steps in which the user wants to know what is wrong."""


@administrators
def define(request: HttpRequest) -> HttpResponse:
    """The dialog for a new connection; posted, one of its steps: the fields of a connector, the test, OK."""
    return _dialog(request, None)


@administrators
def configure(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The same dialog for a connection that is there; while it is active its configuration stays (behaviour A6)."""
    return _dialog(request, connection_or_404(connection_id))


def _dialog(request: HttpRequest, connection: Connection | None) -> HttpResponse:
    action = request.POST.get("action", "")
    data = request.POST if request.method == "POST" else None
    dialog = ConnectionDialog(request, connection, data, show=action in _CHECKED)
    if action == "test":
        dialog.test()
    if action == "save" and (saved := dialog.save()):
        page = Selection.of(request).to(connection=saved.pk).page
        return done(request, page, _("%(name)s has been saved.") % {"name": saved.name})
    return on_sync_tab(request, "web/connections/dialog.html", {"edited": dialog})
