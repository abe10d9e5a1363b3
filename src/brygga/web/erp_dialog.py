"""The dialog in which a record is connected or an actor created: where it stands, and how a view answers in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection
from brygga.erp.services import pending, tab
from brygga.erp.services.access import Right
from brygga.web.access import user_of
from brygga.web.actor_types import label_beside
from brygga.web.dialogs import Around, in_dialog
from brygga.web.kinds import RecordKind
from brygga.web.records import record_context, record_or_404
from brygga.web.sections import section_view


@dataclass(frozen=True, slots=True)
class Place:
    """What a dialog is about: a record, a connection and an actor type that the record can be connected as."""

    kind: RecordKind
    record: RecordView
    connection: Connection
    actor_type: str

    @property
    def edit_url(self) -> str:
        """The address of the ERP tab in edit mode, where what was chosen waits for Save."""
        return self.kind.url(self.record.id, "erp_edit")

    @property
    def target(self) -> str:
        """What is connected with what, in words, for the head of the dialog."""
        return f"{self.record.name} → {self.connection.name}, {self.actor_label}"

    @property
    def actor_label(self) -> str:
        """The actor type in words, beside the record."""
        return label_beside(self.kind.record_type, self.actor_type)

    def url(self, part: str) -> str:
        """The address of a step of the dialog: connect, values or create."""
        place = [self.record.id, self.connection.pk, self.actor_type]
        return reverse(f"web:{self.kind.slug}_{part}", args=place)


def place_for(
    request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str, right: Right
) -> Place:
    """The place of a dialog that this user may open. Raises Http404 and PermissionDenied."""
    user, record = user_of(request), record_or_404(kind, record_id)
    found = section_or_404(user, kind, record_id, connection_id)
    if actor_type not in found.actor_types:
        raise Http404(_("There is no ERP tab for you here."))
    if not right(user, found.connection):
        raise PermissionDenied
    return Place(kind, record, found.connection, actor_type)


def section_or_404(user: User, kind: RecordKind, record_id: int, connection_id: int) -> tab.Section:
    """One section of a record's tab. Raises Http404 where this user has none."""
    try:
        return tab.section(user, connection_id, kind.record_type, record_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def sections_or_404(user: User, kind: RecordKind, record_id: int) -> list[tab.Section]:
    """The sections of a record's tab. Raises Http404 for a user without the tab."""
    sections = tab.sections(user, kind.record_type, record_id)
    if not sections:
        raise Http404(_("There is no ERP tab for you here."))
    return sections


def tab_context(user: User, kind: RecordKind, record: RecordView, *, editing: bool = False) -> dict[str, Any]:
    """What the tab shows before any connector is called; it is in edit mode as long as there is something to save.

    Raises Http404 for a user without the tab.
    """
    sections = sections_or_404(user, kind, record.id)
    shown = {section.connection.pk for section in sections}
    waiting = [w for w in pending.pending_of(user, kind.record_type, record.id) if w.connection.pk in shown]
    editing = editing or bool(waiting)
    views = [section_view(s, kind, record.id, user, editing=editing, pending=waiting) for s in sections]
    return record_context(user, kind, record, "erp") | {
        "sections": views,
        "linked": any(section.is_linked for section in sections),
        "editing": editing,
        "tokens": [str(change.token) for change in waiting],
        "sync_all_url": kind.url(record.id, "sync"),
        "edit_url": kind.url(record.id, "erp_edit"),
        "save_url": kind.url(record.id, "erp_save"),
        "cancel_url": kind.url(record.id, "erp_cancel"),
    }


def in_place(request: HttpRequest, place: Place, template: str, context: dict[str, Any]) -> HttpResponse:
    """A step of the dialog, over the tab in edit mode."""
    urls = {"search_url": place.url("connect"), "values_url": place.url("values"), "create_url": place.url("create")}
    user = user_of(request)
    around = Around(
        "web/records/erp.html", place.edit_url, lambda: tab_context(user, place.kind, place.record, editing=True)
    )
    return in_dialog(request, around, template, {"place": place} | urls | context)
