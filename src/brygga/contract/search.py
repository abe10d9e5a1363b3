"""Searching: the operators of advanced search and a matcher for connectors without a query language (section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeAlias

from brygga.contract.actors import ErpActor, FieldType, SearchRestriction
from brygga.contract.responses import ErrorCode
from brygga.contract.values import BadValue, Value, as_text, decode, decode_any

PARENT_KEY = "ParentErpKey"
PARENT_TYPE = "ParentActorType"

ActorTest: TypeAlias = Callable[[ErpActor], bool]
Reader: TypeAlias = Callable[[str], Any]


class SearchError(ValueError):
    """A search that cannot be answered; the text is for users, `code` is an error code of section 3 or empty."""

    def __init__(self, text: str, code: str = "") -> None:
        self.code = code
        super().__init__(text)


class DateMode(StrEnum):
    """How much of a date-time is compared."""

    DATE_ONLY = "DateOnly"
    TIME_ONLY = "TimeOnly"
    TIME_ONLY_IGNORE_SECONDS = "TimeOnly_IgnoreSeconds"
    DATE_AND_TIME = "DateAndTime"
    DATE_AND_TIME_IGNORE_SECONDS = "DateAndTime_IgnoreSeconds"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: `values` is how many it takes (None = any number), `holds(value, operands)` whether it is met.

    Both sides come comparable: texts case-folded, numbers as numbers, date-times cut to the date mode.
    """

    values: int | None
    holds: Callable[[Any, Sequence[Any]], bool]


_EQUAL = Operator(1, lambda value, operands: value == operands[0])
_NOT_EQUAL = Operator(1, lambda value, operands: value != operands[0])


def _ordered(test: Callable[[Any, Any], bool]) -> Operator:
    return Operator(1, lambda value, operands: value is not None and test(value, operands[0]))


_BELOW = _ordered(lambda value, limit: value < limit)
_ABOVE = _ordered(lambda value, limit: value > limit)
_AT_MOST = _ordered(lambda value, limit: value <= limit)
_AT_LEAST = _ordered(lambda value, limit: value >= limit)
_BETWEEN = Operator(2, lambda value, operands: value is not None and operands[0] <= value <= operands[1])

_ON_TEXT = {
    "=": _EQUAL,
    "begins": Operator(1, lambda value, operands: value.startswith(operands[0])),
    "contains": Operator(1, lambda value, operands: operands[0] in value),
    "ends": Operator(1, lambda value, operands: value.endswith(operands[0])),
    "notbegins": Operator(1, lambda value, operands: not value.startswith(operands[0])),
    "notcontains": Operator(1, lambda value, operands: operands[0] not in value),
    "notends": Operator(1, lambda value, operands: not value.endswith(operands[0])),
    "isnot": _NOT_EQUAL,
    "between": _BETWEEN,
}
_ON_NUMBERS = {
    "=": _EQUAL,
    ">": _ABOVE,
    "<": _BELOW,
    ">=": _AT_LEAST,
    "<=": _AT_MOST,
    "!=": _NOT_EQUAL,
    "between": _BETWEEN,
}
_ON_LISTS = {
    "oneof": Operator(None, lambda value, operands: value in operands),
    "notoneof": Operator(None, lambda value, operands: value not in operands),
}
_ON_MOMENTS = {
    "=": _EQUAL,
    "before": _BELOW,
    "after": _ABOVE,
    "beforeOrEqual": _AT_MOST,
    "afterOrEqual": _AT_LEAST,
    "between": _BETWEEN,
}

OPERATORS: Mapping[FieldType, Mapping[str, Operator]] = {
    FieldType.TEXT: _ON_TEXT,
    FieldType.LABEL: _ON_TEXT,
    FieldType.PASSWORD: {},
    FieldType.INTEGER: _ON_NUMBERS,
    FieldType.DOUBLE: _ON_NUMBERS,
    FieldType.CHECKBOX: {"=": _EQUAL},
    FieldType.LIST: _ON_LISTS,
    FieldType.DATETIME: _ON_MOMENTS,
}
"""The operators by field type, in the order of the contract. Passwords cannot be searched."""

_ON_PARENTS = _ON_TEXT | _ON_LISTS


def matcher(
    restrictions: Sequence[SearchRestriction],
    field_types: Mapping[str, FieldType],
    date_mode: DateMode = DateMode.DATE_AND_TIME_IGNORE_SECONDS,
) -> ActorTest:
    """A test for actors for which every restriction holds; built once, applied to many.

    A blank checkbox counts as unchecked; another blank value equals only a blank operand and is neither above
    nor below any. A stored value that does not fit its type counts as blank. `ParentErpKey` and
    `ParentActorType` take the operators of texts and of lists. Raises SearchError for an unknown field or
    operator, and for operands that do not fit.
    """
    tests = [_test(restriction, field_types, date_mode) for restriction in restrictions]
    return lambda actor: all(test(actor) for test in tests)


def matches(
    actor: ErpActor,
    restrictions: Sequence[SearchRestriction],
    field_types: Mapping[str, FieldType],
    date_mode: DateMode = DateMode.DATE_AND_TIME_IGNORE_SECONDS,
) -> bool:
    """Whether every restriction holds for one actor; as `matcher`, which is faster for many."""
    return matcher(restrictions, field_types, date_mode)(actor)


def matches_text(actor: ErpActor, search_text: str) -> bool:
    """Whether each word of a free text occurs in the actor's key or in one of its values, in any case.

    An empty text matches every actor.
    """
    words = search_text.casefold().split()
    if not words:
        return True
    texts = [actor.erp_key.casefold(), *(_shown(wire).casefold() for wire in actor.fields.values())]
    return all(any(word in text for text in texts) for word in words)


def _test(restriction: SearchRestriction, field_types: Mapping[str, FieldType], date_mode: DateMode) -> ActorTest:
    key = restriction.field_key
    read: Reader
    if key in (PARENT_KEY, PARENT_TYPE):
        operator, read = _operator(restriction, _ON_PARENTS), str.casefold
    elif key in field_types:
        operator = _operator(restriction, OPERATORS[field_types[key]])
        read = _reader(field_types[key], date_mode)
    else:
        raise SearchError(f'The field "{key}" cannot be searched: it is not known.', ErrorCode.UNKNOWN_FIELD_KEY)
    operands = _operands(restriction, operator, read)
    stored = _stored(key)
    return lambda actor: operator.holds(_read_or_blank(read, stored(actor)), operands)


def _operator(restriction: SearchRestriction, offered: Mapping[str, Operator]) -> Operator:
    wanted = restriction.operator.casefold()
    for name, operator in offered.items():
        if name.casefold() == wanted:
            return operator
    choices = f"Use one of: {', '.join(offered)}." if offered else "It cannot be searched."
    raise SearchError(
        f'The operator "{restriction.operator}" does not exist for the field "{restriction.field_key}". {choices}'
    )


def _operands(restriction: SearchRestriction, operator: Operator, read: Reader) -> list[Any]:
    texts, field = restriction.values, f'"{restriction.field_key}" {restriction.operator}'
    if operator.values not in (None, len(texts)):
        raise SearchError(f"The search {field} takes {operator.values} value(s), and was given {len(texts)}.")
    try:
        operands = [read(text) for text in texts]
    except BadValue as error:
        raise SearchError(f"The search {field} has a value that does not fit the field: {error}.") from error
    if None in operands and operator not in (_EQUAL, _NOT_EQUAL):
        raise SearchError(f"The search {field} needs a value that is not blank.")
    return operands


def _stored(key: str) -> Callable[[ErpActor], str]:
    if key == PARENT_KEY:
        return lambda actor: actor.parent_key
    if key == PARENT_TYPE:
        return lambda actor: actor.parent_type or ""
    return lambda actor: actor.fields.get(key, "")


def _read_or_blank(read: Reader, wire: str) -> Any:
    try:
        return read(wire)
    except BadValue:
        return read("")


def _reader(field_type: FieldType, date_mode: DateMode) -> Reader:
    """What makes a wire value of this type comparable; it raises BadValue."""
    match field_type:
        case FieldType.INTEGER:
            return _number
        case FieldType.DOUBLE:
            return lambda wire: decode(wire, FieldType.DOUBLE)
        case FieldType.CHECKBOX:
            return lambda wire: bool(decode(wire, FieldType.CHECKBOX))
        case FieldType.DATETIME:
            return lambda wire: _cut(decode(wire, FieldType.DATETIME), date_mode)
        case FieldType.LIST:
            return str
        case _:
            return str.casefold


def _number(wire: str) -> Value | None:
    """An integer; an operand such as 1.5 makes sense for an integer field too."""
    try:
        return decode(wire, FieldType.INTEGER)
    except BadValue:
        return decode(wire, FieldType.DOUBLE)


def _cut(value: Value | None, date_mode: DateMode) -> date | time | None:
    """The part of a date-time that the mode compares. A date counts as its midnight, a time as of the first day."""
    if value is None:
        return None
    moment = _moment(value)
    if date_mode in (DateMode.TIME_ONLY_IGNORE_SECONDS, DateMode.DATE_AND_TIME_IGNORE_SECONDS):
        moment = moment.replace(second=0, microsecond=0)
    if date_mode is DateMode.DATE_ONLY:
        return moment.date()
    if date_mode in (DateMode.TIME_ONLY, DateMode.TIME_ONLY_IGNORE_SECONDS):
        return moment.time()
    return moment


def _moment(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, time):
        return datetime.combine(date.min, value)
    assert isinstance(value, date)
    return datetime.combine(value, time())


def _shown(wire: str) -> str:
    try:
        return as_text(decode_any(wire)) if wire.startswith("[") else wire
    except BadValue:
        return wire
