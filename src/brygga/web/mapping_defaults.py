"""The panels of the defaults dialog: the fields of an actor type with what a new actor gets in them (behaviour A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import Value, encode_as
from brygga.erp.errors import BryggaError
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import defaults
from brygga.erp.services.defaults import DefaultChoice
from brygga.erp.services.fields import described
from brygga.erp.services.mapping import erp_items, label_of
from brygga.web.actor_types import actor_label
from brygga.web.controls import control, decoded, moment

_ATTRS = ("inputmode", "step", "maxlength", "autocomplete")


@dataclass(frozen=True, slots=True)
class Control:
    """The control of a value: `type` as in HTML, or "select" with its `choices`."""

    name: str
    label: str
    type: str
    value: str
    attrs: Mapping[str, Any]
    choices: Sequence[tuple[str, str]]
    disabled: bool


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """A field with its default. `unread`: its list could not be read, so its value stays as it is."""

    id: str
    key: str
    label: str
    description: str
    missing: bool
    is_set: bool
    asks: bool
    mandatory: bool
    is_locked: bool
    control: Control
    unread: bool
    fault: str


class DefaultsPanel:
    """The fields of an actor type that can have a default, as stored or as a form has them."""

    def __init__(self, actor: ActorMapping, data: QueryDict | None = None) -> None:
        self.id = actor.pk
        self.actor = actor_label(actor.actor_type)
        self.record_type = actor.record_type
        self.faults: dict[int, str] = {}
        self.failures: list[str] = []
        self._data = data
        self._fields = [f for f in defaults.fields_with_defaults(actor) if f.type != FieldType.LABEL]
        self._lists = self._read_lists()
        self._made = {field.pk: self._form_field(field) for field in self._fields}

    def rows(self) -> list[DefaultRow]:
        """The fields, by rank."""
        return [self._row(field) for field in self._fields]

    def choices(self) -> list[DefaultChoice]:
        """What the form chose, field by field; what is wrong with a value is in `faults`."""
        return [choice for field in self._fields if (choice := self._choice(field))]

    def among(self, faults: Mapping[int, str]) -> dict[int, str]:
        """Those faults that are about fields of this panel."""
        return {field.pk: faults[field.pk] for field in self._fields if field.pk in faults}

    def _row(self, field: FieldMapping) -> DefaultRow:
        return DefaultRow(
            id=str(field.pk),
            key=field.key,
            label=label_of(field),
            description=text_for(field.description, get_language() or "en"),
            missing=field.missing,
            is_set=self._is_on("set", field, field.default_set),
            asks=self._is_on("ask", field, field.default_ask),
            mandatory=self._is_on("must", field, field.default_mandatory),
            is_locked=defaults.is_locked(field),
            control=self._control(field),
            unread=self._is_unread(field),
            fault=self.faults.get(field.pk, ""),
        )

    def _choice(self, field: FieldMapping) -> DefaultChoice | None:
        ask, must = self._is_on("ask", field, False), self._is_on("must", field, False)
        if not self._is_on("set", field, False):
            return DefaultChoice(field.pk, None, ask, must)
        try:
            return DefaultChoice(field.pk, self._wire(field), ask, must)
        except ValidationError as error:
            self.faults[field.pk] = " ".join(error.messages)
            return None

    def _wire(self, field: FieldMapping) -> str:
        """The value that was entered, in wire form. Raises ValidationError."""
        name = f"value-{field.pk}"
        if self._is_unread(field) or (field.type == FieldType.PASSWORD and not self._entered(name)):
            if field.default_set:
                return field.default_value
            raise ValidationError(_("Enter the value, or switch off “Set default value”."))
        made = self._made[field.pk]
        value: Value | None = made.clean(made.widget.value_from_datadict(self._data or {}, {}, name))
        if value in (None, ""):
            raise ValidationError(_("Enter the value, or switch off “Set default value”."))
        return encode_as(value, FieldType(field.type))

    def _control(self, field: FieldMapping) -> Control:
        made, name = self._made[field.pk], f"value-{field.pk}"
        value = made.prepare_value(made.initial)
        if self._data is not None and not made.disabled:
            value = made.widget.value_from_datadict(self._data, {}, name)
        is_list = isinstance(made, forms.ChoiceField)
        return Control(
            name=name,
            label=f"{_('Default value')}: {label_of(field)}",
            type="select" if is_list else made.widget.attrs.get("type") or made.widget.input_type,
            value=str(value or "") if field.type == FieldType.CHECKBOX or is_list else _formatted(made, value),
            attrs={name: made.widget.attrs[name] for name in _ATTRS if name in made.widget.attrs},
            choices=list(made.choices) if isinstance(made, forms.ChoiceField) else [],
            disabled=made.disabled,
        )

    def _form_field(self, field: FieldMapping) -> forms.Field:
        told = described(field)
        if field.default_set:
            told.default = field.default_value
        value: Any = decoded(told, told.default)
        items = dict(self._lists.get(field.list_name) or {})
        if field.type == FieldType.LIST and field.default_set:
            items.setdefault(field.default_value, field.default_value)
        made = control(told, items)
        made.required = False
        made.disabled = self._is_unread(field)
        made.initial = moment(value) if field.type == FieldType.DATETIME else value
        return made

    def _read_lists(self) -> dict[str, Mapping[str, str] | None]:
        """The ERP's lists by name; None for one that it does not give now, and why in `failures`."""
        lists: dict[str, Mapping[str, str] | None] = {}
        for field in self._fields:
            if field.type != FieldType.LIST or field.list_name in lists:
                continue
            try:
                lists[field.list_name] = erp_items(field)
            except BryggaError as failed:
                lists[field.list_name] = None
                if failed.user_message not in self.failures:
                    self.failures.append(failed.user_message)
        return lists

    def _is_unread(self, field: FieldMapping) -> bool:
        return field.type == FieldType.LIST and self._lists.get(field.list_name) is None

    def _is_on(self, name: str, field: FieldMapping, stored: bool) -> bool:
        return stored if self._data is None else f"{name}-{field.pk}" in self._data

    def _entered(self, name: str) -> str:
        return (self._data or {}).get(name, "") or ""


def _formatted(made: forms.Field, value: Any) -> str:
    """A value as the control shows it; a password is never shown."""
    return "" if isinstance(made.widget, forms.PasswordInput) else made.widget.format_value(value) or ""


def save(actors: Sequence[ActorMapping], panels: Sequence[DefaultsPanel]) -> bool:
    """Store what the panels chose; False, with the reasons in the panels, if something speaks against it."""
    choices = [choice for panel in panels for choice in panel.choices()]
    if any(panel.faults for panel in panels):
        return False
    try:
        defaults.save(actors, choices)
    except defaults.DefaultsRefused as refused:
        for panel in panels:
            panel.faults = panel.among(refused.faults)
        return False
    return True
