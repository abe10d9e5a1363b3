"""The values of a criterion between the controls of a form and the wire (contract, sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import localize_input
from django.utils.translation import gettext as _

from brygga.contract import BadValue, FieldType
from brygga.contract.values import Value, decode, encode, encode_as

_BLANK_SAYS_SOMETHING = frozenset({"=", "isnot", "!="})
"""With these operators a blank value means that the field is, or is not, blank."""


class Unfit(ValueError):
    """What is wrong with a criterion, for the user."""


def wire(kind: FieldType, operator: str, count: int | None, values: Sequence[str], times: Sequence[str]) -> list[str]:
    """The values of the controls in wire form; `count` is how many the operator takes, None for any number.

    `times` are the times of day that go with dates; a blank one is midnight. Raises Unfit.
    """
    if count is None:
        chosen = [value for value in values if value]
        if not chosen:
            raise Unfit(_("Choose at least one, or remove the line."))
        return chosen
    padded = [*values, *[""] * count][:count]
    if not all(text.strip() for text in padded) and operator not in _BLANK_SAYS_SOMETHING:
        raise Unfit(_("Fill in a value, or remove the line."))
    if kind is FieldType.DATETIME:
        return [encode(_moment(day, clock)) for day, clock in zip(padded, [*times, *[""] * count], strict=False)]
    return [_READ.get(kind, _text)(text) for text in padded]


def typed(kind: FieldType, wire_values: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the controls hold for values in wire form: the values, and the times of day that go with dates."""
    values = [_decoded(text, kind) for text in wire_values]
    if kind is FieldType.DATETIME:
        return [_day(value) for value in values], [_clock(value) for value in values]
    if kind in (FieldType.INTEGER, FieldType.DOUBLE):
        return ["" if value is None else str(localize_input(value)) for value in values], []
    if kind is FieldType.CHECKBOX:
        return ["1" if value else "0" for value in values], []
    return list(wire_values), []


def _text(text: str) -> str:
    return text.strip()


def _integer(text: str) -> str:
    return _number(text, forms.IntegerField(required=False, localize=True), FieldType.INTEGER)


def _double(text: str) -> str:
    return _number(text, forms.FloatField(required=False, localize=True), FieldType.DOUBLE)


def _number(text: str, reader: forms.Field, kind: FieldType) -> str:
    try:
        return encode_as(reader.clean(text), kind)
    except (ValidationError, BadValue) as error:
        raise Unfit(_("“%(text)s” is not a number that the field can hold.") % {"text": text[:60]}) from error


def _checkbox(text: str) -> str:
    return encode(text == "1")


def _moment(day: str, clock: str) -> Value | None:
    if not day.strip():
        return None
    try:
        date_part = date.fromisoformat(day.strip())
        return datetime.combine(date_part, time.fromisoformat(clock)) if clock.strip() else date_part
    except ValueError as error:
        raise Unfit(_("“%(text)s” is not a date.") % {"text": f"{day} {clock}".strip()[:60]}) from error


_READ: Mapping[FieldType, Callable[[str], str]] = {
    FieldType.INTEGER: _integer,
    FieldType.DOUBLE: _double,
    FieldType.CHECKBOX: _checkbox,
}


def _decoded(text: str, kind: FieldType) -> Value | None:
    try:
        return decode(text, kind)
    except BadValue:
        return None


def _day(value: Value | None) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else ""


def _clock(value: Value | None) -> str:
    return value.time().isoformat("minutes") if isinstance(value, datetime) and value.time() != time() else ""
