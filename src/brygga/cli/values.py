"""Values as they are typed on the command line: FIELD=VALUE, TYPE and TYPE:ID."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from brygga.cli.output import USAGE, fail

if TYPE_CHECKING:
    from brygga.crm.fields import CrmField, RecordType

_CHECKED = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


def record_type(text: str) -> RecordType:
    """The kind of record that was named; other words are wrong usage."""
    from brygga.crm.fields import RecordType

    try:
        return RecordType(text.lower())
    except ValueError:
        fail(f'"{text}" is no kind of record. Use one of: {", ".join(RecordType)}.', USAGE)


def record_reference(text: str) -> tuple[RecordType, int]:
    """The record that TYPE:ID names."""
    kind, separator, number = text.partition(":")
    if not separator or not number.isdecimal():
        fail(f'"{text}" names no record. Write TYPE:ID, for example company:12.', USAGE)
    return record_type(kind), int(number)


def assignments(texts: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE texts as a mapping; a later one replaces an earlier one."""
    pairs = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not separator or not key.strip():
            fail(f'"{text}" gives no field a value. Write FIELD=VALUE.', USAGE)
        pairs[key.strip()] = value
    return pairs


def canonical_values(kind: RecordType, texts: Sequence[str]) -> dict[str, Any]:
    """FIELD=VALUE texts as canonical values by field key; keys are accepted in any case of letters.

    Raises UnknownField. A text that does not fit its field is wrong usage.
    """
    from brygga.crm.errors import UnknownField
    from brygga.crm.fields import fields_of

    fields = {key.casefold(): field for key, field in fields_of(kind).items()}
    values = {}
    for key, text in assignments(texts).items():
        field = fields.get(key.casefold())
        if field is None:
            raise UnknownField(kind, key)
        values[field.key] = canonical(field, text)
    return values


def canonical(field: CrmField, text: str) -> Any:
    """A typed text as the canonical value of a field; an empty text is no value."""
    from brygga.merge.values import Kind

    if not text:
        return None
    if field.kind is Kind.LIST:
        return _item(field, text)
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.INTEGER: int,
        Kind.DOUBLE: float,
        Kind.CHECKBOX: lambda typed: _CHECKED[typed.lower()],
        Kind.DATE: lambda typed: date.fromisoformat(typed).isoformat(),
        Kind.DATETIME: lambda typed: datetime.fromisoformat(typed).isoformat(),
    }
    try:
        return readers.get(field.kind, str)(text)
    except (ValueError, KeyError):
        fail(f'"{text}" does not fit {field.key}, which is a {field.kind.value}.', USAGE)


def shown(kind: RecordType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values for the reader: list items by their text, everything else as it is."""
    from brygga.crm.fields import fields_of
    from brygga.merge.values import Kind

    fields = fields_of(kind)
    return {
        key: _items(fields[key].list_key).get(str(value), value)
        if value is not None and fields[key].kind is Kind.LIST
        else value
        for key, value in values.items()
    }


def _item(field: CrmField, text: str) -> str:
    """The id of the list item that has this text, or else this id."""
    items = _items(field.list_key)
    for item, item_text in items.items():
        if item_text.casefold() == text.casefold():
            return item
    if text in items:
        return text
    fail(f'{field.key} has no item "{text}". It has: {", ".join(items.values()) or "none"}.', USAGE)


def _items(list_key: str) -> Mapping[str, str]:
    from brygga.crm.listing import list_items

    return list_items(list_key)
