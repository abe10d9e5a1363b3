"""The sync log: filtered, paged, and as a CSV file (behaviour A15)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import RecordType
from brygga.erp.models import Connection
from brygga.erp.services import history
from brygga.erp.services.history import LogFilter
from brygga.web.access import administrators
from brygga.web.log_rows import csv_rows, log_rows
from brygga.web.paging import Page, asked_page
from brygga.web.records import ids_matching

_RECORD = re.compile(r"(company|contact|project):(\d{1,18})")


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=False, widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"})
    )


class LogFilterForm(forms.Form):
    """What the log is to show."""

    connection = forms.ChoiceField(label=_("Connection"), required=False, widget=forms.Select(attrs={"class": "input"}))
    record = forms.CharField(
        label=_("Record"), required=False, max_length=200, widget=forms.TextInput(attrs={"class": "input"})
    )
    target = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=[("", _("Both")), ("crm", _("ERP to CRM")), ("erp", _("CRM to ERP"))],
        widget=forms.Select(attrs={"class": "input"}),
    )
    since = _moment(_("From"))
    until = _moment(_("Until"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        connections = [(str(c.pk), c.name) for c in Connection.objects.all()]
        self.fields["connection"].choices = [("", _("All")), *connections]  # type: ignore[attr-defined]

    def log_filter(self) -> LogFilter | None:
        """The filter; None where a field holds nonsense, which the form says at that field."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        return LogFilter(
            int(chosen["connection"]) if chosen["connection"] else None,
            _records(chosen["record"]),
            chosen["target"],
            chosen["since"],
            chosen["until"],
        )


@administrators
def log(request: HttpRequest) -> HttpResponse:
    """The Log tab."""
    form = LogFilterForm(request.GET)
    wanted = form.log_filter()
    found = history.entries(wanted or LogFilter())
    page = Page(asked_page(request), found.count())
    shown = found.select_related("run", "connection")[page.start : page.stop] if wanted else []
    context = {
        "tab": "log",
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "rows": log_rows(history.lines(shown)),
    }
    return render(request, "web/sync/log.html", context, status=200 if wanted else 422)


@administrators
def log_csv(request: HttpRequest) -> HttpResponseBase:
    """Every entry that the filter lets through, as a file that spreadsheets open."""
    wanted = LogFilterForm(request.GET).log_filter()
    if wanted is None:
        return log(request)
    response = StreamingHttpResponse(_csv(wanted), content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="sync-log-{day}.csv"'
    return response


def _csv(wanted: LogFilter) -> Iterator[bytes]:
    write = csv.writer(_Echo()).writerow
    yield b"\xef\xbb\xbf"  # without the mark, Excel takes the file for one in the old code page
    for row in csv_rows(history.all_lines(wanted)):
        yield write(row)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> bytes:
        return text.encode()


def _records(text: str) -> list[tuple[str, int]] | None:
    """The records that `company:12` or a part of a name means; None for all."""
    if not text:
        return None
    if exact := _RECORD.fullmatch(text):
        return [(exact[1], int(exact[2]))]
    return [(kind.value, record_id) for kind in RecordType for record_id in ids_matching(kind, text)]
