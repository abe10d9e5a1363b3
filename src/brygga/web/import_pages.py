"""What every page of an import shows around its step: where it stands, and whether automatic sync is off (I1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.fields import RecordType
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import ImportDraft, PlanState
from brygga.erp.services import import_drafts, resting
from brygga.erp.services.import_drafts import Step
from brygga.web.kinds import KINDS
from brygga.web.sections import actor_label
from brygga.web.shown import clock

STEPS = (
    ("start", gettext_lazy("Select source")),
    ("search", gettext_lazy("Source details")),
    ("settings", gettext_lazy("Import settings")),
    ("preview", gettext_lazy("Preview import")),
    ("results", gettext_lazy("Complete the import")),
)
"""The steps of an import, by the page they stand on."""

PAGES = {
    Step.GATHERING: "web:imports_search",
    Step.PLANNING: "web:imports_preview",
    Step.PREVIEW: "web:imports_preview",
    Step.RUNNING: "web:imports_results",
    Step.DONE: "web:imports_results",
}
"""The page on which an import goes on."""


def draft_or_404(draft_id: int) -> ImportDraft:
    """The import of an address; Http404 for one that is not there."""
    try:
        return import_drafts.get(draft_id)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def go_on(draft: ImportDraft) -> HttpResponse:
    """To the page on which the import stands."""
    return redirect(PAGES[import_drafts.step_of(draft)], draft.pk)


def do(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Have a service do something; what speaks against it is said on the next page, and the answer is False."""
    try:
        act()
    except BryggaError as refused:
        messages.error(request, refused.user_message)
        return False
    return True


def shown(
    request: HttpRequest, draft: ImportDraft, here: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The page of a step; `here` is one of STEPS, or "records" for a selection that came of it."""
    around = {"draft": draft, "title": title_of(draft), "kind": kind_of(draft)}
    around |= {"steps": _steps(here), "rest": _rest(draft, here), "step": import_drafts.step_of(draft)}
    return render(request, f"web/imports/{here}.html", around | dict(context), status=status)


def title_of(draft: ImportDraft) -> str:
    """What an import is about."""
    said = {"actor": actor_label(draft.actor.actor_type), "connection": draft.actor.connection.name}
    return _("%(actor)s from %(connection)s") % said


def kind_of(draft: ImportDraft) -> Any:
    """How the records of an import appear on screen."""
    return KINDS[RecordType(draft.actor.record_type)]


def _steps(here: str) -> list[dict[str, Any]]:
    places = [page for page, _label in STEPS]
    place = places.index("results" if here == "records" else here)
    return [
        {"label": label, "page": page, "here": number == place, "past": number < place}
        for number, (page, label) in enumerate(STEPS)
    ]


def _rest(draft: ImportDraft, here: str) -> dict[str, Any] | None:
    """Whether automatic sync is on, and until when it is off; None where there is nothing to say."""
    if here == "records" or (draft.plan is not None and draft.plan.state == PlanState.APPLIED):
        return None
    if resting.is_automatic(draft.actor.connection):
        return {"on": True}
    if draft.rests_until is None or draft.rests_until < timezone.now():
        return None
    return {"on": False, "until": clock(timezone.localtime(draft.rests_until))[:5]}
