"""Canonical values as people read them: in the reader's language, numbers and dates by its customs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
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
        return day(date.fromisoformat(str(value)))
    if kind is Kind.DATETIME:
        return _moment(datetime.fromisoformat(str(value)))
    return str(value)


def day(moment: date) -> str:
    """A date as short as it can be read without doubt: in English the month is a word, since 07/06 reads both ways."""
    english = (get_language() or "en").startswith("en")
    return date_format(moment, "j M Y" if english else "SHORT_DATE_FORMAT")


def clock(moment: datetime | time) -> str:
    """The time of day to the second, by the 24-hour clock."""
    return moment.strftime("%H:%M:%S")


def when(moment: datetime) -> str:
    """The time of day of a moment in the reader's time zone, with the date where it is not today."""
    local = timezone.localtime(moment)
    return clock(local) if local.date() == timezone.localdate() else f"{day(local)} {clock(local)}"


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of this IANA name; None for a name that is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _moment(moment: datetime) -> str:
    """Many ERP systems know no dates without a time: midnight is a date."""
    return day(moment) if moment.time() == time() else f"{day(moment)} {clock(moment)}"


def _number(value: int | float) -> str:
    """All its digits: rounding on screen would hide a difference that sync sees."""
    text = str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)
    return number_format(text, use_l10n=True, force_grouping=True) if "e" not in text else text
