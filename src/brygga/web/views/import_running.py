"""The preview of an import, its progress and what came of it (behaviour I4)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.fields import RecordType
from brygga.crm.services.records import get_records
from brygga.erp.models import ImportDraft, JobState, PlanState, StoredPlan
from brygga.erp.services import import_drafts, import_review, jobs, resting
from brygga.erp.services.import_drafts import Step
from brygga.erp.services.import_review import Kind
from brygga.web.access import administrators, user_of
from brygga.web.import_pages import PAGES, do, draft_or_404, go_on, kind_of, shown
from brygga.web.import_rows import KINDS_IN_WORDS, left_out_rows, new_items_in_words, preview_rows
from brygga.web.jobs import job_view
from brygga.web.kinds import KINDS
from brygga.web.paging import Page, asked_page
from brygga.web.records import Presenter

_STOP_POLLING = 286
"""The status by which htmx ends its polling."""

_LEFT_OUT = 100
"""Items that could not be carried out that are told one by one; the plan has all of them."""


@administrators
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What would be imported; while that is found out, how far it is."""
    draft = draft_or_404(draft_id)
    step = import_drafts.step_of(draft)
    if step is Step.PLANNING and draft.job is not None:
        return shown(request, draft, "preview", {"job": job_view(draft.job)})
    if step is Step.GATHERING and draft.job is not None and draft.job.state in (JobState.FAILED, JobState.STOPPED):
        return shown(request, draft, "preview", {"ended": job_view(draft.job)})
    if step is not Step.PREVIEW or draft.plan is None:
        return go_on(draft)
    return shown(request, draft, "preview", _preview(request, draft, draft.plan))


@administrators
@require_POST
def check(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Take rows in or leave them out: those of the page, or all, or all of one kind."""
    draft = draft_or_404(draft_id)
    if draft.plan is None:
        return go_on(draft)
    resting.prolong(draft)
    whole = request.POST.get("all", "")
    if whole in ("check", "uncheck"):
        import_review.choose_all(draft.plan, whole == "check", _asked_kind(request))
    else:
        checked = set(request.POST.getlist("key"))
        import_review.choose(draft.plan, {key: key in checked for key in request.POST.getlist("shown")})
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('web:imports_preview', args=[draft.pk])}?{request.GET.urlencode()}")
    around = {"draft": draft, "kind": kind_of(draft)}
    return render(request, "web/imports/preview_rows.html", around | _preview(request, draft, draft.plan))


@administrators
@require_POST
def back(request: HttpRequest, draft_id: int) -> HttpResponse:
    """From the preview back to the settings."""
    draft = draft_or_404(draft_id)
    resting.prolong(draft)
    import_drafts.back(draft)
    return redirect("web:imports_settings", draft.pk)


@administrators
@require_POST
def run(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Import what is chosen."""
    draft = draft_or_404(draft_id)
    do(request, lambda: import_drafts.start_import(draft, user_of(request).username))
    return go_on(draft_or_404(draft_id))


@administrators
def progress(request: HttpRequest, draft_id: int) -> HttpResponse:
    """How far the job of an import is; when it has ended, the page is loaded anew."""
    draft = draft_or_404(draft_id)
    if import_drafts.step_of(draft) not in (Step.PLANNING, Step.RUNNING) or draft.job is None:
        return HttpResponse(status=_STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "web/imports/progress.html", {"draft": draft, "job": job_view(draft.job)})


@administrators
@require_POST
def stop(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Stop the job of an import; what is done stays done."""
    draft = draft_or_404(draft_id)
    if draft.job is not None:
        jobs.stop(draft.job)
    step = import_drafts.step_of(draft)
    return redirect("web:imports_preview" if step is Step.GATHERING else PAGES[step], draft.pk)


@administrators
def results(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What came of an import, and while it runs, how far it is."""
    draft = draft_or_404(draft_id)
    step = import_drafts.step_of(draft)
    if step is Step.RUNNING and draft.job is not None:
        return shown(request, draft, "results", {"job": job_view(draft.job)})
    if step is not Step.DONE or draft.plan is None:
        return go_on(draft)
    return shown(request, draft, "results", _results(draft, draft.plan))


@administrators
def records(request: HttpRequest, draft_id: int, which: str) -> HttpResponse:
    """A selection: the new or the updated records of an import."""
    draft = draft_or_404(draft_id)
    if which not in (Kind.NEW, Kind.CHANGED) or draft.plan is None:
        raise Http404(_("There is no such selection."))
    found = import_review.imported(draft.plan, Kind(which))
    page = Page(asked_page(request), found.count())
    kind = kind_of(draft)
    presenter = Presenter(kind)
    ids = list(found.values_list("record_id", flat=True)[page.start : page.stop])
    live = get_records(RecordType(draft.actor.record_type), [record_id for record_id in ids if record_id])
    context = {
        "selection": _("New records") if which == Kind.NEW else _("Updated records"),
        "columns": [presenter.label(key) for key in kind.columns],
        "rows": [presenter.row(record, kind.columns) for record in live],
        "gone": len(ids) - len(live),
        "page": page,
    }
    return shown(request, draft, "records", context)


def _preview(request: HttpRequest, draft: ImportDraft, plan: StoredPlan) -> dict[str, Any]:
    kind = _asked_kind(request)
    counts = import_review.counts(plan)
    page = Page(asked_page(request), counts[kind] if kind else sum(counts.values()))
    heads = import_review.actors(plan, kind)[page.start : page.stop]
    fields = KINDS[RecordType(draft.actor.record_type)]
    labels = {key: str(one.label) for key, one in Presenter(fields).fields.items()}
    return {
        "kinds": [(one.value, KINDS_IN_WORDS[one], counts[one]) for one in Kind if counts[one]],
        "asked": kind or "",
        "total": sum(counts.values()),
        "to_import": import_review.chosen(plan),
        "new_items": new_items_in_words(plan, labels),
        "page": page,
        "rows": preview_rows(draft, plan, heads),
    }


def _results(draft: ImportDraft, plan: StoredPlan) -> dict[str, Any]:
    left = import_review.left_out(plan)
    count = left.count()
    counts = import_review.counts(plan)
    failures = [part for part in (plan.run.report if plan.run else []) if part.get("failure")]
    return {
        "new": import_review.imported(plan, Kind.NEW).count(),
        "updated": import_review.imported(plan, Kind.CHANGED).count(),
        "skipped": counts[Kind.SKIPPED],
        "left_out": left_out_rows(draft, plan, left[:_LEFT_OUT]),
        "left_count": count,
        "waiting": import_review.chosen(plan) if plan.state != PlanState.APPLIED else 0,
        "ended": job_view(draft.job) if draft.job else None,
        "failed": bool(failures),
        "plan": plan,
    }


def _asked_kind(request: HttpRequest) -> Kind | None:
    text = request.GET.get("kind", "")
    return Kind(text) if text in [kind.value for kind in Kind] else None
