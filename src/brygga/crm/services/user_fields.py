"""User-defined fields (behaviour C1, C4). Keys are given without the `x:` that they begin with in mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Length
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.fields import USER_DEFINED, CrmField, RecordType, fields_of
from brygga.crm.keys import free_key, is_key
from brygga.crm.models import CrmList, UserDefinedField
from brygga.merge.values import Kind

LONGEST_TEXT = 10_000
"""The most characters that a limit can allow; without one a text may be longer."""


def user_fields(record_type: RecordType, deleted: bool = False) -> list[UserDefinedField]:
    """The user-defined fields of a kind of record in their order; with `deleted`, the deleted ones after them."""
    fields = UserDefinedField.objects.filter(record_type=record_type).select_related("list")
    chosen = fields if deleted else fields.filter(deleted=False)
    return list(chosen.order_by("deleted", "rank", "id"))


def find_field(record_type: RecordType, key: str) -> UserDefinedField:
    """The field with this key. Raises Refused where there is none, or no longer."""
    fields = UserDefinedField.objects.filter(record_type=record_type, key=key, deleted=False).select_related("list")
    field = fields.first()
    if field is None:
        raise Refused(_("The field is not there any more; refresh the list."), f"{record_type} {key} not found")
    return field


def key_for(record_type: RecordType, name: str) -> str:
    """A key made of a name that no field of this kind of record has, or had."""
    taken = UserDefinedField.objects.filter(record_type=record_type).values_list("key", flat=True)
    return free_key(name, set(taken), "field")


@transaction.atomic
def define_field(
    record_type: RecordType, key: str, name: str, kind: Kind, list_key: str = "", max_length: int = 0
) -> CrmField:
    """Add a field to a kind of record. Its key in mappings is `x:` and `key`; `max_length` 0 is no limit.

    Raises:
        Refused: the key is taken or malformed, the name is blank, or a list field has no list.
    """
    if not is_key(key):
        raise Refused(_("The key takes small letters a-z, digits and single underscores; write it so."), f"key {key!r}")
    if UserDefinedField.objects.filter(record_type=record_type, key=key).exists():
        raise Refused(_("There is, or was, a field with this key; choose another key."), f"{record_type} {key}")
    UserDefinedField.objects.create(
        record_type=record_type,
        key=key,
        name=_checked_name(name),
        kind=kind,
        list=_list_of(kind, list_key),
        max_length=_checked_length(kind, max_length),
        rank=UserDefinedField.objects.filter(record_type=record_type).count(),
    )
    return fields_of(record_type)[USER_DEFINED + key]


def rename_field(record_type: RecordType, key: str, name: str) -> None:
    """Give a user-defined field another name. Raises Refused."""
    field = find_field(record_type, key)
    field.name = _checked_name(name)
    field.save(update_fields=["name"])


@transaction.atomic
def change_field(record_type: RecordType, key: str, name: str, list_key: str = "", max_length: int = 0) -> None:
    """Change name, list and longest text of a field; its kind stays, for its values would not fit another one.

    Raises:
        Refused: the name is blank; a record has a longer text than is allowed from now on; or records have items of
            the list that is no longer to be chosen from.
    """
    field = find_field(record_type, key)
    field.name = _checked_name(name)
    _set_length(field, max_length)
    _set_list(field, list_key)
    field.save(update_fields=["name", "max_length", "list"])


@transaction.atomic
def rank_fields(record_type: RecordType, keys: Sequence[str]) -> None:
    """Put the fields of a kind of record in this order; those that `keys` leaves out follow."""
    place = {key: rank for rank, key in enumerate(keys)}
    ordered = sorted(user_fields(record_type), key=lambda field: place.get(field.key, len(place)))
    for rank, field in enumerate(ordered):
        field.rank = rank
    UserDefinedField.objects.bulk_update(ordered, ["rank"])


def delete_field(record_type: RecordType, key: str) -> None:
    """Take a user-defined field off the screens; its values stay stored. Raises Refused."""
    _set_deleted(record_type, key, True)


def restore_field(record_type: RecordType, key: str) -> None:
    """Bring a deleted field back, with the values that records have kept. Raises Refused."""
    _set_deleted(record_type, key, False)


def values_kept(record_type: RecordType, key: str) -> int:
    """How many live records have a value in a field."""
    return _having(record_type, key).count()


def _having(record_type: RecordType, key: str) -> QuerySet[Any]:
    records = RecordType(record_type).model._default_manager.filter(deleted=False)
    return records.alias(value=_text_of(key)).exclude(value=None).exclude(value="")


def _text_of(key: str) -> Cast:
    return Cast(KeyTextTransform(key, "extra"), TextField())


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > 100:
        raise Refused(_("The field needs a name of at most 100 characters; fill it in."))
    return name.strip()


def _checked_length(kind: Kind, max_length: int) -> int:
    if kind is not Kind.TEXT:
        return 0
    if not 0 <= max_length <= LONGEST_TEXT:
        raise Refused(_("The longest text has 1 to 10,000 characters; 0 means that there is no limit."))
    return max_length


def _set_length(field: UserDefinedField, max_length: int) -> None:
    length = _checked_length(Kind(field.kind), max_length)
    if length and (not field.max_length or length < field.max_length):
        having = _having(RecordType(field.record_type), field.key)
        longest = having.aggregate(most=Max(Length(_text_of(field.key))))["most"] or 0
        if longest > length:
            message = _("A record has a text of %(longest)s characters in this field; allow at least as many.")
            raise Refused(message % {"longest": longest}, f"{field.key}: {longest} > {length}")
    field.max_length = length


def _set_list(field: UserDefinedField, list_key: str) -> None:
    chosen = _list_of(Kind(field.kind), list_key)
    if chosen != field.list and values_kept(RecordType(field.record_type), field.key):
        raise Refused(_("Records have items of the present list in this field; add a new field for the other list."))
    field.list = chosen


def _list_of(kind: Kind, list_key: str) -> CrmList | None:
    if kind is not Kind.LIST:
        return None
    crm_list = CrmList.objects.filter(key=list_key).first()
    if crm_list is None:
        raise Refused(_("A list field needs a list to choose from; choose one."), f"list {list_key!r} not found")
    return crm_list


def _set_deleted(record_type: RecordType, key: str, deleted: bool) -> None:
    field = UserDefinedField.objects.filter(record_type=record_type, key=key, deleted=not deleted)
    if not field.update(deleted=deleted):
        raise Refused(_("The field is not there any more; refresh the list."), f"{record_type} {key} not found")
