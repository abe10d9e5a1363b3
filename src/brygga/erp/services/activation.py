"""Activating a connection: checked first, every fault with the field it is about (behaviour A13)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection
from brygga.erp.services import checking
from brygga.erp.services.checking import Finding, Severity, has_default

__all__ = ["Finding", "activate", "check", "check_activation", "deactivate", "has_default"]


def activate(connection: Connection, *, mind_warnings: bool = False) -> list[Finding]:
    """Make a connection take part in sync if nothing speaks against it; otherwise say what does.

    With `mind_warnings` warnings speak against it, too, so that somebody can be asked first.
    """
    minded = (Severity.BLOCKING, Severity.WARNING) if mind_warnings else (Severity.BLOCKING,)
    findings = [finding for finding in check(connection) if finding.severity in minded]
    if not findings:
        connection.active = True
        connection.save(update_fields=["active"])
    return findings


def deactivate(connection: Connection) -> None:
    """Take a connection out of sync; links and mappings stay."""
    connection.active = False
    connection.save(update_fields=["active"])


def check_activation(connection: Connection) -> list[Finding]:
    """Everything that speaks against activating a connection; the connector is called to test it."""
    return [finding for finding in check(connection) if finding.is_blocking]


def check(connection: Connection) -> list[Finding]:
    """All that there is to say before a connection is activated, warnings and hints too (behaviour G6).

    The connector is called, for its lists and to test it. Raises Refused for a deleted connection.
    """
    if connection.deleted:
        raise Refused(_('"%(name)s" is deleted.') % {"name": connection.name})
    findings = checking.check(connection)
    try:
        connectors.call(connection, "test_connection")
    except (ConnectorFailed, Refused) as failed:
        findings.append(Finding("connection", Severity.BLOCKING, failed.user_message))
    return findings
