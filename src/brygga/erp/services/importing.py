"""Importing actors as CRM records: which of them, and page by page (behaviour I); see `candidates` for a page."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.batch import chunks
from brygga.contract import ActorsResponse, ErpActor, SearchRestriction, stamps
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import CrmSide, crm_side
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.creating import settle_intents
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work
from brygga.erp.errors import BryggaError, NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, Link, Run
from brygga.erp.services.candidates import Import, Preview, columns_of, import_page
from brygga.erp.services.recognising import keys_of
from brygga.erp.services.sync import Clock, finish
from brygga.erp.services.unknown_items import LEFT_BLANK, UnknownItems
from brygga.erp.services.waiting import WaitingPerson, waiting_persons, whose_company_came

log = structlog.get_logger(__name__)

PAGE = 2000
"""Actors per transaction; bounds memory and how much a stop can undo."""

KEYS_PER_CALL = 500
"""Keys per `get_actors`."""

DUPLICATE_CHOICES = ("add", "merge", "replace", "skip")


class OnPage(Preview, Protocol):
    """What makes the preview of an import (behaviour I4)."""

    def end_page(self, planned: list[dict[str, Any]]) -> None:
        """A page has been looked at; take what is planned to be written, and empty the list."""
        ...


@dataclass(frozen=True)
class Selection:
    """Which actors to import: everything, these keys, or those for which all restrictions hold."""

    everything: bool = False
    keys: Sequence[str] = ()
    where: Sequence[SearchRestriction] = ()


def import_actors(
    connection: Connection,
    actor_type: str,
    selection: Selection,
    duplicates: str | None = None,
    on_duplicate: str = "skip",
    by: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
    unknown_items: UnknownItems = LEFT_BLANK,
    on_page: OnPage | None = None,
    clock: Clock = timezone.now,
) -> RunReport:
    """Import actors as records of the mapped CRM type, and link them.

    `duplicates` is the CRM field that recognises a record that is there already, or several of them with commas
    between; `on_duplicate` says what to do then: "add" a record all the same, "merge" (fill its empty fields and link
    it), "replace" (ERP values win, and link it) or "skip". `unknown_items` says what becomes of list items that are
    not mapped. Actors that are linked already are left alone, so an import that was stopped goes on when
    it is started again. A field that does not fit is left blank and reported; a person whose company is not linked
    is reported and not imported. `progress` is told the actors read, and can stop the import between pages. In a dry
    run `on_page` makes the preview, and is called after each page with what is planned. Raises
    `NotFound` for an actor type that is not mapped, `Refused` for wrong choices.
    """
    channel, crm = _channel(connection, actor_type), crm_side()
    check_choices(channel, crm, duplicates, on_duplicate)
    channel = unknown_items.answering(channel, dry_run)
    report = RunReport(dry_run=dry_run, connections=[ConnectionReport.of(connection)])
    run = None if dry_run else Run.objects.create(kind="import", by=by)
    report.run = run.pk if run else None
    context = Context(
        crm,
        clock,
        report.connections[0],
        f"import:{connection.guid}",
        run.pk if run else 0,
        dry_run,
        report.planned,
        progress=progress or Progress(),
    )
    work = Import(channel, crm, context, context.run_id, duplicates, on_duplicate, columns_of(channel))
    work.preview = on_page
    started = time.monotonic()
    with report.stoppable():
        _run(work, selection, on_page)
    context.report.seconds = time.monotonic() - started
    if run:
        finish(run, report)
        if channel.record_type == RecordType.COMPANY and report.connections[0].created:
            import_arrived(connection, by, clock=clock)
    return report


def import_arrived(
    connection: Connection,
    by: str,
    persons: Collection[WaitingPerson] | None = None,
    clock: Clock = timezone.now,
) -> None:
    """Import the persons that were left out before, all or these, whose company is linked by now (behaviour G4).

    What speaks against it is logged, for whoever linked the company has done so in any case.
    """
    waiting = waiting_persons([connection.pk]) if persons is None else persons
    groups: dict[tuple[str, str, str], list[str]] = {}
    for person in whose_company_came(waiting):
        choices = (person.actor_type, person.duplicates, person.on_duplicate)
        groups.setdefault(choices, []).append(person.erp_key)
    for (actor_type, duplicates, on_duplicate), keys in groups.items():
        try:
            what = (connection, actor_type, Selection(keys=keys), duplicates or None, on_duplicate, by)
            import_actors(*what, clock=clock)
        except BryggaError as refused:
            log.warning("persons not imported", connection=connection.name, technical=refused.technical, keys=keys[:10])


def _channel(connection: Connection, actor_type: str) -> Channel:
    mapped = ActorMapping.objects.filter(connection=connection, actor_type=actor_type).exclude(record_type="")
    actor = mapped.select_related("connection__connector").first()
    if actor is None:
        text = _("%(connection)s has no actor type %(actor)s.")
        raise NotFound(text % {"connection": connection.name, "actor": actor_type})
    return open_channel(actor)


def check_choices(channel: Channel, crm: CrmSide, duplicates: str | None, on_duplicate: str) -> None:
    """Raise Refused for choices that an import can't be made with."""
    if on_duplicate not in DUPLICATE_CHOICES:
        raise Refused(
            _("%(choice)s is none of: %(all)s.") % {"choice": on_duplicate, "all": ", ".join(DUPLICATE_CHOICES)}
        )
    if not channel.mappings:
        raise Refused(_("No field of %(actor)s is mapped.") % {"actor": channel.actor_type})
    for key in keys_of(duplicates):
        if key not in crm.fields(channel.record_type):
            raise Refused(_("%(field)s is no CRM field.") % {"field": key})
        if key not in channel.crm_keys:
            raise Refused(_("%(field)s is not mapped, so it cannot tell duplicates.") % {"field": key})


def _run(work: Import, selection: Selection, on_page: OnPage | None) -> None:
    connection = work.channel.connection
    first_load = (
        selection.everything
        and not Link.objects.filter(connection=connection, actor_type=work.channel.actor_type).exists()
    )
    with at_work(connection, work.context) as lease:
        if lease is None:
            return
        if not work.context.dry_run:
            settle_intents([work.channel], work.context)  # what was created from the CRM is no news to it
        latest = ""
        for page in chunks(_actors(work.channel, selection, work.context.progress), PAGE):
            lease.renew()
            latest = stamps.latest([latest, *(actor.last_modified for actor in page)])
            import_page(work, list({actor.erp_key: actor for actor in page}.values()))
            if on_page:
                on_page.end_page(work.context.planned)
            work.context.progress.advance(len(page))
        if first_load and not work.context.dry_run:
            # Everything was read just now, so the first sync need not read it all again.
            ActorMapping.objects.filter(pk=work.channel.actor.pk, position="").update(position=latest)


def _actors(channel: Channel, selection: Selection, progress: Progress) -> Iterator[ErpActor]:
    connection, fields = channel.connection, channel.erp_keys
    progress.expect(len(selection.keys))
    if selection.everything:
        yield from _counted(
            connectors.call(connection, "get_actors_by_timestamp", "", channel.actor_type, fields), progress
        )
    elif selection.where:
        answer = connectors.call(
            connection, "search_actors_advanced", channel.actor_type, list(selection.where), fields
        )
        yield from _counted(answer, progress)
    for chunk in chunks(selection.keys, KEYS_PER_CALL):
        yield from connectors.call(connection, "get_actors", channel.actor_type, chunk, fields).actors


def _counted(answer: ActorsResponse, progress: Progress) -> Iterable[ErpActor]:
    """The actors of an answer; how many there are is known unless they come as a stream."""
    if isinstance(answer.actors, Sized):
        progress.expect(len(answer.actors))
    return answer.actors
