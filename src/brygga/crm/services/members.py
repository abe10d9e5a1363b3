"""The members of projects (behaviour C1)."""

from __future__ import annotations

from django.db import transaction

from brygga.crm.errors import NoSuchRecord
from brygga.crm.fields import RecordType
from brygga.crm.models import ProjectMember
from brygga.crm.services.records import RecordView, get_records
from brygga.crm.side import EmbeddedCrm


def members(project_id: int) -> list[RecordView]:
    """The live contacts who take part in a project, by name."""
    rows = ProjectMember.objects.filter(project_id=project_id)
    ids = rows.order_by("contact__lastname", "contact__firstname", "contact_id").values_list("contact_id", flat=True)
    return get_records(RecordType.CONTACT, ids)


@transaction.atomic
def add_member(project_id: int, contact_id: int) -> None:
    """Make a contact a member; one who is a member already stays so. Raises NoSuchRecord for either."""
    for record_type, record_id in ((RecordType.PROJECT, project_id), (RecordType.CONTACT, contact_id)):
        if not EmbeddedCrm().exists(record_type, [record_id]):
            raise NoSuchRecord(record_type, record_id)
    ProjectMember.objects.get_or_create(project_id=project_id, contact_id=contact_id)


def remove_member(project_id: int, contact_id: int) -> None:
    """End a membership; where there is none, nothing happens."""
    ProjectMember.objects.filter(project_id=project_id, contact_id=contact_id).delete()
