"""User-defined fields (behaviour C1, C4)."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.fields import USER_DEFINED, CrmField, RecordType, fields_of
from brygga.crm.models import CrmList, UserDefinedField
from brygga.merge.values import Kind

# Two underscores in a row would mean a path in a query.
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@transaction.atomic
def define_field(
    record_type: RecordType, key: str, name: str, kind: Kind, list_key: str = "", max_length: int = 0
) -> CrmField:
    """Add a field to a kind of record. Its key in mappings is `x:` and `key`; `max_length` 0 is no limit.

    Raises:
        Refused: the key is taken or malformed, the name is blank, or a list field has no list.
    """
    if not _KEY.fullmatch(key) or len(key) > 50:
        raise Refused(_("The key takes small letters a-z, digits and single underscores; write it so."), f"key {key!r}")
    if not name.strip():
        raise Refused(_("The field needs a name; fill it in."))
    if UserDefinedField.objects.filter(record_type=record_type, key=key).exists():
        raise Refused(_("There is, or was, a field with this key; choose another key."), f"{record_type} {key}")
    _create(record_type, key, name, kind, _list_of(kind, list_key), max_length)
    return fields_of(record_type)[USER_DEFINED + key]


def _create(
    record_type: RecordType, key: str, name: str, kind: Kind, crm_list: CrmList | None, max_length: int
) -> None:
    UserDefinedField.objects.create(
        record_type=record_type,
        key=key,
        name=name,
        kind=kind,
        list=crm_list,
        max_length=max_length if kind is Kind.TEXT else 0,
        rank=UserDefinedField.objects.filter(record_type=record_type).count(),
    )


def _list_of(kind: Kind, list_key: str) -> CrmList | None:
    if kind is not Kind.LIST:
        return None
    crm_list = CrmList.objects.filter(key=list_key).first()
    if crm_list is None:
        raise Refused(_("A list field needs a list to choose from; choose one."), f"list {list_key!r} not found")
    return crm_list


def rename_field(record_type: RecordType, key: str, name: str) -> None:
    """Give a user-defined field another name; `key` is without `x:`. Raises Refused."""
    if not name.strip():
        raise Refused(_("The field needs a name; fill it in."))
    _change(record_type, key, name=name)


def delete_field(record_type: RecordType, key: str) -> None:
    """Take a user-defined field off the screens; its values stay stored. `key` is without `x:`. Raises Refused."""
    _change(record_type, key, deleted=True)


def _change(record_type: RecordType, key: str, **changes: object) -> None:
    field = UserDefinedField.objects.filter(record_type=record_type, key=key, deleted=False)
    if not field.update(**changes):
        raise Refused(_("The field is not there any more; refresh the list."), f"{record_type} {key} not found")
