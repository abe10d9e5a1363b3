"""Controls for the fields of the contract, by type: what a user sees and types of values of the wire (section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from brygga.contract import FieldMetadata, FieldType
from brygga.contract.values import BadValue, Value, decode
from brygga.erp.services.connection_config import label_of
from brygga.web.record_form import NO_SELECTION


class MomentField(forms.CharField):
    """A date, or a date with a time of day: wall-clock time of the ERP, in no zone (contract, section 5)."""

    def clean(self, value: Any) -> Value | None:
        """The moment that was typed, in the form of the control or of the wire."""
        try:
            return decode(super().clean(value), FieldType.DATETIME)
        except BadValue as error:
            raise ValidationError(forms.DateTimeField.default_error_messages["invalid"], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """The moment as the browser's control takes it."""
        if isinstance(value, datetime):
            return value.isoformat(timespec="seconds")
        return value.isoformat() if isinstance(value, date) else value


def control(field: FieldMetadata, items: Mapping[str, str], with_time: bool = True) -> forms.Field:
    """A form field for values of a field, named in the reader's language. `items` are the texts of its list by key."""
    made = _made(field, items, with_time)
    made.label = label_of(field)
    if field.type != FieldType.CHECKBOX:
        made.widget.attrs["class"] = "input"
    return made


def decoded(field: FieldMetadata, text: str) -> Value | None:
    """A value in wire form as its control shows it; one that does not fit the field is none."""
    try:
        return decode(text, field.type)
    except BadValue:
        return None


def moment(value: Value | None) -> datetime | None:
    """A date as the midnight that it begins with, for a control that has a time of day."""
    if isinstance(value, datetime) or not isinstance(value, date):
        return value if isinstance(value, datetime) else None
    return datetime.combine(value, time())


def _made(field: FieldMetadata, items: Mapping[str, str], with_time: bool) -> forms.Field:
    match field.type:
        case FieldType.CHECKBOX:
            return forms.BooleanField()
        case FieldType.INTEGER:
            return forms.IntegerField(localize=True, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
        case FieldType.DOUBLE:
            return forms.FloatField(localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
        case FieldType.LIST:
            return forms.ChoiceField(choices=[("", NO_SELECTION), *items.items()])
        case FieldType.DATETIME:
            kind = {"type": "datetime-local", "step": "1"} if with_time else {"type": "date"}
            return MomentField(widget=forms.TextInput(attrs=kind))
        case FieldType.PASSWORD:
            masked = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            return forms.CharField(max_length=field.max_length or None, strip=False, widget=masked)
        case _:
            widget = forms.TextInput(attrs={"autocomplete": "off"})
            return forms.CharField(max_length=field.max_length or None, widget=widget)
