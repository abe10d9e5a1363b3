"""Canonical values: what the merge compares, stores in a base and shows in a plan.

They are JSON-native, so that a base can be stored as it is. No value is None, on every kind.

| Kind | Canonical form |
|---|---|
| text | `str` that is not blank |
| integer | `int` |
| double | `float`, finite |
| checkbox | `bool` |
| list | `str`, the key of the item |
| date | `str`, `YYYY-MM-DD` |
| date-time | `str`, `YYYY-MM-DDTHH:MM:SS` and, where there is a fraction, six digits: `datetime.isoformat()` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeAlias

from brygga.contract.actors import FieldType
from brygga.contract.values import BadValue, decoder, encode

Value: TypeAlias = str | int | float | bool | None
Reader: TypeAlias = Callable[[str], Value]
Writer: TypeAlias = Callable[[Value], str]

_SHOWN = 60


class Kind(StrEnum):
    """What kind of value a field holds, on either side."""

    TEXT = "text"
    INTEGER = "integer"
    DOUBLE = "double"
    CHECKBOX = "checkbox"
    LIST = "list"
    DATE = "date"
    DATETIME = "datetime"


MESSAGES: Mapping[str, str] = {
    "too_long": "The text has {length} characters and the field takes {max_length}; shorten it.",
    "not_a_number": '"{value}" is not a number that the field can hold as it is written; correct it.',
    "not_a_date": '"{value}" is not a date that the field can hold; correct it.',
    "not_a_checkbox": '"{value}" is neither on nor off; use 1 or 0.',
    "unknown_item": 'The list item "{value}" has no counterpart on the other side; add it to the list mapping.',
    "fraction": "{value} has decimals and the field takes whole numbers; round it.",
    "would_lose_digits": "{value} has more digits than the field can hold; shorten it.",
    "would_lose_time": "{value} has a time of day and the field takes dates only; remove the time.",
    "mandatory_blank": "The field must have a value, and the other side is blank; fill it in there.",
    "no_conversion": "A {source} value can't be written to a {target} field; change the mapping.",
}
"""Plain English per Misfit code, with the names of its parameters in braces; user interfaces translate by code."""


class Misfit(ValueError):
    """A value that can't be represented on a side; the field fails, nothing is cut or rounded (behaviour E3).

    `code` is a key of MESSAGES and `params` holds what its message names, JSON-native.
    """

    def __init__(self, code: str, **params: str | int | float) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def describe(self) -> str:
        """What is wrong with the value and what to do, in plain English."""
        return MESSAGES[self.code].format_map(self.params)

    __str__ = describe


def shown(value: Value) -> str:
    """A value as a message quotes it: as text, at most 60 characters of it."""
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def kind_of(field_type: FieldType) -> Kind:
    """The kind of value that an ERP field of this type holds. Passwords and labels are texts."""
    return _KINDS[field_type]


def reader(kind: Kind) -> Reader:
    """The function that turns the text of the wire into the canonical value of this kind.

    Get it once per field. It reads leniently (contract, section 5) and raises Misfit for what is no value of
    the kind.
    """
    return _READERS[kind]


def writer(kind: Kind) -> Writer:
    """The function that turns a canonical value of this kind into the text of the wire; no value is an empty text."""
    return _WRITERS[kind]


# Reading


def _read_text(text: str) -> Value:
    return None if not text or text.isspace() else text


def _lenient(field_type: FieldType, code: str) -> Reader:
    """A reader for types whose values in Python are canonical already."""
    decode: Callable[[str], Any] = decoder(field_type)

    def read(text: str) -> Value:
        try:
            value: Value = decode(text)
        except BadValue as error:
            raise Misfit(code, value=shown(text)) from error
        return value

    return read


def _moment(text: str) -> date | None:
    try:
        moment = _decode_moment(text)
    except BadValue as error:
        raise Misfit("not_a_date", value=shown(text)) from error
    if moment is None or isinstance(moment, date):
        return moment
    raise Misfit("not_a_date", value=shown(text))


def _read_date(text: str) -> Value:
    moment = _moment(text)
    if isinstance(moment, datetime):
        return date_of(moment.isoformat())
    return None if moment is None else moment.isoformat()


def _read_date_time(text: str) -> Value:
    moment = _moment(text)
    if moment is None or isinstance(moment, datetime):
        return None if moment is None else moment.isoformat()
    return datetime.combine(moment, time()).isoformat()


def date_of(moment: str) -> str:
    """The date of a canonical date-time at midnight. Raises Misfit at any other time of day."""
    if moment[11:] != "00:00:00":
        raise Misfit("would_lose_time", value=moment)
    return moment[:10]


_decode_moment = decoder(FieldType.DATETIME)

_READERS: Mapping[Kind, Reader] = {
    Kind.TEXT: _read_text,
    Kind.LIST: _read_text,
    Kind.INTEGER: _lenient(FieldType.INTEGER, "not_a_number"),
    Kind.DOUBLE: _lenient(FieldType.DOUBLE, "not_a_number"),
    Kind.CHECKBOX: _lenient(FieldType.CHECKBOX, "not_a_checkbox"),
    Kind.DATE: _read_date,
    Kind.DATETIME: _read_date_time,
}


# Writing


def _unless_blank(write: Callable[[Any], str]) -> Writer:
    return lambda value: "" if value is None else write(value)


_WRITERS: Mapping[Kind, Writer] = {
    Kind.TEXT: _unless_blank(str),
    Kind.LIST: _unless_blank(str),
    Kind.INTEGER: _unless_blank(encode),
    Kind.DOUBLE: _unless_blank(lambda value: encode(float(value))),
    Kind.CHECKBOX: _unless_blank(encode),
    Kind.DATE: _unless_blank(lambda value: encode(date.fromisoformat(value))),
    Kind.DATETIME: _unless_blank(lambda value: encode(datetime.fromisoformat(value))),
}

_KINDS: Mapping[FieldType, Kind] = {
    FieldType.CHECKBOX: Kind.CHECKBOX,
    FieldType.TEXT: Kind.TEXT,
    FieldType.PASSWORD: Kind.TEXT,
    FieldType.INTEGER: Kind.INTEGER,
    FieldType.DOUBLE: Kind.DOUBLE,
    FieldType.LIST: Kind.LIST,
    FieldType.DATETIME: Kind.DATETIME,
    FieldType.LABEL: Kind.TEXT,
}
