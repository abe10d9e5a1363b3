"""The CRM's kinds of record under their published names."""

from __future__ import annotations

from django.utils.translation import gettext as _

from brygga.api.enums import CrmActorType
from brygga.api.errors import BadBody
from brygga.crm.fields import RecordType

_KINDS = {
    CrmActorType.CONTACT: RecordType.COMPANY,
    CrmActorType.PERSON: RecordType.CONTACT,
    CrmActorType.PROJECT: RecordType.PROJECT,
}
_NAMES = {str(kind): name for name, kind in _KINDS.items()}


def record_type(name: CrmActorType) -> RecordType:
    """The kind of record that a published name stands for. Raises BadBody for one that this CRM does not keep."""
    if name not in _KINDS:
        text = _("The CRM keeps no records of the type %(type)s. Use Contact, Person or Project.")
        raise BadBody(text % {"type": name.value}, f"CrmActorType {name.value}")
    return _KINDS[name]


def crm_actor_type(kind: str) -> CrmActorType:
    """The published name of a kind of record; Unknown for none."""
    return _NAMES.get(kind, CrmActorType.UNKNOWN)


def table_name(kind: str) -> str:
    """What the published interface calls the table of a kind of record."""
    return crm_actor_type(kind).value.lower()
