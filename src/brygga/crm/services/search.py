"""The list screens: quick find, filters, sorting and paging (behaviour C2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from brygga.crm.errors import UnknownField
from brygga.crm.fields import RecordType, fields_of
from brygga.crm.finding import casings_within
from brygga.crm.models.records import USER_LIST
from brygga.crm.services.records import RecordView, get_records
from brygga.merge.values import Kind

PARENT = "parent"
"""The key by which contacts are sorted by the name of their company."""

_FOUND_IN = {
    RecordType.COMPANY: ("name", "department", "number1", "number2", "vatno", "email", "phone", "postalcity"),
    RecordType.CONTACT: ("firstname", "lastname", "number", "email", "phone_direct", "phone_mobile", "company__name"),
    RecordType.PROJECT: ("name", "number"),
}
_FEW = 500
"""Where a text is found in fewer records than this, one query both finds and counts them."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records a list shows.

    Every word of `text` is found in them; `items` names list items by the key of their field; with `parent` they are
    the contacts of that company. `among` and `apart_from` are queries of ids that they are, or are not, in.
    """

    text: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    parent: int | None = None
    among: QuerySet[Any, int] | None = None
    apart_from: QuerySet[Any, int] | None = None


def list_records(
    record_type: RecordType,
    text: str = "",
    sort: str = "",
    page: int = 1,
    per_page: int = 50,
    parent: int | None = None,
) -> Page:
    """Records in which every word of `text` is found, as `page_of` gives them."""
    return page_of(record_type, Wanted(text, parent=parent), sort, page, per_page)


def page_of(record_type: RecordType, wanted: Wanted, sort: str = "", page: int = 1, per_page: int = 50) -> Page:
    """A page of the records that are wanted.

    `sort` is a field key, with "-" before it for the other direction; blank is by name. A page beyond the last one
    gives the last one. Raises UnknownField for a key to sort or filter by that is not there.
    """
    sort = sort or _SORT[record_type]
    rows = _found(record_type, wanted)
    ids = _sorted(rows, record_type, sort).values_list("id", flat=True)
    few = list(ids[:_FEW]) if wanted.text else []
    total = len(few) if wanted.text and len(few) < _FEW else rows.count()
    number = min(max(page, 1), max(1, -(-total // per_page)))
    part = slice((number - 1) * per_page, number * per_page)
    return Page(get_records(record_type, few[part] if total == len(few) else ids[part]), number, per_page, total, sort)


def first_found(record_type: RecordType, text: str, number: int) -> list[RecordView]:
    """The first records by name in which every word of `text` is found; the others are not counted."""
    rows = _sorted(_found(record_type, Wanted(text)), record_type, _SORT[record_type])
    return get_records(record_type, rows.values_list("id", flat=True)[:number])


def _found(record_type: RecordType, wanted: Wanted) -> QuerySet[Any]:
    rows = RecordType(record_type).model._default_manager.filter(deleted=False)
    if wanted.parent is not None:
        rows = rows.filter(company_id=wanted.parent)
    if wanted.items:
        rows = rows.filter(_with_items(record_type, wanted.items))
    if wanted.among is not None:
        rows = rows.filter(id__in=wanted.among)
    if wanted.apart_from is not None:
        rows = rows.exclude(id__in=wanted.apart_from)
    return reduce(lambda found, word: found.filter(_anywhere(record_type, word)), wanted.text.split(), rows)


def _with_items(record_type: RecordType, items: Mapping[str, str]) -> Q:
    fields, matching = fields_of(record_type), Q()
    for key, item in items.items():
        if key not in fields or fields[key].kind is not Kind.LIST:
            raise UnknownField(record_type, key)
        column = fields[key].column
        matching &= Q(**{f"extra__{column}": item}) if fields[key].user_defined else Q(**{column: int(item)})
    return matching


def _anywhere(record_type: RecordType, word: str) -> Q:
    """The word in one of the columns; in several casings, since SQLite folds no letters beyond a-z."""
    pairs: Iterable[tuple[str, str]] = (
        (name, case) for name in _FOUND_IN[record_type] for case in casings_within(word)
    )
    return reduce(or_, (Q(**{f"{name}__icontains": case}) for name, case in pairs))


def _sorted(rows: QuerySet[Any], record_type: RecordType, sort: str) -> QuerySet[Any]:
    """In this order; a text is never null, and said without "nulls last" its order is that of an index."""
    key = sort.removeprefix("-")
    order, may_be_null = _order(record_type, key)
    rows, last = rows.alias(sorted_by=order), may_be_null or None
    if sort.startswith("-"):
        return rows.order_by(F("sorted_by").desc(nulls_last=last), "-id")
    return rows.order_by(F("sorted_by").asc(nulls_last=last), "id")


def _order(record_type: RecordType, key: str) -> tuple[Any, bool]:
    """What a list is sorted by, texts regardless of case and list items by their text; and whether it may be null."""
    if key == PARENT and record_type == RecordType.CONTACT:
        return Lower("company__name"), False
    fields = fields_of(record_type)
    if key not in fields:
        raise UnknownField(record_type, key)
    column, kind = fields[key].column, fields[key].kind
    if fields[key].user_defined:
        return (KeyTextTransform(column, "extra") if kind is Kind.TEXT else F(f"extra__{column}")), True
    if fields[key].list_key == USER_LIST:
        return F(f"{column.removesuffix('_id')}__username"), True
    if kind is Kind.LIST:
        return F(f"{column.removesuffix('_id')}__text"), True
    return (Lower(column), False) if kind is Kind.TEXT else (F(column), True)
