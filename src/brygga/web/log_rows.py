"""Lines of the log as rows on screen and in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.crm.fields import RecordType
from brygga.erp.problems import refusal_text
from brygga.erp.services.history import LogLine
from brygga.web.kinds import KINDS
from brygga.web.sections import actor_label

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of the log on screen; `id` is None for what is not in the log."""

    id: int | None
    at: datetime
    run: int
    connection: str
    url: str
    record_name: str
    actor: str
    erp_key: str
    field: str
    old: str
    new: str
    refused: str
    target: str
    source: str


def log_rows(lines: Iterable[LogLine]) -> list[LogRow]:
    """Lines as rows on screen."""
    return [_row(line) for line in lines]


def csv_rows(lines: Iterable[LogLine]) -> Iterator[list[str]]:
    """The head and the lines of a CSV file; values as on screen, moments in ISO form with their zone."""
    yield [
        _("When"), _("Run"), _("Connection"), _("Record"), _("Name"), _("Actor type"), _("ERP key"), _("CRM field"),
        _("ERP field"), _("Target"), _("Old value"), _("New value"), _("Source"), _("Remark"),
    ]  # fmt: skip
    for line in lines:
        row = _row(line)
        yield [
            timezone.localtime(line.at).isoformat(timespec="seconds"), str(line.run), row.connection,
            f"{line.record_type}:{line.record_id}", *map(_harmless, (row.record_name, row.actor, row.erp_key)),
            line.crm_field, line.erp_field, row.target, _harmless(row.old), _harmless(row.new), row.source, row.refused,
        ]  # fmt: skip


def _row(line: LogLine) -> LogRow:
    kind = KINDS[RecordType(line.record_type)]
    return LogRow(
        line.id,
        line.at,
        line.run,
        line.connection,
        kind.url(line.record_id, "history"),
        line.record_name,
        actor_label(line.actor_type),
        line.erp_key,
        line.crm_field if line.target == "crm" else line.erp_field,
        line.old,
        line.new,
        refusal_text(line.rule),
        _("CRM") if line.target == "crm" else _("ERP"),
        _("Run %(number)s, %(who)s") % {"number": line.run, "who": line.by} if line.by else _("Run %s") % line.run,
    )


def _harmless(text: str) -> str:
    """A spreadsheet must not take a customer's text for a formula; numbers, also telephone numbers, are left alone."""
    if not text.startswith(_FORMULA) or text[1:].replace(" ", "").replace(".", "").replace(",", "").isdigit():
        return text
    return f"'{text}"
