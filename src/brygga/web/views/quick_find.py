"""Finding records of every kind, and suggestions while somebody types (behaviour C2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from brygga.crm.services.records import RecordView
from brygga.crm.services.search import first_found, list_records
from brygga.web.access import signed_in
from brygga.web.choosing import candidates, hint, options
from brygga.web.kinds import KINDS, RecordKind
from brygga.web.paging import asked_text
from brygga.web.recent import recent_records
from brygga.web.records import Presenter

_OF_EACH_KIND = 8
_SUGGESTED = 5


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """What quick find finds among companies, contacts and projects; without a text, the records used last."""
    text = asked_text(request)
    parts = [_part(kind, text) for kind in KINDS.values()] if text else []
    context: dict[str, Any] = {
        "text": text,
        "find_text": text,
        "parts": [part for part in parts if part["total"]],
        "recent": [] if text else [_option(record) for record in recent_records(request)],
    }
    return render(request, "web/find.html", context)


@signed_in
def find_options(request: HttpRequest) -> HttpResponse:
    """A few records to go to while a text is typed in the top bar; without a text, those used last."""
    text = asked_text(request)
    if text:
        found = [(kind.plural, first_found(kind.record_type, text, _SUGGESTED)) for kind in KINDS.values()]
    else:
        found = [("", recent_records(request))]
    groups = [{"label": label, "options": [_option(one) for one in records]} for label, records in found if records]
    count = sum(len(records) for _label, records in found)
    return render(request, "web/records/options.html", {"text": text, "groups": groups, "count": count})


@signed_in
def suggestions(request: HttpRequest, kind: RecordKind) -> JsonResponse:
    """Records to choose from while a name is typed: `{"items": [{"value", "more"}]}`."""
    return JsonResponse({"items": options(candidates(kind.record_type, asked_text(request)))})


def _part(kind: RecordKind, text: str) -> dict[str, object]:
    found = list_records(kind.record_type, text, per_page=_OF_EACH_KIND)
    presenter = Presenter(kind)
    return {
        "kind": kind,
        "total": found.total,
        "rows": [presenter.row(record, kind.columns[:4]) for record in found.records],
        "more": found.total > len(found.records),
    }


def _option(record: RecordView) -> dict[str, str]:
    kind = KINDS[record.type]
    return {
        "url": kind.url(record.id),
        "icon": kind.icon,
        "kind": kind.label,
        "name": record.name,
        "more": hint(record),
    }
