"""The carriers of the contract: actors, field metadata and the fixed vocabularies (contract, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
"""The connection GUID for `get_list` while a connection is being defined (contract, section 2)."""


class ActorType(StrEnum):
    """What an ERP record is. The value is the name on the wire; connectors offer a subset and add none."""

    UNKNOWN = "Unknown"
    CUSTOMER = "Customer"
    SUPPLIER = "Supplier"
    PARTNER = "Partner"
    PERSON = "Person"
    PROJECT = "Project"
    EMPLOYEE = "Employee"
    SALE = "Sale"

    @property
    def number(self) -> int:
        """The number of the type in the published enumeration, 0 to 7."""
        return list(ActorType).index(self)


class FieldType(IntEnum):
    """The type of an ERP field or configuration field."""

    CHECKBOX = 0
    TEXT = 1
    PASSWORD = 2
    INTEGER = 3
    DOUBLE = 4
    LIST = 5
    DATETIME = 6
    LABEL = 99


class Access(IntEnum):
    """Whether a field must have a value, may have one, or is read-only in the ERP."""

    NORMAL = 0
    MANDATORY = 1
    READ_ONLY = 2


@dataclass(slots=True)
class ErpActor:
    """One ERP record as it travels.

    Within a connection `actor_type` and `erp_key` identify it. `last_modified` is opaque but ordered (compare
    with `brygga.contract.stamps`). `fields` maps field keys to values in the culture-free text form of
    section 5 (see `brygga.contract.values`). `parent_type` and `parent_key` name a Person's company.
    """

    actor_type: ActorType
    erp_key: str
    last_modified: str = ""
    parent_type: ActorType | None = None
    parent_key: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FieldMetadata:
    """What a connector says of one field: of an actor, or of its own configuration.

    `name` and `description` are localised text (see `brygga.contract.localised`); `max_length` 0 means none;
    `rank` orders fields, lowest first; `list_name` is set for `FieldType.LIST`.
    """

    key: str
    name: str = ""
    description: str = ""
    type: FieldType = FieldType.TEXT
    list_name: str = ""
    default: str = ""
    max_length: int = 0
    access: Access = Access.NORMAL
    rank: int = 0


@dataclass(slots=True)
class SearchRestriction:
    """One line of an advanced search: field, operator (section 4) and its values in wire form."""

    field_key: str
    operator: str
    values: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ConnectionInfo:
    """A connection's configuration: values by configuration field key, in wire form.

    `guid` is empty in `test_config_data`; the CRM side makes it when the connection is saved.
    """

    guid: str = ""
    values: dict[str, str] = field(default_factory=dict)
