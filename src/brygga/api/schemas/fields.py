"""What is told of a field of an ERP, or of a connector's configuration."""

from __future__ import annotations

from brygga import contract
from brygga.api.enums import FieldAccess, FieldType
from brygga.api.schemas.base import Carrier, Int32
from brygga.contract.localised import text_for


class FieldMetadata(Carrier):
    """A field as its connector describes it; lowest `Rank` first, `MaxLength` 0 for no limit."""

    field_key: str | None = None
    rank: Int32 | None = None
    display_name: str | None = None
    display_description: str | None = None
    field_type: FieldType | None = None
    list_name: str | None = None
    default_value: str | None = None
    max_length: Int32 | None = None
    access: FieldAccess | None = None
    show_in_search: bool | None = None


def field_type(number: int) -> FieldType:
    """The published type of a field type of the contract."""
    return FieldType(str(int(number)))


def field_access(number: int) -> FieldAccess:
    """The published access of an access of the contract."""
    return FieldAccess(str(int(number)))


def field_metadata(field: contract.FieldMetadata, language: str, *, in_search: bool = False) -> FieldMetadata:
    """A field that a connector described, in this language."""
    return FieldMetadata(
        field_key=field.key,
        rank=field.rank,
        display_name=text_for(field.name, language) or field.key,
        display_description=text_for(field.description, language),
        field_type=field_type(field.type),
        list_name=field.list_name,
        default_value=field.default,
        max_length=field.max_length,
        access=field_access(field.access),
        show_in_search=in_search,
    )
