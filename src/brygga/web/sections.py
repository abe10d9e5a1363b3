"""The sections of the ERP tab in words and colours (behaviour U2, U3, U7, U9, U10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.engine.moved import CODES as MOVED_CODES
from brygga.erp.engine.report import ConnectionReport
from brygga.erp.models import LinkState, PendingChange
from brygga.erp.services import tab
from brygga.erp.services.access import may_connect
from brygga.erp.services.searching import parent_link
from brygga.erp.services.tab import Issue, LiveValue, Section
from brygga.web.actor_types import ACTOR_TYPES, actor_label, label_beside
from brygga.web.kinds import RecordKind
from brygga.web.pending import PendingView, pending_view
from brygga.web.shown import shown

__all__ = ["ACTOR_TYPES", "Note", "SectionView", "actor_label", "issue_text", "outcome", "section_view"]

_COLOURS = {
    LinkState.OK: "ok",
    LinkState.CONFLICT: "warn",
    LinkState.MOVED: "warn",
    LinkState.FAILED: "bad",
    LinkState.GONE: "bad",
}


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


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value with its name, and where it is told why it is so: empty for one that is not synced."""

    label: str
    text: str
    why_url: str


@dataclass(slots=True)
class SectionView:
    """What the template of a section shows. `editing` says that changes are being chosen (behaviour U7).

    `decide_url` leads to the decision that is waited for, and is empty where there is none for this user.
    """

    connection_id: int
    connection_name: str
    is_linked: bool
    colour: str
    state_text: str
    url: str
    sync_url: str
    issues: list[dict[str, str]]
    advice: str
    decide_url: str
    values: list[ValueView]
    synced_values: list[ValueView]
    gone: bool
    error: str
    disconnect_url: str
    actors: list[ActorLink]
    refusal: str
    editing: bool
    pending: PendingView | None
    read_at: datetime = field(default_factory=timezone.now)
    synced: Note | None = None


def section_view(
    section: Section,
    kind: RecordKind,
    record_id: int,
    user: User,
    synced: Note | None = None,
    *,
    live: bool = False,
    editing: bool = False,
    pending: Sequence[PendingChange] = (),
) -> SectionView:
    """A section as its template wants it for this user; `synced` is what a sync by hand has just done.

    `live` says that the section has its live values; without them it stands for what is still loading. `pending` is
    what the user has chosen for the record and not saved, for all its connections.
    """
    place = [record_id, section.connection.pk]
    slug, refusal = kind.slug, _refusal(section, kind, record_id, user)
    mine = next((change for change in pending if change.connection == section.connection), None)
    url = reverse(f"web:{slug}_section", args=place)
    return SectionView(
        section.connection.pk,
        section.connection.name,
        section.is_linked,
        "bad" if section.error else _colour(section),
        _state_text(section, kind),
        f"{url}?edit=1" if editing else url,
        reverse(f"web:{slug}_section_sync", args=place),
        [{"field": issue.field, "text": issue_text(issue)} for issue in section.issues],
        _advice(section),
        "" if refusal or not _is_decided(section) else reverse(f"web:{slug}_decide", args=place),
        [_value(value, kind, place) for value in section.values],
        [_value(v, kind, place) for v in tab.synced_values(section, kind.record_type, record_id)] if live else [],
        section.gone,
        section.error,
        reverse(f"web:{slug}_disconnect", args=place),
        _actor_links(section, kind, place),
        refusal,
        editing,
        pending_view(mine, kind) if mine else None,
        synced=synced,
    )


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


def issue_text(issue: Issue) -> str:
    """What is wrong, in a sentence; of a conflict, both values."""
    if not issue.conflict:
        return issue.text
    values: dict[str, Any] = {
        "crm": shown(issue.kind, issue.crm) or _("(empty)"),
        "erp": shown(issue.kind, issue.erp) or _("(empty)"),
    }
    return _("Both sides were changed. CRM: %(crm)s. ERP: %(erp)s.") % values


def _value(value: LiveValue, kind: RecordKind, place: list[int]) -> ValueView:
    why = [kind.record_type.value, *place, value.crm_key]
    return ValueView(
        value.label, shown(value.kind, value.value), reverse("web:why_field", args=why) if value.crm_key else ""
    )


def _colour(section: Section) -> str:
    return _COLOURS[LinkState(section.state)] if section.is_linked else "off"


def _actor_links(section: Section, kind: RecordKind, place: list[int]) -> list[ActorLink]:
    return [
        ActorLink(label_beside(kind.record_type, actor), reverse(f"web:{kind.slug}_connect", args=[*place, actor]))
        for actor in section.actor_types
    ]


def _state_text(section: Section, kind: RecordKind) -> str:
    if not section.is_linked:
        return _("Not connected")
    if section.error:
        return _("Does not answer")
    names = [issue.field for issue in section.issues if issue.field]
    if section.state == LinkState.CONFLICT:
        return _("Conflict on %(fields)s") % {"fields": get_text_list(names, _("and"))}
    if section.state == LinkState.MOVED:
        return _("Belongs to another company")
    if section.state == LinkState.FAILED:
        return _("Failed: %(fields)s") % {"fields": get_text_list(names, _("and"))} if names else _("Failed")
    if section.state == LinkState.GONE or section.gone:
        return _("Missing in ERP")
    actor = label_beside(kind.record_type, section.actor_type)
    return _("Connected %(actor)s %(key)s") % {"actor": actor, "key": section.erp_key}


def _advice(section: Section) -> str:
    """What to do about what is wrong, where a decision is not all there is to it (behaviour U10)."""
    if section.state == LinkState.GONE or section.gone:
        return _("Bring it back in the ERP system and sync, or press Edit and disconnect it.")
    if section.state == LinkState.FAILED:
        return _("Correct the value on the side where it is wrong, and sync again.")
    return ""


def _is_decided(section: Section) -> bool:
    """Whether a person decides what is to become of it."""
    return any(issue.conflict or issue.code in MOVED_CODES for issue in section.issues)


def _refusal(section: Section, kind: RecordKind, record_id: int, user: User) -> str:
    """Why the user can neither connect nor disconnect the record; empty if nothing stands against it."""
    if not may_connect(user, section.connection):
        return _("You may not connect records here. Ask an administrator for the right.")
    if section.is_linked or kind.record_type is not RecordType.CONTACT:
        return ""
    if parent_link(section.connection, kind.record_type, record_id) is None:
        return _("Connect the contact's company first.")
    return ""
