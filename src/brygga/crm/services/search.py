"""The list screens: quick find, sorting and paging (behaviour C2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from brygga.crm.errors import UnknownField
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.crm.finding import casings
from brygga.crm.models.records import USER_LIST
from brygga.crm.services.records import RecordView, get_records
from brygga.merge.values import Kind

_FOUND_IN = {
    RecordType.COMPANY: ("name", "department", "number1", "number2", "vatno", "email", "phone", "postalcity"),
    RecordType.CONTACT: ("firstname", "lastname", "number", "email", "phone_direct", "phone_mobile", "company__name"),
    RecordType.PROJECT: ("name", "number"),
}
_SORT = {RecordType.COMPANY: "NAME", RecordType.CONTACT: "LASTNAME", RecordType.PROJECT: "NAME"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its records, its number (the first is 1), and how many records there are in all."""

    records: list[RecordView]
    number: int
    per_page: int
    total: int
    sort: str

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.per_page))


def list_records(
    record_type: RecordType,
    text: str = "",
    sort: str = "",
    page: int = 1,
    per_page: int = 50,
    parent: int | None = None,
) -> Page:
    """Records in which every word of `text` is found; with `parent`, only the contacts of that company.

    `sort` is a field key, with "-" before it for the other direction; blank is by name. A page beyond the last one
    gives the last one. Raises UnknownField for a key to sort by that is not there.
    """
    sort = sort or _SORT[record_type]
    rows = _found(record_type, text, parent)
    total = rows.count()
    last = max(1, -(-total // per_page))
    number = min(max(page, 1), last)
    ids = _sorted(rows, record_type, sort).values_list("id", flat=True)[(number - 1) * per_page : number * per_page]
    return Page(get_records(record_type, ids), number, per_page, total, sort)


def _found(record_type: RecordType, text: str, parent: int | None) -> QuerySet[Any]:
    rows = RecordType(record_type).model._default_manager.filter(deleted=False)
    if parent is not None:
        rows = rows.filter(company_id=parent)
    return reduce(lambda found, word: found.filter(_anywhere(record_type, word)), text.split(), rows)


def _anywhere(record_type: RecordType, word: str) -> Q:
    """The word in one of the columns; in several casings, since SQLite folds no letters beyond a-z."""
    pairs: Iterable[tuple[str, str]] = ((name, case) for name in _FOUND_IN[record_type] for case in casings(word))
    return reduce(or_, (Q(**{f"{name}__icontains": case}) for name, case in pairs))


def _sorted(rows: QuerySet[Any], record_type: RecordType, sort: str) -> QuerySet[Any]:
    key = sort.removeprefix("-")
    fields = fields_of(record_type)
    if key not in fields:
        raise UnknownField(record_type, key)
    rows = rows.alias(sorted_by=_order(fields[key]))
    if sort.startswith("-"):
        return rows.order_by(F("sorted_by").desc(nulls_last=True), "-id")
    return rows.order_by(F("sorted_by").asc(nulls_last=True), "id")


def _order(field: CrmField) -> Any:
    """What a field is sorted by: texts regardless of case, list items by their text."""
    if field.user_defined:
        return KeyTextTransform(field.column, "extra") if field.kind is Kind.TEXT else F(f"extra__{field.column}")
    if field.list_key == USER_LIST:
        return F(f"{field.column.removesuffix('_id')}__username")
    if field.kind is Kind.LIST:
        return F(f"{field.column.removesuffix('_id')}__text")
    return Lower(field.column) if field.kind is Kind.TEXT else F(field.column)
