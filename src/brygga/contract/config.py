"""Typed configuration: a connector declares its configuration as a dataclass (contract, sections 1 and 4).

Each field is declared with `config_field`; `metadata` tells the CRM side of them, `parse` makes an instance from
the values that come back. Declare the dataclass with `kw_only=True`, so that fields may come in any order.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

from brygga.contract.actors import Access, FieldMetadata, FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import BadValue, Value, decode, encode_as

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)
else:
    Settings = TypeVar("Settings")

_OPTIONS = "brygga"
_TYPES: dict[Any, FieldType] = {
    str: FieldType.TEXT,
    bool: FieldType.CHECKBOX,
    int: FieldType.INTEGER,
    float: FieldType.DOUBLE,
    date: FieldType.DATETIME,
    datetime: FieldType.DATETIME,
}
_BLANKS: dict[Any, Value] = {str: "", bool: False}


class ConfigError(ValueError):
    """Configuration values that cannot be used. `problems` has one sentence for each field key at fault."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("\n".join(self.problems.values()))


@dataclass(frozen=True, slots=True)
class _Options:
    label: str
    key: str
    description: str
    rank: int | None
    secret: bool
    list_name: str
    mandatory: bool
    max_length: int


@dataclass(frozen=True, slots=True)
class _Declared:
    """A configuration field: its name and type in Python, and what the CRM side is told of it."""

    name: str
    python_type: Any
    fallback: Value | None
    told: FieldMetadata


def config_field(
    *,
    label: str,
    key: str = "",
    description: str = "",
    default: Any = dataclasses.MISSING,
    rank: int | None = None,
    secret: bool = False,
    list_name: str = "",
    mandatory: bool = False,
    max_length: int = 0,
) -> Any:
    """Declare a configuration field of a dataclass, in place of `dataclasses.field`.

    Its Python type (`str`, `bool`, `int`, `float`, `date`, `datetime`, or one of them `| None`) gives the field
    type; a `str` may be `secret` (a password) or the key of an item of `list_name`. `label` and `description`
    are localised text. `key` is the name on the wire, by default the Python name in PascalCase; `rank` is by
    default the place in the dataclass. A blank value takes `default`; without one it is None where the type
    allows that, else an empty text or unchecked.
    """
    options = _Options(label, key, description, rank, secret, list_name, mandatory, max_length)
    return dataclasses.field(default=default, metadata={_OPTIONS: options})


def metadata(cls: type[DataclassInstance]) -> list[FieldMetadata]:
    """What to answer `get_config_data` with, lowest rank first.

    Raises TypeError if the class declares a field that cannot be configured.
    """
    return sorted((field.told for field in _declared(cls)), key=lambda told: told.rank)


def parse(cls: type[Settings], values: Mapping[str, str]) -> Settings:
    """Make an instance from configuration values in wire form, by field key.

    Raises ConfigError that names every field at fault: mandatory and missing, of the wrong type, too long, or
    unknown. The value of a secret is never in the text.
    """
    declared = _declared(cls)
    arguments: dict[str, Value | None] = {}
    problems = {}
    for field in declared:
        try:
            arguments[field.name] = _read(field, values.get(field.told.key, ""))
        except ValueError as error:
            problems[field.told.key] = str(error)
    for unknown in sorted(values.keys() - {field.told.key for field in declared}):
        problems[unknown] = f'"{unknown}" is not a configuration field of this connector; remove it.'
    if problems:
        raise ConfigError(problems)
    return cls(**arguments)


def _read(field: _Declared, text: str) -> Value | None:
    label = text_for(field.told.name, "en") or field.told.key
    try:
        value = _fitted(decode(text, field.told.type), field.python_type)
    except BadValue as error:
        raise ValueError(f'"{label}": {error}. Correct the value.') from error
    if value is None and field.told.access is Access.MANDATORY and not field.told.default:
        raise ValueError(f'"{label}" is missing. Enter a value.')
    limit = field.told.max_length
    if limit and isinstance(value, str) and len(value) > limit:
        raise ValueError(f'"{label}" is too long: {len(value)} characters, {limit} are allowed. Shorten it.')
    return field.fallback if value is None else value


def _fitted(value: Value | None, python_type: Any) -> Value | None:
    """A date where a date is declared and a date-time where that is; a bare time of day is neither."""
    if python_type not in (date, datetime) or value is None:
        return value
    if isinstance(value, datetime):
        return value if python_type is datetime else value.date()
    if isinstance(value, date):
        return value if python_type is date else datetime.combine(value, time())
    raise BadValue(str(value), FieldType.DATETIME)


def _declared(cls: type[DataclassInstance]) -> list[_Declared]:
    hints = typing.get_type_hints(cls)
    configured = [field for field in dataclasses.fields(cls) if _OPTIONS in field.metadata]
    return [_declaration(field, hints[field.name], place) for place, field in enumerate(configured, start=1)]


def _declaration(field: dataclasses.Field[Any], hint: Any, place: int) -> _Declared:
    options: _Options = field.metadata[_OPTIONS]
    python_type, optional = _without_none(hint)
    field_type = _field_type(field.name, python_type, options)
    default = None if field.default is dataclasses.MISSING else field.default
    fallback = default
    if default is None and not optional and not options.mandatory:
        if python_type not in _BLANKS:
            raise TypeError(f"{field.name}: give a default, or make it mandatory or {python_type.__name__} | None")
        fallback = _BLANKS[python_type]
    told = FieldMetadata(
        key=options.key or "".join(part[:1].upper() + part[1:] for part in field.name.split("_")),
        name=options.label,
        description=options.description,
        type=field_type,
        list_name=options.list_name,
        default=encode_as(default, field_type),
        max_length=options.max_length,
        access=Access.MANDATORY if options.mandatory else Access.NORMAL,
        rank=place if options.rank is None else options.rank,
    )
    return _Declared(field.name, python_type, fallback, told)


def _field_type(name: str, python_type: Any, options: _Options) -> FieldType:
    if python_type not in _TYPES:
        raise TypeError(f"{name}: {python_type!r} is not a type of configuration fields")
    if (options.secret or options.list_name) and python_type is not str:
        raise TypeError(f"{name}: a secret and a list item are of type str")
    if options.secret and options.list_name:
        raise TypeError(f"{name}: a list item cannot be a secret")
    if options.secret:
        return FieldType.PASSWORD
    return FieldType.LIST if options.list_name else _TYPES[python_type]


def _without_none(hint: Any) -> tuple[Any, bool]:
    """`str | None` as (str, True), `str` as (str, False)."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    others = [part for part in typing.get_args(hint) if part is not type(None)]
    return (others[0] if len(others) == 1 else hint), len(others) < len(typing.get_args(hint))
