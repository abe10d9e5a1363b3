"""The connectors installed on this server: what each is for and what it has to be told (behaviour A2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from brygga import connectors
from brygga.contract import FieldMetadata
from brygga.contract.localised import text_for
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connector
from brygga.erp.services.connectors import fields_at


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An installed connector in the reader's language.

    `used_by` are the sync connectors with its address; `problem` says why it can't be used, or is empty.
    """

    name: str
    url: str
    title: str
    description: str
    fields: Sequence[FieldMetadata]
    used_by: Sequence[str]
    problem: str


def catalogue() -> list[CatalogueEntry]:
    """The installed connectors by name; one that is broken is listed with the reason."""
    used: dict[str, list[str]] = {}
    for connector in Connector.objects.filter(deleted=False).order_by("name"):
        used.setdefault(connector.url, []).append(connector.name)
    return [_entry(name, used) for name in connectors.names()]


def addresses() -> list[tuple[str, str]]:
    """The address and the title of each installed connector, to choose from."""
    installed = connectors.installed()
    return [(_url(name), _text(installed[name].title) if name in installed else "") for name in connectors.names()]


def _entry(name: str, used: dict[str, list[str]]) -> CatalogueEntry:
    url = _url(name)
    try:
        fields, problem = fields_at(url), ""
    except (Refused, ConnectorFailed) as failed:
        fields, problem = [], failed.user_message
    known = connectors.installed().get(name)
    title, description = (_text(known.title), _text(known.description)) if known else ("", "")
    return CatalogueEntry(name, url, title or name, description, fields, used.get(url, []), problem)


def _url(name: str) -> str:
    return f"plugin://{name}"


def _text(localised: str) -> str:
    return text_for(localised, get_language() or "en")
