"""Defects of actor types and their fields (rules M)."""

from __future__ import annotations

import itertools
from dataclasses import replace

from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ActorType, FieldMetadata, FieldsResponse, FieldType, ItemsResponse


class _OtherFields(SampleConnector):
    """Tells other fields than it has."""

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        answer = super().get_supported_actor_type_fields(guid, actor_type)
        return replace(answer, fields=self._told(answer.fields)) if answer.ok else answer

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return fields


class _OtherSearchable(SampleConnector):
    """Tells one field too many that can be searched."""

    searchable = ""

    def get_searchable_fields(self, guid: str, actor_type: ActorType) -> ItemsResponse:
        answer = super().get_searchable_fields(guid, actor_type)
        return replace(answer, items=[*answer.items, self.searchable]) if answer.ok else answer


@breaks("M1")
class NoTypes(SampleConnector):
    """Offers no actor types."""

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        return replace(super().get_supported_actor_types(guid), items=[])


@breaks("M1")
class OwnType(SampleConnector):
    """Offers an actor type that the contract does not have."""

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        answer = super().get_supported_actor_types(guid)
        return replace(answer, items=[*answer.items, "Vessel"]) if answer.ok else answer


@breaks("M2")
class TypeTwice(SampleConnector):
    """Offers an actor type twice."""

    def get_supported_actor_types(self, guid: str) -> ItemsResponse:
        answer = super().get_supported_actor_types(guid)
        return replace(answer, items=[*answer.items, "Customer"]) if answer.ok else answer


@breaks("M3")
class TypeWithoutFields(SampleConnector):
    """Offers projects, which have no fields."""

    def get_supported_actor_type_fields(self, guid: str, actor_type: ActorType) -> FieldsResponse:
        answer = super().get_supported_actor_type_fields(guid, actor_type)
        return replace(answer, fields=[]) if actor_type == ActorType.PROJECT else answer


@breaks("M4")
class FieldTwice(_OtherFields):
    """Has two fields of one key."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [*fields, replace(fields[0], name="Another")]


@breaks("M4")
class BlankFieldKey(_OtherFields):
    """Has a field without a key."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [*fields, FieldMetadata("", "Nothing")]


@breaks("M5")
class FieldNamedAsParent(_OtherFields):
    """Has a field with the key that stands for the parent."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [*fields, FieldMetadata("ParentErpKey", "Company")]


@breaks("M6")
class NamelessField(_OtherFields):
    """Has a field without a name."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [replace(fields[0], name=""), *fields[1:]]


@breaks("M7")
class BrokenLanguages(_OtherFields):
    """Forgets a quote in a name in several languages."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [replace(fields[0], name='US:"Name;NO:"Navn"'), *fields[1:]]


@breaks("M8")
class ListWithoutName(_OtherFields):
    """Has list fields that do not say of which list."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [replace(field, list_name="") for field in fields]


@breaks("M9")
class NegativeLength(_OtherFields):
    """Has fields with a length below zero."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [replace(field, max_length=field.max_length or -1) for field in fields]


@breaks("M9")
class OwnFieldType(_OtherFields):
    """Has a field of a type that the contract does not have."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        strange = FieldMetadata("Colour", "Colour")
        strange.type = 7  # type: ignore[assignment]
        return [*fields, strange]


@breaks("M10")
class MisfitDefault(_OtherFields):
    """Has a default value that is no number in a field of numbers."""

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [replace(field, default="ten") if field.type is FieldType.INTEGER else field for field in fields]


@breaks("M11")
class SearchesStrangeField(_OtherSearchable):
    """Names a field as searchable that the type does not have."""

    searchable = "Vessel"


@breaks("M12")
class SearchesPassword(_OtherFields, _OtherSearchable):
    """Has a password that can be searched."""

    searchable = "Pin"

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [*fields, FieldMetadata("Pin", "Pin", type=FieldType.PASSWORD)]


@breaks("M13")
class RenamesFields(_OtherFields):
    """Names a field differently each time it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._versions = itertools.count(1)

    def _told(self, fields: list[FieldMetadata]) -> list[FieldMetadata]:
        return [*fields, FieldMetadata(f"Temp{next(self._versions)}", "Temporary")]
