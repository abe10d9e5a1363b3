"""Runs: listed, looked at, stopped, and plotted (behaviour A15)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import Run, RunState
from brygga.erp.services import history, runs
from brygga.erp.services.history import LogFilter
from brygga.erp.services.runs import RunFilter
from brygga.web.access import administrators
from brygga.web.figures import SPANS, Span, plots
from brygga.web.kinds import KINDS as RECORDS
from brygga.web.log_rows import log_rows
from brygga.web.paging import Page, asked_page
from brygga.web.run_rows import KINDS, STATES, duration, kind_label, run_rows, state_chip

_CHANGES = 50
"""Changes that stand on a run's page; the others are in the log."""


class RunFilterForm(forms.Form):
    """Which runs to show."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("All")), *KINDS.items()],
        widget=forms.Select(attrs={"class": "input"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("All")), *STATES.items()],
        widget=forms.Select(attrs={"class": "input"}),
    )
    changed = forms.BooleanField(label=gettext_lazy("Only runs with changes"), required=False)

    def run_filter(self) -> RunFilter:
        """The filter; what is nonsense counts as not asked for."""
        self.is_valid()
        return RunFilter(**self.cleaned_data)


@administrators
def run_list(request: HttpRequest) -> HttpResponse:
    """The Runs tab."""
    form = RunFilterForm(request.GET)
    found = runs.runs(form.run_filter())
    page = Page(asked_page(request), found.count())
    context = {
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "rows": run_rows(found[page.start : page.stop]),
        "page": page,
        "span": _span(request),
        "spans": SPANS.items(),
    }
    return render(request, "web/log/runs.html", context)


@administrators
def figures(request: HttpRequest) -> HttpResponse:
    """The plots with their tables; a part of the Runs tab that comes when the rest is there, or a page of its own."""
    span = _span(request)
    context = {"plots": plots(span), "span": span, "spans": SPANS.items()}
    template = "figures" if request.headers.get("HX-Request") else "figures_page"
    return render(request, f"web/log/{template}.html", context)


@administrators
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run with its report and the first of its changes."""
    found = _run(run_id)
    state, colour = state_chip(found)
    changes = history.entries(LogFilter(run_id=run_id), "at")
    number = changes.count()
    context = {
        "run": found,
        "kind": kind_label(found.kind),
        "state": state,
        "colour": colour,
        "duration": duration(found),
        "is_running": found.state == RunState.RUNNING,
        "job": runs.job_of(found),
        "parts": [_part(part) for part in runs.parts_with_problems(found)],
        "changes": number,
        "shown": min(number, _CHANGES),
        "rows": log_rows(history.page(changes, 0, _CHANGES)),
    }
    return render(request, "web/log/run.html", context)


@administrators
@require_POST
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask an unfinished run to end."""
    try:
        runs.stop(_run(run_id))
    except BryggaError as failed:
        messages.error(request, failed.user_message)
    else:
        messages.success(request, _("The run ends after the page it is at. What is done stays done."))
    return redirect("web:sync_run", run_id)


def _part(part: runs.RunPart) -> dict[str, Any]:
    problems = [{"told": told, "url": _url(told)} for told in part.problems]
    return {"part": part, "problems": problems}


def _url(told: runs.RunProblem) -> str:
    kind = next((kind for record_type, kind in RECORDS.items() if record_type.value == told.record_type), None)
    return kind.url(told.record_id) if kind and told.record_id is not None else ""


def _span(request: HttpRequest) -> Span:
    asked = request.GET.get("span", "")
    return next((span for span in Span if span.value == asked), Span.WEEK)


def _run(run_id: int) -> Run:
    try:
        return runs.get(run_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
