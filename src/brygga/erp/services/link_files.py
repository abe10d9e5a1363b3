"""Links as a CSV file: exported, and imported again line by line (behaviour G5).

A text that a spreadsheet would take for a formula stands behind an apostrophe, which the import takes away again.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _

from brygga.batch import chunks
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.engine.creating import insert_link
from brygga.erp.engine.reconcile import fetch_actors
from brygga.erp.errors import Refused
from brygga.erp.models import Connection, Link
from brygga.erp.services.importing import import_arrived
from brygga.erp.services.match_plans import strays

COLUMNS = ("connection", "record_type", "record_id", "record_number", "actor_type", "erp_key")
"""The heads of the file."""

_EITHER = frozenset({"record_id", "record_number"})
_NUMBERS = {RecordType.COMPANY: "NUMBER2", RecordType.CONTACT: "NUMBER", RecordType.PROJECT: "NUMBER"}
_PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 200
_MOST_DIGITS = 18

Line = Mapping[str, str]


@dataclass(slots=True)
class Imported:
    """What came of an import: how many links are new, how many were there, and why which lines were refused."""

    made: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def exported(connection: Connection) -> Iterator[str]:
    """The lines of the file, the head first, each with its line end."""
    yield _as_line(COLUMNS)
    links = Link.objects.filter(connection=connection).order_by("record_type", "record_id")
    for page in chunks(links.iterator(chunk_size=_PAGE), _PAGE):
        numbers = _numbers(page)
        for link in page:
            record = (link.record_type, str(link.record_id), numbers.get((link.record_type, link.record_id), ""))
            yield _as_line([connection.name, *record, link.actor_type, link.erp_key])


def import_links(connection: Connection, text: str, by: str = "") -> Imported:
    """Make the links of a file that `exported` may have written.

    A record is named by its id, its number or both. Nothing but the links is written: the next sync compares both
    sides as it does for any new link. Only persons that an import left out come in with their company (behaviour G4).
    What can't be linked is refused line by line, and the others are linked. Raises Refused for a file without the
    heads, ConnectorFailed where the ERP can't say which actors it has; what came before stays linked.
    """
    plain = text.removeprefix("\ufeff").replace("\x00", "")
    reader = csv.DictReader(StringIO(plain), delimiter=_delimiter(plain))
    done = Imported()
    channels = {actor.actor_type: open_channel(actor) for actor in connection.actors.exclude(record_type="")}
    try:
        _check_heads(reader.fieldnames or ())
        for page in chunks(_lines(reader), _PAGE):
            _Page(connection, channels, done).take(page)
    except csv.Error as error:
        told = _("Line %(number)s can't be read: %(reason)s")
        raise Refused(told % {"number": reader.reader.line_num, "reason": error}) from error
    done.refused.sort()
    if done.made:
        import_arrived(connection, by)
    return done


def _check_heads(heads: Collection[str]) -> None:
    missing = [head for head in COLUMNS if head not in heads and head not in _EITHER]
    if missing or not _EITHER & set(heads):
        raise Refused(_("The file has no column %(heads)s.") % {"heads": ", ".join(missing or sorted(_EITHER))})


class _Page:
    """Some lines on their way to being links."""

    def __init__(self, connection: Connection, channels: Mapping[str, Channel], done: Imported) -> None:
        self._connection, self._channels, self._done = connection, channels, done

    def take(self, page: Sequence[tuple[int, Line]]) -> None:
        """Link what can be linked, companies before the contacts that belong to them."""
        by_type: dict[str, list[tuple[int, Line]]] = {}
        for number, line in page:
            problem = self._misfit(line)
            if problem:
                self._refuse(number, problem)
            else:
                by_type.setdefault(line["actor_type"], []).append((number, line))
        for actor_type, lines in sorted(by_type.items(), key=lambda some: self._channels[some[0]].record_type):
            self._link(self._channels[actor_type], lines)

    def _misfit(self, line: Line) -> str:
        if line["connection"] not in ("", *self._connection.names.values()):
            return _("The line is about another connection, %(name)s.") % {"name": line["connection"]}
        channel = self._channels.get(line["actor_type"])
        if channel is None or str(channel.record_type) != line["record_type"]:
            shown = {"actor": line["actor_type"], "record": line["record_type"]}
            return _("%(actor)s is not mapped to %(record)s here.") % shown
        if not line["erp_key"]:
            return _("The ERP key is missing.")
        return "" if line["record_id"] or line["record_number"] else _("The record is missing.")

    def _link(self, channel: Channel, lines: Sequence[tuple[int, Line]]) -> None:
        records = _records(channel.record_type, [line for _number, line in lines])
        keys = list(dict.fromkeys(line["erp_key"] for _number, line in lines))
        actors = fetch_actors(channel, keys)
        linked = store.links_by_key(channel.connection.pk, channel.actor_type, keys)
        both = zip(records, (actors.get(line["erp_key"]) for _number, line in lines), strict=True)
        apart = strays(channel, [(one, other) for one, other in both if other and not isinstance(one, str)])
        for (number, line), record in zip(lines, records, strict=True):
            key = line["erp_key"]
            if isinstance(record, str):
                self._refuse(number, record)
            elif key in linked and linked[key].record_id == record.id:
                self._done.known += 1
            elif key not in actors:
                shown = {"type": channel.actor_type, "key": key}
                self._refuse(number, _("%(type)s %(key)s was not found in the ERP system.") % shown)
            elif key in apart:
                self._refuse(number, str(apart[key]))
            else:
                self._insert(channel, number, record.id, key)

    def _refuse(self, number: int, reason: str) -> None:
        self._done.refused.append((number, reason))

    def _insert(self, channel: Channel, number: int, record_id: int, erp_key: str) -> None:
        try:
            insert_link(channel, record_id, erp_key, {})
            self._done.made += 1
        except Refused as taken:
            self._refuse(number, taken.user_message)


def _records(record_type: RecordType, lines: Sequence[Line]) -> list[Snapshot | str]:
    """The record of each line, or why there is none."""
    key = _NUMBERS[record_type]
    asked = [line["record_number"] for line in lines if not line["record_id"]]
    by_number = crm_side().find(record_type, key, asked) if asked else {}
    ids = {int(line["record_id"]) for line in lines if _is_id(line["record_id"])}
    ids |= {id_ for some in by_number.values() for id_ in some}
    live = {id_: one for id_, one in crm_side().read(record_type, sorted(ids), [key]).items() if not one.deleted}
    return [
        _by_id(live, line, key) if line["record_id"] else _by_number(live, by_number, line["record_number"])
        for line in lines
    ]


def _by_id(live: Mapping[int, Snapshot], line: Line, key: str) -> Snapshot | str:
    record = live.get(int(line["record_id"])) if _is_id(line["record_id"]) else None
    if record is None:
        return _("Record %(id)s does not exist.") % {"id": line["record_id"]}
    if line["record_number"] in ("", str(record.values[key] or "")):
        return record
    shown = {"id": record.id, "number": line["record_number"]}
    return _("Record %(id)s does not have the number %(number)s.") % shown


def _by_number(live: Mapping[int, Snapshot], by_number: Mapping[str, list[int]], number: str) -> Snapshot | str:
    ids = by_number.get(number, [])
    if len(ids) == 1:
        return live[ids[0]]
    text = _("Several records have the number %(number)s.") if ids else _("No record has the number %(number)s.")
    return text % {"number": number}


def _numbers(links: Iterable[Link]) -> dict[tuple[str, int], str]:
    ids: dict[str, list[int]] = {}
    for link in links:
        ids.setdefault(link.record_type, []).append(link.record_id)
    found = {}
    for record_type, some in ids.items():
        key = _NUMBERS[RecordType(record_type)]
        for id_, record in crm_side().read(RecordType(record_type), some, [key]).items():
            found[record_type, id_] = str(record.values[key] or "")
    return found


def _lines(reader: csv.DictReader[str]) -> Iterator[tuple[int, Line]]:
    """The lines with their numbers in the file; blank ones are passed over."""
    for row in reader:
        line = {head: _plain((row.get(head) or "").strip())[:_LONGEST] for head in COLUMNS}
        if any(line.values()):
            yield reader.line_num, line


def _delimiter(text: str) -> str:
    """Semicolons are what spreadsheets write where the comma is a decimal sign."""
    head = text.splitlines()[0] if text else ""
    return ";" if head.count(";") > head.count(",") else ","


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def _as_line(values: Iterable[str]) -> str:
    made = StringIO()
    csv.writer(made).writerow([_harmless(value) for value in values])
    return made.getvalue()


def _harmless(text: str) -> str:
    """A text that begins with apostrophes before a sign gets one more, so that the way back is clear."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text
