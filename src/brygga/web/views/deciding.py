"""Needs attention: what a person decides in a dialog (behaviour G4, G8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.errors import CrmError, InvalidValue
from brygga.crm.fields import RecordType
from brygga.crm.services.records import get_record
from brygga.crm.services.users import list_users
from brygga.erp.errors import BryggaError
from brygga.erp.models import Connection, CreateIntent, Link
from brygga.erp.services import attention, decisions, health
from brygga.erp.services.naming import record_names
from brygga.merge import Side
from brygga.web.access import administrators, signed_in, user_of
from brygga.web.dialogs import in_dialog
from brygga.web.kinds import KINDS
from brygga.web.record_form import record_form
from brygga.web.views.attention import around, link_of, settled, subject_of, tell

_LONGEST_KEY = 200


@signed_in
def resolve(request: HttpRequest, ref: str) -> HttpResponse:
    """Both sides' values beside each other, to say per field which stands."""
    link = link_of(request, ref)
    parts = attention.conflicts(link)
    if request.method == "POST":
        sides = {part.field: request.POST.get(f"side-{part.field}", "") for part in parts}
        error = _decide(request, link, sides)
        if not error:
            return settled(request)
    else:
        error = "" if parts else _("No conflict waits for a decision any more.")
    context = {"title": _name(link), "parts": parts, "connection": link.connection, "error": error, "url": request.path}
    return in_dialog(request, around(request), "web/attention/resolve.html", context)


@signed_in
def resubmit(request: HttpRequest, ref: str) -> HttpResponse:
    """Correct values that did not fit, where they came from, and send them on their way again."""
    link = link_of(request, ref)
    corrections = decisions.correctable(link)
    fields = {one.crm_field.key: one.crm_field for one in corrections}
    error, version, values = "", 0, {}
    try:
        record = get_record(RecordType(link.record_type), link.record_id)
        version, values = record.version, {key: record.fields[key] for key in fields}
    except CrmError as gone:
        error = gone.user_message
    form = record_form(fields, values, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not error and form.is_valid():
        corrected = {key: form.canonical(key) for key in fields}
        error = _resubmit(request, link, corrected, form)
        if not error and not form.errors:
            return settled(request)
    rows = [{"field": form[one.crm_field.key], "problem": one.problem, "erp": one.erp_label} for one in corrections]
    context = {
        "title": _name(link), "rows": rows, "version": version, "error": error, "url": request.path,
        "edit_url": KINDS[RecordType(link.record_type)].url(link.record_id, "edit"),
    }  # fmt: skip
    return in_dialog(request, around(request), "web/attention/resubmit.html", context)


class AssignForm(forms.Form):
    """Who takes care of a record."""

    use_required_attribute = False
    user = forms.ModelChoiceField(
        label=gettext_lazy("Assign to"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("(None selected)"),
        widget=forms.Select(attrs={"class": "input", "autofocus": True}),
    )

    def __init__(self, data: Any, link: Link) -> None:
        super().__init__(data, initial={"user": link.assignee_id})
        chosen: Any = self.fields["user"]
        chosen.queryset = list_users(active_only=True)
        chosen.label_from_instance = lambda user: user.name


@administrators
def assign(request: HttpRequest, ref: str) -> HttpResponse:
    """Say who takes care of a record."""
    link = link_of(request, ref)
    form = AssignForm(request.POST if request.method == "POST" else None, link)
    if request.method == "POST" and form.is_valid():
        user = form.cleaned_data["user"]
        decisions.assign(link, user, user_of(request).username)
        name = user.name if user else ""
        return settled(request, _("%(name)s takes care of it.") % {"name": name} if user else _("Nobody has it now."))
    context = {"title": _name(link), "form": form, "url": request.path}
    return in_dialog(request, around(request), "web/attention/assign.html", context)


@signed_in
def connect(request: HttpRequest, ref: str) -> HttpResponse:
    """Connect a record with what an earlier try has created in the ERP."""
    intent = subject_of(request, ref)
    if not isinstance(intent, CreateIntent):
        raise Http404(f"{ref} is no earlier try")
    key, error = request.POST.get("key", "").strip()[:_LONGEST_KEY], ""
    if request.method == "POST":
        prefer = "erp" if request.POST.get("prefer") == "erp" else "crm"
        try:
            decisions.connect_try(intent, key, prefer, user_of(request).username)
            return settled(request, _("The record is connected."))
        except BryggaError as failed:
            error = failed.user_message
    found = str(intent.doubt.get("params", {}).get("keys", "")).split(", ")
    context = {
        "title": intent.connection.name, "keys": [one for one in found if one], "key": key, "error": error,
        "url": request.path, "connection": intent.connection,
    }  # fmt: skip
    return in_dialog(request, around(request), "web/attention/connect.html", context)


@administrators
def resume(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a connection go on that was paused; perhaps with what is missing taken as gone."""
    connection = subject_of(request, ref)
    if not isinstance(connection, Connection):
        raise Http404(f"{ref} is no connection")
    error = ""
    if request.method == "POST":
        try:
            report = health.resume(connection, user_of(request).username, request.POST.get("accept_gone") == "on")
        except BryggaError as failed:
            error = failed.user_message
        else:
            if report:
                tell(request, report)
            return settled(request, _("%(connection)s takes part in sync again.") % {"connection": connection.name})
    many_gone = connection.paused.get("code") == "many_gone"
    context = {"title": connection.name, "many_gone": many_gone, "error": error, "url": request.path}
    return in_dialog(request, around(request), "web/attention/resume.html", context)


def _decide(request: HttpRequest, link: Link, sides: dict[str, str]) -> str:
    """Settle what was chosen, one side after the other; returns why not, if it was not done."""
    by = user_of(request).username
    chosen = {side: [field for field, taken in sides.items() if taken == side] for side in Side}
    if not any(chosen.values()):
        return _("Choose for at least one field which value is to stand.")
    try:
        for side, fields in chosen.items():
            if fields:
                link.refresh_from_db()
                tell(request, decisions.resolve_conflict(link, fields, side, by))
    except BryggaError as failed:
        return failed.user_message
    return ""


def _resubmit(request: HttpRequest, link: Link, values: dict[str, Any], form: forms.Form) -> str:
    version = request.POST.get("version", "")
    try:
        number = int(version) if version.isdecimal() and len(version) < 19 else 0
        tell(request, decisions.resubmit(link, number, values, user_of(request).username))
    except InvalidValue as unfit:
        form.add_error(None, unfit.user_message)
        return unfit.user_message
    except (BryggaError, CrmError) as failed:
        return failed.user_message
    return ""


def _name(link: Link) -> str:
    names = record_names([(link.record_type, link.record_id)])
    return names.get((link.record_type, link.record_id), link.erp_key)
