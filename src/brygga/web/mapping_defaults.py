"""The panels of the defaults dialog: the fields of an actor type with what a new actor gets in them (behaviour A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from brygga.web.templatetags.alike import Row

_ATTRS = ("inputmode", "step", "maxlength", "autocomplete")


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """What all fields of a kind are set with: `type` as in HTML, or "select" with its `choices`; `made` reads it."""

    made: forms.Field
    type: str
    attrs: Mapping[str, Any]
    choices: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, made: forms.Field) -> Control:
        """The control for what a form field takes."""
        attrs = {name: made.widget.attrs[name] for name in _ATTRS if name in made.widget.attrs}
        if isinstance(made, forms.ChoiceField):
            return cls(made, "select", attrs, list(made.choices))
        return cls(made, made.widget.attrs.get("type") or made.widget.input_type, attrs, [])


class Look(NamedTuple):
    """What decides how the row of a field looks.

    `chosen` is what is chosen of a list, `is_on` whether a box is checked. `unread`: its list could not be read, so
    its value stays as it is.
    """

    control: Control
    chosen: str
    is_on: bool
    unread: bool
    is_marked: bool
    missing: bool
    is_set: bool
    asks: bool
    mandatory: bool
    is_locked: bool


class Texts(NamedTuple):
    """What the row of a field says: `find` is what it is found by, `value` what is typed in its control."""

    id: str
    label: str
    description: str
    find: str
    value: str
    fault: str


class DefaultsPanel:
    """The fields of an actor type that can have a default, as stored or as a form has them."""

    def __init__(self, actor: ActorMapping, data: QueryDict | None = None, marked: str = "") -> None:
        self.id = actor.pk
        self.actor = actor_label(actor.actor_type)
        self.record_type = actor.record_type
        self.faults: dict[int, str] = {}
        self.failures: list[str] = []
        self._data = data
        self._marked = marked
        self._fields = [f for f in defaults.fields_with_defaults(actor) if f.type != FieldType.LABEL]
        self._lists = self._read_lists()
        self._controls: dict[tuple[Any, ...], Control] = {}

    def rows(self) -> list[Row]:
        """The fields, by rank."""
        return [self._row(field) for field in self._fields]

    def choices(self) -> list[DefaultChoice]:
        """What the form chose, field by field; what is wrong with a value is in `faults`."""
        return [choice for field in self._fields if (choice := self._choice(field))]

    def among(self, faults: Mapping[int, str]) -> dict[int, str]:
        """Those faults that are about fields of this panel."""
        return {field.pk: faults[field.pk] for field in self._fields if field.pk in faults}

    def _row(self, field: FieldMapping) -> Row:
        label, control, value = label_of(field), self._control(field), self._value(field)
        is_typed = control.type not in ("select", "checkbox")
        look = Look(
            control=control,
            chosen=str(value or "") if control.type == "select" else "",
            is_on=control.type == "checkbox" and bool(value),
            unread=self._is_unread(field),
            is_marked=field.key == self._marked,
            missing=field.missing,
            is_set=self._is_on("set", field, field.default_set),
            asks=self._is_on("ask", field, field.default_ask),
            mandatory=self._is_on("must", field, field.default_mandatory),
            is_locked=defaults.is_locked(field),
        )
        texts = Texts(
            id=str(field.pk),
            label=label,
            description=text_for(field.description, get_language() or "en"),
            find=f"{label} {field.key}".lower(),
            value=_formatted(control.made, value) if is_typed else "",
            fault=self.faults.get(field.pk, ""),
        )
        return Row(look, texts)

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
        made = self._control(field).made
        value: Value | None = made.clean(made.widget.value_from_datadict(self._data or {}, {}, name))
        if value in (None, ""):
            raise ValidationError(_("Enter the value, or switch off “Set default value”."))
        return encode_as(value, FieldType(field.type))

    def _value(self, field: FieldMapping) -> Any:
        """What the control shows: what the form has, or else what is stored."""
        made = self._control(field).made
        if self._data is not None and not made.disabled:
            return made.widget.value_from_datadict(self._data, {}, f"value-{field.pk}")
        text = field.default_value if field.default_set else field.connector_default
        value = decoded(described(field), text) if text else None
        return made.prepare_value(moment(value) if field.type == FieldType.DATETIME else value)

    def _control(self, field: FieldMapping) -> Control:
        """Fields of a kind share a control. A list has the stored item too, even if the ERP no longer has it."""
        extra = field.default_value if field.type == FieldType.LIST and field.default_set else ""
        kind = (field.type, field.max_length, field.list_name, extra)
        if kind not in self._controls:
            items = dict(self._lists.get(field.list_name) or {})
            if extra:
                items.setdefault(extra, extra)
            made = control(described(field), items)
            made.required = False
            made.disabled = self._is_unread(field)
            self._controls[kind] = Control.of(made)
        return self._controls[kind]

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
