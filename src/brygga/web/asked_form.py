"""The form of what is asked for when an actor is created in an ERP (behaviour U6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.contract.values import Value, encode_as
from brygga.merge import kind_of
from brygga.web.controls import control, decoded, moment
from brygga.web.shown import shown

_MASKED = "•••"


class AskedForm(forms.Form):
    """A control for each field that is asked for, filled with its default. `items` are the texts of its lists.

    `given` are values in wire form, by ERP field key, that stand there instead of the defaults.
    """

    use_required_attribute = False

    def __init__(
        self,
        asked: Sequence[FieldMetadata],
        items: Mapping[str, Mapping[str, str]],
        data: Any = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, prefix="ask")
        asked = [replace(field, default=(given or {}).get(field.key, field.default)) for field in asked]
        self._types = {field.key: field.type for field in asked}
        for field in asked:
            self.fields[field.key] = made = control(field, items.get(field.list_name, {}))
            made.required = field.access == Access.MANDATORY and field.type != FieldType.CHECKBOX
            made.initial = _default(field)

    def focus(self) -> None:
        """Let the first control that needs a correction take the focus, or else the first of all."""
        for key in [*self.errors, *self.fields][:1]:
            self.fields[key].widget.attrs["autofocus"] = True

    def wire_values(self) -> dict[str, str]:
        """The answers by ERP field key, in wire form."""
        return {key: encode_as(self.cleaned_data[key], kind) for key, kind in self._types.items()}

    def shown_values(self) -> list[tuple[str, str]]:
        """The answers that are not blank, by the name of the field, as people read them."""
        return [(str(self.fields[key].label), text) for key in self._types if (text := self._shown(key))]

    def _shown(self, key: str) -> str:
        field, value, kind = self.fields[key], self.cleaned_data[key], self._types[key]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value)) if value else ""
        if kind == FieldType.PASSWORD:
            return _MASKED if value else ""
        return shown(kind_of(kind), value.isoformat() if isinstance(value, date) else value)


def _default(field: FieldMetadata) -> Value | None:
    value = decoded(field, field.default)
    return moment(value) if field.type == FieldType.DATETIME else value
