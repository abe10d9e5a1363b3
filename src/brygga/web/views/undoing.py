"""Undo of a log entry, a record or a run: it begins as a plan to look at, made by a job where it is long (G2, E10)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.fields import RecordType
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import Job, PlanItem
from brygga.erp.services import jobs
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.undo import Undoing, make_undo_plan
from brygga.web.access import administrators, user_of
from brygga.web.jobs import job_view

AT_ONCE = 500
"""So many entries of the log are planned for while the user waits; more are a job that shows its progress."""

_DIGITS = 18
_STOP_POLLING = 286
"""The status by which htmx ends its polling."""


@administrators
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Plan an undo of what is named: `log`, `run` or `record` as type:id. Of much, that is a job."""
    what, by = _asked(request.POST), user_of(request).username
    try:
        if what.is_more_than(AT_ONCE):
            job = jobs.start(JobKind.PLAN_UNDO, what.params(), by)
            return redirect("web:sync_undo_planning", job.pk)
        plan = make_undo_plan(what, by)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    except BryggaError as failed:
        messages.error(request, failed.user_message)
        return redirect("web:sync_log")
    return redirect(_plan_url(request, plan.pk))


@administrators
def planning(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far the job is that plans an undo; then its plan, or why there is none."""
    job = _job(job_id)
    view = job_view(job)
    in_part = bool(request.headers.get("HX-Request"))
    if view.is_open:
        template = "undo_progress" if in_part else "undo"
        return render(request, f"web/log/{template}.html", {"job": view})
    plan_id = job.cursor.get("at", {}).get("plan")
    if plan_id:
        url = _plan_url(request, plan_id)
        return HttpResponse(status=_STOP_POLLING, headers={"HX-Redirect": url}) if in_part else redirect(url)
    if in_part:
        return HttpResponse(status=_STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "web/log/undo.html", {"job": view})


@administrators
@require_POST
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop planning; then there is no plan."""
    jobs.stop(_job(job_id))
    return redirect("web:sync_undo_planning", job_id)


def _job(job_id: int) -> Job:
    """A job that plans an undo. Raises Http404."""
    try:
        job = jobs.get(job_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    if job.kind != JobKind.PLAN_UNDO:
        raise Http404("this job plans no undo")
    return job


def _plan_url(request: HttpRequest, plan_id: int) -> str:
    """The address of a plan that was made; the reader is told there if nothing is in it."""
    if not PlanItem.objects.filter(plan=plan_id).exists():
        messages.info(request, _("There is nothing to set back: sync has changed nothing here that still stands."))
    return reverse("web:sync_plan", args=[plan_id])


def _asked(posted: QueryDict) -> Undoing:
    record_type, _colon, record_id = posted.get("record", "").partition(":")
    log_id, run_id, record = _number(posted.get("log")), _number(posted.get("run")), _number(record_id)
    kinds = {kind.value for kind in RecordType}
    named = (record_type, record) if record is not None and record_type in kinds else None
    if sum(one is not None for one in (log_id, run_id, named)) != 1:
        raise Http404("an undo names one entry, one run or one record")
    return Undoing(log_id, named, run_id)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= _DIGITS else None
