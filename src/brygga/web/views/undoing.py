"""Undo of a log entry, a record or a run: it begins as a plan to look at (behaviour G2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.crm.fields import RecordType
from brygga.erp.errors import BryggaError, NotFound
from brygga.erp.services.undo import Undoing, make_undo_plan
from brygga.web.access import administrators, user_of

_DIGITS = 18


@administrators
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Plan an undo of what is named: `log`, `run` or `record` as type:id."""
    try:
        plan = make_undo_plan(_asked(request.POST), user_of(request).username)
    except NotFound as missing:
        raise Http404(missing.user_message) from missing
    except BryggaError as failed:
        messages.error(request, failed.user_message)
        return redirect("web:sync_log")
    if not plan.items.exists():
        messages.info(request, _("There is nothing to set back: sync has changed nothing here that still stands."))
    return redirect("web:sync_plan", plan.pk)


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
