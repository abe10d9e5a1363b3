"""Bodies of the operations on list mappings."""

from __future__ import annotations

from pydantic import Field

from brygga.api.schemas.base import Carrier, Int32, Model


class MDOListItem(Carrier):
    """A list of the CRM, or an item of one."""

    id: Int32 | None = None
    name: str | None = None
    tool_tip: str | None = None
    deleted: bool | None = None
    rank: Int32 | None = None
    type: str | None = None
    child_items: list[MDOListItem] | None = None
    icon_hint: str | None = None
    color_block: Int32 | None = None
    extra_info: str | None = None
    style_hint: str | None = None
    full_name: str | None = None


class ErpCrmListItemMapping(Carrier):
    """An item of the ERP's list and the CRM's; without a CRM item it is not mapped.

    On saving, a CRM item with an `Id` is that item; one with a `Name` only is made if the list lacks it.
    """

    erp_list_item_id: str | None = None
    erp_list_item_name: str | None = None
    crm_list_item: MDOListItem | None = None


class ErpConnectionListMapping(Carrier):
    """A mapped list field with all items of both sides. `CrmList` has its items as `ChildItems`."""

    crm_list: MDOListItem | None = None
    erp_list_name: str | None = None
    erp_crm_list_item_mappings: list[ErpCrmListItemMapping] | None = None
    erp_actor_type_name: str | None = None
    erp_field_id: Int32 | None = None


class ErpConnectionListMappingContainer(Carrier):
    """The mapped lists of a connection."""

    erp_list_item_mappings: list[ErpConnectionListMapping] | None = None
    erp_connection_id: Int32 | None = None
    erp_connection_name: str | None = None


class GetConnectionListMappingsRequest(Model):
    """The connection."""

    erp_connection_id: Int32 = 0


class SaveConnectionListMappingsRequest(Model):
    """The list mappings to save: of each field that is named, all items."""

    list_mapping: ErpConnectionListMappingContainer = Field(default_factory=ErpConnectionListMappingContainer)
