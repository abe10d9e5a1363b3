"""What the server has, in the form of the configuration file (behaviour G14)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from django.db.models import Prefetch

from brygga.contract import FieldType
from brygga.contract.values import as_text, decode
from brygga.crm.models import CrmListItem
from brygga.erp.configuration.reading import DIRECTIONS, SYNC_KEYS
from brygga.erp.models import (
    Access,
    ActorMapping,
    ConfigValue,
    Connection,
    Connector,
    FieldMapping,
    ListItemMapping,
    SyncSettings,
)
from brygga.erp.secrets import MASK, decrypt
from brygga.erp.services.discovery import automatic_keys

Document = dict[str, Any]
SecretForm = Callable[[Connection, ConfigValue], Any]

_WORDS = {directions: word for word, directions in DIRECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Hidden:
    """A secret in a snapshot: equal to itself, and never shown."""

    _secret: str

    def __repr__(self) -> str:
        return MASK


def export() -> str:
    """The whole configuration as a file that `apply` takes; secrets are references to environment variables."""
    document = snapshot(_References().reference)
    del document["lists"]
    document["connectors"] = [{"name": name, "url": url} for name, url in document["connectors"].items()]
    document["connections"] = list(document["connections"].values())
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def snapshot(secret_form: SecretForm | None = None) -> Document:
    """The configuration by names: `sync`, `connectors`, `connections`, and `lists` of the CRM.

    `secret_form` gives what stands for a secret; by default it can be compared and not be shown.
    """
    form = secret_form or (lambda _connection, stored: Hidden(decrypt(stored.value)))
    settings = SyncSettings.load()
    connectors = Connector.objects.filter(deleted=False).order_by("name")
    connections = Connection.objects.filter(deleted=False).select_related("connector")
    return {
        "sync": {name: getattr(settings, name) for name in SYNC_KEYS},
        "connectors": {connector.name: connector.url for connector in connectors},
        "connections": {main_name(connection): connection_document(connection, form) for connection in connections},
        "lists": _lists(),
    }


def main_name(connection: Connection) -> str:
    """The name that does not depend on the reader's language."""
    return str(connection.names.get("en") or next(iter(connection.names.values()), ""))


def connection_document(connection: Connection, form: SecretForm) -> Document:
    """A connection as the file has it."""
    document: Document = {"name": _texts(connection.names), "connector": connection.connector.name}
    if connection.descriptions:
        document["description"] = _texts(connection.descriptions)
    document["active"] = connection.active
    document["scope"] = _scope(connection)
    document["config"] = {
        stored.key: form(connection, stored) if stored.secret else _plain(stored.value)
        for stored in connection.config_values.order_by("key")
    }
    document["priority"] = connection.priority
    document["conflict"] = connection.policy
    # Joined, for SQLite takes no list of more than a thousand ids.
    items = Prefetch("fields__items", ListItemMapping.objects.select_related("crm_item"))
    actors = connection.actors.prefetch_related(items)
    shown = {actor.actor_type: _actor(actor) for actor in actors}
    document["actors"] = {actor_type: actor for actor_type, actor in shown.items() if actor}
    return document


def _actor(actor: ActorMapping) -> Document:
    automatic = automatic_keys(actor)
    fields = sorted(actor.fields.all(), key=lambda field: (field.rank, field.key))
    mapped = {field.key: _field(field) for field in fields if _is_set(field, automatic)}
    defaults = {field.key: _default(field) for field in fields if _has_default(field)}
    document: Document = {"sync": actor.sync} if actor.sync or mapped or defaults else {}
    if document:
        document["fields"] = mapped
    if defaults:
        document["defaults"] = defaults
    return document


def _is_set(field: FieldMapping, automatic: dict[str, str]) -> bool:
    """Whether a field differs from one that nobody has touched."""
    touched = field.to_crm or field.to_erp or field.show_in_tab or field.show_in_search or field.policy
    return bool(touched) or field.crm_key != automatic.get(field.key.upper(), "")


def _field(field: FieldMapping) -> Document:
    document: Document = {}
    if field.crm_key:
        document |= {"crm": field.crm_key, "direction": _WORDS[field.to_crm, field.to_erp]}
    if field.show_in_search:
        document["search"] = True
    if field.show_in_tab:
        document["tab"] = True
    document["rank"] = field.rank
    if field.policy:
        document["conflict"] = str(field.policy)
    items = {item.erp_item: item.crm_item.text for item in field.items.all()}
    if items:
        document["list"] = dict(sorted(items.items()))
    return document


def _has_default(field: FieldMapping) -> bool:
    return field.default_set or field.default_ask or field.default_mandatory


def _default(field: FieldMapping) -> Document:
    document: Document = {}
    if field.default_set:
        document["value"] = _plain(field.default_value, FieldType(field.type))
    if field.default_ask:
        document["ask"] = True
    if field.default_mandatory:
        document["mandatory"] = True
    return document


def _plain(wire: str, field_type: FieldType | None = None) -> str:
    """A stored value without its marker; what a marker-like text stands for is left as it is."""
    if field_type is None:
        field_type = FieldType.TEXT
    return as_text(decode(wire, field_type))


def _scope(connection: Connection) -> Any:
    if connection.all_access:
        return "everyone"
    grants: dict[tuple[bool, bool], Document] = {}
    for access in connection.access.select_related("user", "group").order_by("user__username", "group__name"):
        rights = (access.may_connect, access.may_create)
        names = {"may_connect": rights[0], "may_create": rights[1]}
        part, name = _grantee(access)
        grants.setdefault(rights, names).setdefault(part, []).append(name)
    ordered = [grants[rights] for rights in sorted(grants)]
    return ordered[0] if len(ordered) == 1 else ordered


def _grantee(access: Access) -> tuple[str, str]:
    return ("groups", access.group.name) if access.user is None else ("users", access.user.get_username())


def _texts(texts: dict[str, str]) -> Any:
    return texts["en"] if texts.keys() == {"en"} else dict(sorted(texts.items()))


def _lists() -> dict[str, dict[str, str]]:
    lists: dict[str, dict[str, str]] = {}
    for key, text in CrmListItem.objects.filter(deleted=False).values_list("list__key", "text"):
        lists.setdefault(key, {})[text] = text
    return lists


class _References:
    """Names of environment variables, each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def reference(self, connection: Connection, stored: ConfigValue) -> dict[str, str]:
        wanted = re.sub(r"\W+", "_", f"ERP_{main_name(connection)}_{stored.key}", flags=re.ASCII).upper()
        name, number = wanted, 1
        while name in self._given:
            number += 1
            name = f"{wanted}_{number}"
        self._given.add(name)
        return {"env": name}


class _Dumper(yaml.SafeDumper):
    """Plain blocks, indented lists, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)
