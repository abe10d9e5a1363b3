"""What all bodies of the API have in common: PascalCase members, lenient reading, the carriers' rights."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from lxml import etree
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal

from brygga.api import xml_bodies

Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, json_schema_extra={"format": "int32"})]
"""A whole number as the published description has it; ids are such numbers."""


def _without_nulls(data: Any) -> Any:
    return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


Texts: TypeAlias = Annotated[dict[str, str], BeforeValidator(_without_nulls)]
"""Texts by key; a key with `null` is as good as absent, as a member is."""


class Model(BaseModel):
    """A body, or an object in one. Unknown members are ignored, and `null` is as good as absent.

    Attributes are in snake case, members in PascalCase; what is spelt otherwise (`URL`) has an alias of its own.
    """

    model_config = ConfigDict(
        alias_generator=to_pascal, populate_by_name=True, extra="ignore", coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _read_leniently(cls, data: Any) -> Any:
        if isinstance(data, etree._Element):
            return xml_bodies.members(data, cls.model_fields)
        return _without_nulls(data)


class FieldRight(Model):
    """What may be done with a member, and why."""

    mask: str | None = None
    reason: str | None = None


class TableRight(Model):
    """What may be done with a carrier, and why."""

    mask: str | None = None
    reason: str | None = None


class FieldProperty(Model):
    """What a member can hold."""

    field_right: FieldRight | None = None
    field_type: str | None = None
    field_length: Int32 | None = None


class Carrier(Model):
    """An object that has a life of its own. The two members of rights are there for their readers' sake: always null.

    Rights are told by the status of an answer: an operation that the caller may not use answers 403.
    """

    table_right: TableRight | None = None
    field_properties: dict[str, FieldProperty] | None = None
