"""Canonical values as people read them: in the reader's language, numbers and dates by its customs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from brygga.merge.values import Kind, Value


def shown(kind: Kind, value: Value, items: Mapping[str, str] | None = None) -> str:
    """The text of a canonical value; no value is an empty text, a list item is shown by its text in `items`.

    What is not of its kind, as an old log entry may be, is shown as it is.
    """
    if value is None or value == "":
        return ""
    if kind is Kind.LIST:
        return (items or {}).get(str(value), str(value))
    try:
        return _of_kind(kind, value)
    except (ValueError, TypeError):
        return str(value)


def _of_kind(kind: Kind, value: Value) -> str:
    if kind is Kind.CHECKBOX:
        return _("Yes") if value else _("No")
    if kind in (Kind.INTEGER, Kind.DOUBLE) and isinstance(value, int | float):
        return _number(value)
    if kind is Kind.DATE:
        return date_format(date.fromisoformat(str(value)), "SHORT_DATE_FORMAT")
    if kind is Kind.DATETIME:
        return date_format(datetime.fromisoformat(str(value)), "SHORT_DATETIME_FORMAT")
    return str(value)


def _number(value: int | float) -> str:
    """All its digits: rounding on screen would hide a difference that sync sees."""
    text = str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)
    return number_format(text, use_l10n=True, force_grouping=True) if "e" not in text else text
