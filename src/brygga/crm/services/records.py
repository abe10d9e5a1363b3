"""Reading, saving, creating and deleting records (behaviour C1, C2, C5).

Every save marks the record in the change journal, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brygga.crm import journal
from brygga.crm.errors import InvalidValue, NoSuchRecord, Refused, StaleRecord
from brygga.crm.fields import RecordType, standard_fields
from brygga.crm.models import Contact
from brygga.crm.side import Change, EmbeddedCrm, NewRecord, Snapshot
from brygga.crm.signals import companies_merged
from brygga.merge.values import Value

_crm = EmbeddedCrm()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parent:
    """The record that another one belongs to."""

    type: RecordType
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record to show: canonical values by field key, and for a contact its company."""

    id: int
    type: RecordType
    version: int
    fields: dict[str, Value]
    parent: Parent | None
    name: str


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Two companies that are to be one: which stays, which goes, what goes over by field key, and how many contacts."""

    keep: RecordView
    drop: RecordView
    filled: dict[str, Value]
    contacts: int


def get_record(record_type: RecordType, record_id: int) -> RecordView:
    """One record with all its fields. Raises NoSuchRecord, also for a deleted one."""
    views = get_records(record_type, [record_id])
    if not views:
        raise NoSuchRecord(record_type, record_id)
    return views[0]


def get_records(record_type: RecordType, ids: Iterable[int]) -> list[RecordView]:
    """Records with all their fields, in the order of `ids`; those that are deleted or not there are left out."""
    wanted = list(ids)
    found = _crm.read(record_type, wanted, _crm.fields(record_type))
    live = [found[record_id] for record_id in wanted if record_id in found and not found[record_id].deleted]
    companies = _crm.describe(RecordType.COMPANY, {s.parent_id for s in live if s.parent_id is not None})
    return [_view(record_type, snapshot, companies) for snapshot in live]


def _view(record_type: RecordType, snapshot: Snapshot, companies: Mapping[int, str]) -> RecordView:
    company = snapshot.parent_id
    parent = None if company is None else Parent(RecordType.COMPANY, company, companies[company])
    return RecordView(snapshot.id, RecordType(record_type), snapshot.version, snapshot.values, parent, snapshot.name)


@transaction.atomic
def save_record(
    record_type: RecordType,
    record_id: int,
    version: int,
    values: Mapping[str, Value],
    by: str,
    parent: int | None = None,
) -> RecordView:
    """Save the given fields of the record that was read with `version`; the others stay as they are.

    `parent` is the id of the company that a contact moves to; None leaves it where it is.

    Raises:
        NoSuchRecord: it is not there, or deleted; or the company is not.
        StaleRecord: somebody has saved it since; nothing is written.
        UnknownField, InvalidValue: a key or value is wrong; nothing is written.
    """
    _check_live(record_type, record_id)
    _check_mandatory(record_type, record_id, values)
    if _crm.write(record_type, [Change(record_id, version, values)], by):
        raise _stale(record_type, record_id, version)
    if parent is not None:
        _check_live(RecordType.COMPANY, parent)
        Contact.objects.filter(pk=record_id).update(company_id=parent)
    journal.mark(record_type, {record_id: version + 1})
    return get_record(record_type, record_id)


@transaction.atomic
def create_record(
    record_type: RecordType, values: Mapping[str, Value], by: str, parent: int | None = None
) -> RecordView:
    """Create a record; `parent` is the id of a contact's company.

    Raises:
        NoSuchRecord: the company is not there.
        UnknownField, InvalidValue: a key or value is wrong, or a mandatory field is blank.
    """
    _check_mandatory(record_type, None, dict.fromkeys(standard_fields(record_type)) | dict(values))
    (record_id,) = _crm.create(record_type, [NewRecord(values, parent)], by)
    journal.mark(record_type, {record_id: 1})
    return get_record(record_type, record_id)


@transaction.atomic
def delete_record(record_type: RecordType, record_id: int, version: int, by: str) -> None:
    """Mark a record as deleted; it stays stored, for the history of its links (behaviour C5).

    Raises:
        NoSuchRecord, StaleRecord: as for `save_record`.
    """
    _check_live(record_type, record_id)
    standing = RecordType(record_type).model._default_manager.filter(pk=record_id, version=version)
    if not standing.update(version=version + 1, updated_at=timezone.now(), updated_by=by, deleted=True):
        raise _stale(record_type, record_id, version)
    journal.mark(record_type, {record_id: version + 1})


@transaction.atomic
def move_contact(contact_id: int, version: int, company_id: int, by: str) -> RecordView:
    """Move a contact to another company. Raises NoSuchRecord for either, and StaleRecord."""
    return save_record(RecordType.CONTACT, contact_id, version, {}, by, company_id)


@transaction.atomic
def merge_companies(keep_id: int, drop_id: int, by: str) -> RecordView:
    """Make two companies one: the contacts of the dropped one, with their projects, move to the kept one, its values
    fill the fields that are blank there, and it is deleted.

    Raises:
        NoSuchRecord: one of them is not there, or deleted.
        Refused: it is the same company twice.
    """
    merge = preview_merge(keep_id, drop_id)
    save_record(RecordType.COMPANY, keep_id, merge.keep.version, merge.filled, by)
    contacts = Contact.objects.filter(company_id=drop_id, deleted=False).values_list("id", "version")
    for contact_id, version in list(contacts):
        save_record(RecordType.CONTACT, contact_id, version, {}, by, keep_id)
    delete_record(RecordType.COMPANY, drop_id, merge.drop.version, by)
    companies_merged.send(None, keep_id=keep_id, drop_id=drop_id, by=by)
    _log.info("companies_merged", kept=keep_id, dropped=drop_id, by=by, filled=sorted(merge.filled))
    return get_record(RecordType.COMPANY, keep_id)


def preview_merge(keep_id: int, drop_id: int) -> MergePreview:
    """What `merge_companies` would do now; it raises the same."""
    if keep_id == drop_id:
        raise Refused(_("Choose two different companies to merge."))
    keep, drop = get_record(RecordType.COMPANY, keep_id), get_record(RecordType.COMPANY, drop_id)
    blank = [key for key, value in keep.fields.items() if value is None and drop.fields[key] is not None]
    return MergePreview(keep, drop, {key: drop.fields[key] for key in blank}, count_contacts(drop_id))


def count_contacts(company_id: int) -> int:
    """How many live contacts a company has."""
    return Contact.objects.filter(company_id=company_id, deleted=False).count()


def last_save(record_type: RecordType, record_id: int) -> tuple[datetime, str] | None:
    """When a record was last saved, and by which user, by log-in name, or by what; None if it is not there."""
    records = RecordType(record_type).model._default_manager.filter(pk=record_id)
    return records.values_list("updated_at", "updated_by").first()


def _check_live(record_type: RecordType, record_id: int) -> None:
    if not _crm.exists(record_type, [record_id]):
        raise NoSuchRecord(record_type, record_id)


def _stale(record_type: RecordType, record_id: int, version: int) -> StaleRecord | NoSuchRecord:
    """Why the record no longer has the version that the caller read."""
    current = _crm.read(record_type, [record_id], []).get(record_id)
    if current is None or current.deleted:
        return NoSuchRecord(record_type, record_id)
    return StaleRecord(record_type, record_id, current.name, version, current.version)


def _check_mandatory(record_type: RecordType, record_id: int | None, values: Mapping[str, Value]) -> None:
    for key, field in standard_fields(record_type).items():
        if field.mandatory and key in values and _is_blank(values[key]):
            raise InvalidValue(key, field.label, _("This field must be filled in."), record_id)


def _is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
