"""The form of a record, made from the fields that the CRM offers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import CrmField, RecordType
from brygga.crm.listing import list_items
from brygga.merge.values import Kind, Value

NO_SELECTION = _("(No Selection)")
COMPANY = "company"
"""The form's field for the company that a contact belongs to; to the CRM that is no field like others."""


class RecordForm(forms.Form):
    """The values of a record as text; `canonical` gives them back as the CRM takes them."""

    use_required_attribute = False

    def canonical(self, key: str) -> Value:
        """The cleaned value of a field, canonical. A value that was refused is none."""
        value = self.cleaned_data.get(key)
        if isinstance(value, datetime):
            return value.replace(tzinfo=None).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        return None if value == "" else value


def record_form(fields: Mapping[str, CrmField], values: Mapping[str, Value], data: Any = None) -> RecordForm:
    """The form for these fields with these canonical values, and what a user sent, if anything."""
    form = RecordForm(data, initial=dict(values))
    for key, field in fields.items():
        form.fields[key] = _form_field(field, values.get(key))
    return form


def add_company_field(form: RecordForm, company: str) -> None:
    """Add the company that a contact belongs to, as `Name #12` or an exact name, with suggestions."""
    attrs = {"class": "input", "list": "company-suggestions", "data-suggests": reverse("web:companies_suggestions")}
    widget = forms.TextInput(attrs=attrs | {"autocomplete": "off"})
    form.fields[COMPANY] = forms.CharField(
        label=RecordType.COMPANY.label, max_length=250, widget=widget, initial=company, show_hidden_initial=True
    )


def _form_field(field: CrmField, value: Value) -> forms.Field:
    made = _BY_KIND[field.kind](field, value)
    made.label, made.required, made.show_hidden_initial = field.label, field.mandatory, True
    if field.kind is not Kind.CHECKBOX:
        made.widget.attrs["class"] = "input"
    return made


def _text(field: CrmField, value: Value) -> forms.Field:
    if not field.max_length:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 5}))
    keyboard = {"EMAIL": "email", "URL": "url"}.get(field.key) or ("tel" if field.key.startswith("PHONE") else "text")
    attrs = {"inputmode": keyboard, "autocomplete": "off"}
    return forms.CharField(max_length=field.max_length, widget=forms.TextInput(attrs=attrs))


def _integer(field: CrmField, value: Value) -> forms.Field:
    return forms.IntegerField(localize=True, widget=forms.TextInput(attrs={"inputmode": "numeric"}))


def _double(field: CrmField, value: Value) -> forms.Field:
    return forms.FloatField(localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}))


def _checkbox(field: CrmField, value: Value) -> forms.Field:
    return forms.BooleanField(required=False)


def _item(field: CrmField, value: Value) -> forms.Field:
    items = list_items(field.list_key)
    if value is not None and str(value) not in items:  # deleted meanwhile: it stays with the records that have it
        items[str(value)] = list_items(field.list_key, deleted=True).get(str(value), str(value))
    return forms.ChoiceField(choices=[("", NO_SELECTION), *items.items()])


def _date(field: CrmField, value: Value) -> forms.Field:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(input_formats=["%Y-%m-%d"], widget=widget)


def _moment(field: CrmField, value: Value) -> forms.Field:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"})
    return forms.DateTimeField(widget=widget)


_BY_KIND = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DOUBLE: _double,
    Kind.CHECKBOX: _checkbox,
    Kind.LIST: _item,
    Kind.DATE: _date,
    Kind.DATETIME: _moment,
}
