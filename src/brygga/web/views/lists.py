"""Lists of records (behaviour C2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from brygga.crm.errors import UnknownField
from brygga.crm.services.search import Page as FoundPage
from brygga.crm.services.search import Wanted, page_of
from brygga.web.access import signed_in, user_of
from brygga.web.filters import filters_of
from brygga.web.kinds import RecordKind
from brygga.web.paging import Page, asked_page
from brygga.web.records import Presenter


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: how the list is sorted by it now, and would be after a click."""

    label: str
    numeric: bool
    sorted: str
    next_sort: str


@signed_in
def record_list(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """A page of records of one kind."""
    filters = filters_of(request, user_of(request), kind)
    found = _find(request, kind, filters.wanted())
    presenter = Presenter(kind)
    context = {
        "kind": kind,
        "filters": filters,
        "sort": found.sort,
        "columns": [_column(presenter, key, found.sort) for key in kind.columns],
        "rows": [presenter.row(record, kind.columns) for record in found.records],
        "page": Page(found.number, found.total, found.per_page),
    }
    return render(request, "web/records/list.html", context)


def _find(request: HttpRequest, kind: RecordKind, wanted: Wanted) -> FoundPage:
    number = asked_page(request)
    try:
        return page_of(kind.record_type, wanted, request.GET.get("sort", ""), number)
    except UnknownField:
        return page_of(kind.record_type, wanted, "", number)


def _column(presenter: Presenter, key: str, sort: str) -> Column:
    order = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    next_sort = f"-{key}" if order == "ascending" else key
    return Column(presenter.label(key), presenter.is_numeric(key), order, next_sort)
