"""How a value crosses from one side to the other: field pairs, conversions, directions on offer (behaviour A7, A9).

A conversion either carries the whole value or raises Misfit; none cuts, rounds or guesses. What is allowed is
the table CONVERSIONS: a pair of kinds that is missing there would lose data whatever the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from brygga.merge.rules import Policy
from brygga.merge.values import Kind, Misfit, Value, date_of, shown

Converter: TypeAlias = Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of one side. `max_length` is in characters, 0 means none; `label` is for messages."""

    key: str
    kind: Kind
    max_length: int = 0
    read_only: bool = False
    mandatory: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """An ERP field and the CRM field it goes with.

    `items` maps list items, ERP key to CRM key, one to one; an item that is missing there can't cross.
    `policy` settles conflicts of this field; None leaves them to the connection's policy.
    """

    erp: FieldSpec
    crm: FieldSpec
    to_crm: bool
    to_erp: bool
    items: Mapping[str, str] = field(default_factory=dict, hash=False)
    policy: Policy | None = None

    def to_crm_converter(self) -> Converter:
        """ERP value to CRM value."""
        return converter(self.erp, self.crm, self.items)

    def to_erp_converter(self) -> Converter:
        """CRM value to ERP value."""
        return converter(self.crm, self.erp, {crm: erp for erp, crm in self.items.items()})


REASONS: Mapping[str, str] = {
    "read_only_crm": "The field is read-only in the CRM.",
    "read_only_erp": "The field is read-only in the ERP.",
    "list_and_value": "A list field goes with another list field only.",
    "would_lose_data": "The types of the fields would lose data this way.",
}
"""Why a direction is not available, in English by code; user interfaces translate by code."""


def available_directions(erp: FieldSpec, crm: FieldSpec) -> tuple[str | None, str | None]:
    """Why the directions to the CRM and to the ERP are not available: codes of REASONS; None means available."""
    to_crm = "read_only_crm" if crm.read_only else _obstacle(erp.kind, crm.kind)
    to_erp = "read_only_erp" if erp.read_only else _obstacle(crm.kind, erp.kind)
    return to_crm, to_erp


def converter(source: FieldSpec, target: FieldSpec, items: Mapping[str, str]) -> Converter:
    """Compile the conversion of a value of `source` to one of `target`; `items` maps source items to target items.

    The result takes and gives canonical values; no value stays no value. It raises Misfit for a value that does
    not fit, and for every value if the kinds don't go together (`available_directions` says so beforehand).
    """
    convert = _listing(items) if source.kind == target.kind == Kind.LIST else _conversion(source.kind, target.kind)
    return _limited(convert, target.max_length) if target.kind == Kind.TEXT and target.max_length else convert


def _obstacle(source: Kind, target: Kind) -> str | None:
    if source == target or (source, target) in CONVERSIONS:
        return None
    return "list_and_value" if Kind.LIST in (source, target) else "would_lose_data"


def _conversion(source: Kind, target: Kind) -> Converter:
    if source == target:
        return _same
    convert = CONVERSIONS.get((source, target))
    if convert is None:
        return _impossible(source, target)
    return lambda value: None if value is None else convert(value)


def _same(value: Value) -> Value:
    return value


def _impossible(source: Kind, target: Kind) -> Converter:
    def convert(value: Value) -> Value:
        raise Misfit("no_conversion", source=source.value, target=target.value)

    return convert


def _listing(items: Mapping[str, str]) -> Converter:
    def convert(value: Value) -> Value:
        if value is None:
            return None
        try:
            return items[str(value)]
        except KeyError:
            raise Misfit("unknown_item", value=shown(value)) from None

    return convert


def _limited(convert: Converter, max_length: int) -> Converter:
    def convert_within(value: Value) -> Value:
        text = convert(value)
        if text is not None and len(str(text)) > max_length:
            raise Misfit("too_long", length=len(str(text)), max_length=max_length)
        return text

    return convert_within


# The conversions; none is given None


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
"""A number as it would be written: no leading zeros, for "007" is a text that 7 does not stand for (behaviour E3)."""

_LONGEST_NUMBER = 400
"""In characters; no double is longer, and Python refuses to store integers of thousands of digits as text."""


def _integer_from_double(value: float) -> int:
    if not float(value).is_integer():
        raise Misfit("fraction", value=value)
    return int(value)


def _double_from_integer(value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise Misfit("would_lose_digits", value=shown(value)) from None
    if int(number) != value:
        raise Misfit("would_lose_digits", value=shown(value))
    return number


def _text_from_double(value: float) -> str:
    """Positional, and whole numbers without a point, so that 1.0 reads as 1."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal_from_text(value: str) -> Decimal:
    if len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value.strip()):
        raise Misfit("not_a_number", value=shown(value))
    return Decimal(value.strip())


def _integer_from_text(value: str) -> int:
    number = _decimal_from_text(value)
    if number != number.to_integral_value():
        raise Misfit("fraction", value=shown(value))
    return int(number)


def _double_from_text(value: str) -> float:
    exact = _decimal_from_text(value)
    number = float(exact)
    if abs(number) == float("inf") or Decimal(repr(number)) != exact:
        raise Misfit("would_lose_digits", value=shown(value))
    return number


def _checkbox_from_integer(value: int) -> bool:
    if value not in (0, 1):
        raise Misfit("not_a_checkbox", value=value)
    return bool(value)


def _date_from_text(value: str) -> str:
    return _date(value.strip()).isoformat()


def _date_time_from_text(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise Misfit("not_a_date", value=shown(value)) from None
    if moment.tzinfo is not None:
        raise Misfit("not_a_date", value=shown(value))
    return moment.isoformat()


def _date_time_from_date(value: str) -> str:
    return datetime.combine(_date(value), time()).isoformat()


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Misfit("not_a_date", value=shown(value)) from None


CONVERSIONS: Mapping[tuple[Kind, Kind], Callable[[Any], Value]] = {
    (Kind.INTEGER, Kind.DOUBLE): _double_from_integer,
    (Kind.DOUBLE, Kind.INTEGER): _integer_from_double,
    (Kind.INTEGER, Kind.TEXT): str,
    (Kind.TEXT, Kind.INTEGER): _integer_from_text,
    (Kind.DOUBLE, Kind.TEXT): _text_from_double,
    (Kind.TEXT, Kind.DOUBLE): _double_from_text,
    (Kind.CHECKBOX, Kind.INTEGER): int,
    (Kind.INTEGER, Kind.CHECKBOX): _checkbox_from_integer,
    (Kind.CHECKBOX, Kind.TEXT): lambda value: "1" if value else "0",
    (Kind.DATE, Kind.DATETIME): _date_time_from_date,
    (Kind.DATETIME, Kind.DATE): date_of,
    (Kind.DATE, Kind.TEXT): str,
    (Kind.TEXT, Kind.DATE): _date_from_text,
    (Kind.DATETIME, Kind.TEXT): str,
    (Kind.TEXT, Kind.DATETIME): _date_time_from_text,
}
"""Source and target kind to conversion. Text to checkbox is missing: a checkbox goes to text one way only."""
