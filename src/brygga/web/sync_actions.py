"""What can be done with what is selected on the Sync tab, and why something can't be done now (behaviour A2, A3)."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.erp.services.status import ConnectionStatus, ConnectorStatus
from brygga.web.actions import Action, How
from brygga.web.sync_selection import Selection


def connector_actions(selected: ConnectorStatus | None, selection: Selection) -> list[Action]:
    """The buttons below the connectors table."""
    name, about = selected.name if selected else "", _("Sync Connectors")
    why = _obstacle(selected, _("Select a sync connector first."))
    id_ = selection.connector
    actions = [
        Action("connectors-add", _("Add"), selection.url("connectors_add"), "plus", "primary", about=about),
        Action(
            "connectors-configure", _("Configure Sync Connector"), selection.url("connectors_configure", id_),
            why=why, about=name,
        ),
    ]  # fmt: skip
    if selected and selected.deleted:
        return [*actions, _restore("connectors", name, selection.url("connectors_restore", id_))]
    why = why or (_in_use(selected.connections) if selected and selected.connections else "")
    return [*actions, _delete("connectors", name, selection.url("connectors_delete", id_), why)]


def connection_actions(
    selected: ConnectionStatus | None,
    selection: Selection,
    connectors: Sequence[ConnectorStatus],
    any_active: bool,
) -> list[Action]:
    """The buttons below the connections table."""
    name, id_ = selected.name if selected else "", selection.connection
    why = _obstacle(selected, _("Select an ERP connection first."))
    no_connector = "" if any(not row.deleted for row in connectors) else _("Add a sync connector first.")
    alone = "" if any_active else _("No ERP connection is active yet.")
    actions = [
        Action(
            "connections-add", _("Add"), reverse("web:connections_define"), "plus", "primary", no_connector,
            about=_("ERP connections"),
        ),
        Action(
            "connections-configure", _("Configure ERP connection"), reverse("web:connections_configure", args=[id_]),
            why=why, about=name,
        ),
        Action(
            "connections-test", _("Test ERP connection"), selection.url("sync_test", id_), why=why, about=name,
            how=How.POST, target="#connection-result",
        ),
        Action("connections-priority", _("Set Sync Priority"), selection.url("sync_priority"), why=alone),
        Action(
            "connections-resync", _("Resync from ERP connection"), selection.url("sync_resync_erp", id_),
            why=why or _not_active(selected), about=name,
        ),
    ]  # fmt: skip
    if selected and selected.deleted:
        return [*actions, _restore("connections", name, selection.url("sync_restore", id_))]
    why = why or (_("It is active. Deactivate it first.") if selected and selected.active else "")
    return [*actions, _delete("connections", name, selection.url("sync_delete", id_), why)]


def connection_links(selected: ConnectionStatus, selection: Selection) -> list[Action]:
    """What leads from the selected connection to its parts."""
    why, args = _obstacle(selected, ""), [selected.id]
    imports = f"{reverse('web:imports_start')}?connection={selected.id}"
    resync = selection.url("sync_resync_crm", selected.id)
    return [
        Action("link-mappings", _("Mappings"), reverse("web:mappings", args=args), why=why),
        Action("link-list-mapping", _("List mapping"), reverse("web:list_mapping", args=args), why=why),
        Action("link-defaults", _("Defaults"), reverse("web:defaults", args=args), why=why),
        Action("link-rank", _("Rank Fields"), reverse("web:rank", args=args), why=why),
        Action("link-import", _("Import from ERP"), imports, why=why, how=How.PAGE),
        Action("link-match", _("Match records"), reverse("web:matching", args=args), why=why, how=How.PAGE),
        Action("link-resync", _("Resync from CRM"), resync, why=why or _not_active(selected)),
    ]


def _obstacle(selected: ConnectorStatus | ConnectionStatus | None, none_text: str) -> str:
    if selected is None:
        return none_text
    return _("It is deleted. Restore it first.") if selected.deleted else ""


def _not_active(selected: ConnectionStatus | None) -> str:
    return "" if selected and selected.active else _("It is not active. Activate it first.")


def _in_use(connections: int) -> str:
    text = ngettext("%(n)s ERP connection uses it.", "%(n)s ERP connections use it.", connections)
    return text % {"n": connections}


def _delete(table: str, name: str, url: str, why: str) -> Action:
    return Action(f"{table}-delete", _("Delete"), url, style="danger", why=why, about=name)


def _restore(table: str, name: str, url: str) -> Action:
    """Not in a dialog: nothing is lost by it."""
    return Action(f"{table}-restore", _("Restore"), url, "arrow-counter-clockwise", how=How.POST, about=name)
