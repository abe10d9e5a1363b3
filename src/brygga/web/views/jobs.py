"""The jobs on the Sync tab: started, shown while they run, stopped (behaviour E10)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from brygga.erp.errors import NotFound
from brygga.erp.services import jobs
from brygga.erp.services.jobs import JobKind
from brygga.web.access import administrators, user_of
from brygga.web.jobs import job_context
from brygga.web.sync_page import tables
from brygga.web.sync_selection import Selection
from brygga.web.sync_summary import summary

_STOP_POLLING = 286
"""The status by which htmx ends its polling."""


@administrators
@require_POST
def sync_all(request: HttpRequest) -> HttpResponse:
    """Sync all active connections in the background."""
    jobs.start(JobKind.SYNC, {"connections": None, "record": None}, user_of(request).username)
    return _answer(request)


@administrators
@require_POST
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop a job; one that has ended meanwhile stays as it is."""
    try:
        jobs.stop(jobs.get(job_id))
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    return _answer(request)


@administrators
def progress(request: HttpRequest) -> HttpResponse:
    """How the jobs stand now; and, if that is news to the page that asks, the rest of the page that depends on it."""
    context = job_context(request.GET.get("seen", ""))
    context |= _beside(request, context)
    if context["at_work"] and "whole" not in request.GET:
        return render(request, "web/sync/jobs_progress.html", context)
    status = 200 if context["at_work"] else _STOP_POLLING
    answer = render(request, "web/sync/jobs_answer.html", context, status=status)
    answer.headers["HX-Reswap"] = "outerHTML"  # what is swapped in asks again, each second or when the next run begins
    return answer


def _beside(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    selection = Selection.of(request)
    return tables(selection) | summary() if context["news"] else {"selection": selection}


def _answer(request: HttpRequest) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect(Selection.of(request).page)
    context = job_context(request.POST.get("seen", "-"))
    return render(request, "web/sync/jobs_answer.html", context | _beside(request, context))
