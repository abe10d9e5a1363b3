"""The dialog in which a record is connected or an actor created: where it stands, and how a view answers in it.

With a script the dialog is filled over the tab; without one it comes open with the tab around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from brygga.crm.models import User
from brygga.crm.services.records import RecordView
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection
from brygga.erp.services import tab
from brygga.erp.services.access import Right
from brygga.web.access import user_of
from brygga.web.kinds import RecordKind
from brygga.web.records import record_context, record_or_404
from brygga.web.sections import actor_label, section_view


@dataclass(frozen=True, slots=True)
class Place:
    """What a dialog is about: a record, a connection and an actor type that the record can be connected as."""

    kind: RecordKind
    record: RecordView
    connection: Connection
    actor_type: str

    @property
    def tab_url(self) -> str:
        """The address of the ERP tab."""
        return self.kind.url(self.record.id, "erp")

    @property
    def actor_label(self) -> str:
        """The actor type in words."""
        return actor_label(self.actor_type)

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


def tab_context(user: User, kind: RecordKind, record: RecordView) -> dict[str, Any]:
    """What the tab shows before any connector is called. Raises Http404 for a user without the tab."""
    sections = tab.sections(user, kind.record_type, record.id)
    if not sections:
        raise Http404(_("There is no ERP tab for you here."))
    return record_context(user, kind, record, "erp") | {
        "sections": [section_view(section, kind, record.id, user) for section in sections],
        "linked": any(section.is_linked for section in sections),
        "sync_all_url": kind.url(record.id, "sync"),
    }


def in_dialog(request: HttpRequest, place: Place, template: str, context: dict[str, Any]) -> HttpResponse:
    """A step of the dialog. What went wrong stands in it as `error`; that is no failure of the request."""
    urls = {"search_url": place.url("connect"), "values_url": place.url("values"), "create_url": place.url("create")}
    context = {"place": place} | urls | context
    if request.headers.get("HX-Request"):
        return render(request, template, context)
    around = tab_context(user_of(request), place.kind, place.record)
    status = 422 if context.get("error") else 200
    return render(request, "web/records/erp.html", around | context | {"dialog": template}, status=status)


def done(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """To the tab, as it is now, with what has been done above it."""
    messages.success(request, text)
    if not request.headers.get("HX-Request"):
        return redirect(url)
    return HttpResponse(headers={"HX-Redirect": url})
