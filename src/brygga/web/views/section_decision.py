"""What a person decides in the ERP tab: a conflict, and a contact whose company differs (behaviour U10, G4, E8)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.crm.services.records import last_save
from brygga.erp.engine.moved import CODES as MOVED_CODES
from brygga.erp.engine.report import RunReport
from brygga.erp.errors import BryggaError
from brygga.erp.services import acting, decisions
from brygga.erp.services.access import may_connect
from brygga.erp.services.tab import Issue, Section
from brygga.merge import Side
from brygga.web.access import signed_in, user_of
from brygga.web.dialogs import Around, done, in_dialog
from brygga.web.erp_dialog import section_or_404, tab_context
from brygga.web.kinds import RecordKind
from brygga.web.records import record_or_404
from brygga.web.sections import outcome
from brygga.web.shown import shown, when

_CHOICE = "decide-"
_COMPANY = "company"
_SIDES = [side.value for side in Side]


@signed_in
def decide(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """What waits for a decision, with both values, who and when; posted, what was chosen is carried out at once."""
    record_or_404(kind, record_id)
    section = section_or_404(user_of(request), kind, record_id, connection_id)
    if not may_connect(user_of(request), section.connection):
        raise PermissionDenied
    if request.method != "POST":
        return _asked(request, kind, record_id, section)
    if request.POST.get("seen") != _seen(section):
        return _asked(request, kind, record_id, section, _("It has changed since it was shown here. Look at it again."))
    sides = {key: side for key in _keys(section) if (side := request.POST.get(_CHOICE + key)) in _SIDES}
    company = request.POST.get(_COMPANY)
    if not sides and company not in ("move", "keep"):
        return _asked(request, kind, record_id, section, _("Choose one of the two first."))
    try:
        _carry_out(request, kind, record_id, section, sides, company)
    except (BryggaError, CrmError) as failed:
        return _asked(request, kind, record_id, section, failed.user_message)
    return done(request, kind.url(record_id, "erp"))


def _carry_out(
    request: HttpRequest,
    kind: RecordKind,
    record_id: int,
    section: Section,
    sides: dict[str, str],
    company: str | None,
) -> None:
    user = user_of(request)
    link = acting.link_of(user, section.connection.pk, kind.record_type, record_id)
    for side in Side:
        fields = [key for key, chosen in sides.items() if chosen == side]
        if fields:
            _tell(request, section, decisions.resolve_conflict(link, fields, side, user.username))
            link.refresh_from_db()
    if company == "move":
        _tell(request, section, decisions.move_contact(link, user.username))
    elif company == "keep":
        decisions.keep_apart(link, user.username)
        messages.success(request, _("%(connection)s: it stays as it is.") % {"connection": section.connection.name})


def _tell(request: HttpRequest, section: Section, report: RunReport) -> None:
    note = outcome(report.connections[0])
    tell = {"ok": messages.success, "warn": messages.warning}.get(note.colour, messages.error)
    tell(request, f"{section.connection.name}: {note.text}")


def _asked(request: HttpRequest, kind: RecordKind, record_id: int, section: Section, error: str = "") -> HttpResponse:
    record, user = record_or_404(kind, record_id), user_of(request)
    parted = next((issue for issue in section.issues if issue.code in MOVED_CODES), None)
    conflicts = [_conflict(issue, request) for issue in section.issues if issue.conflict]
    if not conflicts and parted is None and not error:
        raise Http404(_("Nothing waits for a decision here."))
    saved = last_save(kind.record_type, record_id)
    context = {
        "title": _("Decide: %(record)s, %(connection)s")
        % {"record": record.name, "connection": section.connection.name},
        "connection": section.connection.name,
        "conflicts": conflicts,
        "parted": parted.text if parted else "",
        "crm_saved": {"when": when(saved[0]), "by": _who(saved[1])} if saved else None,
        "error": error,
        "seen": _seen(section),
        "action": request.path,
    }
    around = Around("web/records/erp.html", kind.url(record_id, "erp"), lambda: tab_context(user, kind, record))
    return in_dialog(request, around, "web/erp/decide.html", context)


def _conflict(issue: Issue, request: HttpRequest) -> dict[str, Any]:
    return {
        "name": _CHOICE + issue.key,
        "label": issue.field,
        "crm": shown(issue.kind, issue.crm),
        "erp": shown(issue.kind, issue.erp),
        "since": when(datetime.fromisoformat(issue.since)) if issue.since else "",
        "chosen": request.POST.get(_CHOICE + issue.key, ""),
    }


def _who(origin: str) -> str:
    """Who saved a record: the log-in name of a user, or sync."""
    return _("Sync") if origin.startswith("sync:") else origin.removeprefix("user:")


def _keys(section: Section) -> list[str]:
    return [issue.key for issue in section.issues if issue.conflict]


def _seen(section: Section) -> str:
    """What the dialog is about, for a check that it still is when the answer comes."""
    return json.dumps([[issue.key, issue.code, issue.crm, issue.erp] for issue in section.issues])
