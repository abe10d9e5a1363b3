"""The scene of every measurement: one connection to the ERP in memory, its customers mapped to companies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from bench import tables
from bench.connector import GROUPS, MemoryErp
from brygga.crm.fields import USER_DEFINED, RecordType, fields_of
from brygga.crm.services.user_fields import define_field
from brygga.erp import connectors
from brygga.erp.configuration import apply
from brygga.erp.engine.report import RunReport
from brygga.erp.models import ActorMapping, Connection
from brygga.erp.services.connections import find_connection
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now
from brygga.merge.values import Kind

_MAPPED = {
    "NAME": "NAME",
    "NUMBER": "NUMBER2",
    "VATNO": "VATNO",
    "BLOCKED": "stop",
    "CREDIT": "x:credit",
    "PHONE": "PHONE",
    "EMAIL": "EMAIL",
    "STREET": "STREETAD1",
    "ZIP": "STREETZIP",
    "CITY": "STREETCITY",
    "SINCE": "x:since",
}


class Scene:
    """A connection that is ready to import and to sync. Made by `scene`."""

    def __init__(self, connection: Connection, erp: MemoryErp) -> None:
        self.connection, self.erp = connection, erp

    def clear(self) -> None:
        """Empty the tables that import fills, and forget that there was an import."""
        tables.empty()
        ActorMapping.objects.update(position="")

    def timed_import(self) -> float:
        """Import every customer; returns seconds."""
        started = perf_counter()
        report = import_actors(self.connection, "Customer", Selection(everything=True), by="bench")
        seconds = perf_counter() - started
        _expect(report, created=self.erp.count, to_crm=0)
        return seconds

    def timed_run(self, changes: int) -> float:
        """Run a sync that has to carry over this many field changes; returns seconds."""
        started = perf_counter()
        report = sync_now([self.connection], "bench")
        seconds = perf_counter() - started
        _expect(report, created=0, to_crm=changes)
        return seconds


@contextmanager
def scene(erp: MemoryErp) -> Iterator[Scene]:
    """A scene in an empty database, or in that of an earlier scene."""
    with connectors.use("bench", erp):
        _define_fields()
        apply(_configuration())
        made = Scene(find_connection("Bench"), erp)
        made.clear()
        yield made


def _define_fields() -> None:
    there = fields_of(RecordType.COMPANY)
    for key, name, kind in (("credit", "Credit limit", Kind.DOUBLE), ("since", "Customer since", Kind.DATE)):
        if USER_DEFINED + key not in there:
            define_field(RecordType.COMPANY, key, name, kind)


def _configuration() -> str:
    fields = [f'          {erp}: {{crm: "{crm}", direction: both}}' for erp, crm in _MAPPED.items()]
    items = ", ".join(f'"{key}": {text}' for key, text in GROUPS.items())
    return "\n".join(
        [
            "sync: {automatic: false}",
            'connectors: [{name: Bench, url: "plugin://bench"}]',
            "connections:",
            "  - name: Bench",
            "    connector: Bench",
            "    active: true",
            "    actors:",
            "      Customer:",
            "        sync: true",
            "        fields:",
            *fields,
            f"          GROUP: {{crm: category, direction: both, list: {{{items}}}}}",
        ]
    )


def _expect(report: RunReport, **counts: int) -> None:
    """A measurement of something else than what was meant is no measurement."""
    part = report.connections[0]
    wrong = {name: getattr(part, name) for name, count in counts.items() if getattr(part, name) != count}
    if wrong or part.failed or part.error:
        raise RuntimeError(f"expected {counts}, got {wrong}, {part.failed} failed: {part.error} {part.problems[:3]}")
