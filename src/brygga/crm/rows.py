"""How records become rows and rows become snapshots: which columns, in which order, converted by what."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from brygga.crm.errors import UnknownField
from brygga.crm.fields import USER_DEFINED, CrmField, RecordType, fields_of, standard_fields
from brygga.crm.listing import list_items
from brygga.crm.values import Unfit, Writer, writer
from brygga.merge.values import Kind, Value

_NAMES = {
    RecordType.COMPANY: ("name",),
    RecordType.CONTACT: ("firstname", "middlename", "lastname"),
    RecordType.PROJECT: ("name",),
}
_STAND_INS = {
    RecordType.COMPANY: ("number2", "number1"),
    RecordType.CONTACT: ("number", "email"),
    RecordType.PROJECT: ("number",),
}


def table_of(record_type: RecordType) -> str:
    """The table that holds this kind of record."""
    return RecordType(record_type).model._meta.db_table


def name_columns(record_type: RecordType) -> tuple[str, ...]:
    """The columns that `name_of` needs to name a record."""
    return _NAMES[record_type] + _STAND_INS[record_type]


def name_of(record_type: RecordType, record_id: int, parts: Sequence[str]) -> str:
    """The name of a record from its name columns.

    One without a name says so in the reader's language, with its number or else its id; imports may bring such.
    """
    number = len(_NAMES[record_type])
    return " ".join(filter(None, parts[:number])) or _nameless(record_id, parts[number:])


def _nameless(record_id: int, stand_ins: Iterable[str]) -> str:
    known = next(filter(None, stand_ins), f"#{record_id}")
    return " ".join((_("(no name)"), known))


def parent_columns(record_type: RecordType) -> tuple[str, ...]:
    """The column that holds the parent: a contact's company; the others have none."""
    return ("company_id",) if record_type == RecordType.CONTACT else ()


def choose(record_type: RecordType, keys: Iterable[str]) -> list[CrmField]:
    """The fields with these keys, the user-defined ones last; raises UnknownField."""
    wanted = list(dict.fromkeys(keys))
    needs_all = any(key.startswith(USER_DEFINED) for key in wanted)
    fields = fields_of(record_type) if needs_all else standard_fields(record_type)
    for key in wanted:
        if key not in fields:
            raise UnknownField(record_type, key)
    return sorted((fields[key] for key in wanted), key=lambda field: field.user_defined)


class Converter:
    """Turns the canonical values of records into what their rows hold."""

    def __init__(self, fields: Sequence[CrmField]) -> None:
        items = {f.list_key: list_items(f.list_key, deleted=True) for f in fields if f.kind is Kind.LIST}
        pairs = [(field, writer(field, items.get(field.list_key, ()))) for field in fields]
        self._columns = [pair for pair in pairs if not pair[0].user_defined]
        self._extra = [pair for pair in pairs if pair[0].user_defined]
        self._plan = [(field.key, write) for field, write in self._columns]
        self.keys: Collection[str] = {field.key for field in fields}
        self.columns = [field.column for field, _write in self._columns]
        self.has_extra = bool(self._extra)

    def columns_of(self, values: Mapping[str, Value], record_id: int | None = None) -> list[Any]:
        """What the columns get, in the order of `columns`; a value that is not given counts as none.

        Raises:
            InvalidValue: a field can't take its value.
        """
        try:
            return [write(values.get(key)) for key, write in self._plan]
        except Unfit:
            return [_convert(field, write, values.get(field.key), record_id) for field, write in self._columns]

    def merged(self, current: Sequence[Any], values: Mapping[str, Value], record_id: int) -> list[Any]:
        """Like `columns_of`, where what is not given stays as it is in `current`.

        With user-defined fields, their JSON stands first in `current` and last in the answer.
        """
        first, plain = int(self.has_extra), self._columns
        merged = [
            _convert(field, write, values[field.key], record_id) if field.key in values else standing
            for (field, write), standing in zip(plain, current[first:], strict=True)
        ]
        return [*merged, self.extra_of(json.loads(current[0]), values, record_id)] if first else merged

    def extra_of(self, current: Mapping[str, Any], values: Mapping[str, Value], record_id: int | None = None) -> str:
        """The JSON of the user-defined fields: `current` with those of `values` set; raises InvalidValue."""
        given = {
            field.column: _convert(field, write, values[field.key], record_id)
            for field, write in self._extra
            if field.key in values
        }
        return json.dumps({**current, **given})


def _convert(field: CrmField, write: Writer, value: Value, record_id: int | None) -> Any:
    try:
        return write(value)
    except Unfit as unfit:
        raise unfit.about(field, record_id) from unfit
