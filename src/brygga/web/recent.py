"""The records that a user has looked at last, kept in the session."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest

from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, get_records
from brygga.web.kinds import RecordKind

MOST = 10
"""How many records are remembered."""

_SESSION_KEY = "recent"


def remember(request: HttpRequest, kind: RecordKind, record_id: int) -> None:
    """Put a record at the head of those used; looking at it again writes nothing."""
    used, one = _used(request), [kind.record_type.value, record_id]
    if used[:1] != [one]:
        request.session[_SESSION_KEY] = [one, *(other for other in used if other != one)][:MOST]


def recent_records(request: HttpRequest) -> list[RecordView]:
    """The records used last, the latest first; those that are deleted meanwhile are left out."""
    used = _used(request)
    ids: dict[str, list[int]] = defaultdict(list)
    for record_type, record_id in used:
        ids[record_type].append(record_id)
    found = {
        (record_type, record.id): record
        for record_type, wanted in ids.items()
        for record in get_records(RecordType(record_type), wanted)
    }
    return [found[key] for record_type, record_id in used if (key := (record_type, record_id)) in found]


def _used(request: HttpRequest) -> list[list[Any]]:
    used: list[list[Any]] = request.session.get(_SESSION_KEY, [])
    return used
