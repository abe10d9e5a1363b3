"""The scene of every measurement: one connection to the ERP in memory, its customers mapped to companies."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from django.db import transaction

from bench import tables
from bench.connector import CHANGING, GROUPS, MemoryErp
from brygga.crm import journal
from brygga.crm.fields import USER_DEFINED, RecordType, fields_of
from brygga.crm.services.user_fields import define_field
from brygga.crm.side import Change, EmbeddedCrm
from brygga.erp import connectors
from brygga.erp.configuration import apply
from brygga.erp.engine.report import RunReport
from brygga.erp.models import ActorMapping, Connection, Link
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

    def change_companies(self, count: int) -> list[str]:
        """Change as many companies as a user would, spread over all; returns their ERP keys."""
        keys = self.erp.spread(count)
        links = Link.objects.filter(connection=self.connection, erp_key__in=keys)
        crm, ids = EmbeddedCrm(), list(links.values_list("record_id", flat=True))
        with transaction.atomic():
            before = crm.read(RecordType.COMPANY, ids, [])
            changes = [Change(one.id, one.version, _edited(one.version)) for one in before.values()]
            crm.write(RecordType.COMPANY, changes, "user:bench")
            journal.mark(RecordType.COMPANY, {change.id: change.version + 1 for change in changes})
        return keys

    def timed_run(self, to_crm: int = 0, to_erp: int = 0) -> float:
        """Run a sync that has to carry over this many field changes; returns seconds."""
        with connectors.use("bench", self.erp):
            started = perf_counter()
            report = sync_now([self.connection], "bench")
            seconds = perf_counter() - started
        _expect(report, created=0, to_crm=to_crm, to_erp=to_erp)
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


def _edited(version: int) -> dict[str, str]:
    return {_MAPPED[field]: f"{field} of version {version}" for field in CHANGING}


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


@contextmanager
def frozen() -> Iterator[None]:
    """Keep the garbage collector from walking through what the ERP in memory holds; no real one is in memory."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
