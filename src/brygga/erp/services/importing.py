"""Importing actors as CRM records: create or recognise the record, link it, remember what was agreed (behaviour I).

The hot path of first loads: values are read and converted by functions compiled once per mapping, and rows go
to the database in batches, a page of actors per transaction.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga import batch
from brygga.contract import ActorsResponse, ErpActor, SearchRestriction, stamps
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import CrmSide, NewRecord, crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, open_channel, pages
from brygga.erp.engine.links import LinkRow, LogRow
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import Context, reconcile
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, Connection, Link, LinkState, Run
from brygga.erp.problems import Problem, issue, misfit_problem, refusal_rule
from brygga.erp.services.sync import finish
from brygga.merge import Misfit, Policy, Side

PAGE = 2000
"""Actors per transaction; bounds memory and how much a stop can undo."""

KEYS_PER_CALL = 500
"""Keys per `get_actors`."""

DUPLICATE_CHOICES = ("add", "merge", "replace", "skip")


@dataclass(frozen=True)
class Selection:
    """Which actors to import: everything, these keys, or those for which all restrictions hold."""

    everything: bool = False
    keys: Sequence[str] = ()
    where: Sequence[SearchRestriction] = ()


@dataclass(slots=True)
class _Column:
    """A mapped field, compiled: read the wire text, convert to the CRM's form."""

    erp_key: str
    crm_key: str
    read: Callable[[str], Any]
    convert: Callable[[Any], Any]
    mandatory: bool


@dataclass(slots=True)
class _Candidate:
    """An actor that is about to become a record: CRM values, base pairs, and fields that did not fit."""

    actor: ErpActor
    values: dict[str, Any]
    base: dict[str, list[Any]]
    issues: list[dict[str, Any]]
    parent_id: int | None = None


@dataclass
class _Import:
    """An import under way."""

    channel: Channel
    crm: CrmSide
    context: Context
    run_id: int
    duplicates: str | None
    on_duplicate: str
    columns: list[_Column] = field(default_factory=list)


def import_actors(
    connection: Connection,
    actor_type: str,
    selection: Selection,
    duplicates: str | None = None,
    on_duplicate: str = "skip",
    by: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Import actors as records of the mapped CRM type, and link them.

    `duplicates` is the CRM field that recognises a record that is there already; `on_duplicate` says what to do
    then: "add" a record all the same, "merge" (fill its empty fields and link it), "replace" (ERP values win,
    and link it) or "skip". Actors that are linked already are left alone, so an import that was stopped goes on when
    it is started again. A field that does not fit is left blank and reported; a person whose company is not linked
    is reported and not imported. `progress` is told the actors read, and can stop the import between pages. Raises
    `NotFound` for an actor type that is not mapped, `Refused` for wrong choices.
    """
    actor = (
        ActorMapping.objects.filter(connection=connection, actor_type=actor_type)
        .select_related("connection__connector")
        .first()
    )
    if actor is None or not actor.record_type:
        raise NotFound(
            _("%(connection)s has no actor type %(actor)s.") % {"connection": connection.name, "actor": actor_type}
        )
    channel, crm = open_channel(actor), crm_side()
    _check_choices(channel, crm, duplicates, on_duplicate)
    report = RunReport(dry_run=dry_run, connections=[ConnectionReport.of(connection)])
    run = None if dry_run else Run.objects.create(kind="import", by=by)
    report.run = run.pk if run else None
    context = Context(
        crm,
        timezone.now,
        report.connections[0],
        f"import:{connection.guid}",
        run.pk if run else 0,
        dry_run,
        report.planned,
        progress=progress or Progress(),
    )
    work = _Import(channel, crm, context, context.run_id, duplicates, on_duplicate, _columns(channel))
    started = time.monotonic()
    with report.stoppable():
        _run(work, selection)
    context.report.seconds = time.monotonic() - started
    if run:
        finish(run, report)
    return report


def _check_choices(channel: Channel, crm: CrmSide, duplicates: str | None, on_duplicate: str) -> None:
    if on_duplicate not in DUPLICATE_CHOICES:
        raise Refused(
            _("%(choice)s is none of: %(all)s.") % {"choice": on_duplicate, "all": ", ".join(DUPLICATE_CHOICES)}
        )
    if not channel.mappings:
        raise Refused(_("No field of %(actor)s is mapped.") % {"actor": channel.actor_type})
    if duplicates and duplicates not in crm.fields(channel.record_type):
        raise Refused(_("%(field)s is no CRM field.") % {"field": duplicates})
    if duplicates and duplicates not in channel.crm_keys:
        raise Refused(_("%(field)s is not mapped, so it cannot tell duplicates.") % {"field": duplicates})


def _columns(channel: Channel) -> list[_Column]:
    return [
        _Column(m.erp.key, m.crm.key, channel.readers[m.erp.key], m.to_crm_converter(), m.crm.mandatory)
        for m in channel.mappings
    ]


def _run(work: _Import, selection: Selection) -> None:
    connection = work.channel.connection
    first_load = (
        selection.everything
        and not Link.objects.filter(connection=connection, actor_type=work.channel.actor_type).exists()
    )
    with at_work(connection, work.context) as lease:
        if lease is None:
            return
        latest = ""
        for page in pages(_actors(work.channel, selection, work.context.progress), PAGE):
            lease.renew()
            latest = stamps.latest([latest, *(actor.last_modified for actor in page)])
            _import_page(work, list({actor.erp_key: actor for actor in page}.values()))
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
    for chunk in pages(iter(selection.keys), KEYS_PER_CALL):
        yield from connectors.call(connection, "get_actors", channel.actor_type, chunk, fields).actors


def _counted(answer: ActorsResponse, progress: Progress) -> Iterable[ErpActor]:
    """The actors of an answer; how many there are is known unless they come as a stream."""
    if isinstance(answer.actors, Sized):
        progress.expect(len(answer.actors))
    return answer.actors


def _import_page(work: _Import, page: list[ErpActor]) -> None:
    channel, report = work.channel, work.context.report
    report.read += len(page)
    linked = store.links_by_key(channel.connection.pk, channel.actor_type, [actor.erp_key for actor in page])
    report.unchanged += len(linked)
    fresh = [_candidate(work, actor) for actor in page if actor.erp_key not in linked]
    fresh = _with_parents(work, fresh)
    fresh, found = _recognise(work, fresh)
    if work.context.dry_run:
        _plan(work, fresh)
        return
    if fresh:
        with transaction.atomic():
            _create(work, fresh)
    if found:
        _link_existing(work, found)


def _candidate(work: _Import, actor: ErpActor) -> _Candidate:
    values: dict[str, Any] = {}
    base: dict[str, list[Any]] = {}
    issues: list[dict[str, Any]] = []
    texts = actor.fields
    for column in work.columns:
        text = texts.get(column.erp_key)
        if text is None:
            if not column.mandatory:
                continue
            text = ""
        try:
            erp = column.read(text)
            crm = column.convert(erp)
            if crm is None and column.mandatory:
                raise Misfit("mandatory_blank")
        except Misfit as misfit:
            issues.append(issue(column.erp_key, misfit_problem(misfit), text, "crm"))
            continue
        base[column.erp_key] = [crm, erp]
        if crm is not None:
            values[column.crm_key] = crm
    return _Candidate(actor, values, base, issues)


def _with_parents(work: _Import, candidates: list[_Candidate]) -> list[_Candidate]:
    """Contacts get the company that their parent actor is linked to; those without are set aside."""
    if work.channel.record_type != RecordType.CONTACT:
        return candidates
    parents: dict[tuple[str, str], int] = {}
    for parent_type in {c.actor.parent_type for c in candidates if c.actor.parent_type}:
        keys = [c.actor.parent_key for c in candidates if c.actor.parent_type == parent_type]
        links = store.links_by_key(work.channel.connection.pk, str(parent_type), keys)
        parents |= {(str(parent_type), key): link.record_id for key, link in links.items()}
    kept = []
    for candidate in candidates:
        parent = (str(candidate.actor.parent_type), candidate.actor.parent_key)
        candidate.parent_id = parents.get(parent)
        if candidate.parent_id is None:
            _set_aside(work, candidate, issue("", Problem("no_company_link", {"type": parent[0], "key": parent[1]})))
        else:
            kept.append(candidate)
    return kept


def _set_aside(work: _Import, candidate: _Candidate, noted: Mapping[str, Any]) -> None:
    work.context.report.failed += 1
    _report(work, candidate, noted)


def _report(work: _Import, candidate: _Candidate, noted: Mapping[str, Any], record_id: int | None = None) -> None:
    place = {"type": str(work.channel.record_type), "id": record_id, "erp_key": candidate.actor.erp_key}
    work.context.report.problems.append({**place, **{name: noted[name] for name in ("field", "code", "params")}})


def _recognise(work: _Import, candidates: list[_Candidate]) -> tuple[list[_Candidate], list[tuple[_Candidate, int]]]:
    """Split into those to create and those that are there already, with the record's id."""
    key = work.duplicates
    if not key or work.on_duplicate == "add":
        return candidates, []
    known = work.crm.find(
        work.channel.record_type, key, [str(c.values[key]) for c in candidates if c.values.get(key) is not None]
    )
    by_text = {text.casefold(): ids for text, ids in known.items()}
    ids = [id_ for found in known.values() for id_ in found]
    taken = store.links_by_record(work.channel.connection.pk, work.channel.record_type, ids)
    fresh, found = [], []
    for candidate in candidates:
        value = candidate.values.get(key)
        matches = by_text.get(str(value).casefold(), []) if value is not None else []
        if not matches:
            fresh.append(candidate)
        elif work.on_duplicate == "skip":
            work.context.report.unchanged += 1
        elif len(matches) > 1:
            _set_aside(work, candidate, issue(key, Problem("several_same", {"field": key})))
        elif matches[0] in taken:
            _set_aside(work, candidate, issue(key, Problem("linked_already", {"field": key})))
        else:
            found.append((candidate, matches[0]))
            taken[matches[0]] = LinkRow(0, "", "", "", matches[0], {})
    return fresh, found


def _plan(work: _Import, candidates: list[_Candidate]) -> None:
    work.context.report.created += len(candidates)
    for candidate in candidates:
        for key, value in candidate.values.items():
            work.context.planned.append(
                {
                    "side": "crm", "type": work.channel.record_type, "id": None, "erp_key": candidate.actor.erp_key,
                    "field": key, "old": None, "new": value, "rule": "import",
                }
            )  # fmt: skip


def _create(work: _Import, candidates: list[_Candidate]) -> None:
    channel, report = work.channel, work.context.report
    rows = [NewRecord(candidate.values, candidate.parent_id) for candidate in candidates]
    ids = work.crm.create(channel.record_type, rows, work.context.origin)
    _insert_links(work, zip(candidates, ids, strict=True))
    store.write_log(work.run_id, channel.connection.pk, work.context.clock(), _log_rows(work, candidates, ids))
    report.created += len(candidates)
    for candidate, record_id in zip(candidates, ids, strict=True):
        for noted in candidate.issues:
            _report(work, candidate, noted, record_id)
        report.failed += bool(candidate.issues)


def _insert_links(work: _Import, made: Iterable[tuple[_Candidate, int]]) -> None:
    channel, now = work.channel, batch.native_moment(work.context.clock())
    columns = (
        "connection_id", "actor_type", "erp_key", "record_type", "record_id", "base", "erp_stamp", "crm_dirty",
        "state", "issues", "failures", "retry_at", "created_at",
    )  # fmt: skip
    rows = (
        (
            channel.connection.pk, str(channel.actor_type), c.actor.erp_key, str(channel.record_type), record_id,
            json.dumps(c.base), c.actor.last_modified, None, str(LinkState.FAILED if c.issues else LinkState.OK),
            json.dumps(c.issues) if c.issues else "[]", 0, None, now,
        )
        for c, record_id in made
    )  # fmt: skip
    batch.insert_rows(Link._meta.db_table, columns, rows)


def _log_rows(work: _Import, candidates: Sequence[_Candidate], ids: Sequence[int]) -> Iterator[LogRow]:
    actor_type, record_type = str(work.channel.actor_type), str(work.channel.record_type)
    crm_keys = {column.erp_key: column.crm_key for column in work.columns}
    for candidate, record_id in zip(candidates, ids, strict=True):
        link = LinkRow(0, actor_type, candidate.actor.erp_key, record_type, record_id, {})
        for erp_key, (crm, _erp) in candidate.base.items():
            if crm is not None:
                yield LogRow(link, erp_key, crm_keys[erp_key], str(Side.CRM), None, crm, "import")
        for noted in candidate.issues:
            key, rule = noted["field"], refusal_rule(noted["code"])
            yield LogRow(link, key, crm_keys[key], "crm", None, noted["value"], rule)


def _link_existing(work: _Import, found: Sequence[tuple[_Candidate, int]]) -> None:
    """Link records that were there already; "merge" fills their blanks, "replace" takes the ERP's values."""
    channel = work.channel
    empty = [(_Candidate(c.actor, {}, {}, []), record_id) for c, record_id in found]
    with transaction.atomic():
        _insert_links(work, empty)
    rows = store.links_by_key(channel.connection.pk, channel.actor_type, [c.actor.erp_key for c, _id in found])
    wins = Policy.ERP if work.on_duplicate == "replace" else Policy.CRM
    work.context.report.read -= len(found)  # counted when the page was read
    reconcile(channel.with_policy(wins), [(rows[c.actor.erp_key], c.actor) for c, _id in found], work.context)
