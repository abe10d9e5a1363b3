"""The file as dataclasses: what it says, with the place of each part. None means that a key is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from brygga.contract import ActorType
from brygga.erp.configuration.places import Place, read_place
from brygga.erp.errors import ConfigProblem, InvalidConfiguration
from brygga.merge import Policy

T = TypeVar("T")

DIRECTIONS = {"none": (False, False), "to_crm": (True, False), "to_erp": (False, True), "both": (True, True)}
"""Words of the file: to CRM, to ERP."""


@dataclass(frozen=True)
class SyncSpec:
    """Automatic sync: the settings of `brygga.erp.models.SyncSettings` of the same names."""

    automatic: bool | None
    interval: int | None
    crm_priority: int | None
    failed_limit: int | None
    gone_limit: int | None
    gone_share: int | None


SYNC_KEYS = tuple(field.name for field in fields(SyncSpec))


@dataclass(frozen=True)
class ConnectorSpec:
    """A connector by name. `url` is empty where the file has none that can be used, which is noted."""

    place: Place
    name: str
    url: str


@dataclass(frozen=True)
class GrantSpec:
    """Users and groups with the same rights, each name with its place."""

    users: list[tuple[Place, str]]
    groups: list[tuple[Place, str]]
    may_connect: bool
    may_create: bool


@dataclass(frozen=True)
class FieldSpec:
    """How one ERP field is mapped. `items` maps ERP item keys to texts of CRM items."""

    place: Place
    crm: str
    to_crm: bool
    to_erp: bool
    search: bool
    tab: bool
    rank: int | None
    policy: str
    items: dict[str, str]


@dataclass(frozen=True)
class DefaultSpec:
    """The default of one ERP field; `value` is plain text."""

    place: Place
    value: str | None
    ask: bool
    mandatory: bool


@dataclass(frozen=True)
class ActorSpec:
    """An actor type: its switch, the whole of its mapping, the whole of its defaults."""

    place: Place
    sync: bool | None
    fields: dict[str, FieldSpec] | None
    defaults: dict[str, DefaultSpec] | None


@dataclass(frozen=True)
class Secret:
    """A reference to an environment variable."""

    place: Place
    variable: str


@dataclass(frozen=True)
class ConnectionSpec:
    """A connection by name. `scope` is empty for everyone."""

    place: Place
    names: dict[str, str]
    connector: str | None
    descriptions: dict[str, str] | None
    active: bool | None
    scope: list[GrantSpec] | None
    config: dict[str, str | Secret] | None
    priority: int | None
    policy: Policy | None
    actors: dict[ActorType, ActorSpec]
    parts: Mapping[str, Place]

    def at(self, part: str) -> Place:
        """The place of a key of the connection, or of the connection where the key is left out."""
        return self.parts.get(part, self.place)


@dataclass(frozen=True)
class FileSpec:
    """All that a file says; `problems` collects what is found wrong with it later on, too."""

    sync: SyncSpec | None
    connectors: list[ConnectorSpec]
    connections: list[ConnectionSpec]
    problems: list[ConfigProblem]


def read_file(text: str) -> FileSpec:
    """Read a file as far as that is possible without knowing what the server has.

    `problems` of the result has everything that is wrong with its form; the parts concerned are left out.
    Raises InvalidConfiguration for what is not YAML at all.
    """
    root = read_place(text)
    if root is None:
        raise InvalidConfiguration([ConfigProblem(1, "YAML", _("the file is empty."))])
    parts = root.mapping(("sync", "connectors", "connections"))
    connectors = _list(parts.get("connectors"), _connector)
    connections = _list(parts.get("connections"), _connection)
    _once([(spec.place, spec.name) for spec in connectors])
    _once([(spec.place, name) for spec in connections for name in dict.fromkeys(spec.names.values())])
    return FileSpec(_optional(parts, "sync", _sync), connectors, connections, root.problems)


def _list(place: Place | None, read: Callable[[Place], T | None]) -> list[T]:
    return [] if place is None else [found for item in place.items() if (found := read(item)) is not None]


def _once(names: list[tuple[Place, str]]) -> None:
    seen: set[str] = set()
    for place, name in names:
        if name in seen:
            place.problem(_('the name "%(name)s" comes twice.') % {"name": name})
        seen.add(name)


def _optional(parts: Mapping[str, Place], key: str, read: Callable[[Place], T | None]) -> T | None:
    return read(parts[key]) if key in parts else None


def _flag(parts: Mapping[str, Place], key: str, default: bool) -> bool:
    flag = _optional(parts, key, Place.boolean)
    return default if flag is None else flag


def _required(place: Place, parts: Mapping[str, Place], key: str) -> Place | None:
    if key not in parts:
        place.problem(_('"%(key)s" is missing.') % {"key": key})
    return parts.get(key)


def _sync(place: Place) -> SyncSpec:
    parts = place.mapping(SYNC_KEYS)
    return SyncSpec(
        _optional(parts, "automatic", Place.boolean),
        _optional(parts, "interval", lambda interval: interval.integer(lowest=1)),
        _optional(parts, "crm_priority", Place.integer),
        _optional(parts, "failed_limit", lambda limit: limit.integer(lowest=0)),
        _optional(parts, "gone_limit", lambda limit: limit.integer(lowest=0)),
        _optional(parts, "gone_share", lambda share: share.integer(lowest=0, highest=100)),
    )


def _connector(place: Place) -> ConnectorSpec | None:
    parts = place.mapping(("name", "url"))
    name, url = (_required(place, parts, key) for key in ("name", "url"))
    name_text, url_text = name and name.text(), url and url.text()
    return ConnectorSpec(place.renamed(f"connectors.{name_text}"), name_text, url_text or "") if name_text else None


_CONNECTION_KEYS = (
    "name", "connector", "description", "active", "scope", "config", "priority", "conflict", "actors",
)  # fmt: skip


def _connection(place: Place) -> ConnectionSpec | None:
    if not place.is_mapping:
        place.problem(_("expected a connection with name and connector here."))
        return None
    place = place.renamed(f"connections.{name}" if (name := _name_on_sight(place)) else place.key)
    parts = place.mapping(_CONNECTION_KEYS)
    named = _required(place, parts, "name")
    names = named and _texts(named)
    if not names:
        return None
    policy = _optional(parts, "conflict", lambda p: p.choice([policy.value for policy in Policy]))
    return ConnectionSpec(
        place=place,
        names=names,
        connector=_optional(parts, "connector", Place.text),
        descriptions=_optional(parts, "description", _texts),
        active=_optional(parts, "active", Place.boolean),
        scope=_optional(parts, "scope", _scope),
        config=_optional(parts, "config", _config),
        priority=_optional(parts, "priority", Place.integer),
        policy=Policy(policy) if policy else None,
        actors=_optional(parts, "actors", _actors) or {},
        parts=parts,
    )


def _name_on_sight(place: Place) -> str:
    """What a connection calls itself, so that its problems can be told under its name; the reading comes later."""
    quiet = Place(place.node, place.line, "", [])
    name = quiet.mapping().get("name")
    texts = _texts(name) if name else {}
    return texts.get("en") or next(iter(texts.values()), "")


def _texts(place: Place) -> dict[str, str]:
    """A text in English, or texts by language."""
    if not place.is_mapping:
        text = place.text()
        return {"en": text} if text else {}
    languages = [code for code, _name in settings.LANGUAGES]
    return {code: text for code, part in place.mapping(languages).items() if (text := part.text())}


def _scope(place: Place) -> list[GrantSpec]:
    if place.is_list:
        return [_grant(item) for item in place.items()]
    if place.is_mapping:
        return [_grant(place)]
    place.choice(["everyone"])
    return []


def _grant(place: Place) -> GrantSpec:
    parts = place.mapping(("users", "groups", "may_connect", "may_create"))
    users, groups = (_names(parts[key]) if key in parts else [] for key in ("users", "groups"))
    if not users and not groups:
        place.problem(_("name users or groups, or write everyone."))
    return GrantSpec(users, groups, _flag(parts, "may_connect", True), _flag(parts, "may_create", True))


def _names(place: Place) -> list[tuple[Place, str]]:
    return [(item, name) for item in place.items() if (name := item.text())]


def _config(place: Place) -> dict[str, str | Secret]:
    config: dict[str, str | Secret] = {}
    for key, part in place.mapping().items():
        value = _secret(part) if part.is_mapping else part.value()
        if value is not None:
            config[key] = value
    return config


def _secret(place: Place) -> Secret | None:
    parts = place.mapping(("env",))
    variable = _required(place, parts, "env")
    name = variable and variable.text()
    return Secret(place, name) if name else None


def _actors(place: Place) -> dict[ActorType, ActorSpec]:
    known = [kind.value for kind in ActorType if kind is not ActorType.UNKNOWN]
    return {ActorType(name): _actor(part) for name, part in place.mapping(known).items()}


def _actor(place: Place) -> ActorSpec:
    parts = place.mapping(("sync", "fields", "defaults"))
    return ActorSpec(
        place,
        _optional(parts, "sync", Place.boolean),
        _optional(parts, "fields", lambda part: {key: _field(field) for key, field in part.mapping().items()}),
        _optional(parts, "defaults", lambda part: {key: _default(field) for key, field in part.mapping().items()}),
    )


def _field(place: Place) -> FieldSpec:
    parts = place.mapping(("crm", "direction", "search", "tab", "rank", "conflict", "list"))
    direction = _optional(parts, "direction", lambda part: part.choice(DIRECTIONS)) or "none"
    to_crm, to_erp = DIRECTIONS[direction]
    return FieldSpec(
        place=place,
        crm=_optional(parts, "crm", Place.text) or "",
        to_crm=to_crm,
        to_erp=to_erp,
        search=_flag(parts, "search", False),
        tab=_flag(parts, "tab", False),
        rank=_optional(parts, "rank", Place.integer),
        policy=_optional(parts, "conflict", lambda part: part.choice([policy.value for policy in Policy])) or "",
        items=_optional(parts, "list", _list_items) or {},
    )


def _list_items(place: Place) -> dict[str, str]:
    items: dict[str, str] = {}
    for key, part in place.mapping().items():
        text = part.text()
        if text and text.casefold() in {other.casefold() for other in items.values()}:
            part.problem(_('the CRM item "%(item)s" is used twice.') % {"item": text})
        elif text:
            items[key] = text
    return items


def _default(place: Place) -> DefaultSpec:
    parts = place.mapping(("value", "ask", "mandatory"))
    value = _optional(parts, "value", Place.value)
    return DefaultSpec(place, value, _flag(parts, "ask", False), _flag(parts, "mandatory", False))
