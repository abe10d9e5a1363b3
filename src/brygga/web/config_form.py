"""The configuration fields of a connector as a form (behaviour A4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import encode_as
from brygga.erp.services.config_fields import DrawnFields
from brygga.erp.services.connection_config import is_default, label_of, secret_keys
from brygga.web.controls import control, decoded

OPEN, SECRET, REMOVE = "config", "secret", "remove"
"""What the names of the controls begin with; a secret must not come back in a page, but it can be removed."""


class ConfigRow(forms.BoundField):
    """A control with what its template asks for."""

    form: ConfigForm

    @property
    def auto_id(self) -> str:
        """An id that does not depend on what the connector calls its fields."""
        return f"config-{list(self.form.fields).index(self.name)}"

    @property
    def told(self) -> FieldMetadata:
        """What the connector says of the field."""
        return self.form.told[self.name]

    @property
    def is_label(self) -> bool:
        """Whether the field is a text to read, and no control."""
        return self.told.type == FieldType.LABEL

    @property
    def remove_name(self) -> str:
        """The name of the box that removes what is stored; empty where nothing is that may be missing."""
        return self.form.remove_name(self.name) if self.name in self.form.removable else ""

    @property
    def is_removed(self) -> bool:
        """Whether what is stored is to be removed."""
        return self.name in self.form.removed

    @property
    def failure(self) -> str:
        """Why the list of the field could not be read."""
        return self.form.failures.get(self.told.list_name, "") if self.told.type == FieldType.LIST else ""

    @property
    def is_blank(self) -> bool:
        """Whether the control must have a value, and has none."""
        return "data-mandatory" in self.field.widget.attrs and self.value() in (None, "")


class ConfigForm(forms.Form):
    """A control for each configuration field of a connector, in rank order.

    `stored` are the open values of a connection in wire form, None for a new one; `kept` the keys of the secrets that
    need not be typed again, and can be removed where they may be missing. A `locked` form is read only (behaviour A6).
    """

    use_required_attribute = False
    bound_field_class = ConfigRow

    def __init__(
        self,
        connector_id: int,
        drawn: DrawnFields,
        stored: Mapping[str, str] | None,
        kept: frozenset[str] = frozenset(),
        data: Any = None,
        locked: bool = False,
    ) -> None:
        self._connector_id = connector_id
        self._stored = stored
        self._kept = kept
        self._locked = locked
        self.told = {field.key: field for field in drawn.fields}
        self.failures = drawn.failures
        self._secret = secret_keys(drawn.fields)
        super().__init__(data)
        for field in drawn.fields:
            items = drawn.items.get(field.list_name, {})
            self.fields[field.key] = self._control(field, items)

    def add_prefix(self, field_name: str) -> str:
        """The name of a control: what it was typed into, for which connector."""
        kind = SECRET if field_name in self._secret else OPEN
        return f"{kind}-{self._connector_id}-{field_name}"

    def remove_name(self, field_name: str) -> str:
        """The name of the box that removes a secret."""
        return f"{REMOVE}-{self._connector_id}-{field_name}"

    @property
    def removable(self) -> frozenset[str]:
        """The keys of the secrets that are kept and may be missing."""
        return frozenset(key for key in self._kept & self._secret if self._may_be_missing(key))

    @property
    def removed(self) -> frozenset[str]:
        """The keys of the secrets whose box is ticked; what was typed just now takes the place of what was stored."""
        ticked = (key for key in self.removable if self.remove_name(key) in self.data)
        return frozenset(key for key in ticked if not self.data.get(self.add_prefix(key)))

    def rows(self) -> Iterator[ConfigRow]:
        """The controls and labels, in rank order."""
        return (self[key] for key in self.fields)

    def __getitem__(self, name: str) -> ConfigRow:
        return cast(ConfigRow, super().__getitem__(name))

    def is_sound(self, show: bool) -> bool:
        """Whether what was typed can be meant; what is wrong is shown only when the user asked for it."""
        sound = self.is_valid()
        if not show:
            self._errors = ErrorDict()
        return sound

    def wire_values(self) -> dict[str, str]:
        """What was typed, by field key, in wire form; secrets that were not typed are left out."""
        values = {key: self._wire(field) for key, field in self.told.items() if field.type != FieldType.LABEL}
        return {key: value for key, value in values.items() if value is not None}

    def _wire(self, field: FieldMetadata) -> str | None:
        stored = "" if self._stored is None else self._stored.get(field.key, "")
        value = self.cleaned_data.get(field.key)
        if field.type == FieldType.PASSWORD:
            return value or (field.default if self._stored is None and field.key not in self._kept else "") or None
        if field.access == Access.READ_ONLY:
            return self._drawn(field)
        if self._stored is not None and value == _shown(field, stored):
            return stored
        return encode_as(value, field.type)

    def _control(self, field: FieldMetadata, items: Mapping[str, str]) -> forms.Field:
        wire = self._drawn(field)
        if field.type == FieldType.LIST:
            items = {**self._unlisted(field, wire, items), **items}
        value = _shown(field, wire)
        made = control(field, items, isinstance(value, datetime) and value.time() != time())
        made.initial = None if field.type == FieldType.PASSWORD else value
        made.help_text = text_for(field.description, get_language() or "en")
        made.disabled = self._locked or field.access == Access.READ_ONLY or field.type == FieldType.LABEL
        made.required = self._is_required(field) and not made.disabled
        made.widget.attrs |= self._attributes(field, made)
        return made

    def _unlisted(self, field: FieldMetadata, wire: str, items: Mapping[str, str]) -> dict[str, str]:
        """Values that are no items of their list, and yet can stay: the stored one, and any while it can't be read."""
        typed = str(self.data.get(self.add_prefix(field.key), "")) if field.list_name in self.failures else ""
        return {key: key for key in (wire, typed) if key and key not in items}

    def _drawn(self, field: FieldMetadata) -> str:
        """The value that the control shows at first: a default where nothing is stored that may or must be."""
        stored = "" if self._stored is None else self._stored.get(field.key, "")
        if field.access == Access.READ_ONLY:
            return stored if stored and is_default(field, stored) else field.default
        if self._stored is None or (field.access == Access.MANDATORY and not stored):
            return field.default
        return stored

    def _may_be_missing(self, key: str) -> bool:
        return not self._locked and self.told[key].access not in (Access.MANDATORY, Access.READ_ONLY)

    def _is_required(self, field: FieldMetadata) -> bool:
        must = field.access == Access.MANDATORY and field.type != FieldType.CHECKBOX
        return must and field.key not in self._kept

    def _attributes(self, field: FieldMetadata, made: forms.Field) -> dict[str, str]:
        attributes: dict[str, str] = {}
        if made.required:
            missing = _('"%(label)s" is missing. Enter a value.') % {"label": label_of(field)}
            attributes |= {"aria-required": "true", "data-mandatory": missing}
        if field.key in self._kept - self.removed:
            attributes["placeholder"] = _("Leave empty to keep it")
        return attributes


def _shown(field: FieldMetadata, wire: str) -> Any:
    """A value in wire form as the control has it; an unchecked checkbox need not be stored."""
    if field.type == FieldType.CHECKBOX:
        return bool(decoded(field, wire or field.default))
    value = decoded(field, wire)
    return "" if value is None and field.type in (FieldType.TEXT, FieldType.LIST) else value
