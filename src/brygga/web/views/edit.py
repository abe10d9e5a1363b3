"""A record's screen in edit mode: Save, Cancel, and what happens when somebody else has saved (behaviour C2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError, InvalidValue, StaleRecord
from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, create_record, last_save, save_record
from brygga.erp.crm_side import crm_side
from brygga.merge.values import Value
from brygga.web.access import signed_in, user_of
from brygga.web.choosing import candidates, chosen, options, reference
from brygga.web.form_errors import show_error
from brygga.web.kinds import CONTACTS, RecordKind
from brygga.web.record_form import COMPANY, RecordForm, add_company_field, record_form
from brygga.web.records import Presenter, record_or_404
from brygga.web.savers import saver
from brygga.web.shown import when

_CHOICE = "use-"
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A field on which the user and somebody else disagree."""

    key: str
    label: str
    mine: str
    theirs: str
    mine_changed: bool


@signed_in
def new(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """The form for a new record, and saving it."""
    presenter = Presenter(kind)
    form = _form(presenter, {}, _asked_company(request), request)
    if request.method == "POST" and form.is_valid():
        made = _create(request, kind, form)
        if made:
            messages.success(request, _("%(name)s has been added.") % {"name": made.name})
            return redirect(kind.url(made.id))
    context = _form_context(presenter, form, str(kind.add_label), 0, kind.list_url)
    return render(request, "web/records/edit.html", context, status=422 if form.errors else 200)


@signed_in
def edit(request: HttpRequest, kind: RecordKind, record_id: int) -> HttpResponse:
    """The form of a record, and saving it."""
    record = record_or_404(kind, record_id)
    presenter = Presenter(kind)
    form = _form(presenter, record.fields, _company_of(record), request)
    if request.method == "POST" and form.is_valid():
        answer = _save(request, presenter, record, form)
        if answer:
            return answer
    version = request.POST.get("version", record.version)
    context = _form_context(presenter, form, record.name, version, kind.url(record_id))
    return render(request, "web/records/edit.html", context, status=422 if form.errors else 200)


def _form(presenter: Presenter, values: Mapping[str, Value], company: str, request: HttpRequest) -> RecordForm:
    form = record_form(presenter.fields, values, request.POST or None)
    if presenter.kind is CONTACTS:
        add_company_field(form, company)
    return form


def _create(request: HttpRequest, kind: RecordKind, form: RecordForm) -> RecordView | None:
    keys = set(form.changed_data)
    if kind is CONTACTS:
        keys.add(COMPANY)
    try:
        values, parent = _wanted(form, keys)
        return create_record(kind.record_type, values, user_of(request).username, parent)
    except CrmError as error:
        show_error(form, error)
    return None


def _wanted(form: RecordForm, keys: Collection[str]) -> tuple[dict[str, Value], int | None]:
    """The values of these fields and, if it is among them, the company's id. Raises InvalidValue for an unclear one."""
    values = {key: form.canonical(key) for key in keys if key != COMPANY}
    if COMPANY not in keys:
        return values, None
    text = form.cleaned_data[COMPANY]
    found = candidates(RecordType.COMPANY, text)
    company = chosen(text, found)
    if company is None:
        raise InvalidValue(COMPANY, form.fields[COMPANY].label, _unclear_company(text, found))
    return values, company.id


def _unclear_company(text: str, found: Sequence[RecordView]) -> str:
    if not found:
        return _("No company matches “%(text)s”. Check the spelling.") % {"text": text}
    names = ", ".join(option["value"] for option in options(found[:_NAMED]))
    return _("It is not clear which company is meant. Enter one of these: %(companies)s") % {"companies": names}


def _save(request: HttpRequest, presenter: Presenter, record: RecordView, form: RecordForm) -> HttpResponse | None:
    """The answer to a save; None where something is wrong that the form now says."""
    kind, version = presenter.kind, request.POST.get("version", "")
    read, by = int(version) if version.isdecimal() else 0, user_of(request).username
    try:
        changes, company = _wanted(form, _keys_to_save(request, form))
        save_record(kind.record_type, record.id, read, changes, by, company)
    except StaleRecord:
        return _stale(request, presenter, record_or_404(kind, record.id), form)
    except CrmError as error:
        show_error(form, error)
        return None
    messages.success(request, _("%(name)s has been saved.") % {"name": record.name})
    return redirect(kind.url(record.id))


def _keys_to_save(request: HttpRequest, form: RecordForm) -> set[str]:
    """What the user changed, corrected by the choices made after somebody else's save."""
    choices = {key: request.POST.get(_CHOICE + key) for key in form.fields}
    mine = {key for key, choice in choices.items() if choice == "mine"}
    theirs = {key for key, choice in choices.items() if choice == "theirs"}
    return (set(form.changed_data) | mine) - theirs


def _stale(request: HttpRequest, presenter: Presenter, current: RecordView, form: RecordForm) -> HttpResponse:
    """Both values of every field that differs, to choose from; the user's own input is carried along."""
    at, by = last_save(current.type, current.id) or (timezone.now(), "")
    carried = [(name, value) for name, values in request.POST.lists() for value in values if _is_input(name)]
    context = {
        "kind": presenter.kind,
        "title": current.name,
        "version": current.version,
        "who": saver(by),
        "when": when(at),
        "rows": _differences(presenter, current, form),
        "carried": carried,
        "cancel_url": presenter.kind.url(current.id),
    }
    return render(request, "web/records/stale.html", context, status=409)


def _differences(presenter: Presenter, current: RecordView, form: RecordForm) -> list[Difference]:
    found = []
    for key, field in form.fields.items():
        mine, theirs = form.canonical(key), _company_of(current) if key == COMPANY else current.fields.get(key)
        if mine != theirs:
            show = str if key == COMPANY else partial(presenter.text, key)
            found.append(Difference(key, str(field.label), show(mine), show(theirs), key in form.changed_data))
    return found


def _is_input(name: str) -> bool:
    return name not in ("csrfmiddlewaretoken", "version") and not name.startswith(_CHOICE)


def _form_context(presenter: Presenter, form: RecordForm, title: str, version: Any, cancel_url: str) -> dict[str, Any]:
    groups = [(group.label, [form[key] for key in group.keys]) for group in presenter.groups()]
    if COMPANY in form.fields:
        groups[0][1].insert(0, form[COMPANY])
    return {
        "kind": presenter.kind,
        "form": form,
        "groups": [{"label": label, "fields": fields} for label, fields in groups],
        "title": title,
        "version": version,
        "cancel_url": cancel_url,
        "companies": options(candidates(RecordType.COMPANY, form[COMPANY].value())) if COMPANY in form.errors else [],
    }


def _asked_company(request: HttpRequest) -> str:
    asked = request.GET.get("company", "")
    if not asked.isdecimal() or len(asked) > 18:
        return ""
    name = crm_side().describe(RecordType.COMPANY, [int(asked)]).get(int(asked))
    return reference(name, int(asked)) if name else ""


def _company_of(record: RecordView) -> str:
    """The company of a contact as the form has it; the others have none."""
    return reference(record.parent.name, record.parent.id) if record.parent else ""
