"""Settings and maintenance, Quote/Sync: how sync stands, and what starts and stops it (behaviour A1 to A3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from brygga.erp.models import Run
from brygga.erp.services.automatic import LONGEST, SHORTEST, set_interval, switch_automatic_sync
from brygga.erp.services.status import (
    AutomaticSync,
    ConnectionState,
    ConnectionStatus,
    automatic_sync,
    changes_of,
    connection_states,
    connector_states,
)
from brygga.web.access import administrators
from brygga.web.jobs import job_context
from brygga.web.shown import when

_COLOURS = {
    ConnectionState.FAILED: "bad",
    ConnectionState.INACTIVE: "off",
    ConnectionState.ATTENTION: "warn",
    ConnectionState.NEW: "info",
    ConnectionState.IN_SYNC: "ok",
}


class IntervalForm(forms.Form):
    """How often automatic sync runs."""

    use_required_attribute = False
    interval = forms.IntegerField(
        label=gettext_lazy("Seconds between two runs"),
        min_value=SHORTEST,
        max_value=LONGEST,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A row of the connections table."""

    name: str
    description: str
    connector: str
    colour: str
    state_text: str
    failure: str
    last_run: str
    links: str


@administrators
def overview(request: HttpRequest) -> HttpResponse:
    """The Sync tab."""
    return _overview(request, None)


@administrators
@require_POST
def automatic(request: HttpRequest) -> HttpResponse:
    """Turn automatic sync on or off."""
    switch_automatic_sync(request.POST.get("automatic") == "on")
    return redirect("web:sync")


@administrators
@require_POST
def interval(request: HttpRequest) -> HttpResponse:
    """Set how often automatic sync runs."""
    form = IntervalForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    set_interval(form.cleaned_data["interval"])
    messages.success(request, _("The interval has been changed."))
    return redirect("web:sync")


def summary() -> dict[str, Any]:
    """Whether and when sync runs by itself, for the head of the tab."""
    status = automatic_sync()
    return {
        "status": status,
        "every": _every(status.interval),
        "last_run": _last_run(status.last_run),
        "next_run": _next_run(status),
    }


def connection_rows() -> list[ConnectionRow]:
    """The rows of the connections table."""
    return [_row(connection) for connection in connection_states()]


def _overview(request: HttpRequest, form: IntervalForm | None) -> HttpResponse:
    head = summary()
    context = {
        "tab": "sync",
        **head,
        **job_context(),
        "connectors": connector_states(),
        "connections": connection_rows(),
        "form": form or IntervalForm(initial={"interval": head["status"].interval}),
    }
    return render(request, "web/sync/sync.html", context, status=422 if form else 200)


def _every(seconds: int) -> str:
    if seconds % 60:
        return ngettext("Every %(n)s second.", "Every %(n)s seconds.", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("Every minute.", "Every %(n)s minutes.", minutes) % {"n": minutes}


def _last_run(run: Run | None) -> str:
    if run is None or run.ended_at is None:
        return _("No run yet.")
    changes = sum(changes_of(part) for part in run.report)
    text = ngettext(
        "Last run %(at)s, %(count)s change in %(seconds)s s.",
        "Last run %(at)s, %(count)s changes in %(seconds)s s.",
        changes,
    )
    seconds = number_format((run.ended_at - run.started_at).total_seconds(), decimal_pos=1)
    return text % {"at": when(run.ended_at), "count": changes, "seconds": seconds}


def _next_run(status: AutomaticSync) -> str:
    if status.next_run_at is None:
        return ""
    seconds = (status.next_run_at - timezone.now()).total_seconds()
    if seconds <= 0:
        return _("The next run is due.")
    return _("Next run in %(seconds)s s.") % {"seconds": round(seconds)}


def _row(status: ConnectionStatus) -> ConnectionRow:
    return ConnectionRow(
        status.name,
        status.description,
        status.connector,
        _COLOURS[status.state],
        _state_text(status),
        status.failure,
        _connection_run(status),
        number_format(status.links, force_grouping=True),
    )


def _state_text(status: ConnectionStatus) -> str:
    if status.state is not ConnectionState.ATTENTION:
        return {
            ConnectionState.FAILED: _("Failed"),
            ConnectionState.INACTIVE: _("Not active"),
            ConnectionState.NEW: _("Not synced yet"),
            ConnectionState.IN_SYNC: _("In sync"),
        }[status.state]
    texts = []
    if status.conflicts:
        texts.append(ngettext("%(n)s conflict", "%(n)s conflicts", status.conflicts) % {"n": status.conflicts})
    if status.failed:
        texts.append(_("%(n)s failed") % {"n": status.failed})
    return ", ".join(texts)


def _connection_run(status: ConnectionStatus) -> str:
    if status.last_run_at is None:
        return "–"
    at = when(status.last_run_at)
    if status.changes is None:
        return at
    changes = ngettext("%(n)s change", "%(n)s changes", status.changes) % {"n": status.changes}
    return f"{at}, {changes}"
