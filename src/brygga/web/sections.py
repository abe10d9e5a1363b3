"""The sections of the ERP tab in words and colours (behaviour U2, U3, U9, U10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.engine.report import ConnectionReport
from brygga.erp.models import LinkState
from brygga.erp.services.access import may_connect
from brygga.erp.services.searching import parent_link
from brygga.erp.services.tab import Issue, Section
from brygga.web.kinds import RecordKind
from brygga.web.shown import shown

ACTOR_TYPES = {
    "Customer": gettext_lazy("Customer"),
    "Supplier": gettext_lazy("Supplier"),
    "Partner": gettext_lazy("Partner"),
    "Person": gettext_lazy("Person"),
    "Project": gettext_lazy("Project"),
    "Employee": gettext_lazy("Employee"),
    "Sale": gettext_lazy("Sale"),
}
"""The actor types of the contract in words."""

_COLOURS = {LinkState.OK: "ok", LinkState.CONFLICT: "warn", LinkState.FAILED: "bad", LinkState.GONE: "bad"}


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with its colour and icon."""

    colour: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class ActorLink:
    """An actor type that the record can be connected as, and where that begins."""

    label: str
    url: str


@dataclass(slots=True)
class SectionView:
    """What the template of a section shows."""

    connection_id: int
    connection_name: str
    is_linked: bool
    colour: str
    state_text: str
    url: str
    sync_url: str
    issues: list[dict[str, str]]
    values: list[dict[str, str]]
    gone: bool
    error: str
    disconnect_url: str
    actors: list[ActorLink]
    refusal: str
    read_at: datetime = field(default_factory=timezone.now)
    synced: Note | None = None


def section_view(
    section: Section, kind: RecordKind, record_id: int, user: User, synced: Note | None = None
) -> SectionView:
    """A section as its template wants it for this user; `synced` is what a sync by hand has just done."""
    place = [record_id, section.connection.pk]
    return SectionView(
        section.connection.pk,
        section.connection.name,
        section.is_linked,
        "bad" if section.error else _colour(section),
        _state_text(section),
        reverse(f"web:{kind.slug}_section", args=place),
        reverse(f"web:{kind.slug}_section_sync", args=place),
        [{"field": issue.field, "text": _issue_text(issue)} for issue in section.issues],
        [{"label": value.label, "text": shown(value.kind, value.value)} for value in section.values],
        section.gone,
        section.error,
        reverse(f"web:{kind.slug}_disconnect", args=place),
        [ActorLink(actor_label(a), reverse(f"web:{kind.slug}_connect", args=[*place, a])) for a in section.actor_types],
        _refusal(section, kind, record_id, user),
        synced=synced,
    )


def actor_label(actor_type: str) -> str:
    """An actor type in words."""
    return str(ACTOR_TYPES.get(actor_type, actor_type))


def outcome(part: ConnectionReport) -> Note:
    """What a sync by hand did, in a sentence."""
    if part.error:
        return Note("bad", "warning-circle", part.error)
    if part.failed:
        return Note(
            "bad", "warning-circle", _("Sync could not bring this record into agreement; the reason stands below.")
        )
    if part.conflicts:
        return Note("warn", "warning", _("Both sides have changed; a decision is needed."))
    changes = part.to_crm + part.to_erp
    if not changes:
        return Note("ok", "check-circle", _("Both sides agree already; nothing was changed."))
    text = ngettext(
        "%(count)s value was changed: %(crm)s in the CRM, %(erp)s in the ERP system.",
        "%(count)s values were changed: %(crm)s in the CRM, %(erp)s in the ERP system.",
        changes,
    )
    return Note("ok", "check-circle", text % {"count": changes, "crm": part.to_crm, "erp": part.to_erp})


def _colour(section: Section) -> str:
    return _COLOURS[LinkState(section.state)] if section.is_linked else "off"


def _state_text(section: Section) -> str:
    if not section.is_linked:
        return _("Not connected")
    if section.error:
        return _("Does not answer")
    names = [issue.field for issue in section.issues if issue.field]
    if section.state == LinkState.CONFLICT:
        return _("Conflict on %(fields)s") % {"fields": get_text_list(names, _("and"))}
    if section.state == LinkState.FAILED:
        return _("Failed: %(fields)s") % {"fields": get_text_list(names, _("and"))} if names else _("Failed")
    if section.state == LinkState.GONE or section.gone:
        return _("Missing in ERP")
    return _("Connected %(actor)s %(key)s") % {"actor": actor_label(section.actor_type), "key": section.erp_key}


def _issue_text(issue: Issue) -> str:
    if not issue.conflict:
        return issue.text
    values: dict[str, Any] = {
        "crm": shown(issue.kind, issue.crm) or _("(empty)"),
        "erp": shown(issue.kind, issue.erp) or _("(empty)"),
    }
    return _("Both sides were changed. CRM: %(crm)s. ERP: %(erp)s.") % values


def _refusal(section: Section, kind: RecordKind, record_id: int, user: User) -> str:
    """Why the user can neither connect nor disconnect the record; empty if nothing stands against it."""
    if not may_connect(user, section.connection):
        return _("You may not connect records here. Ask an administrator for the right.")
    if section.is_linked or kind.record_type is not RecordType.CONTACT:
        return ""
    if parent_link(section.connection, kind.record_type, record_id) is None:
        return _("Connect the contact's company first.")
    return ""
