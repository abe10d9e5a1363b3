"""Bodies of the connectors' operations."""

from __future__ import annotations

from pydantic import Field

from brygga.api.schemas.base import Carrier, Int32, Model


class ErpSyncConnectorEntity(Carrier):
    """A connector: glue to one kind of ERP, by its address (http, https, plugin or app)."""

    erp_connector_id: Int32 | None = None
    display_name: str | None = None
    url: str | None = Field(None, alias="URL")
    deleted: bool | None = None


class ListItem(Model):
    """An item of a list: `ToolTip` describes it."""

    id: Int32 | None = None
    name: str | None = None
    tool_tip: str | None = None


class CanDeleteErpSyncConnectorEntityRequest(Model):
    """The connector to ask about."""

    erp_sync_connector_id: Int32 = 0


class TestConnectorUrlRequest(Model):
    """The address to try."""

    __test__ = False

    url: str = ""
