"""How each kind of record appears on screen: address, icon, words, columns and groups of fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import RecordType


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record. `columns`, `filters` and `groups` name CRM fields by key; "parent" is a contact's company."""

    record_type: RecordType
    slug: str
    icon: str
    plural: Any
    add_label: Any
    none_text: Any
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    groups: tuple[tuple[Any, tuple[str, ...]], ...]
    related: RecordType | None = None

    @property
    def label(self) -> str:
        """What one record of this kind is called."""
        return self.record_type.label

    @property
    def list_url(self) -> str:
        """The address of the list."""
        return reverse(f"web:{self.slug}")

    @property
    def new_url(self) -> str:
        """The address of the form for a new record."""
        return reverse(f"web:{self.slug}_new")

    @property
    def suggestions_url(self) -> str:
        """The address of suggestions while a name is typed."""
        return reverse(f"web:{self.slug}_suggestions")

    def url(self, record_id: int, part: str = "") -> str:
        """The address of a record, or of one part of its screen: edit, delete, merge, related, erp, history."""
        name = f"web:{self.slug}_{part}" if part else f"web:{self.slug}_record"
        return reverse(name, args=[record_id])


COMPANIES = RecordKind(
    RecordType.COMPANY,
    "companies",
    "buildings",
    _("Companies"),
    _("New company"),
    _("There is no company yet."),
    ("NAME", "NUMBER2", "category", "POSTALCITY", "PHONE", "our_contact"),
    ("category", "business", "our_contact", "COUNTRY"),
    (
        (
            _("Company"),
            ("NAME", "DEPARTMENT", "NUMBER1", "NUMBER2", "VATNO", "category", "business", "our_contact", "stop"),
        ),
        (_("Phone and e-mail"), ("PHONE", "FAX", "EMAIL", "URL")),
        (
            _("Postal address"),
            (
                "POSTALAD1",
                "POSTALAD2",
                "POSTALAD3",
                "POSTALZIP",
                "POSTALCITY",
                "POSTALCOUNTY",
                "POSTALSTATE",
                "COUNTRY",
            ),
        ),
        (
            _("Street address"),
            ("STREETAD1", "STREETAD2", "STREETAD3", "STREETZIP", "STREETCITY", "STREETCOUNTY", "STREETSTATE"),
        ),
    ),
    RecordType.CONTACT,
)
CONTACTS = RecordKind(
    RecordType.CONTACT,
    "contacts",
    "user",
    _("Contacts"),
    _("New contact"),
    _("There is no contact yet."),
    ("LASTNAME", "FIRSTNAME", "parent", "POSITION", "PHONE_MOBILE", "EMAIL"),
    ("POSITION", "POSTALCOUNTRY"),
    (
        (
            _("Contact"),
            ("FIRSTNAME", "MIDDLENAME", "LASTNAME", "TITLE", "POSITION", "NUMBER", "BIRTHDATE"),
        ),
        (
            _("Phone and e-mail"),
            ("PHONE_DIRECT", "PHONE_MOBILE", "PHONE_PRIVATE", "PHONE_OTHER", "EMAIL", "URL"),
        ),
        (
            _("Address"),
            (
                "POSTALAD1",
                "POSTALAD2",
                "POSTALAD3",
                "POSTALZIP",
                "POSTALCITY",
                "POSTALCOUNTY",
                "POSTALSTATE",
                "POSTALCOUNTRY",
            ),
        ),
    ),
)
PROJECTS = RecordKind(
    RecordType.PROJECT,
    "projects",
    "folder-open",
    _("Projects"),
    _("New project"),
    _("There is no project yet."),
    ("NAME", "NUMBER", "type", "status", "ENDDATE"),
    ("type", "status"),
    (
        (_("Project"), ("NAME", "NUMBER", "type", "status", "ENDDATE", "URL")),
        (_("Description"), ("TEXT",)),
    ),
    RecordType.CONTACT,
)

KINDS = {kind.record_type: kind for kind in (COMPANIES, CONTACTS, PROJECTS)}
"""The kinds by record type, in the order of the navigator."""
