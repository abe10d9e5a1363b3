"""What is to be imported: searched for, marked, added, taken out again; and the settings (behaviour I2, I3, S)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from brygga.erp.errors import BryggaError
from brygga.erp.models import ImportDraft
from brygga.erp.services import advanced_search, import_drafts, resting
from brygga.erp.services.import_choices import ImportChoices
from brygga.erp.services.import_drafts import MOST_FOUND, Step
from brygga.web.access import administrators, user_of
from brygga.web.criteria import Criteria, remembered, sent
from brygga.web.import_form import choices_form, sent_choices
from brygga.web.import_pages import do, draft_or_404, go_on, shown
from brygga.web.import_rows import actor_rows, columns_of
from brygga.web.paging import Page, asked_page


@administrators
def search(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The search with what it found last; posted, it searches."""
    draft = draft_or_404(draft_id)
    if import_drafts.step_of(draft) is not Step.GATHERING:
        return go_on(draft)
    user = user_of(request)
    if request.method != "POST":
        return _search_page(request, draft, remembered(user, draft.actor))
    resting.prolong(draft)
    criteria = sent(user, draft.actor, request.POST)
    if criteria.is_edited:
        return _search_page(request, draft, criteria)
    if not criteria.is_valid():
        return _search_page(request, draft, criteria, _("Some criteria need a correction."))
    try:
        found = import_drafts.search(draft, criteria.restrictions())
    except BryggaError as failed:
        return _search_page(request, draft, criteria, failed.user_message)
    advanced_search.remember(user, draft.actor, criteria.restrictions())
    if found.more:
        most = number_format(MOST_FOUND, force_grouping=True)
        messages.warning(
            request, _("The first %(count)s are shown. Search more closely to see others.") % {"count": most}
        )
    return redirect("web:imports_search", draft.pk)


@administrators
@require_POST
def add(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Add what is marked among the results, or all of them, to what is going to be imported."""
    draft = draft_or_404(draft_id)
    resting.prolong(draft)
    keys = None if "all" in request.POST else request.POST.getlist("key")
    added = 0

    def act() -> None:
        nonlocal added
        added = import_drafts.add(draft, keys)

    if do(request, act):
        text = ngettext("%(n)s record was added.", "%(n)s records were added.", added)
        messages.success(request, text % {"n": number_format(added, force_grouping=True)})
    return redirect(f"{reverse('web:imports_search', args=[draft.pk])}{_page_of(request)}")


@administrators
@require_POST
def remove(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Take what is marked, or all, out of what is going to be imported."""
    draft = draft_or_404(draft_id)
    resting.prolong(draft)
    keys = None if "all" in request.POST else request.POST.getlist("key")
    do(request, lambda: import_drafts.remove(draft, keys))
    return redirect("web:imports_chosen", draft.pk)


@administrators
def chosen(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What is going to be imported."""
    draft = draft_or_404(draft_id)
    if import_drafts.step_of(draft) is not Step.GATHERING:
        return go_on(draft)
    rows = import_drafts.chosen_rows(draft)
    page = Page(asked_page(request), rows.count())
    context = {
        "page": page,
        "columns": columns_of(draft),
        "rows": actor_rows(draft, list(rows[page.start : page.stop])),
    }
    return shown(request, draft, "search", context | {"lists": "chosen", "chosen": page.total})


@administrators
def settings(request: HttpRequest, draft_id: int) -> HttpResponse:
    """How duplicates and unknown list items are dealt with; posted, the preview is made."""
    draft = draft_or_404(draft_id)
    if import_drafts.step_of(draft) is not Step.GATHERING:
        return go_on(draft)
    if request.method != "POST":
        return _settings_page(request, draft, ImportChoices.of(draft.choices))
    resting.prolong(draft)
    choices = sent_choices(request.POST)
    try:
        import_drafts.choose(draft, choices)
        import_drafts.start_preview(draft, user_of(request).username)
    except BryggaError as refused:
        return _settings_page(request, draft, choices, refused.user_message)
    return redirect("web:imports_preview", draft.pk)


def _page_of(request: HttpRequest) -> str:
    page = request.POST.get("page", "")
    return f"?page={page}" if page.isdecimal() and len(page) < 8 else ""


def _search_page(request: HttpRequest, draft: ImportDraft, criteria: Criteria, error: str = "") -> HttpResponse:
    found = import_drafts.found_rows(draft)
    page = Page(asked_page(request), found.count())
    searched = advanced_search.remembered(user_of(request), draft.actor) is not None and draft.rows.exists()
    context: dict[str, Any] = {
        "criteria": criteria,
        "error": error,
        "page": page,
        "columns": columns_of(draft),
        "rows": actor_rows(draft, list(found[page.start : page.stop])),
        "searched": searched or bool(request.GET.get("page")),
        "chosen": import_drafts.chosen_rows(draft).count(),
        "lists": "found",
    }
    return shown(request, draft, "search", context, status=422 if error else 200)


def _settings_page(request: HttpRequest, draft: ImportDraft, choices: ImportChoices, error: str = "") -> HttpResponse:
    context = choices_form(draft.actor, choices) | {
        "error": error,
        "chosen": import_drafts.chosen_rows(draft).count(),
    }
    return shown(request, draft, "settings", context, status=422 if error else 200)
