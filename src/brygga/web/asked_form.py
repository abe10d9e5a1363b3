"""The form of what is asked for when an actor is created in an ERP (behaviour U6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import get_language

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import BadValue, Value, decode, encode_as
from brygga.web.record_form import NO_SELECTION


class AskedForm(forms.Form):
    """A control for each field that is asked for, filled with its default. `items` are the texts of its lists."""

    use_required_attribute = False

    def __init__(
        self, asked: Sequence[FieldMetadata], items: Mapping[str, Mapping[str, str]], data: Any = None
    ) -> None:
        super().__init__(data, prefix="ask")
        self._types = {field.key: field.type for field in asked}
        for field in asked:
            self.fields[field.key] = _control(field, items)

    def focus(self) -> None:
        """Let the first control that needs a correction take the focus, or else the first of all."""
        for key in [*self.errors, *self.fields][:1]:
            self.fields[key].widget.attrs["autofocus"] = True

    def wire_values(self) -> dict[str, str]:
        """The answers by ERP field key, in wire form."""
        return {key: encode_as(_plain(self.cleaned_data[key]), kind) for key, kind in self._types.items()}


def _plain(value: Value | None) -> Value | None:
    """The value as the contract has it: a moment has no zone there."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _control(field: FieldMetadata, items: Mapping[str, Mapping[str, str]]) -> forms.Field:
    made = _made(field, items)
    language = get_language() or "en"
    made.label = text_for(field.name, language) or field.key
    made.required = field.access == Access.MANDATORY and field.type != FieldType.CHECKBOX
    made.initial = _default(field)
    if field.type != FieldType.CHECKBOX:
        made.widget.attrs["class"] = "input"
    return made


def _made(field: FieldMetadata, items: Mapping[str, Mapping[str, str]]) -> forms.Field:
    match field.type:
        case FieldType.CHECKBOX:
            return forms.BooleanField()
        case FieldType.INTEGER:
            return forms.IntegerField(localize=True, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
        case FieldType.DOUBLE:
            return forms.FloatField(localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
        case FieldType.LIST:
            return forms.ChoiceField(choices=[("", NO_SELECTION), *items.get(field.list_name, {}).items()])
        case FieldType.DATETIME:
            widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"})
            return forms.DateTimeField(widget=widget)
        case FieldType.PASSWORD:
            return forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
        case _:
            return forms.CharField(
                max_length=field.max_length or None, widget=forms.TextInput(attrs={"autocomplete": "off"})
            )


def _default(field: FieldMetadata) -> Value | None:
    try:
        value = decode(field.default, field.type)
    except BadValue:  # a default that does not fit is none
        return None
    if field.type == FieldType.DATETIME and not isinstance(value, datetime):
        return datetime.combine(value, time()) if isinstance(value, date) else None
    return value
