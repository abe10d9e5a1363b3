"""The catalogue of installed connectors, in words (behaviour A2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.erp.services.catalogue import CatalogueEntry

TYPES: dict[FieldType, Any] = {
    FieldType.CHECKBOX: gettext_lazy("checkbox"),
    FieldType.TEXT: gettext_lazy("text"),
    FieldType.PASSWORD: gettext_lazy("password"),
    FieldType.INTEGER: gettext_lazy("integer"),
    FieldType.DOUBLE: gettext_lazy("decimal number"),
    FieldType.LIST: gettext_lazy("list"),
    FieldType.DATETIME: gettext_lazy("date and time"),
    FieldType.LABEL: gettext_lazy("label"),
}
"""The types of configuration fields in words."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A configuration field of a connector."""

    name: str
    type: str
    mandatory: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """An installed connector with its fields, and where it is added."""

    name: str
    url: str
    title: str
    description: str
    fields: Sequence[FieldRow]
    used_by: str
    problem: str
    add_url: str


def catalogue_rows(entries: Iterable[CatalogueEntry]) -> list[CatalogueRow]:
    """The catalogue as it is shown."""
    return [_row(entry) for entry in entries]


def _row(entry: CatalogueEntry) -> CatalogueRow:
    proposal = urlencode({"name": entry.title, "url": entry.url})
    return CatalogueRow(
        entry.name,
        entry.url,
        entry.title,
        entry.description,
        [_field(field) for field in entry.fields],
        _("In use as %(names)s") % {"names": ", ".join(entry.used_by)} if entry.used_by else "",
        entry.problem,
        f"{reverse('web:connectors_add')}?{proposal}",
    )


def _field(field: FieldMetadata) -> FieldRow:
    language = get_language() or "en"
    return FieldRow(
        text_for(field.name, language) or field.key,
        str(TYPES[field.type]),
        field.access == Access.MANDATORY,
        text_for(field.description, language),
    )
