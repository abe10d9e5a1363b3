"""Choosing a record by typing: suggestions come as `Name #12`; an exact name that only one record has will do, too.

It works without a script as well: what is not clear is answered with the records that may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, get_records
from brygga.crm.services.search import list_records

MOST = 20
"""How many records are offered to choose from."""

_NUMBERED = re.compile(r".*#(\d{1,18})\s*")


def reference(name: str, record_id: int) -> str:
    """The text that means this record and no other."""
    ending = f"#{record_id}"
    return name if name.endswith(ending) else f"{name} {ending}"


def candidates(record_type: RecordType, text: str) -> list[RecordView]:
    """The records that a text may mean, the first 20; the one alone if it is clear."""
    if numbered := _NUMBERED.fullmatch(text):
        return get_records(record_type, [int(numbered[1])])
    found = list_records(record_type, text, per_page=MOST).records if text.strip() else []
    exact = [record for record in found if record.name.casefold() == text.strip().casefold()]
    return exact if len(exact) == 1 else found


def chosen(text: str, found: Sequence[RecordView]) -> RecordView | None:
    """The record among its candidates that a text means for certain, if there is one."""
    if len(found) != 1 or not (_NUMBERED.fullmatch(text) or found[0].name.casefold() == text.strip().casefold()):
        return None
    return found[0]


def hint(record: RecordView) -> str:
    """What tells a record from others of the same name: a contact's company, a company's city."""
    return record.parent.name if record.parent else str(record.fields.get("POSTALCITY") or "")


def options(found: Sequence[RecordView]) -> list[dict[str, str]]:
    """Records as suggestions: the text to be entered, and what tells it from others."""
    return [{"value": reference(record.name, record.id), "more": hint(record)} for record in found]
