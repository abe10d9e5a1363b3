"""People who work in the CRM, as a process of its own: it lives on while servers are killed.

Reads lines of JSON from stdin, `[record id or null, {field: value}]`: null makes a company, else one is edited. Answers
each with a line: the record's id.
"""

from __future__ import annotations

import json
import os
import sys

import django


def main() -> None:
    """Carry out what stdin asks for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brygga.site.settings")
    django.setup()
    for line in sys.stdin:
        record_id, fields = json.loads(line)
        print(create(fields) if record_id is None else edit(record_id, fields), flush=True)


def create(fields: dict[str, str]) -> int:
    """Make a company."""
    from brygga.crm.fields import RecordType
    from brygga.crm.services.records import create_record

    return create_record(RecordType.COMPANY, fields, by="anna").id


def edit(record_id: int, fields: dict[str, str]) -> int:
    """Save, and again if sync has saved the record meanwhile."""
    from brygga.crm.errors import StaleRecord
    from brygga.crm.fields import RecordType
    from brygga.crm.services.records import get_record, save_record

    while True:
        record = get_record(RecordType.COMPANY, record_id)
        try:
            return save_record(RecordType.COMPANY, record_id, record.version, fields, by="anna").id
        except StaleRecord:
            continue


if __name__ == "__main__":
    main()
