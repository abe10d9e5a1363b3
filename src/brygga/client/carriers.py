"""The objects of the agent API, as dictionaries. Members may be absent; those of rights are left out here."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

ErpActorType: TypeAlias = Literal["Unknown", "Customer", "Supplier", "Partner", "Person", "Project", "Employee", "Sale"]
CrmActorType: TypeAlias = Literal["Unknown", "Contact", "Person", "Project", "Sale"]
"""`Contact` is a company, `Person` one of its contacts."""

FieldType: TypeAlias = Literal["Checkbox", "Text", "Password", "Integer", "Double", "List", "Date", "Label"]
FieldAccess: TypeAlias = Literal["Normal", "Mandatory", "ReadOnly"]


class Connector(TypedDict, total=False):
    """`ErpSyncConnectorEntity`."""

    ErpConnectorId: int
    DisplayName: str
    URL: str
    Deleted: bool


class ListItem(TypedDict, total=False):
    """An item to choose."""

    Id: int
    Name: str
    ToolTip: str


class Connection(TypedDict, total=False):
    """`ErpConnection`."""

    ErpConnectionId: int
    ErpConnectorId: int
    DisplayName: str
    DisplayDescription: str
    Active: bool
    ConnectionId: str
    MostRecentTimestamp: str
    ConfigFields: dict[str, str]
    Deleted: bool
    AllAccess: bool
    UserGroupAccessIds: list[int]
    AssociateAccessIds: list[int]


class FieldMetadata(TypedDict, total=False):
    """A field as its connector describes it."""

    FieldKey: str
    Rank: int
    DisplayName: str
    DisplayDescription: str
    FieldType: FieldType
    ListName: str
    DefaultValue: str
    MaxLength: int
    Access: FieldAccess
    ShowInSearch: bool


class FieldMapping(TypedDict, total=False):
    """`ErpSyncFieldMapping`."""

    ErpFieldId: int
    CrmFieldKey: str
    CrmDisplayName: str
    CrmDisplayTooltip: str
    ErpFieldKey: str
    FieldType: FieldType
    ErpDisplayName: str
    ErpDisplayTooltip: str
    SyncToCrm: bool
    SyncToErp: bool
    ShowInGui: bool
    ShowInSearch: bool
    AlreadyMapped: bool
    MissingInERP: bool
    MissingInCRM: bool
    Access: FieldAccess
    ListReference: str


class ActorMapping(TypedDict, total=False):
    """`ErpSyncActorTypeMapping`."""

    ErpConnectionId: int
    IsActive: bool
    FieldMappings: list[FieldMapping]
    ActorTypeErp: ErpActorType
    ActorTypeCrm: CrmActorType


class CrmListItem(TypedDict, total=False):
    """`MDOListItem`, as far as Brygga fills it."""

    Id: int
    Name: str
    Type: str
    Rank: int
    Deleted: bool
    ChildItems: list[CrmListItem]


class ListItemMapping(TypedDict, total=False):
    """`ErpCrmListItemMapping`."""

    ErpListItemId: str
    ErpListItemName: str
    CrmListItem: CrmListItem | None


class ListMapping(TypedDict, total=False):
    """`ErpConnectionListMapping`."""

    CrmList: CrmListItem
    ErpListName: str
    ErpCrmListItemMappings: list[ListItemMapping]
    ErpActorTypeName: str
    ErpFieldId: int


class ListMappings(TypedDict, total=False):
    """`ErpConnectionListMappingContainer`."""

    ErpConnectionId: int
    ErpConnectionName: str
    ErpListItemMappings: list[ListMapping]


class DefaultValue(TypedDict, total=False):
    """`ErpSyncDefaultValue`."""

    ErpFieldId: int
    DefaultValue: str
    HasFirstSyncDefaultValue: bool
    FirstSyncDefaultValue: str
    PromptUser: bool
    Mandatory: bool
    ErpFieldKey: str
    FieldType: FieldType
    ListName: str
    Access: FieldAccess


class FieldValue(TypedDict, total=False):
    """`ErpSyncFieldValue`."""

    DisplayName: str
    CrmFieldKey: str
    Value: str
    DisplayValue: str
    SyncToCrm: bool
    SyncToErp: bool


class ConnectionData(TypedDict, total=False):
    """`ErpConnectionData`: a connection as a record's ERP tab has it."""

    ErpConnectionId: int
    ConnectionName: str
    Connected: bool
    ErpFields: list[FieldMetadata]
    CrmActorType: CrmActorType
    ErpActorType: ErpActorType
    ErpActorTypes: list[ErpActorType]


class ChangedItem(TypedDict, total=False):
    """`ChangedDataItem`: a record; the table of companies is `contact`, that of contacts `person`."""

    Tablename: str
    RecordId: int


class Changes(TypedDict, total=False):
    """`ChangedData`."""

    AddedRecords: list[ChangedItem]
    UpdatedRecords: list[ChangedItem]
    DeletedRecords: list[ChangedItem]


class PluginResponse(TypedDict, total=False):
    """How a sync went."""

    IsOk: bool
    UserExplanation: str
    TechExplanation: str
    ErrorCode: str
    Changes: Changes
    Status: Literal["Ok", "OkWithInfo", "Warning", "Error"]


class EngineStatus(TypedDict, total=False):
    """`ErpSyncEngineStatus`. `Interval` is a time span, `hh:mm:ss`."""

    IsRunning: bool
    StatusMessage: str
    Interval: str
