"""Lists of records, and quick find over all of them (behaviour C2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from brygga.crm.errors import UnknownField
from brygga.crm.services.search import Page as FoundPage
from brygga.crm.services.search import list_records
from brygga.web.access import signed_in
from brygga.web.choosing import candidates, options
from brygga.web.kinds import KINDS, RecordKind
from brygga.web.paging import Page, asked_page
from brygga.web.records import PARENT, Presenter

_LONGEST_TEXT = 200
_OF_EACH_KIND = 8


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: how the list is sorted by it now, and would be after a click."""

    label: str
    numeric: bool
    sortable: bool
    sorted: str
    next_sort: str


@signed_in
def record_list(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """A page of records of one kind."""
    found = _find(request, kind)
    presenter = Presenter(kind)
    context = {
        "kind": kind,
        "text": _text(request),
        "sort": found.sort,
        "columns": [_column(presenter, key, found.sort) for key in kind.columns],
        "rows": [presenter.row(record, kind.columns) for record in found.records],
        "page": Page(found.number, found.total, found.per_page),
    }
    return render(request, "web/records/list.html", context)


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """What quick find finds among companies, contacts and projects."""
    text = _text(request)
    parts = [_part(kind, text) for kind in KINDS.values()] if text else []
    context = {"text": text, "find_text": text, "parts": [part for part in parts if part["total"]]}
    return render(request, "web/find.html", context)


@signed_in
def suggestions(request: HttpRequest, kind: RecordKind) -> JsonResponse:
    """Records to choose from while a name is typed: `{"items": [{"value", "more"}]}`."""
    return JsonResponse({"items": options(candidates(kind.record_type, _text(request)))})


def _find(request: HttpRequest, kind: RecordKind) -> FoundPage:
    number = asked_page(request)
    try:
        return list_records(kind.record_type, _text(request), request.GET.get("sort", ""), number)
    except UnknownField:
        return list_records(kind.record_type, _text(request), "", number)


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip().replace("\x00", "")[:_LONGEST_TEXT]


def _column(presenter: Presenter, key: str, sort: str) -> Column:
    order = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    next_sort = f"-{key}" if order == "ascending" else key
    return Column(presenter.label(key), presenter.is_numeric(key), key != PARENT, order, next_sort)


def _part(kind: RecordKind, text: str) -> dict[str, object]:
    found = list_records(kind.record_type, text, per_page=_OF_EACH_KIND)
    presenter = Presenter(kind)
    return {
        "kind": kind,
        "total": found.total,
        "rows": [presenter.row(record, kind.columns[:4]) for record in found.records],
        "more": found.total > len(found.records),
    }
