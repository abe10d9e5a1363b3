"""Plans: listed, looked at, chosen from, applied or dropped (behaviour G1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from brygga.erp.engine.report import RunReport
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import Job, PlanOutcome, PlanState, StoredPlan
from brygga.erp.services import jobs, plans
from brygga.erp.services.applying import apply
from brygga.erp.services.jobs import JobKind
from brygga.web.access import administrators, user_of
from brygga.web.paging import Page, asked_page
from brygga.web.plan_rows import OUTCOMES, counted, item_rows, plan_row, plan_state, plan_title

AT_ONCE = 100
"""So many changes are made while the user waits; more are a job that shows its progress."""

_STOP_POLLING = 286


@administrators
def plan_list(request: HttpRequest) -> HttpResponse:
    """The Plans tab."""
    page = Page(asked_page(request), StoredPlan.objects.count())
    lines = plans.plans(page.size, page.start)
    return render(request, "web/log/plans.html", {"rows": [plan_row(line) for line in lines], "page": page})


@administrators
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan with its items, a page at a time, perhaps only those with one outcome."""
    return render(request, "web/log/plan.html", _context(request, _plan(plan_id)))


@administrators
@require_POST
def choose(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take the items of a page in that are checked and leave the others of it out; or all items of the plan."""
    found = _plan(plan_id)
    whole = request.POST.get("all", "")
    if whole in ("check", "uncheck"):
        plans.turn_all(found, whole == "check")
    else:
        shown, checked = _ids(request, "shown"), _ids(request, "item")
        own = set(found.items.filter(pk__in=shown).values_list("pk", flat=True))
        plans.check(own & checked)
        plans.uncheck(own - checked)
    if not request.headers.get("HX-Request"):
        return redirect("web:sync_plan", plan_id)
    return render(request, "web/log/plan_items.html", _context(request, found))


@administrators
@require_POST
def apply_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Carry out what is checked: at once, or as a job where it is much."""
    found = _plan(plan_id)
    by = user_of(request).username
    if found.items.filter(outcome=PlanOutcome.WAITING).count() > AT_ONCE:
        jobs.start(JobKind.APPLY, {"plan": plan_id}, by)
        return redirect("web:sync_plan", plan_id)
    try:
        _tell(request, apply(found, by))
    except BryggaError as failed:
        messages.error(request, failed.user_message)
    return redirect("web:sync_plan", plan_id)


@administrators
@require_POST
def drop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Give a plan up."""
    try:
        plans.drop(_plan(plan_id))
    except BryggaError as failed:
        messages.error(request, failed.user_message)
    else:
        messages.success(request, _("Plan %(number)s has been dropped.") % {"number": plan_id})
    return redirect("web:sync_plan", plan_id)


@administrators
def progress(request: HttpRequest, plan_id: int) -> HttpResponse:
    """How far the job is that applies a plan; when it has ended, the page is loaded anew."""
    found = _plan(plan_id)
    job = _job(found)
    if job is None:
        return HttpResponse(status=_STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "web/log/plan_progress.html", {"plan": found, "job": _at_work(job)})


def _context(request: HttpRequest, found: StoredPlan) -> dict[str, Any]:
    counts = plans.counts(found)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in PlanOutcome.values else ""
    items = plans.items(found).filter(outcome=outcome) if outcome else plans.items(found)
    page = Page(asked_page(request), counts.get(outcome, 0) if outcome else sum(counts.values()))
    state, colour = plan_state(found)
    job = _job(found)
    return {
        "plan": found,
        "title": plan_title(found),
        "state": state,
        "colour": colour,
        "is_undo": found.kind == "undo",
        "is_open": found.state == PlanState.OPEN and job is None,
        "can_apply": found.state in (PlanState.OPEN, PlanState.APPLYING) and job is None,
        "waiting": counts.get(PlanOutcome.WAITING, 0),
        "can_turn": bool(counts.get(PlanOutcome.WAITING) or counts.get(PlanOutcome.UNCHECKED)),
        "counts": counted(counts),
        "outcome": outcome,
        "outcomes": [(key, text, counts[key]) for key, text in OUTCOMES.items() if counts.get(key)],
        "failures": [f"{part.name}: {part.error}" for part in plans.parts_of(found) if part.failure],
        "page": page,
        "rows": item_rows(items[page.start : page.stop], found),
        "job": _at_work(job) if job else None,
    }


def _tell(request: HttpRequest, report: RunReport) -> None:
    text = ngettext("%(n)s change was made.", "%(n)s changes were made.", report.changes) % {"n": report.changes}
    failures = [f"{part.name}: {part.error}" for part in report.connections if part.failure]
    if failures:
        messages.error(request, " ".join([text, *failures, _("Apply the plan again for what still waits.")]))
    elif report.failed:
        left = ngettext("%(n)s item was left as it is.", "%(n)s items were left as they are.", report.failed)
        messages.warning(request, f"{text} {left % {'n': report.failed}}")
    else:
        messages.success(request, text)


def _job(found: StoredPlan) -> Job | None:
    return next(
        (job for job in jobs.unfinished() if job.kind == JobKind.APPLY and job.params["plan"] == found.pk), None
    )


def _at_work(job: Job) -> dict[str, Any]:
    """How far a job is, for its bar; without a total nobody knows."""
    done, total = (number_format(count, force_grouping=True) for count in (job.done, job.total))
    text = _("%(done)s of %(total)s records.") % {"done": done, "total": total} if job.total else _("Waiting")
    return {"done": min(job.done, job.total), "total": job.total, "text": text}


def _plan(plan_id: int) -> StoredPlan:
    try:
        return plans.get(plan_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def _ids(request: HttpRequest, name: str) -> set[int]:
    return {int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 19}
