"""Finding the actor that a record is to be connected to: by text, by criteria, the likest first (behaviour U4, S)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.erp.errors import BryggaError
from brygga.erp.services import acting, advanced_search
from brygga.erp.services.access import may_connect
from brygga.erp.services.fields import get_actor
from brygga.erp.services.searching import Match, Matches
from brygga.web.access import signed_in, user_of
from brygga.web.criteria import Criteria, has_lines, remembered, sent
from brygga.web.erp_dialog import Place, in_place, place_for
from brygga.web.kinds import RecordKind
from brygga.web.likeness_words import in_words
from brygga.web.shown import shown

_FOUND = "web/erp/found.html"
_LONGEST_TEXT = 250


@signed_in
def connect(
    request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int, actor_type: str
) -> HttpResponse:
    """The search; it opens at once, and runs a search on the record's name when it stands (behaviour U4)."""
    place = place_for(request, kind, record_id, connection_id, actor_type, may_connect)
    if has_lines(request.GET):
        return _found_by_criteria(request, place)
    text = request.GET.get("q")
    if "opening" in request.GET:
        return _found_by_text(request, place, None)
    if text is not None:
        return _found_by_text(request, place, text.replace("\x00", "").strip()[:_LONGEST_TEXT])
    context: dict[str, Any] = {"text": place.record.name}
    if "advanced" in request.GET:  # without a script the criteria stand on a page of their own
        context |= {"criteria": remembered(user_of(request), get_actor(place.connection, actor_type)), "searched": True}
    return _in_search(request, place, "web/erp/connect.html", context)


def _found_by_text(request: HttpRequest, place: Place, text: str | None) -> HttpResponse:
    where = (place.connection.pk, place.kind.record_type, place.record.id, place.actor_type)
    shown_text = place.record.name if text is None else text
    return _found(request, place, lambda: acting.search(user_of(request), *where, text), {"text": shown_text})


def _found_by_criteria(request: HttpRequest, place: Place) -> HttpResponse:
    user, actor = user_of(request), get_actor(place.connection, place.actor_type)
    criteria = sent(user, actor, request.GET)
    context: dict[str, Any] = {"text": place.record.name, "criteria": criteria}
    if criteria.is_edited or not criteria.is_valid():
        return _in_search(request, place, _template(request), context | {"searched": True, "not_asked": True})
    return _found(request, place, lambda: _by_criteria(request, place, criteria), context)


def _by_criteria(request: HttpRequest, place: Place, criteria: Criteria) -> Matches:
    user, restrictions = user_of(request), criteria.restrictions()
    advanced_search.remember(user, criteria.actor, restrictions)
    where = (place.connection.pk, place.kind.record_type, place.record.id, place.actor_type)
    return acting.search_by(user, *where, restrictions) if restrictions else acting.search(user, *where, "")


def _found(request: HttpRequest, place: Place, search: Callable[[], Matches], context: dict[str, Any]) -> HttpResponse:
    try:
        matches = search()
    except BryggaError as failed:
        context |= {"error": failed.user_message}
    else:
        context |= {"searched": True, "more": matches.more, "most": len(matches.actors)}
        context["rows"] = [_row(place, match) for match in matches.actors]
    return _in_search(request, place, _template(request), context)


def _template(request: HttpRequest) -> str:
    return _FOUND if request.headers.get("HX-Target") == "erp-found" else "web/erp/connect.html"


def _in_search(request: HttpRequest, place: Place, template: str, context: dict[str, Any]) -> HttpResponse:
    actor = get_actor(place.connection, place.actor_type)
    context |= {"actor_id": actor.pk, "has_criteria": bool(advanced_search.searchable_fields(actor))}
    context["beside"] = template == _FOUND
    return in_place(request, place, template, context | {"create_refusal": _create_refusal(request, place)})


def _create_refusal(request: HttpRequest, place: Place) -> str:
    """Why the user can't create an actor instead; empty if nothing is known to stand against it (behaviour U6)."""
    try:
        return acting.create_obstacle(user_of(request), place.connection.pk, place.actor_type)
    except BryggaError as failed:
        return failed.user_message


def _row(place: Place, match: Match) -> dict[str, Any]:
    """An actor with its columns; the first one is what it is chosen by, and shows the key where it is blank."""
    cells = [{"label": value.label, "text": shown(value.kind, value.value)} for value in match.values]
    first, *others = cells or [{"label": place.actor_label, "text": ""}]
    first["text"] = first["text"] or match.erp_key
    reasons = in_words(match.reasons) or _("Nothing in common")
    likeness = {"percent": round(match.score * 100), "why": reasons}
    return {"key": match.erp_key, "linked_to": match.linked_to, "first": first, "others": others, "like": likeness}
