"""The published enumerations. They are written by name; names in any case of letters, and numbers, are read."""

from __future__ import annotations

from enum import StrEnum
from functools import cache


class Named(StrEnum):
    """An enumeration of names that have numbers besides: by default their place in the list."""

    @property
    def number(self) -> int:
        """The number of the name in the published enumeration."""
        return list(type(self)).index(self)

    @classmethod
    def _missing_(cls, value: object) -> Named | None:
        return _spellings(cls).get(str(value).strip().casefold())


@cache
def _spellings(names: type[Named]) -> dict[str, Named]:
    """The members by their names in small letters and by their numbers, which the same few are asked for often."""
    return {spelt: member for member in names for spelt in (str(member.number), member.value.casefold())}


class ErpActorType(Named):
    """What an ERP record is."""

    UNKNOWN = "Unknown"
    CUSTOMER = "Customer"
    SUPPLIER = "Supplier"
    PARTNER = "Partner"
    PERSON = "Person"
    PROJECT = "Project"
    EMPLOYEE = "Employee"
    SALE = "Sale"


class CrmActorType(Named):
    """What a CRM record is: `Contact` is a company, `Person` one of its contacts."""

    UNKNOWN = "Unknown"
    CONTACT = "Contact"
    PERSON = "Person"
    PROJECT = "Project"
    SALE = "Sale"


class FieldType(Named):
    """The type of an ERP field or configuration field."""

    CHECKBOX = "Checkbox"
    TEXT = "Text"
    PASSWORD = "Password"
    INTEGER = "Integer"
    DOUBLE = "Double"
    LIST = "List"
    DATE = "Date"
    LABEL = "Label"

    @property
    def number(self) -> int:
        """The number of the type in the contract, section 3; a label is 99."""
        return 99 if self is FieldType.LABEL else list(FieldType).index(self)


class FieldAccess(Named):
    """Whether a field must have a value, may have one, or is read-only in the ERP."""

    NORMAL = "Normal"
    MANDATORY = "Mandatory"
    READ_ONLY = "ReadOnly"


class ResponseStatus(Named):
    """How an operation went."""

    OK = "Ok"
    OK_WITH_INFO = "OkWithInfo"
    WARNING = "Warning"
    ERROR = "Error"


class ConnectorState(Named):
    """Whether something speaks against deleting or using a connector."""

    NO_ERROR = "NoError"
    HAS_CONNECTIONS = "ErrorConnectorHasConnections"
    NOT_FOUND = "ErrorNotFound"
