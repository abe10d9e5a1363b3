"""What the match workbench shows: the actor types, how the comparison stands, and its result a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.erp.models import ActorMapping, Connection, JobState, Matching
from brygga.erp.services import matching
from brygga.erp.services.match_comparing import CLEAR
from brygga.erp.services.match_plans import Wins
from brygga.erp.services.matching import Kind
from brygga.web.actor_types import label_beside
from brygga.web.jobs import job_view
from brygga.web.match_rows import KINDS_IN_WORDS, doubtful_rows, kind_of, made_rows, pair_row, side
from brygga.web.paging import Page, asked_page
from brygga.web.shown import when

_USUAL = 90
"""The likeness, in per cent, from which all clear pairs are accepted unless somebody asks for another."""

_WINS: Mapping[Wins, Any] = {
    Wins.NEITHER: gettext_lazy("Only fill blanks"),
    Wins.CRM: gettext_lazy("Take the CRM's value"),
    Wins.ERP: gettext_lazy("Take the ERP's value"),
}


def workbench_url(actor: ActorMapping) -> str:
    """The address of the workbench of an actor type."""
    return f"{reverse('web:matching', args=[actor.connection_id])}?{urlencode({'actor': actor.pk})}"


def actor_or_404(connection: Connection, asked: str) -> ActorMapping | None:
    """The actor type of an address, the first one where it names none; None where nothing can be matched."""
    offered = matching.actors_on_offer(connection)
    if not asked:
        return offered[0] if offered else None
    found = next((actor for actor in offered if str(actor.pk) == asked), None)
    if found is None:
        raise Http404(_("There is no such actor type."))
    return found


def page_context(request: HttpRequest, connection: Connection, actor: ActorMapping | None) -> dict[str, Any]:
    """All that the workbench shows."""
    found = matching.matching_of(actor) if actor else None
    context = {
        "connection": connection,
        "actor": actor,
        "actors": [
            {"url": workbench_url(one), "label": label_beside(one.record_type, one.actor_type), "here": one == actor}
            for one in matching.actors_on_offer(connection)
        ],
        "made": made_rows(connection),
    }
    return context | (result_context(request, found) if found else {})


def result_context(request: HttpRequest, found: Matching) -> dict[str, Any]:
    """How a comparison stands, and what came of it."""
    actor = found.actor
    context: dict[str, Any] = {"found": found, "actor": actor, "connection": actor.connection, "kind": _kind(found)}
    if matching.is_at_work(found) and found.job is not None:
        return context | {"job": job_view(found.job)}
    if found.job is not None and found.job.state in (JobState.FAILED, JobState.STOPPED):
        context["ended"] = job_view(found.job)
    return context | (_result(request, found) if found.compared_at else {})


def _result(request: HttpRequest, found: Matching) -> dict[str, Any]:
    counts = matching.counts(found)
    tab = _asked_tab(request)
    page = Page(asked_page(request), counts[tab])
    kept = request.POST.get("wins", Wins.NEITHER.value)
    tabs = [(kind.value, KINDS_IN_WORDS[kind], counts[kind]) for kind in Kind]
    return {
        "compared_at": when(found.compared_at) if found.compared_at else "",
        "tabs": tabs,
        "tab": tab.value,
        "page": page,
        "chosen": matching.chosen(found).count(),
        "percent": request.POST.get("percent", str(_USUAL)),
        "least": int(CLEAR * 100),
        "wins": [(wins.value, text, wins.value == kept) for wins, text in _WINS.items()],
        **_rows(found, tab, page),
    }


def _rows(found: Matching, tab: Kind, page: Page) -> dict[str, Any]:
    kind = _kind(found)
    if tab is Kind.CLEAR:
        return {"rows": [pair_row(p, kind) for p in matching.pairs(found, clear=True)[page.start : page.stop]]}
    if tab is Kind.AMBIGUOUS:
        records = list(matching.doubtful_records(found)[page.start : page.stop])
        return {"rows": doubtful_rows(records, matching.pairs(found, clear=False).filter(record__in=records), kind)}
    entries = matching.lonely(found, keyless=tab is Kind.KEYLESS)[page.start : page.stop]
    return {"rows": [side(entry, kind) for entry in entries]}


def _kind(found: Matching) -> Any:
    return kind_of(found.actor.record_type)


def _asked_tab(request: HttpRequest) -> Kind:
    text = request.GET.get("tab", "")
    return Kind(text) if text in [kind.value for kind in Kind] else Kind.CLEAR
