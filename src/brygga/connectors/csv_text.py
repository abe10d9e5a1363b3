"""Delimited text that is given back as it came: encoding, delimiter, line ends and quoting of untouched fields."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from brygga.connectors import texts
from brygga.connectors.errors import SourceError

DELIMITERS = ";,\t"

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_QUOTED_PART = re.compile(r'"[^"]*+"')


@dataclass(slots=True)
class Record:
    """One record: its fields as they are written, quotes included, and its line end (empty for the last)."""

    raw: list[str]
    end: str

    def values(self) -> list[str]:
        """The fields as they are meant."""
        return [_unquoted(raw) for raw in self.raw]


@dataclass
class CsvText:
    """A parsed file; `encode` gives the bytes it came from, but for the records that were changed."""

    mark: bytes
    encoding: str
    delimiter: str
    newline: str
    records: list[Record] = field(default_factory=list)

    def encode(self, name: str) -> bytes:
        """The bytes of the file. Raises SourceError for a character that its encoding lacks."""
        text = "".join(self.delimiter.join(record.raw) + record.end for record in self.records)
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            lacking = text[error.start : error.start + 1]
            user = texts.text("lacking_character", character=lacking, name=name, encoding=self.encoding)
            raise SourceError(user, repr(error)) from error

    def set(self, number: int, column: int, value: str) -> None:
        """Write a field of a record (number from 1), in quotes if it was, or needs to be."""
        raw = self.records[number - 1].raw
        raw += [""] * (column + 1 - len(raw))
        raw[column] = self._written(value, raw[column].startswith('"'))

    def insert(self, number: int, cells: dict[int, str], like: Record) -> None:
        """Insert a record before record `number` (from 1), with as many fields and quotes as `like`."""
        width = max([len(like.raw), *(column + 1 for column in cells)])
        quoted = [place < len(like.raw) and like.raw[place].startswith('"') for place in range(width)]
        raw = [self._written(cells.get(place, ""), quoted[place] and place in cells) for place in range(width)]
        before = self.records[number - 2]
        end, before.end = before.end, before.end or self.newline
        self.records.insert(number - 1, Record(raw, end))

    def _written(self, value: str, quoted: bool) -> str:
        special = any(mark in value for mark in (self.delimiter, '"', "\r", "\n"))
        return f'"{value.replace(chr(34), chr(34) * 2)}"' if quoted or special else value


def parse(content: bytes) -> CsvText:
    """Parse a file of any of the delimiters; UTF-8, UTF-16 with byte-order mark, else Windows-1252."""
    mark, encoding, text = _decoded(content)
    first_line = _QUOTED_PART.sub("", text[: text.find("\n") if "\n" in text else len(text)])
    delimiter = max(DELIMITERS, key=first_line.count)
    newline = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"
    return CsvText(mark, encoding, delimiter, newline, _records(text, delimiter))


def _decoded(content: bytes) -> tuple[bytes, str, str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return mark, encoding, content[len(mark) :].decode(encoding)
    for encoding in ("utf-8", "cp1252"):
        try:
            return b"", encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return b"", "latin-1", content.decode("latin-1")


def _records(text: str, delimiter: str) -> list[Record]:
    # A quote counts only at the start of a field, and only if its closing quote ends the field.
    token = re.compile(
        rf'("[^"]*+(?:""[^"]*+)*+"(?=[{delimiter}\r\n]|\Z)|[^{delimiter}\r\n]*+)({delimiter}|\r\n|\n|\r|\Z)'
    )
    records: list[Record] = []
    raw: list[str] = []
    position, length = 0, len(text)
    while position < length or raw:
        match = token.match(text, position)
        assert match is not None, "the second alternative always matches"
        raw.append(match[1])
        position = match.end()
        if match[2] != delimiter:
            records.append(Record(raw, match[2]))
            raw = []
    return records


def _unquoted(raw: str) -> str:
    if len(raw) > 1 and raw[0] == '"' == raw[-1]:
        return raw[1:-1].replace('""', '"')
    return raw
