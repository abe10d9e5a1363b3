"""The mapped lists of a connection with their items on both sides: read, and saved all or nothing (behaviour A9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from brygga.contract import FieldType
from brygga.crm.models import CrmList, CrmListItem
from brygga.crm.services import lists as crm_lists
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, FieldMapping, ListItemMapping
from brygga.erp.services import mapping

Chosen: TypeAlias = int | str
"""A CRM list item: its id, or the text of one that is made if the list lacks it."""


@dataclass(frozen=True, slots=True)
class ItemPair:
    """An item of the ERP's list, and the CRM item that it is mapped to, if any. `is_gone`: the ERP no longer has it."""

    erp_item: str
    erp_text: str
    crm_item: CrmListItem | None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class MappedList:
    """A list field that is mapped to a list of the CRM, and the items."""

    field: FieldMapping
    crm_list: CrmList
    items: list[ItemPair]


def mapped_lists(connection: Connection) -> list[MappedList]:
    """The mapped lists, the items as the ERP has them now, then those that it no longer has. Raises ConnectorFailed."""
    fields = list_fields(connection)
    texts: dict[str, Mapping[str, str]] = {}
    for field in fields.values():
        if field.list_name not in texts:
            texts[field.list_name] = mapping.erp_items(field)
    lists = CrmList.objects.in_bulk(field_name="key")
    return [_mapped_list(field, lists[mapping.list_key_of(field)], texts[field.list_name]) for field in fields.values()]


def mapped_list(field: FieldMapping) -> MappedList:
    """One of `list_fields` with its items, as `mapped_lists` gives them. Raises ConnectorFailed."""
    return _mapped_list(field, CrmList.objects.get(key=mapping.list_key_of(field)), mapping.erp_items(field))


def stored_list(field: FieldMapping) -> MappedList:
    """One of `list_fields` with the items that are mapped, by their keys, for an ERP that does not answer."""
    return _mapped_list(field, CrmList.objects.get(key=mapping.list_key_of(field)), {})


def equal_items(texts: Mapping[str, str], free: Mapping[str, str]) -> dict[str, str]:
    """The CRM item of the same text for each ERP item, one to one. `texts` maps ERP items to their texts, `free` the
    CRM items that are not taken to theirs; small and capital letters are the same."""
    by_text = {text.strip().casefold(): item for item, text in reversed(free.items())}
    return {key: item for key, text in texts.items() if (item := by_text.pop(text.strip().casefold(), None))}


def missing_items(texts: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """The texts to be added to a CRM list, by ERP item. `known` are those that the list has.

    An item whose text the list has, that is blank or too long, or that another item shares, is left out: a person
    has to say what it means.
    """
    longest = CrmListItem._meta.get_field("text").max_length or 0
    taken = {text.strip().casefold() for text in known}
    added: dict[str, str] = {}
    for key, text in texts.items():
        plain = text.strip()
        if plain and len(plain) <= longest and plain.casefold() not in taken:
            taken.add(plain.casefold())
            added[key] = plain
    return added


def save(connection: Connection, choices: Mapping[int, Mapping[str, Chosen]]) -> None:
    """Make the list mappings of these fields, by id, exactly this: ERP item to CRM item.

    Raises NotFound for a field that is no mapped list of the connection, Refused for an ERP item that is not in its
    list and for a CRM item that is used twice, ConnectorFailed. Then nothing is changed.
    """
    fields = list_fields(connection)
    for field_id, items in choices.items():
        if field_id not in fields:
            raise NotFound(_("The field with the id %(id)s is not mapped to a list of the CRM.") % {"id": field_id})
        _check_erp_items(fields[field_id], items)
    with transaction.atomic():
        for field_id, items in choices.items():
            field = fields[field_id]
            mapping.set_items(field, _with_new_items(mapping.list_key_of(field), items))


def list_fields(connection: Connection) -> dict[int, FieldMapping]:
    """The list fields that are mapped to a list of the CRM, by id, in the order of actor types and ranks."""
    fields = FieldMapping.objects.filter(actor__connection=connection, type=FieldType.LIST, missing=False)
    fields = fields.exclude(crm_key="").order_by("actor_id", "rank", "pk")
    # Joined, for SQLite takes no list of more than a thousand ids.
    items = Prefetch("items", ListItemMapping.objects.select_related("crm_item"))
    found = fields.select_related("actor__connection__connector").prefetch_related(items)
    lists = set(CrmList.objects.values_list("key", flat=True))
    return {field.pk: field for field in found if mapping.list_key_of(field) in lists}


def _mapped_list(field: FieldMapping, crm_list: CrmList, texts: Mapping[str, str]) -> MappedList:
    mapped = {item.erp_item: item.crm_item for item in field.items.all()}
    gone = {key: key for key in mapped if key not in texts}
    pairs = [ItemPair(key, text, mapped.get(key), key in gone) for key, text in {**texts, **gone}.items()]
    return MappedList(field, crm_list, pairs)


def _check_erp_items(field: FieldMapping, items: Mapping[str, Chosen]) -> None:
    mapped = {item.erp_item for item in field.items.all()}
    if items.keys() <= mapped:
        return
    unknown = items.keys() - mapped - mapping.erp_items(field).keys()
    if unknown:
        text = _("%(field)s: the list of the ERP has no item %(item)s.")
        raise Refused(text % {"field": mapping.label_of(field), "item": ", ".join(sorted(unknown))})


def _with_new_items(list_key: str, items: Mapping[str, Chosen]) -> dict[str, int]:
    texts = [chosen for chosen in items.values() if isinstance(chosen, str)]
    made = crm_lists.add_items(list_key, texts) if texts else {}
    return {key: int(made[chosen]) if isinstance(chosen, str) else chosen for key, chosen in items.items()}
