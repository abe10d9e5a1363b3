"""A page of actors on their way to being records: recognised or created, linked, what was agreed remembered.

The hot path of first loads: values are read and converted by functions compiled once per mapping, and rows go
to the database in batches, a page of actors per transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction

from brygga import batch
from brygga.contract import ErpActor
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import CrmSide, NewRecord
from brygga.erp.engine import links as store
from brygga.erp.engine.approved import refuse
from brygga.erp.engine.channel import Channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LinkRow, LogRow
from brygga.erp.engine.reconcile import reconcile
from brygga.erp.models import Link, LinkState, PlanItem, PlanOutcome
from brygga.erp.problems import Problem, issue, misfit_problem, refusal_rule
from brygga.erp.services.recognising import Alike, keys_of, records_alike
from brygga.merge import Misfit, Policy, Side

IMPORT = "import"
"""The rule of a value with which a record was created from an actor."""

LINKED = "linked"
"""The rule of a planned item that links a record that was there already; it has no field."""


@dataclass(slots=True)
class Column:
    """A mapped field, compiled: read the wire text, convert to the CRM's form."""

    erp_key: str
    crm_key: str
    read: Callable[[str], Any]
    convert: Callable[[Any], Any]
    mandatory: bool


@dataclass(slots=True)
class Candidate:
    """An actor that is about to become a record: CRM values, base pairs, and fields that did not fit."""

    actor: ErpActor
    values: dict[str, Any]
    base: dict[str, list[Any]]
    issues: list[dict[str, Any]]
    parent_id: int | None = None


class RecordsApproved:
    """The records that a person approved (behaviour G1), by ERP key: created as they were planned, or refused."""

    def __init__(self, items: Mapping[str, PlanItem]) -> None:
        self._items = items

    def of(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates that are still what was approved; the others are refused."""
        same = []
        for candidate in candidates:
            item = self._items[candidate.actor.erp_key]
            if candidate.values == item.new:
                same.append(candidate)
            else:
                refuse(item, Problem("plan_moved"))
        return same

    def created(self, candidates: Iterable[Candidate], ids: Iterable[int]) -> None:
        """Remember, in the transaction that creates them, that these records are there, and their ids."""
        items = [self._items[candidate.actor.erp_key] for candidate in candidates]
        for item, record_id in zip(items, ids, strict=True):
            item.outcome, item.record_id = PlanOutcome.DONE, record_id
        rows = [(item.pk, str(item.outcome), item.record_id) for item in items]
        batch.update_rows(PlanItem._meta.db_table, "id", ("outcome", "record_id"), rows)


class Preview(Protocol):
    """Who wants to know what an import would do, page by page (behaviour I4)."""

    def skip(self, erp_key: str, record_id: int | None, problem: Mapping[str, Any]) -> None:
        """An actor is not imported; `record_id` is the record that stands in its way, if one does."""
        ...

    def create(self, candidates: Sequence[Candidate]) -> None:
        """Records that would be created."""
        ...

    def link(self, found: Sequence[tuple[Candidate, int]]) -> None:
        """Records that are there already and would be linked; what would be written to them is in the dry run."""
        ...


@dataclass
class Import:
    """An import under way; with `approval` it creates what was approved, and links nothing that is there already.

    `duplicates` are the CRM fields, separated by commas, that recognise a record together; `claimed` the records that
    were recognised. In a dry run, `preview` is told what would be done.
    """

    channel: Channel
    crm: CrmSide
    context: Context
    run_id: int
    duplicates: str | None
    on_duplicate: str
    columns: list[Column] = field(default_factory=list)
    approval: RecordsApproved | None = None
    preview: Preview | None = None
    claimed: set[int] = field(default_factory=set)


def columns_of(channel: Channel) -> list[Column]:
    """The mapped fields of a channel, compiled."""
    return [
        Column(m.erp.key, m.crm.key, channel.readers[m.erp.key], m.to_crm_converter(), m.crm.mandatory)
        for m in channel.mappings
    ]


def import_page(work: Import, page: list[ErpActor]) -> None:
    """Import the actors of a page that are not linked yet, each of them once in it. Raises ConnectorFailed."""
    channel, report = work.channel, work.context.report
    report.read += len(page)
    linked = store.links_by_key(channel.connection.pk, channel.actor_type, [actor.erp_key for actor in page])
    report.unchanged += len(linked)
    for key, link in linked.items():
        _skip(work, key, link.record_id, Problem("import_linked"))
    fresh = [candidate_of(work, actor) for actor in page if actor.erp_key not in linked]
    fresh = with_parents(work, fresh)
    fresh, found = recognise(work, fresh)
    if work.context.dry_run:
        _plan(work, fresh)
        _plan_links(work, found)
        if work.preview:
            work.preview.create(fresh)
            work.preview.link(found)
        return
    if work.approval:
        fresh, found = work.approval.of(fresh), []
    if fresh:
        with transaction.atomic():
            ids = create(work, fresh)
            if work.approval:
                work.approval.created(fresh, ids)
    if found:
        _link_existing(work, found)


def candidate_of(work: Import, actor: ErpActor) -> Candidate:
    """The record that an actor would become; a value that does not fit is left out, and noted."""
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
    return Candidate(actor, values, base, issues)


def with_parents(work: Import, candidates: list[Candidate]) -> list[Candidate]:
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
            choices = {"duplicates": work.duplicates or "", "on_duplicate": work.on_duplicate}
            problem = Problem("no_company_link", {"type": parent[0], "key": parent[1], **choices})
            _set_aside(work, candidate, problem)
        else:
            kept.append(candidate)
    return kept


def _set_aside(
    work: Import, candidate: Candidate, problem: Problem, field: str = "", record_id: int | None = None
) -> None:
    work.context.report.failed += 1
    _report(work, candidate, issue(field, problem))
    _skip(work, candidate.actor.erp_key, record_id, problem)


def _skip(work: Import, erp_key: str, record_id: int | None, problem: Problem) -> None:
    if work.preview:
        work.preview.skip(erp_key, record_id, problem.stored())


def _report(work: Import, candidate: Candidate, noted: Mapping[str, Any], record_id: int | None = None) -> None:
    place = {"type": str(work.channel.record_type), "id": record_id, "erp_key": candidate.actor.erp_key}
    work.context.report.problems.append({**place, **{name: noted[name] for name in ("field", "code", "params")}})


def recognise(work: Import, candidates: list[Candidate]) -> tuple[list[Candidate], list[tuple[Candidate, int]]]:
    """Split into those to create and those that are there already, with the record's id."""
    keys = keys_of(work.duplicates)
    if not keys or work.on_duplicate == "add":
        return candidates, []
    alike = records_alike(work.crm, work.channel.record_type, keys, [(c.values, c.parent_id) for c in candidates])
    ids = [match.record_id for matches in alike for match in matches]
    taken = store.links_by_record(work.channel.connection.pk, work.channel.record_type, ids)
    fresh, found = [], []
    for candidate, matches in zip(candidates, alike, strict=True):
        if not matches:
            fresh.append(candidate)
        elif work.on_duplicate == "skip":
            work.context.report.unchanged += 1
            problem = Problem("import_duplicate", {"field": keys[0]})
            _skip(work, candidate.actor.erp_key, matches[0].record_id, problem)
        elif reason := _obstacle(work, matches, taken):
            _set_aside(work, candidate, Problem(reason, {"field": keys[0]}), keys[0], matches[0].record_id)
        else:
            found.append((candidate, matches[0].record_id))
            work.claimed.add(matches[0].record_id)
    return fresh, found


def _obstacle(work: Import, matches: Sequence[Alike], taken: Mapping[int, LinkRow]) -> str:
    """Why a record that looks alike can't be linked: a code of TEXTS, empty if it can."""
    if len(matches) > 1:
        return "several_same"
    if matches[0].record_id in taken or matches[0].record_id in work.claimed:
        return "linked_already"
    return "other_company" if matches[0].elsewhere else ""


def _plan(work: Import, candidates: list[Candidate]) -> None:
    work.context.report.created += len(candidates)
    for candidate in candidates:
        erp_keys = {column.crm_key: column.erp_key for column in work.columns if column.erp_key in candidate.base}
        for key, value in candidate.values.items():
            other = candidate.base[erp_keys[key]][1]
            planned = _planned(work, candidate.actor.erp_key, None, IMPORT)
            work.context.planned.append(
                {**planned, "field": key, "new": value, "erp_field": erp_keys[key], "other": other}
            )


def _plan_links(work: Import, found: Sequence[tuple[Candidate, int]]) -> None:
    """Records that are there already would be linked, and merged as any first comparison is."""
    channel = work.channel
    work.context.planned += [_planned(work, c.actor.erp_key, record_id, LINKED) for c, record_id in found]
    links = [
        LinkRow(0, str(channel.actor_type), c.actor.erp_key, str(channel.record_type), record_id, {})
        for c, record_id in found
    ]
    _merge_found(work, [(link, c.actor) for link, (c, _id) in zip(links, found, strict=True)])


def _planned(work: Import, erp_key: str, record_id: int | None, rule: str) -> dict[str, Any]:
    return {
        "side": str(Side.CRM),
        "type": str(work.channel.record_type),
        "id": record_id,
        "erp_key": erp_key,
        "field": "",
        "old": None,
        "new": None,
        "rule": rule,
        "connection": work.channel.connection.pk,
        "actor_type": str(work.channel.actor_type),
        "erp_field": "",
        "other": None,
        "base": None,
    }


def create(work: Import, candidates: list[Candidate]) -> list[int]:
    """Create the records and their links, and log it; returns their ids. Call it in a transaction."""
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
    return ids


def _insert_links(work: Import, made: Iterable[tuple[Candidate, int]]) -> None:
    channel, now = work.channel, batch.native_moment(work.context.clock())
    columns = (
        "connection_id", "actor_type", "erp_key", "record_type", "record_id", "base", "erp_stamp",
        "state", "issues", "failures", "created_at", "parent_key",
    )  # fmt: skip
    rows = (
        (
            channel.connection.pk, str(channel.actor_type), c.actor.erp_key, str(channel.record_type), record_id,
            json.dumps(c.base), c.actor.last_modified, str(LinkState.FAILED if c.issues else LinkState.OK),
            json.dumps(c.issues) if c.issues else "[]", 0, now, c.actor.parent_key,
        )
        for c, record_id in made
    )  # fmt: skip
    batch.insert_rows(Link._meta.db_table, columns, rows)


def _log_rows(work: Import, candidates: Sequence[Candidate], ids: Sequence[int]) -> Iterator[LogRow]:
    actor_type, record_type = str(work.channel.actor_type), str(work.channel.record_type)
    crm_keys = {column.erp_key: column.crm_key for column in work.columns}
    for candidate, record_id in zip(candidates, ids, strict=True):
        link = LinkRow(0, actor_type, candidate.actor.erp_key, record_type, record_id, {})
        for erp_key, (crm, _erp) in candidate.base.items():
            if crm is not None:
                yield LogRow(link, erp_key, crm_keys[erp_key], str(Side.CRM), None, crm, IMPORT)
        for noted in candidate.issues:
            key, rule = noted["field"], refusal_rule(noted["code"])
            yield LogRow(link, key, crm_keys[key], "crm", None, noted["value"], rule)


def _link_existing(work: Import, found: Sequence[tuple[Candidate, int]]) -> None:
    """Link records that were there already; "merge" fills their blanks, "replace" takes the ERP's values."""
    channel = work.channel
    empty = [(Candidate(c.actor, {}, {}, []), record_id) for c, record_id in found]
    with transaction.atomic():
        _insert_links(work, empty)
    rows = store.links_by_key(channel.connection.pk, channel.actor_type, [c.actor.erp_key for c, _id in found])
    _merge_found(work, [(rows[c.actor.erp_key], c.actor) for c, _id in found])


def _merge_found(work: Import, found: Sequence[tuple[LinkRow, ErpActor]]) -> None:
    wins = Policy.ERP if work.on_duplicate == "replace" else Policy.CRM
    work.context.report.read -= len(found)  # counted when the page was read
    reconcile(work.channel.with_policy(wins), found, work.context)
