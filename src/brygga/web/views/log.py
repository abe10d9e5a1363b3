"""The sync log: filtered, sorted, paged, and as a CSV file (behaviour A15)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brygga.erp.services import history
from brygga.erp.services.history import ORDERS, LogFilter
from brygga.web.access import administrators
from brygga.web.log_filter import LogFilterForm
from brygga.web.log_rows import csv_rows, log_rows
from brygga.web.paging import Page, asked_page
from brygga.web.sorting import asked_order, heads

_NEWEST = "-at"
_COLUMNS = (
    (_("When"), "at"),
    (_("Connection"), "connection"),
    (_("Record"), "record"),
    (_("Field"), "field"),
    (_("Old value"), ""),
    (_("New value"), ""),
    (_("Target"), "target"),
    (_("Source"), ""),
)


@administrators
def log(request: HttpRequest) -> HttpResponse:
    """The Log tab."""
    context = log_context(request, request.GET)
    return render(request, "web/log/log.html", context, status=422 if context["form"].errors else 200)


@administrators
def log_csv(request: HttpRequest) -> HttpResponseBase:
    """Every entry that the filter lets through, as a file that spreadsheets open."""
    wanted = LogFilterForm(request.GET).log_filter()
    if wanted is None:
        return log(request)
    order = asked_order(request, ORDERS, _NEWEST)
    response = StreamingHttpResponse(_csv(wanted, order), content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="sync-log-{day}.csv"'
    return response


def log_context(request: HttpRequest, asked: QueryDict) -> dict[str, Any]:
    """What the Log tab shows for the filter that was asked for; nothing where the filter is nonsense."""
    form = LogFilterForm(asked)
    wanted, order = form.log_filter(), asked_order(request, ORDERS, _NEWEST)
    found = history.entries(wanted or LogFilter(), order)
    page = Page(asked_page(request), found.count() if wanted else 0)
    return {
        "form": form,
        "filtered": any(asked.get(name) for name in form.fields),
        "page": page,
        "order": order,
        "heads": heads(_COLUMNS, order),
        "rows": log_rows(history.page(found, page.start, page.stop)) if wanted else [],
    }


def _csv(wanted: LogFilter, order: str) -> Iterator[bytes]:
    write = csv.writer(_Echo()).writerow
    yield b"\xef\xbb\xbf"  # without the mark, Excel takes the file for one in the old code page
    for row in csv_rows(history.all_lines(wanted, order)):
        yield write(row)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> bytes:
        return text.encode()
