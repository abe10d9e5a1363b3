"""Settings and maintenance: user-defined fields (behaviour C1, C4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from brygga.crm.errors import Refused
from brygga.crm.fields import USER_DEFINED
from brygga.crm.models import UserDefinedField
from brygga.crm.services import lists
from brygga.crm.services import user_fields as service
from brygga.erp.services.linked import connections_mapping_field
from brygga.merge.values import Kind
from brygga.web.access import administrators
from brygga.web.dialogs import Around
from brygga.web.kinds import KINDS, RecordKind
from brygga.web.settings_dialogs import DialogForm, Ranked, form_dialog, posted, rank_dialog

_PAGE = "web/settings/fields.html"

KIND_LABELS = {
    Kind.TEXT: gettext_lazy("Text field"),
    Kind.INTEGER: gettext_lazy("Number field"),
    Kind.DOUBLE: gettext_lazy("Number field with decimals"),
    Kind.CHECKBOX: gettext_lazy("Checkbox"),
    Kind.LIST: gettext_lazy("List field"),
    Kind.DATE: gettext_lazy("Date field"),
    Kind.DATETIME: gettext_lazy("Date and time field"),
}
"""What the types of fields are called."""


class FieldForm(DialogForm):
    """What can be changed of a field. `list` is for list fields, `max_length` for text fields."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    list = forms.ChoiceField(label=gettext_lazy("List"), required=False)
    max_length = forms.IntegerField(
        label=gettext_lazy("Longest text"),
        min_value=0,
        max_value=service.LONGEST_TEXT,
        required=False,
        localize=True,
        help_text=gettext_lazy("In characters; blank means that there is no limit."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["list"]
        assert isinstance(field, forms.ChoiceField)
        offered = sorted(lists.lists(), key=lambda one: one.label.casefold())
        field.choices = [("", _("(No Selection)")), *((one.key, one.label) for one in offered)]

    def chosen(self) -> dict[str, Any]:
        """List and longest text, as the services take them."""
        sent = self.cleaned_data
        return {"list_key": sent.get("list", ""), "max_length": sent.get("max_length") or 0}


class NewFieldForm(FieldForm):
    """A field that is not there yet: its type is chosen once."""

    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=[(one.value, KIND_LABELS[one]) for one in KIND_LABELS])
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("By which mappings and scripts know the field; blank makes one of the name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("name", "kind", "list", "max_length", "key")


@administrators
def start(request: HttpRequest) -> HttpResponse:
    """The fields of the first kind of record."""
    return redirect("web:settings_fields_of", next(iter(KINDS.values())).slug)


@administrators
def fields(request: HttpRequest, kind: str) -> HttpResponse:
    """The user-defined fields of one kind of record; with `?deleted`, those that have been deleted as well."""
    return render(request, _PAGE, _page_context(request, _kind_or_404(kind)))


@administrators
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """A new field."""
    record_kind = _kind_or_404(kind)
    form = NewFieldForm(posted(request))

    def carry_out() -> None:
        sent, record_type = form.cleaned_data, record_kind.record_type
        key = sent["key"] or service.key_for(record_type, sent["name"])
        service.define_field(record_type, key, sent["name"], Kind(sent["kind"]), **form.chosen())
        messages.success(request, _("%(name)s has been added.") % {"name": sent["name"]})

    title = _("Add field: %(kind)s") % {"kind": record_kind.label}
    return form_dialog(request, _around(request, record_kind), title, form, carry_out, "web/settings/field_form.html")


@administrators
def change(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Name, list or longest text of a field."""
    record_kind = _kind_or_404(kind)
    field = _field_or_404(record_kind, key)
    initial = {
        "name": field.name,
        "list": field.list.key if field.list else "",
        "max_length": field.max_length or None,
    }
    form = FieldForm(posted(request), initial=initial)
    for name, has_it in (("list", Kind.LIST), ("max_length", Kind.TEXT)):
        if field.kind != has_it:
            del form.fields[name]

    def carry_out() -> None:
        service.change_field(record_kind.record_type, key, form.cleaned_data["name"], **form.chosen())
        messages.success(request, _("%(name)s has been saved.") % {"name": form.cleaned_data["name"]})

    return form_dialog(request, _around(request, record_kind), field.name, form, carry_out)


@administrators
def rank(request: HttpRequest, kind: str) -> HttpResponse:
    """The order of the fields on the record screen."""
    record_kind = _kind_or_404(kind)
    ranked = [Ranked(field.key, field.name) for field in service.user_fields(record_kind.record_type)]

    def save(order: list[str]) -> None:
        service.rank_fields(record_kind.record_type, order)
        messages.success(request, _("The order has been saved."))

    title = _("Rank Fields: %(kind)s") % {"kind": record_kind.label}
    return rank_dialog(request, _around(request, record_kind), title, ranked, save)


@administrators
def delete(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Take a field off the screens; its values are kept."""
    record_kind = _kind_or_404(kind)
    field = _field_or_404(record_kind, key)

    def carry_out() -> None:
        service.delete_field(record_kind.record_type, key)
        messages.success(request, _("%(name)s has been deleted.") % {"name": field.name})

    return form_dialog(
        request,
        _around(request, record_kind),
        _("Delete %(name)s?") % {"name": field.name},
        DialogForm(posted(request)),
        carry_out,
        texts=_consequences(record_kind, key),
        submit=_("Delete"),
        danger=True,
    )


@administrators
@require_POST
def restore(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Bring a deleted field back."""
    record_kind = _kind_or_404(kind)
    try:
        service.restore_field(record_kind.record_type, key)
    except Refused as refused:
        messages.error(request, refused.user_message)
    else:
        messages.success(request, _("The field is back, with the values that records have kept."))
    return redirect("web:settings_fields_of", kind)


def _consequences(kind: RecordKind, key: str) -> list[str]:
    number = service.values_kept(kind.record_type, key)
    kept = ngettext(
        "The field goes away from the screens. %(count)s record has a value in it, which is kept: restore the field to "
        "have it back.",
        "The field goes away from the screens. %(count)s records have a value in it, which is kept: restore the field "
        "to have it back.",
        number,
    )
    texts = [kept % {"count": number}]
    connections = connections_mapping_field(USER_DEFINED + key, kind.record_type)
    if connections:
        text = _("It is mapped in these ERP connections, which will not sync it any more: %(connections)s.")
        texts.append(text % {"connections": ", ".join(connections)})
    return texts


def _around(request: HttpRequest, kind: RecordKind) -> Around:
    url = reverse("web:settings_fields_of", args=[kind.slug])
    return Around(_PAGE, url, lambda: _page_context(request, kind))


def _page_context(request: HttpRequest, kind: RecordKind) -> Mapping[str, Any]:
    with_deleted = "deleted" in request.GET
    found = service.user_fields(kind.record_type, with_deleted)
    tabs = [
        {"label": one.label, "url": reverse("web:settings_fields_of", args=[one.slug]), "here": one is kind}
        for one in KINDS.values()
    ]
    return {"kind": kind, "tabs": tabs, "fields": [_row(kind, field) for field in found], "deleted": with_deleted}


def _row(kind: RecordKind, field: UserDefinedField) -> dict[str, Any]:
    def url(part: str) -> str:
        return reverse(f"web:settings_field{part}", args=[kind.slug, field.key])

    return {
        "field": field,
        "type": KIND_LABELS[Kind(field.kind)],
        "more": field.list.label if field.list else "",
        "url": url(""),
        "delete_url": url("_delete"),
        "restore_url": url("_restore"),
    }


def _kind_or_404(slug: str) -> RecordKind:
    for kind in KINDS.values():
        if kind.slug == slug:
            return kind
    raise Http404(_("There is no such kind of record."))


def _field_or_404(kind: RecordKind, key: str) -> UserDefinedField:
    try:
        return service.find_field(kind.record_type, key)
    except Refused as refused:
        raise Http404(refused.user_message) from refused
