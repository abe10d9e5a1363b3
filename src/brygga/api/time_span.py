"""Durations as .NET writes them: `hh:mm:ss`, `d.hh:mm:ss`, with a fraction of a second where there is one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SPAN = re.compile(r"(-)?(?:(\d{1,8})(?:\.(?=\d)|$))?(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?)?", re.ASCII)


def read(text: str) -> timedelta:
    """The duration that a text stands for; a number alone is days. Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise ValueError("not a time span: write hh:mm:ss or d.hh:mm:ss")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    if int(hours or 0) > 23 or int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise ValueError("hours go to 23, minutes and seconds to 59")
    microseconds = int((fraction or "").ljust(7, "0")) // 10
    span = timedelta(int(days or 0), int(seconds or 0), microseconds, 0, int(minutes or 0), int(hours or 0))
    return -span if sign else span


def write(span: timedelta) -> str:
    """The text of a duration, days and fraction left out where they are none."""
    size = abs(span)
    hours, rest = divmod(size.seconds, 3600)
    text = f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
    days = f"{size.days}." if size.days else ""
    fraction = f".{size.microseconds:06}0" if size.microseconds else ""
    return f"{'-' if span < timedelta() else ''}{days}{text}{fraction}"


def _validated(value: Any) -> Any:
    return read(value) if isinstance(value, str) else value


TimeSpan: TypeAlias = Annotated[
    timedelta,
    BeforeValidator(_validated),
    PlainSerializer(write, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["00:02:00", "1.00:00:00"]}),
]
"""A member that holds a duration."""
