"""Dates and times as the contract writes them: month first, seven fraction digits, no zone (section 5)."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from operator import itemgetter

_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?"
_TIME = re.compile(_CLOCK, re.ASCII)
_MOMENT = re.compile(rf"(?:(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})|(\d{{4}})-(\d{{2}})-(\d{{2}}))(?:[ T]{_CLOCK})?", re.ASCII)

_separators_of_date_time = itemgetter(0, 1, 2, 3, 6, 9, 14, 17, 20, 23, 31)
_DATE_TIME_SEPARATORS = tuple("[DT:// ::.]")
_separators_of_date = itemgetter(0, 1, 2, 5, 8, 13)
_DATE_SEPARATORS = tuple("[D://]")


def write_date(day: date) -> str:
    """`12/31/2013`."""
    iso = day.isoformat()
    return f"{iso[5:7]}/{iso[8:10]}/{iso[:4]}"


def write_time(clock: time) -> str:
    """`23:59:59.0000000`. Raises ValueError if the time carries a zone."""
    if clock.tzinfo is not None:
        raise ValueError("a time of the contract has no time zone")
    return f"{clock.isoformat(timespec='microseconds')}0"


def write_date_time(moment: datetime) -> str:
    """`12/31/2013 23:59:59.0000000`. Raises ValueError if the date-time carries a zone."""
    if moment.tzinfo is not None:
        raise ValueError("a date-time of the contract has no time zone")
    iso = moment.isoformat(timespec="microseconds")
    return f"{iso[5:7]}/{iso[8:10]}/{iso[:4]} {iso[11:]}0"


def read_time(text: str) -> time:
    """Read `H:mm`, `H:mm:ss` or `H:mm:ss.f` to `.fffffff`; the seventh digit is below our precision and is cut.

    Raises ValueError for anything else.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a time")
    return _clock(*found.groups())


def read_moment(text: str) -> date | datetime:
    """Read a month-first or ISO date, with or without a time: a `datetime` if a time was written, else a `date`.

    A zone or offset is refused rather than dropped: the contract has none, so what it would mean is a guess.
    Raises ValueError.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    month, day, year, iso_year, iso_month, iso_day, hour, *rest = found.groups()
    on = date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
    return on if hour is None else datetime.combine(on, _clock(hour, *rest))


def read_usual(wire: str) -> date | datetime | None:
    """Read exactly the marked forms that we write, `[DT:…]` and `[D:…]`, much faster than `read_moment`.

    None means that the text is not of such a form, and is left to `read_moment`.
    """
    if not wire.isascii():  # there are digits beyond ASCII, and the line below would cut one off unseen
        return None
    try:
        if len(wire) == 32 and _separators_of_date_time(wire) == _DATE_TIME_SEPARATORS and wire[24:31].isdigit():
            return datetime.fromisoformat(f"{wire[10:14]}-{wire[4:6]}-{wire[7:9]}T{wire[15:30]}")
        if len(wire) == 14 and _separators_of_date(wire) == _DATE_SEPARATORS:
            return date.fromisoformat(f"{wire[9:13]}-{wire[3:5]}-{wire[6:8]}")
    except ValueError:
        pass
    return None


def _clock(hour: str, minute: str, second: str | None, fraction: str | None) -> time:
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    return time(int(hour), int(minute), int(second or 0), microsecond)
