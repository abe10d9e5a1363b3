"""Operations on list mappings (behaviour A9)."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from brygga.api.errors import BadBody, MemberProblem
from brygga.api.frame import operation
from brygga.api.schemas.lists import (
    ErpConnectionListMapping,
    ErpConnectionListMappingContainer,
    ErpCrmListItemMapping,
    GetConnectionListMappingsRequest,
    MDOListItem,
    SaveConnectionListMappingsRequest,
)
from brygga.crm.models import CrmList, CrmListItem
from brygga.crm.services import lists as crm_lists
from brygga.erp.models import Connection
from brygga.erp.services import connections, list_mapping
from brygga.erp.services.list_mapping import Chosen, MappedList

router = Router()


@operation(router, "GetConnectionListMappings", admin=True)
def get_list_mappings(
    request: HttpRequest, body: GetConnectionListMappingsRequest
) -> ErpConnectionListMappingContainer:
    """The mapped list fields of a connection with the items of both sides; the connector is asked for its own."""
    return _shown(connections.get_connection(body.erp_connection_id))


@operation(router, "SaveConnectionListMappings", admin=True)
def save_list_mappings(
    request: HttpRequest, body: SaveConnectionListMappingsRequest
) -> ErpConnectionListMappingContainer:
    """Make the list mapping of each field that is named exactly this, all or nothing; other fields stay.

    One to one: a CRM item that is used twice is refused. A CRM item with a name and no id is made if the list lacks it.
    """
    given = body.list_mapping
    connection = connections.get_connection(given.erp_connection_id or 0)
    list_mapping.save(connection, _choices(given.erp_list_item_mappings or ()))
    return _shown(connection)


def _choices(lists: Sequence[ErpConnectionListMapping]) -> dict[int, dict[str, Chosen]]:
    """By field and ERP item; a field whose items are left out stays as it is."""
    choices: dict[int, dict[str, Chosen]] = {}
    for place, given in enumerate(lists):
        path = f"ListMapping.ErpListItemMappings.{place}"
        if given.erp_crm_list_item_mappings is None:
            continue
        field_id = given.erp_field_id or 0
        if field_id in choices:
            raise _bad(f"{path}.ErpFieldId", _("The field is named twice."))
        choices[field_id] = _items(given.erp_crm_list_item_mappings, f"{path}.ErpCrmListItemMappings")
    return choices


def _items(given: Sequence[ErpCrmListItemMapping], path: str) -> dict[str, Chosen]:
    seen: set[str] = set()
    items: dict[str, Chosen] = {}
    for place, item in enumerate(given):
        key = item.erp_list_item_id or ""
        if not key or key in seen:
            raise _bad(f"{path}.{place}.ErpListItemId", _("The item is missing or named twice."))
        seen.add(key)
        chosen = item.crm_list_item
        if chosen and (chosen.id or (chosen.name or "").strip()):
            items[key] = chosen.id or (chosen.name or "").strip()
    return items


def _bad(member: str, message: str) -> BadBody:
    return BadBody(f"{member}: {message}", members=[MemberProblem(member=member, message=message)])


def _shown(connection: Connection) -> ErpConnectionListMappingContainer:
    return ErpConnectionListMappingContainer(
        erp_list_item_mappings=[_shown_list(mapped) for mapped in list_mapping.mapped_lists(connection)],
        erp_connection_id=connection.pk,
        erp_connection_name=connection.name,
    )


def _shown_list(mapped: MappedList) -> ErpConnectionListMapping:
    return ErpConnectionListMapping(
        crm_list=_shown_crm_list(mapped.crm_list),
        erp_list_name=mapped.field.list_name,
        erp_crm_list_item_mappings=[
            ErpCrmListItemMapping(
                erp_list_item_id=pair.erp_item,
                erp_list_item_name=pair.erp_text,
                crm_list_item=_shown_item(pair.crm_item) if pair.crm_item else None,
            )
            for pair in mapped.items
        ],
        erp_actor_type_name=mapped.field.actor.actor_type,
        erp_field_id=mapped.field.pk,
    )


def _shown_crm_list(crm_list: CrmList) -> MDOListItem:
    items = [_shown_item(item) for item in crm_lists.items(crm_list.key)]
    return MDOListItem(id=crm_list.pk, name=crm_list.label, type=crm_list.key, child_items=items)


def _shown_item(item: CrmListItem) -> MDOListItem:
    return MDOListItem(id=item.pk, name=item.text, rank=item.rank, deleted=item.deleted, full_name=item.text)
