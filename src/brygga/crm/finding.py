"""Finding records by the value of a field, whatever the case of letters.

The databases differ in what they take for small and capital letters outside a-z (SQLite knows none). So a text is
looked for in the casings that people write, folded in both ways, and what is found is compared once more here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import F, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Lower

from brygga.batch.statements import chunks
from brygga.crm.fields import CrmField, RecordType
from brygga.merge.values import Kind

_PER_QUERY = 500
_ASCII_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def find_records(record_type: RecordType, field: CrmField, values: Collection[str]) -> dict[str, list[int]]:
    """Ids of the live records by the values, of those asked for, that they have in this field."""
    asked: dict[str, list[str]] = defaultdict(list)
    for value in dict.fromkeys(values):
        asked[value.casefold()].append(value)
    found: dict[str, list[int]] = {}
    for record_id, stored in _rows(record_type, field, values):
        for value in asked.get(stored.casefold(), ()):
            found.setdefault(value, []).append(record_id)
    return found


def casings(text: str) -> set[str]:
    """A text in the casings that people write it in: one for text that has no letters beyond a-z."""
    if text.isascii():
        return {text.lower()}
    return {text, text.lower(), text.upper(), text.title(), text.capitalize()}


def casings_within(text: str) -> set[str]:
    """The casings to look for within a text by `icontains`: those of a-z are one, on every database."""
    return {casing.translate(_ASCII_LOWER) for casing in casings(text)}


def _folded(values: Iterable[str]) -> Iterator[str]:
    """What the lower-case function of either database may make of these texts, written in any casing."""
    for value in values:
        for casing in casings(value):
            yield from {casing.lower(), casing.translate(_ASCII_LOWER)}


def _rows(record_type: RecordType, field: CrmField, values: Iterable[str]) -> Iterator[tuple[int, str]]:
    column: Any = KeyTextTransform(field.column, "extra") if field.user_defined else F(field.column)
    is_text = field.kind is Kind.TEXT
    stored = column if is_text else Cast(column, TextField())
    compared = Lower(stored) if is_text else stored
    live = RecordType(record_type).model._default_manager.filter(deleted=False).order_by("id")
    for chunk in chunks(sorted(set(_folded(values) if is_text else values)), _PER_QUERY):
        rows = live.annotate(stored=stored, compared=compared).filter(compared__in=chunk)
        yield from rows.values_list("id", "stored")
