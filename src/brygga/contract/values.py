"""The value codec: field values between Python and the culture-free text of the wire (contract, section 5).

Canonical Python values: text and list keys `str`, integer `int`, double `float`, checkbox `bool`, date `date`,
date-time a naive `datetime`, time `time`, time span `timedelta`, money `Decimal`, binary `bytes`, integer array a
tuple of `int`; no value is `None`.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from brygga.contract import moments
from brygga.contract.actors import FieldType

Value: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Decimal | bytes | tuple[int, ...]
"""A canonical value; where no value is possible it is `Value | None`."""

Decoder: TypeAlias = Callable[[str], Value | None]

_MARKED = re.compile(r"\[(I|F|DT|D|TS|T|M|B|A):(.*)\]", re.DOTALL)
_DISPLAY_DECIMALS = re.compile(r",\d{1,2}", re.ASCII)
_PLAIN_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_PLAIN_DOUBLE = re.compile(r"-?(?:0|[1-9]\d*)\.\d+", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_EXPONENT = 308
_SHOWN = 60


class BadValue(ValueError):
    """A value that does not fit its type. Callers keep `text` and say so in the log.

    `text` is the value as it came; `type` the field type that was asked for, or None if a marker said which.
    """

    def __init__(self, text: str, type: FieldType | None = None) -> None:
        self.text = text
        self.type = type
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        kind = "value of its kind" if type is None else f"{type.name.lower()} value"
        super().__init__(f'"{shown}" is not a valid {kind}')


def encode(value: Value | None) -> str:
    """The wire form of a canonical value, chosen by its Python type; no value is an empty text.

    Raises BadValue for what the wire cannot carry (NaN, infinity, a date-time with a zone) and TypeError for a
    type that is not canonical.
    """
    if value is None:
        return ""
    write = _WRITERS.get(type(value)) or _writer_for_subtype(value)
    try:
        return write(value)
    except ValueError as error:
        raise BadValue(_described(value)) from error


def encode_as(value: Value | None, field_type: FieldType) -> str:
    """The wire form of a value for a field of this type, converting where nothing is lost (`5` for a double).

    A text is read as leniently as a text from the wire. Raises BadValue if the value does not fit.
    """
    if value is None:
        return ""
    if field_type in _TEXTUAL:
        return as_text(value)
    if type(value) in _NATIVE[field_type]:
        return encode(value)
    return encode(_DECODERS[field_type](value if isinstance(value, str) else encode(value)))


def decode(text: str, field_type: FieldType) -> Value | None:
    """Read a value for a field of this type, leniently; an empty text is no value.

    Raises BadValue and nothing else. For many values of one field, get the `decoder` once.
    """
    return _DECODERS[field_type](text)


def decoder(field_type: FieldType) -> Decoder:
    """The function that `decode` uses for this type; fast, for columns of values. It raises BadValue."""
    return _DECODERS[field_type]


def decode_any(text: str) -> Value | None:
    """Read a value whose field type is not known: by its marker, or as a plain number or date; else it is text.

    Numbers that would not be written so (`007`, `+47`) stay text. Raises BadValue if the marker does not fit
    what it holds.
    """
    if not text:
        return None
    marked = _MARKED.fullmatch(text)
    if marked is not None:
        return _read_marked(text, marked[1], marked[2])
    try:
        return _read_unmarked(text)
    except ValueError:
        return text


def as_text(value: Value | None) -> str:
    """A value as plain text, without marker: `12`, `12.5`, `2013-12-31`, `2013-12-31T23:59:59`; `1` for checked."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return _write_double(value)[:-2]
    wire = encode(value)
    return wire if isinstance(value, str) or not wire else wire[wire.index(":") + 1 : -1]


# Writing


def _write_double(value: float) -> str:
    """Positional, always with a point: peers that read `[F:` need not know about exponents."""
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
        return text if "." in text else f"{text}.0"
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return text


def _write_money(value: Decimal) -> str:
    return format(_reasonable(value), "f")


def _write_seconds(value: timedelta) -> str:
    microseconds = value // _MICROSECOND
    seconds, fraction = divmod(abs(microseconds), 1_000_000)
    sign = "-" if microseconds < 0 else ""
    return f"{sign}{seconds}.{fraction:06}" if fraction else f"{sign}{seconds}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "[I:1]" if value else "[I:0]",
    int: lambda value: f"[I:{int(value)}]",
    float: lambda value: f"[F:{_write_double(value)}]",
    datetime: lambda value: f"[DT:{moments.write_date_time(value)}]",
    date: lambda value: f"[D:{moments.write_date(value)}]",
    time: lambda value: f"[T:{moments.write_time(value)}]",
    timedelta: lambda value: f"[TS:{_write_seconds(value)}]",
    Decimal: lambda value: f"[M:{_write_money(value)}]",
    bytes: lambda value: f"[B:{base64.b64encode(value).decode('ascii')}]",
    tuple: lambda value: f"[A:{','.join(str(int(item)) for item in value)}]",
}


def _writer_for_subtype(value: object) -> Callable[[Any], str]:
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write
    raise TypeError(f"{type(value).__name__} is not a type of the contract's values")


def _described(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return f"a huge {type(value).__name__}"


# Reading by marker


def _read_marked(text: str, marker: str, body: str) -> Value | None:
    if not body and marker not in ("B", "A"):
        return None
    try:
        return _READERS[marker](body)
    except (ValueError, ArithmeticError) as error:
        raise BadValue(text) from error


def _read_unmarked(text: str) -> Value:
    if _PLAIN_INTEGER.fullmatch(text):
        return int(text)
    if _PLAIN_DOUBLE.fullmatch(text):
        return _read_double(text)
    return moments.read_moment(text)


def _read_integer(body: str) -> int:
    return int(_ascii_digits(body))


def _read_double(body: str) -> float:
    comma = body.find(",")
    if comma >= 0 and _DISPLAY_DECIMALS.fullmatch(body, comma):
        body = body[:comma]
    number = float(_ascii_digits(body))
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _read_date(body: str) -> date | datetime | float:
    """A date; also the double that one published example marks `[D:`."""
    return moments.read_moment(body) if "/" in body or "-" in body[1:] else _read_double(body)


def _read_date_time(body: str) -> datetime:
    moment = moments.read_moment(body)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


def _read_seconds(body: str) -> timedelta:
    return int(_read_money(body) * 1_000_000) * _MICROSECOND


def _read_money(body: str) -> Decimal:
    try:
        return _reasonable(Decimal(_ascii_digits(body)))
    except InvalidOperation as error:
        raise ValueError("not a decimal number") from error


def _read_array(body: str) -> tuple[int, ...]:
    return tuple(_read_integer(item) for item in body.split(",")) if body else ()


def _ascii_digits(body: str) -> str:
    """Python's number parsers also take `1_000` and the digits of every script; the contract does not."""
    if "_" in body or not body.isascii():
        raise ValueError("not a plain number")
    return body


def _reasonable(number: Decimal) -> Decimal:
    """Refuses what has no end and what, written out, would fill the memory (`1E+999999999`)."""
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("not a number of reasonable size")
    return number


_READERS: dict[str, Callable[[str], Value]] = {
    "I": _read_integer,
    "F": _read_double,
    "DT": _read_date_time,
    "D": _read_date,
    "T": moments.read_time,
    "TS": _read_seconds,
    "M": _read_money,
    "B": lambda body: base64.b64decode(body, validate=True),
    "A": _read_array,
}


# Reading by field type: the usual form first and without a regular expression, the lenient forms after it


def _decode_text(text: str) -> str | None:
    return text or None


def _decode_integer(text: str) -> int | None:
    if text[:3] == "[I:" and text[-1] == "]" and "_" not in text and text.isascii():
        try:
            return int(text[3:-1])
        except ValueError:
            pass  # an empty marker and the like: settled below
    number = _decode_number(text, FieldType.INTEGER)
    if number is None or isinstance(number, int):
        return number
    if number != int(number):
        raise BadValue(text, FieldType.INTEGER)
    return int(number)


def _decode_double(text: str) -> float | None:
    if text[:3] == "[F:" and text[-1] == "]" and "_" not in text and text.isascii():
        try:
            number = float(text[3:-1])
        except ValueError:
            pass  # display decimals and the like: settled below
        else:
            if math.isfinite(number):
                return number
    value = _decode_number(text, FieldType.DOUBLE)
    try:
        return None if value is None else float(value)
    except OverflowError as error:
        raise BadValue(text, FieldType.DOUBLE) from error


def _decode_number(text: str, field_type: FieldType) -> int | float | Decimal | None:
    value = _decode_lenient(text, field_type, _read_any_number)
    if value is None or isinstance(value, int | float | Decimal):
        return value
    raise BadValue(text, field_type)


def _read_any_number(text: str) -> int | float:
    try:
        return _read_integer(text)
    except ValueError:
        if "," in text:  # display decimals exist within the marker only
            raise
        return _read_double(text)


_CHECKED: dict[str, bool | None] = {
    "[I:1]": True,
    "[I:0]": False,
    "1": True,
    "0": False,
    "true": True,
    "false": False,
    "": None,
}


def _decode_checkbox(text: str) -> bool | None:
    if text in _CHECKED:
        return _CHECKED[text]
    if text.lower() in _CHECKED:
        return _CHECKED[text.lower()]
    number = _decode_number(text, FieldType.CHECKBOX)
    if number not in (None, 0, 1):
        raise BadValue(text, FieldType.CHECKBOX)
    return None if number is None else bool(number)


def _decode_moment(text: str) -> date | datetime | time | None:
    if (usual := moments.read_usual(text)) is not None:
        return usual
    value = _decode_lenient(text, FieldType.DATETIME, _read_moment_or_time)
    if value is None or isinstance(value, date | time):
        return value
    raise BadValue(text, FieldType.DATETIME)


def _read_moment_or_time(text: str) -> date | datetime | time:
    return moments.read_time(text) if ":" in text[:3] else moments.read_moment(text)


def _decode_lenient(text: str, field_type: FieldType, read: Callable[[str], Value]) -> Value | None:
    """Read by marker if there is one, else with `read`; failures name the field type."""
    bare = text.strip()
    if not bare:
        return None
    try:
        marked = _MARKED.fullmatch(bare)
        return read(bare) if marked is None else _read_marked(bare, marked[1], marked[2])
    except ValueError as error:
        raise BadValue(text, field_type) from error


_TEXTUAL = frozenset({FieldType.TEXT, FieldType.PASSWORD, FieldType.LIST, FieldType.LABEL})

_NATIVE: dict[FieldType, tuple[type, ...]] = {
    FieldType.CHECKBOX: (bool,),
    FieldType.INTEGER: (int,),
    FieldType.DOUBLE: (float,),
    FieldType.DATETIME: (datetime, date, time),
}

_DECODERS: dict[FieldType, Decoder] = dict.fromkeys(_TEXTUAL, _decode_text) | {
    FieldType.CHECKBOX: _decode_checkbox,
    FieldType.INTEGER: _decode_integer,
    FieldType.DOUBLE: _decode_double,
    FieldType.DATETIME: _decode_moment,
}
