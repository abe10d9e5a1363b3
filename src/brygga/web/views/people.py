"""The contacts of a company, and the members of a project, who can be added and removed (behaviour C1, C2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.fields import RecordType
from brygga.crm.services.members import add_member, members, remove_member
from brygga.crm.services.records import RecordView, get_records
from brygga.crm.services.search import list_records
from brygga.web.access import signed_in, user_of
from brygga.web.choosing import candidates, chosen, hint, reference
from brygga.web.kinds import CONTACTS, RecordKind
from brygga.web.paging import Page, asked_page
from brygga.web.records import PARENT, Presenter, record_context, record_or_404

_LONGEST_TEXT = 250


@signed_in
def related(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """The contacts of a company, or the members of a project."""
    return _related(request, kind, record_id, {})


@signed_in
@require_POST
def add(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """Make a contact a member of the project; where it is not clear which one, offer those that may be meant."""
    record_or_404(kind, record_id)
    text = request.POST.get("contact", "").strip().replace("\x00", "")[:_LONGEST_TEXT]
    found = candidates(RecordType.CONTACT, text)
    person = chosen(text, found)
    if person is None:
        offered = {"text": text, "candidates": [_candidate(one) for one in found], "asked": True}
        return _related(request, kind, record_id, offered, status=422)
    add_member(record_id, person.id)
    messages.success(request, _("%(name)s is a member now.") % {"name": person.name})
    return redirect(kind.url(record_id, "related"))


@signed_in
@require_POST
def remove(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """End a contact's membership of the project."""
    record_or_404(kind, record_id)
    contact = request.POST.get("contact", "")
    found = get_records(RecordType.CONTACT, [int(contact)]) if contact.isdecimal() and len(contact) < 19 else []
    for person in found:
        remove_member(record_id, person.id)
        messages.success(request, _("%(name)s is no longer a member.") % {"name": person.name})
    return redirect(kind.url(record_id, "related"))


def _related(
    request: HttpRequest, kind: RecordKind, record_id: int, offered: dict[str, Any], status: int = 200
) -> HttpResponse:
    found = record_or_404(kind, record_id)
    people, page = _people(request, kind, record_id)
    of_company = kind.record_type is RecordType.COMPANY
    columns = [key for key in CONTACTS.columns if key != PARENT or not of_company]
    presenter = Presenter(CONTACTS)
    context = record_context(user_of(request), kind, found, "related") | {
        "labels": [presenter.label(key) for key in columns],
        "rows": [{"id": person.id, "row": presenter.row(person, columns), "name": person.name} for person in people],
        "page": page,
        "related_icon": CONTACTS.icon,
        "none_text": _("This company has no contacts yet.") if of_company else _("This project has no members yet."),
        "add_url": f"{CONTACTS.new_url}?company={record_id}" if of_company else "",
        "add_label": CONTACTS.add_label,
        "members": None if of_company else _member_context(record_id) | offered,
    }
    return render(request, "web/records/related.html", context, status=status)


def _member_context(project_id: int) -> dict[str, Any]:
    return {
        "add_url": reverse("web:projects_add_member", args=[project_id]),
        "remove_url": reverse("web:projects_remove_member", args=[project_id]),
        "suggestions_url": reverse("web:contacts_suggestions"),
    }


def _candidate(person: RecordView) -> dict[str, str]:
    return {
        "name": person.name,
        "url": CONTACTS.url(person.id),
        "more": hint(person),
        "value": reference(person.name, person.id),
    }


def _people(request: HttpRequest, kind: RecordKind, record_id: int) -> tuple[list[RecordView], Page]:
    if kind.record_type is RecordType.PROJECT:
        everybody = members(record_id)
        page = Page(asked_page(request), len(everybody))
        return everybody[page.start : page.stop], page
    found = list_records(RecordType.CONTACT, page=asked_page(request), parent=record_id)
    return found.records, Page(found.number, found.total, found.per_page)
