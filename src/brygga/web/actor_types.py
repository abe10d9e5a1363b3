"""The actor types of the contract in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import RecordType

ACTOR_TYPES = {
    "Customer": _("Customer"),
    "Supplier": _("Supplier"),
    "Partner": _("Partner"),
    "Person": _("Person"),
    "Project": _("Project"),
    "Employee": _("Employee"),
    "Sale": _("Sale"),
}


def actor_label(actor_type: str) -> str:
    """An actor type in words."""
    return str(ACTOR_TYPES.get(actor_type, actor_type))


def label_beside(record_type: RecordType | str, actor_type: str) -> str:
    """An actor type in words beside a record that it stands for: a contact's is called what the contact is."""
    return RecordType.CONTACT.label if record_type == RecordType.CONTACT else actor_label(actor_type)
