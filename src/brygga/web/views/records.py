"""A record's screen in read mode, its log, and deleting it (behaviour C2, C5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.errors import StaleRecord
from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, count_contacts, delete_record
from brygga.erp.services import history
from brygga.erp.services.history import LogFilter
from brygga.erp.services.linked import links_of
from brygga.web.access import signed_in, user_of
from brygga.web.kinds import RecordKind
from brygga.web.log_rows import log_rows
from brygga.web.paging import Page, asked_page
from brygga.web.recent import remember
from brygga.web.record_links import shown_links
from brygga.web.records import Presenter, record_context, record_or_404


@signed_in
def record(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """The record's own fields."""
    found = record_or_404(kind, record_id)
    remember(request, kind, record_id)
    return render(request, "web/records/details.html", details_context(request, kind, found))


def details_context(request: HttpRequest, kind: RecordKind, record: RecordView) -> dict[str, Any]:
    """What the record's own fields are shown with: what can be done, and what deleting it would mean."""
    of_company = kind.record_type is RecordType.COMPANY
    return record_context(user_of(request), kind, record, "") | {
        "groups": Presenter(kind).facts(record),
        "edit_url": kind.url(record.id, "edit"),
        "delete_url": kind.url(record.id, "delete"),
        "merge_url": kind.url(record.id, "merge") if of_company else "",
        "links": shown_links(links_of(kind.record_type, [record.id])),
        "contacts": count_contacts(record.id) if of_company else 0,
    }


@signed_in
def record_history(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """What sync has changed in this record and its ERP actors."""
    return render(request, "web/records/history.html", history_context(request, kind, record_id))


def history_context(request: HttpRequest, kind: RecordKind, record_id: int) -> dict[str, Any]:
    """What the Log tab of a record shows. Raises Http404 where the record is not there."""
    found = record_or_404(kind, record_id)
    entries = history.entries(LogFilter(records=[(kind.record_type.value, record_id)]))
    page = Page(asked_page(request), entries.count())
    return record_context(user_of(request), kind, found, "history") | {
        "rows": log_rows(history.page(entries, page.start, page.stop)),
        "page": page,
    }


@signed_in
@require_POST
def delete(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """Delete the record as it was shown."""
    found = record_or_404(kind, record_id)
    version = request.POST.get("version", "")
    try:
        delete_record(
            kind.record_type, record_id, int(version) if version.isdecimal() else 0, user_of(request).username
        )
    except StaleRecord:
        text = _("%(name)s was changed by somebody else meanwhile and has not been deleted. Look at it again first.")
        messages.error(request, text % {"name": found.name})
        return redirect(kind.url(record_id))
    messages.success(request, _("%(name)s has been deleted.") % {"name": found.name})
    return redirect(kind.list_url)
