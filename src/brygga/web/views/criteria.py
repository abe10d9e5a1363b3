"""The editor of an advanced search, wherever it stands: its lines added, changed and removed (behaviour S)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from brygga.crm.models import User
from brygga.erp.models import ActorMapping
from brygga.erp.services.access import may_see
from brygga.web.access import signed_in, user_of
from brygga.web.criteria import sent


@signed_in
def editor(request: HttpRequest, actor_id: int) -> HttpResponse:
    """The editor with what its button, or another field or operator, made of the lines."""
    user = user_of(request)
    criteria = sent(user, _actor_or_404(user, actor_id), request.GET)
    return render(request, "web/criteria/editor.html", {"criteria": criteria})


def _actor_or_404(user: User, actor_id: int) -> ActorMapping:
    """An actor type that this user may search: administrators any, others those of connections that they see."""
    actors = ActorMapping.objects.filter(pk=actor_id, connection__deleted=False)
    actor = actors.select_related("connection__connector").first()
    if actor is None or not (user.is_administrator or may_see(user, actor.connection)):
        raise Http404(_("There is nothing to search here."))
    return actor
