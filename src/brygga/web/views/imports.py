"""Import from ERP: where it begins, and what goes for all its steps (behaviour I1, I2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from brygga.erp.models import ActorMapping, ImportDraft
from brygga.erp.services import import_drafts, import_review, resting
from brygga.erp.services.import_drafts import Step
from brygga.erp.services.import_review import Kind
from brygga.web.access import administrators, user_of
from brygga.web.import_pages import STEPS, do, draft_or_404, go_on, title_of
from brygga.web.sections import actor_label
from brygga.web.shown import when

_RECENT = 20
_COUNTED = (("new", Kind.NEW), ("changed", Kind.CHANGED))
_STATES = {
    Step.GATHERING: (gettext_lazy("Being put together"), "off"),
    Step.PLANNING: (gettext_lazy("Preview is being made"), "info"),
    Step.PREVIEW: (gettext_lazy("Ready to import"), "info"),
    Step.RUNNING: (gettext_lazy("Running"), "info"),
    Step.DONE: (gettext_lazy("Done"), "ok"),
}


@administrators
def start(request: HttpRequest) -> HttpResponse:
    """Choose what to import, and the imports so far; `connection` in the address is chosen to begin with."""
    return _start(request, request.GET.get("connection", ""))


@administrators
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an import of the chosen actors, or go on with the one begun; automatic sync is turned off if asked for."""
    chosen = request.POST.get("actor", "")
    actor = next((one for one in import_drafts.actors_on_offer() if str(one.pk) == chosen), None)
    if actor is None:
        return _start(request, "", _("Choose what to import."))
    if resting.is_automatic(actor.connection) and "rest" not in request.POST:
        return _start(request, str(actor.connection_id), asks_for=actor)
    draft = import_drafts.open_draft(user_of(request), actor)
    if "rest" in request.POST:
        resting.rest(draft)
    return go_on(draft)


@administrators
def open_import(request: HttpRequest, draft_id: int) -> HttpResponse:
    """An import where it stands."""
    return go_on(draft_or_404(draft_id))


@administrators
@require_POST
def automatic(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Turn automatic sync of the connection off for this import, or on again; back to the page it was asked on."""
    draft = draft_or_404(draft_id)
    (resting.wake if request.POST.get("automatic") == "on" else resting.rest)(draft)
    pages = {f"web:imports_{page}" for page, _label in STEPS} - {"web:imports_start"}
    page = f"web:imports_{request.POST.get('page', '')}"
    return redirect(page, draft.pk) if page in pages else go_on(draft)


@administrators
@require_POST
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Give an import up before it has been carried out."""
    draft = draft_or_404(draft_id)
    if not do(request, lambda: import_drafts.discard(draft)):
        return go_on(draft)
    return redirect("web:imports_start")


def _start(
    request: HttpRequest, connection: str, error: str = "", asks_for: ActorMapping | None = None
) -> HttpResponse:
    offered = import_drafts.actors_on_offer()
    if connection and not connection.isdecimal():
        raise Http404(_("There is no such ERP connection."))
    sources = _sources(offered, connection, asks_for)
    context = {
        "steps": [{"label": label, "here": page == "start"} for page, label in STEPS],
        "sources": sources,
        "error": error,
        "asks_for": asks_for and asks_for.connection.name,
        "imports": _import_rows(list(import_drafts.drafts()[:_RECENT])),
    }
    return render(request, "web/imports/start.html", context, status=422 if error else 200)


def _sources(offered: list[ActorMapping], connection: str, asked: ActorMapping | None) -> list[dict[str, Any]]:
    """The connections with the actor types that can be imported from each."""
    sources: dict[int, dict[str, Any]] = {}
    automatic = resting.automatic([one.connection for one in offered])
    first = next((one.pk for one in offered if str(one.connection_id) == connection), None)
    checked = asked.pk if asked else first
    for actor in offered:
        source = sources.setdefault(
            actor.connection_id,
            {"name": actor.connection.name, "automatic": actor.connection_id in automatic, "actors": []},
        )
        source["actors"].append(
            {"id": actor.pk, "label": actor_label(actor.actor_type), "checked": actor.pk == checked}
        )
    return list(sources.values())


def _import_rows(recent: list[ImportDraft]) -> list[dict[str, Any]]:
    """The imports so far; the number of queries does not depend on how many there are."""
    done = import_review.imported_counts(draft.plan for draft in recent if draft.plan)
    chosen = import_drafts.chosen_counts(recent)
    return [_import_row(draft, done.get(draft.plan_id or 0, {}), chosen.get(draft.pk, 0)) for draft in recent]


def _import_row(draft: ImportDraft, done: Mapping[Kind, int], chosen: int) -> dict[str, Any]:
    step = import_drafts.step_of(draft)
    state, colour = _STATES[step]
    numbers = {name: number_format(done.get(kind, 0), force_grouping=True) for name, kind in _COUNTED}
    counts = _("%(new)s new, %(changed)s updated") % numbers
    if step is not Step.DONE:
        counts = _("%(count)s chosen") % {"count": number_format(chosen, force_grouping=True)}
    return {
        "title": title_of(draft), "id": draft.pk, "state": state, "colour": colour,
        "by": draft.user.name, "at": when(draft.created_at), "counts": counts,
    }  # fmt: skip
