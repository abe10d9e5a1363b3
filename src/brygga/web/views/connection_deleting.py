"""Connections deleted, with what it means, and restored (behaviour A3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from brygga.crm.fields import RecordType
from brygga.erp.errors import Refused
from brygga.erp.models import Connection
from brygga.erp.services import removal
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import done
from brygga.web.kinds import KINDS
from brygga.web.sync_page import connection_or_404, on_sync_tab, refused
from brygga.web.sync_selection import Selection


@administrators
def delete(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask, telling how many links stop, and mark a connection as deleted; an active one stays."""
    connection, selection = connection_or_404(connection_id), Selection.of(request)
    ends = removal.consequences(connection)
    if request.method == "POST" and not ends.obstacle:
        removal.delete_inactive(connection, user_of(request).username)
        return done(request, selection.page, _("“%(name)s” has been deleted.") % {"name": connection.name})
    context = {
        "title": _("Delete ERP connection"),
        "texts": [] if ends.obstacle else _warnings(connection, ends),
        "error": ends.obstacle,
        "action": selection.url("sync_delete", connection_id),
        "label": _("Delete"),
        "danger": True,
    }
    return on_sync_tab(request, "web/sync/confirm.html", context)


@administrators
@require_POST
def restore(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Bring a deleted connection back, not active."""
    connection = connection_or_404(connection_id, with_deleted=True)
    try:
        removal.restore_connection(connection, user_of(request).username)
    except Refused as refusal:
        return refused(request, _("Restore"), refusal.user_message)
    text = _("“%(name)s” is back. It is not active yet.") % {"name": connection.name}
    return done(request, Selection.of(request).to(connection=connection_id).page, text)


def _warnings(connection: Connection, ends: removal.Consequences) -> list[str]:
    total = sum(ends.links.values())
    kinds = [
        f"{KINDS[RecordType(kind)].plural}: {number_format(number, force_grouping=True)}"
        for kind, number in ends.links.items()
    ]
    stops = ngettext(
        "%(n)s linked record is no longer synced.", "%(n)s linked records are no longer synced.", total
    ) % {"n": number_format(total, force_grouping=True)}
    return [
        _("Delete “%(name)s”?") % {"name": connection.name},
        f"{stops} {', '.join(kinds)}." if kinds else _("No record is linked with it."),
        _("Nothing is deleted in the CRM or in the ERP, and the log stays. The connection can be restored."),
    ]
