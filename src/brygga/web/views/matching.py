"""The match workbench: first-time linking of what is linked on neither side (behaviour G5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.models import ActorMapping, Connection, Matching, StoredPlan
from brygga.erp.services import jobs, match_plans, matching
from brygga.erp.services.match_plans import Wins
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import Around, done, in_dialog
from brygga.web.match_page import actor_or_404, page_context, result_context, workbench_url
from brygga.web.sync_page import connection_or_404

_PAGE = "web/matching/workbench.html"
_STOP_POLLING = 286
"""The status by which htmx ends its polling."""


@administrators
def workbench(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The workbench of one actor type of a connection."""
    connection = connection_or_404(connection_id)
    return render(request, _PAGE, page_context(request, connection, _asked(request, connection)))


@administrators
@require_POST
def run(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Compare, or compare again."""
    actor = _actor(request, connection_id)
    matching.start(actor, user_of(request).username)
    return redirect(workbench_url(actor))


@administrators
def progress(request: HttpRequest, connection_id: int) -> HttpResponse:
    """How far the job is; when it has ended, the page is loaded anew, or the plan that came of it."""
    actor = _actor(request, connection_id)
    found = _matching(actor)
    if matching.is_at_work(found):
        return render(request, "web/matching/progress.html", result_context(request, found))
    plan = found.job.cursor.get("at", {}).get("plan") if found.job else None
    onward = {"HX-Redirect": reverse("web:sync_plan", args=[plan])} if plan else {"HX-Refresh": "true"}
    return HttpResponse(status=_STOP_POLLING, headers=onward)


@administrators
@require_POST
def stop(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Stop the job; what was compared by then is not kept."""
    actor = _actor(request, connection_id)
    job = _matching(actor).job
    if job is not None:
        jobs.stop(job)
    return redirect(workbench_url(actor))


@administrators
@require_POST
def choose(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Accept the pairs of the page that are checked and give the others of it up; or all clear ones, or none."""
    actor = _actor(request, connection_id)
    found = _matching(actor)
    _do(request, lambda: _choose(request, found))
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('web:matching', args=[connection_id])}?{request.GET.urlencode()}")
    return render(request, "web/matching/result.html", result_context(request, found))


@administrators
@require_POST
def plan(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Have a plan made of what was accepted."""
    actor = _actor(request, connection_id)
    text = request.POST.get("wins", "")
    wins = Wins(text) if text in [one.value for one in Wins] else Wins.NEITHER
    found = _matching(actor)
    _do(request, lambda: matching.start_plan(found, wins, user_of(request).username))
    return redirect(workbench_url(actor))


@administrators
def undo(request: HttpRequest, connection_id: int, plan_id: int) -> HttpResponse:
    """Disconnect what a plan connected, and set its values back; asked about in a dialog first."""
    connection = connection_or_404(connection_id)
    made = _plan(connection, plan_id)
    page = reverse("web:matching", args=[connection_id])
    if request.method == "POST":
        matching.start_undo(made, user_of(request).username)
        return done(request, page, _("The match is being undone. The Sync tab shows how far it is."))
    around = Around(_PAGE, page, lambda: page_context(request, connection, _asked(request, connection)))
    context = {"plan": made, "connection": connection, "count": match_plans.standing_links(made).count()}
    return in_dialog(request, around, "web/matching/undo.html", context)


def _choose(request: HttpRequest, found: Matching) -> None:
    whole = request.POST.get("all", "")
    if whole == "above":
        matching.choose_clear(found, _share(request.POST.get("percent", "")))
    elif whole == "none":
        matching.leave_clear(found)
    else:
        checked = _ids(value for name in request.POST if _is_choice(name) for value in request.POST.getlist(name))
        matching.choose(found, checked, _ids(request.POST.getlist("shown")) - checked)


def _is_choice(name: str) -> bool:
    return name == "pair" or name.startswith("record-")


def _share(text: str) -> float:
    """A likeness from per cent; what is none is as good as the highest."""
    return min(int(text), 100) / 100 if text.isdecimal() and len(text) < 5 else 1.0


def _ids(texts: Any) -> set[int]:
    return {int(text) for text in texts if text.isdecimal() and len(text) < 19}


def _do(request: HttpRequest, act: Callable[[], object]) -> None:
    try:
        act()
    except BryggaError as refused:
        messages.error(request, refused.user_message)


def _actor(request: HttpRequest, connection_id: int) -> ActorMapping:
    """The actor type that is asked for. Raises Http404."""
    actor = _asked(request, connection_or_404(connection_id))
    if actor is None:
        raise Http404(_("Nothing of this connection can be matched."))
    return actor


def _asked(request: HttpRequest, connection: Connection) -> ActorMapping | None:
    return actor_or_404(connection, request.GET.get("actor", ""))


def _matching(actor: ActorMapping) -> Matching:
    try:
        return matching.get(actor.pk)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing


def _plan(connection: Connection, plan_id: int) -> StoredPlan:
    made = match_plans.plans_of(connection.pk).filter(pk=plan_id).first()
    if made is None:
        raise Http404(_("There is no plan %(id)s.") % {"id": plan_id})
    return made
