"""The operators of advanced search in words (contract, section 4; behaviour S)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from brygga.contract import FieldType
from brygga.contract.search import OPERATORS

_BETWEEN = _("Between")
_TEXT: Mapping[str, Any] = {
    "=": _("Is exactly"),
    "begins": _("Starts with"),
    "contains": _("Contains"),
    "ends": _("Ends with"),
    "notbegins": _("Does not begin with"),
    "notcontains": _("Does not contain"),
    "notends": _("Does not end with"),
    "isnot": _("Is not"),
    "between": _BETWEEN,
}
_NUMBER: Mapping[str, Any] = {
    "=": _("Equals"),
    ">": _("Greater than"),
    "<": _("Less than"),
    ">=": _("Greater than or equals"),
    "<=": _("Less than or equals"),
    "!=": _("Does not equal"),
    "between": _BETWEEN,
}
_MOMENT: Mapping[str, Any] = {
    "=": _("Is"),
    "before": _("Before"),
    "after": _("After"),
    "beforeOrEqual": _("Before or equal"),
    "afterOrEqual": _("After or equal"),
    "between": _BETWEEN,
}

WORDS: Mapping[FieldType, Mapping[str, Any]] = {
    FieldType.TEXT: _TEXT,
    FieldType.LABEL: _TEXT,
    FieldType.PASSWORD: {},
    FieldType.INTEGER: _NUMBER,
    FieldType.DOUBLE: _NUMBER,
    FieldType.CHECKBOX: {"=": _("Is")},
    FieldType.LIST: {"oneof": _("Is one of"), "notoneof": _("Is not one of")},
    FieldType.DATETIME: _MOMENT,
}
"""What each operator is called, by field type; the operators are those of `brygga.contract.search`."""

FIRST_CHOICE: Mapping[FieldType, str] = {
    kind: "contains" if "contains" in operators else next(iter(operators), "") for kind, operators in OPERATORS.items()
}
"""The operator that a new line begins with."""


def words_of(kind: FieldType) -> list[tuple[str, str]]:
    """The operators of a field type with their words, in the order of the contract."""
    return [(operator, str(WORDS[kind][operator])) for operator in OPERATORS[kind]]
