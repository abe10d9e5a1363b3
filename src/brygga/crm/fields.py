"""The fields of each kind of record, by key: the standard ones of behaviour F and the user-defined ones.

Length, label and kind of a standard field are those of its column in `brygga.crm.models.records`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from brygga.crm.models import Company, Contact, Project, Record, User, UserDefinedField
from brygga.crm.models.records import USER_LIST
from brygga.merge.values import Kind

USER_DEFINED = "x:"
"""What the key of a user-defined field begins with."""


class RecordType(StrEnum):
    """The kinds of record that the CRM keeps."""

    COMPANY = "company"
    CONTACT = "contact"
    PROJECT = "project"

    @property
    def model(self) -> type[Record]:
        """The model that stores this kind of record."""
        return _MODELS[self]

    @property
    def label(self) -> str:
        """What this kind of record is called, in the reader's language."""
        return str(_LABELS[self])


@dataclass(frozen=True, slots=True)
class CrmField:
    """A field on offer to screens and mappings.

    `column` is the database column or, where `user_defined`, the key in the record's `extra`. `max_length` counts
    characters, 0 being no limit. `list_key` names the list of a field of kind LIST, and is empty otherwise. `label`
    is text that is translated when shown.
    """

    key: str
    column: str
    kind: Kind
    max_length: int
    list_key: str
    label: Any
    mandatory: bool = False
    user_defined: bool = False


_MODELS: dict[RecordType, type[Record]] = {
    RecordType.COMPANY: Company,
    RecordType.CONTACT: Contact,
    RecordType.PROJECT: Project,
}
_LABELS = {
    RecordType.COMPANY: _("Company"),
    RecordType.CONTACT: _("Contact"),
    RecordType.PROJECT: _("Project"),
}

# Capital letters mark the keys by which a field is mapped automatically (behaviour A8).
_KEYS = {
    RecordType.COMPANY: (
        "NAME DEPARTMENT NUMBER1 NUMBER2 VATNO category business our_contact stop PHONE FAX EMAIL URL "
        "POSTALAD1 POSTALAD2 POSTALAD3 POSTALZIP POSTALCITY POSTALCOUNTY POSTALSTATE "
        "STREETAD1 STREETAD2 STREETAD3 STREETZIP STREETCITY STREETCOUNTY STREETSTATE COUNTRY"
    ),
    RecordType.CONTACT: (
        "FIRSTNAME MIDDLENAME LASTNAME TITLE NUMBER POSITION PHONE_DIRECT PHONE_PRIVATE PHONE_MOBILE PHONE_OTHER "
        "EMAIL BIRTHDATE URL POSTALAD1 POSTALAD2 POSTALAD3 POSTALZIP POSTALCITY POSTALSTATE POSTALCOUNTY POSTALCOUNTRY"
    ),
    RecordType.PROJECT: "NAME TEXT NUMBER type status URL ENDDATE",
}

_KINDS: dict[type[Any], Kind] = {
    models.CharField: Kind.TEXT,
    models.TextField: Kind.TEXT,
    models.DateField: Kind.DATE,
    models.BooleanField: Kind.CHECKBOX,
    models.ForeignKey: Kind.LIST,
}


def fields_of(record_type: RecordType) -> dict[str, CrmField]:
    """All fields of a kind of record by key, in the order of the screen; the user-defined ones come last."""
    return {**standard_fields(record_type), **{field.key: field for field in _user_defined(record_type)}}


@cache
def standard_fields(record_type: RecordType) -> MappingProxyType[str, CrmField]:
    """The fields of behaviour F, by key."""
    model = RecordType(record_type).model
    return MappingProxyType({key: _standard(key, model) for key in _KEYS[record_type].split()})


def _standard(key: str, model: type[Record]) -> CrmField:
    column: Any = model._meta.get_field(key.lower())
    return CrmField(
        key=key,
        column=column.column,
        kind=_KINDS[type(column)],
        max_length=column.max_length or 0,
        list_key=_list_key(column),
        label=column.verbose_name,
        mandatory=not column.blank,
    )


def _list_key(column: Any) -> str:
    if not isinstance(column, models.ForeignKey):
        return ""
    return USER_LIST if column.related_model is User else str(column.remote_field.limit_choices_to["list__key"])


def _user_defined(record_type: RecordType) -> Iterator[CrmField]:
    for field in UserDefinedField.objects.filter(record_type=record_type, deleted=False).select_related("list"):
        yield CrmField(
            key=USER_DEFINED + field.key,
            column=field.key,
            kind=Kind(field.kind),
            max_length=field.max_length,
            list_key=field.list.key if field.list else "",
            label=field.name,
            user_defined=True,
        )
