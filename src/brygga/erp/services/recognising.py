"""Recognising records that are there already, by the values of one field or of several together (behaviour I3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import CrmSide, Snapshot

WAYS: Mapping[RecordType, tuple[tuple[str, ...], ...]] = {
    RecordType.COMPANY: (("NAME",), ("NAME", "DEPARTMENT"), ("NUMBER2",), ("NUMBER1",), ("VATNO",)),
    RecordType.CONTACT: (("LASTNAME", "FIRSTNAME"), ("EMAIL",), ("PHONE_MOBILE",), ("NUMBER",)),
    RecordType.PROJECT: (("NAME",), ("NUMBER",)),
}
"""The fields by which users can have records recognised; the first of each way must not be blank."""

_OF_PERSONS = frozenset({"LASTNAME", "FIRSTNAME", "MIDDLENAME"})
"""Names that people share; only within a company do they mean the same contact."""

Row: TypeAlias = tuple[Mapping[str, Any], int | None]
"""The CRM values of a record that is to be, and the id of its company, if it has one."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A record that looks alike; `elsewhere` says that it is a contact of another company."""

    record_id: int
    elsewhere: bool = False


def keys_of(duplicates: str | None) -> tuple[str, ...]:
    """The CRM fields that recognise a record together, from their keys with commas between them."""
    return tuple(key.strip() for key in (duplicates or "").split(",") if key.strip())


def records_alike(crm: CrmSide, record_type: RecordType, keys: Sequence[str], rows: Sequence[Row]) -> list[list[Alike]]:
    """For each row the live records with the same values, whatever their case; none where the first value is blank.

    A constant number of queries per thousand rows. Contacts of the same name count within their company only.
    """
    anchor, *others = keys
    asked = {str(values[anchor]) for values, _parent in rows if values.get(anchor) is not None}
    ids_by_text = {text.casefold(): ids for text, ids in crm.find(record_type, anchor, sorted(asked)).items()}
    is_contact = record_type == RecordType.CONTACT
    wanted = sorted({record_id for ids in ids_by_text.values() for record_id in ids})
    read = crm.read(record_type, wanted, others) if others or is_contact else {}

    def of_row(values: Mapping[str, Any], parent: int | None) -> Iterator[Alike]:
        first = values.get(anchor)
        for record_id in ids_by_text.get(str(first).casefold(), ()) if first is not None else ():
            elsewhere = is_contact and read[record_id].parent_id != parent
            if _same(values, read.get(record_id), others) and not (elsewhere and anchor in _OF_PERSONS):
                yield Alike(record_id, elsewhere)

    return [_nearest(of_row(values, parent)) for values, parent in rows]


def _nearest(found: Iterable[Alike]) -> list[Alike]:
    """Those of the same company where there are any, else the others."""
    alike = list(found)
    return [one for one in alike if not one.elsewhere] or alike


def _same(values: Mapping[str, Any], record: Snapshot | None, keys: Sequence[str]) -> bool:
    return record is None or all(_folded(values.get(key)) == _folded(record.values[key]) for key in keys)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
