"""Lines of the log as rows on screen and in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.crm.fields import RecordType
from brygga.erp.problems import refusal_text
from brygga.erp.services.history import LogLine
from brygga.web.kinds import KINDS
from brygga.web.sections import actor_label
from brygga.web.shown import clock, day
from brygga.web.templatetags.alike import PLAIN, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LogRow(NamedTuple):
    """What a row of the log says; without an `id`, and so without a `why_url`, what is not in the log.

    `at` is a moment in ISO form, `when` the same as the reader writes it.
    """

    id: str
    at: str
    when: str
    connection: str
    url: str
    run_url: str
    why_url: str
    record_name: str
    actor: str
    erp_key: str
    field: str
    old: str
    new: str
    refused: str
    target: str
    source: str


def log_rows(lines: Iterable[LogLine]) -> list[Row]:
    """Lines as rows on screen."""
    return [Row(PLAIN, _row(line)) for line in lines]


def csv_rows(lines: Iterable[LogLine]) -> Iterator[list[str]]:
    """The head and the lines of a CSV file; values as on screen, moments in ISO form with their zone."""
    yield [
        _("When"), _("Run"), _("Connection"), _("Record"), _("Name"), _("Actor type"), _("ERP key"), _("CRM field"),
        _("ERP field"), _("Target"), _("Old value"), _("New value"), _("Source"), _("Remark"),
    ]  # fmt: skip
    for line in lines:
        row = _row(line)
        yield [
            row.at, str(line.run), row.connection,
            f"{line.record_type}:{line.record_id}", *map(_harmless, (row.record_name, row.actor, row.erp_key)),
            line.crm_field, line.erp_field, row.target, _harmless(row.old), _harmless(row.new), row.source, row.refused,
        ]  # fmt: skip


def _row(line: LogLine) -> LogRow:
    kind, at = KINDS[RecordType(line.record_type)], timezone.localtime(line.at)
    return LogRow(
        id=str(line.id or ""),
        at=at.isoformat(timespec="seconds"),
        when=f"{day(at)} {clock(at)}",
        connection=line.connection,
        url=kind.url(line.record_id, "history"),
        run_url=reverse("web:sync_run", args=[line.run]) if line.run else "",
        why_url=reverse("web:log_why", args=[line.id]) if line.id else "",
        record_name=line.record_name,
        actor=actor_label(line.actor_type),
        erp_key=line.erp_key,
        field=line.crm_field if line.target == "crm" else line.erp_field,
        old=line.old,
        new=line.new,
        refused=refusal_text(line.rule),
        target=_("CRM") if line.target == "crm" else _("ERP"),
        source=_source(line),
    )


def _source(line: LogLine) -> str:
    if not line.by:
        return _("Run %s") % line.run
    return _("Run %(number)s, %(who)s") % {"number": line.run, "who": line.by}


def _harmless(text: str) -> str:
    """A spreadsheet must not take a customer's text for a formula; numbers, also telephone numbers, are left alone."""
    if not text.startswith(_FORMULA) or text[1:].replace(" ", "").replace(".", "").replace(",", "").isdigit():
        return text
    return f"'{text}"
