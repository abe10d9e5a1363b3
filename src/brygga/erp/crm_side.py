"""The port through which the engine and the services reach CRM records.

The embedded CRM implements it (`brygga.crm.side.EmbeddedCrm`); the API of another CRM can take its place. All
values are canonical (see `brygga.merge.values`), and every call works within the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from brygga.crm.fields import CrmField, RecordType
from brygga.crm.side import Change, EmbeddedCrm, Mark, NewRecord, Snapshot


class CrmSide(Protocol):
    """What Brygga asks of a CRM."""

    def fields(self, record_type: RecordType) -> Mapping[str, CrmField]:
        """The fields on offer, by key (behaviour F)."""
        ...

    def read(self, record_type: RecordType, ids: Sequence[int], keys: Sequence[str]) -> dict[int, Snapshot]:
        """The records with these ids, deleted ones included; unknown ids are left out."""
        ...

    def write(self, record_type: RecordType, changes: Sequence[Change], origin: str) -> set[int]:
        """Write the changes of records that still have the version they were read with; return the other ids."""
        ...

    def create(self, record_type: RecordType, rows: Sequence[NewRecord], origin: str) -> list[int]:
        """Create records and return their ids in the same order."""
        ...

    def delete(self, record_type: RecordType, versions: Mapping[int, int], origin: str) -> set[int]:
        """Mark records as deleted that still have the version they were read with; return the other ids."""
        ...

    def with_contacts(self, company_ids: Collection[int]) -> set[int]:
        """Which of these companies have live contacts."""
        ...

    def find(self, record_type: RecordType, key: str, values: Sequence[str]) -> dict[str, list[int]]:
        """Ids of the live records that have one of these values in a field."""
        ...

    def ids_after(self, record_type: RecordType, after: int, limit: int) -> list[int]:
        """A page of the ids of all live records, in order."""
        ...

    def changed(self, limit: int) -> list[Mark]:
        """Records that users have changed since they were last forgotten, at most `limit` of them."""
        ...

    def forget(self, marks: Sequence[Mark]) -> None:
        """Drop the marks of records that have not changed again meanwhile."""
        ...

    def list_items(self, list_key: str) -> dict[str, str]:
        """The items of a list: id to text."""
        ...

    def describe(self, record_type: RecordType, ids: Sequence[int]) -> dict[int, str]:
        """The names of records."""
        ...


def crm_side() -> CrmSide:
    """The CRM that this server keeps in agreement with its ERPs."""
    return EmbeddedCrm()
