"""Edit mode of the ERP tab: what is chosen waits, takes effect with Save and is gone with Cancel (behaviour U7)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.erp.services import pending
from brygga.web.access import signed_in, user_of
from brygga.web.dialogs import done
from brygga.web.erp_dialog import section_or_404, sections_or_404, tab_context
from brygga.web.kinds import RecordKind
from brygga.web.pending import told_saved
from brygga.web.records import record_or_404


@signed_in
def edit(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """The tab with the ways to connect and disconnect, and what has been chosen so far; no connector is called."""
    record = record_or_404(kind, record_id)
    return render(request, "web/records/erp.html", tab_context(user_of(request), kind, record, editing=True))


@signed_in
@require_POST
def save(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """Carry out what the user was shown as waiting, each by itself; what fails stays, with its reason in its place."""
    record = record_or_404(kind, record_id)
    sections_or_404(user_of(request), kind, record_id)
    where = (user_of(request), kind.record_type, record_id)
    done_now = pending.save(*where, request.POST.getlist("token"))
    for saved in done_now:
        tell = messages.error if saved.problem else messages.success
        tell(request, told_saved(saved, record.name))
    if not done_now and any(change.claimed_at is None for change in pending.pending_of(*where)):
        messages.warning(request, _("Nothing was saved, for it was chosen anew in another window. Look at it again."))
    return done(request, kind.url(record_id, "erp"))


@signed_in
@require_POST
def cancel(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """Drop all that was chosen and not saved; nothing has been written."""
    record_or_404(kind, record_id)
    sections_or_404(user_of(request), kind, record_id)
    pending.forget(user_of(request), kind.record_type, record_id)
    return redirect(kind.url(record_id, "erp"))


@signed_in
@require_POST
def drop(request: HttpRequest, kind: RecordKind, record_id: int, connection_id: int) -> HttpResponse:
    """Drop what was chosen for one connection."""
    record_or_404(kind, record_id)
    connection = section_or_404(user_of(request), kind, record_id, connection_id).connection
    pending.forget(user_of(request), kind.record_type, record_id, connection_id)
    messages.info(request, _("%(connection)s: nothing is going to be changed.") % {"connection": connection.name})
    return redirect(kind.url(record_id, "erp_edit"))
