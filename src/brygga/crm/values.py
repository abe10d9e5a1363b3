"""Canonical values (see `brygga.merge.values`) to and from what the columns of the CRM hold.

A blank text and no text are the same, None; a checkbox without a value is off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import InvalidValue
from brygga.crm.fields import CrmField
from brygga.merge.values import Kind, Value

Reader = Callable[[Any], Value]
Writer = Callable[[Value], Any]


class Unfit(ValueError):
    """A value that a field can't take; `reason` is for the user."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason

    def about(self, field: CrmField, record_id: int | None) -> InvalidValue:
        """The error that names field and record."""
        return InvalidValue(field.key, field.label, self.reason, record_id)


# Reading


def reader(field: CrmField) -> Reader:
    """The function that turns what the database gives for this field into its canonical value."""
    return _READERS[field.kind]


def _read_text(raw: str | None) -> Value:
    return None if not raw or raw.isspace() else raw


def _read_date(raw: date | str | None) -> Value:
    return raw.isoformat() if isinstance(raw, date) else raw


def _read_item(raw: int | str | None) -> Value:
    return None if raw is None else str(raw)


def _read_as_stored(raw: Value) -> Value:
    return raw


_READERS: Mapping[Kind, Reader] = {
    Kind.TEXT: _read_text,
    Kind.INTEGER: _read_as_stored,
    Kind.DOUBLE: lambda raw: None if raw is None else float(raw),
    Kind.CHECKBOX: bool,
    Kind.LIST: _read_item,
    Kind.DATE: _read_date,
    Kind.DATETIME: _read_as_stored,
}


# Writing


def writer(field: CrmField, items: Collection[str] = ()) -> Writer:
    """The function that turns a canonical value into what is stored; it raises Unfit.

    `items` are the ids that a field of kind LIST can have.
    """
    if field.kind is Kind.TEXT:
        return _text_writer(field)
    if field.kind is Kind.LIST:
        return _item_writer(field, items)
    return _WRITERS[field.kind]


def _text_writer(field: CrmField) -> Writer:
    longest = field.max_length or float("inf")
    blank = None if field.user_defined else ""

    def write(value: Value) -> Any:
        if value is None:
            return blank
        if not isinstance(value, str):
            raise Unfit(_("A text is needed here."))
        if len(value) > longest:
            raise Unfit(
                format_lazy(
                    _("The text has {length} characters and there is room for {room}; shorten it."),
                    length=len(value),
                    room=field.max_length,
                )
            )
        if "\x00" in value:
            raise Unfit(_("The text holds a null character, which can't be stored; remove it."))
        return value

    return write


def _item_writer(field: CrmField, items: Collection[str]) -> Writer:
    def write(value: Value) -> Any:
        if value is None:
            return None
        if value not in items:
            raise Unfit(format_lazy(_("There is no item {item} in the list; choose another one."), item=value))
        return value if field.user_defined else int(str(value))

    return write


def _write_integer(value: Value) -> Any:
    if value is None or type(value) is int:
        return value
    raise Unfit(_("A whole number is needed here."))


def _write_double(value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    raise Unfit(_("A number is needed here."))


def _write_checkbox(value: Value) -> Any:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Unfit(_("Only on or off can be stored here."))


def _write_date(value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, str) and len(value) == 10 and _parses(date.fromisoformat, value):
        return value
    raise Unfit(_("A date is needed here, written as YYYY-MM-DD."))


def _write_moment(value: Value) -> Any:
    if value is None or (isinstance(value, str) and _parses(datetime.fromisoformat, value)):
        return value
    raise Unfit(_("A date with a time is needed here, written as YYYY-MM-DDTHH:MM:SS."))


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


_WRITERS: Mapping[Kind, Writer] = {
    Kind.INTEGER: _write_integer,
    Kind.DOUBLE: _write_double,
    Kind.CHECKBOX: _write_checkbox,
    Kind.DATE: _write_date,
    Kind.DATETIME: _write_moment,
}
