"""Bringing linked records into agreement: the one way in which a field gets a new value by sync.

For a page of links and the actors that belong to them: read the CRM records, merge each, write the CRM side
with log and agreed values in one transaction, then write the ERP side and remember what was agreed there. A
stop in between leaves links marked as waiting; the next run merges again and finds what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction

from brygga.contract import ErpActor
from brygga.erp import connectors
from brygga.erp.crm_side import Change, Snapshot
from brygga.erp.engine import foresight, marks, sending
from brygga.erp.engine import links as store
from brygga.erp.engine.approved import UNDONE, agree_on_arrived, keep_apart
from brygga.erp.engine.channel import Channel, Unreadable, Values
from brygga.erp.engine.context import Context
from brygga.erp.engine.deciding import decide
from brygga.erp.engine.links import LinkRow, LinkUpdate, LogRow, Sent
from brygga.erp.engine.moved import partings
from brygga.erp.errors import ConnectorFailed
from brygga.erp.models import LinkState, Sending
from brygga.erp.problems import Problem, issue, misfit_problem, refusal_rule
from brygga.merge import Plan, Write
from brygga.merge import Problem as Unfit

log = structlog.get_logger(__name__)

SAVE_BATCH = 500
"""Actors that are read, merged and saved at a time: the fewer, the sooner the save comes after the read."""


@dataclass(slots=True)
class Pair:
    """A link on its way: both sides as read, and what merging decided."""

    link: LinkRow
    actor: ErpActor
    snapshot: Snapshot
    plan: Plan
    unreadable: list[Unreadable]
    erp: Values
    version: int
    unheard: list[LogRow]
    """The log of what was sent earlier and never answered for."""
    parting: dict[str, Any] | None = None
    """The issue of a person whose companies in the CRM and in the ERP have come apart."""
    keeps_mark: bool = False
    """Some fields were not decided on, and the link was marked because of them, perhaps: so it stays."""


def reconcile(
    channel: Channel, found: Sequence[tuple[LinkRow, ErpActor]], context: Context, *, fresh: bool = True
) -> None:
    """Bring these links into agreement, or set them aside with the reason.

    Nothing is written to the ERP from actors that are not `fresh`: where there is something to write, the link is
    marked, for somebody in the ERP may have edited the actor since it was read. Raises `ConnectorFailed` when the
    connection as a whole does not work; what is not written stays marked.
    """
    snapshots = context.crm.read(channel.record_type, [link.record_id for link, _ in found], channel.crm_keys)
    if context.foreseen:
        snapshots = foresight.as_foreseen(channel.record_type, snapshots, context.foreseen)
    apart = partings(channel, found, snapshots, context.crm)
    pairs: list[Pair] = []
    orphans: list[tuple[LinkRow, ErpActor]] = []
    for link, actor in found:
        context.report.read += 1
        snapshot = snapshots.get(link.record_id)
        if snapshot is None or snapshot.deleted:
            orphans.append((link, actor))
            continue
        pair = _merge(channel, link, actor, snapshot, context)
        pair.parting = apart.get(link.id)
        if _is_quiet(pair):
            context.report.unchanged += 1
        else:
            pairs.append(pair)
    if context.dry_run:
        foresight.plan(pairs, channel.connection.pk, context)
        return
    if not fresh:
        pairs = _put_off(pairs, context)
    _set_aside_orphans(channel, orphans, context)
    if pairs:
        _write_erp(channel, _write_crm(channel, pairs, context), context)


def _merge(channel: Channel, link: LinkRow, actor: ErpActor, snapshot: Snapshot, context: Context) -> Pair:
    erp, unreadable = channel.read_actor(actor)
    unheard = sending.noted_on(link, erp)
    agree_on_arrived(link, erp)
    if context.approval:
        plan, unreadable = context.approval.plan(channel, link, snapshot.values, erp), []
    else:
        plan = decide(channel, link, snapshot, erp, actor.last_modified, context)
    in_part = context.approval or context.copy_from
    keeps_mark = bool(in_part) and link.marked is not None
    return Pair(link, actor, snapshot, plan, unreadable, erp, snapshot.version, unheard, keeps_mark=keeps_mark)


def _is_quiet(pair: Pair) -> bool:
    """Whether there is nothing to write and nothing to remember: an echo, or a repeated actor."""
    link = pair.link
    if pair.plan or pair.unreadable or link.sent or pair.parting:
        return False
    if pair.actor.parent_key not in ("", link.parent_key):
        return False
    return link.state == LinkState.OK and link.marked is None


def _put_off(pairs: Sequence[Pair], context: Context) -> list[Pair]:
    """Mark the links whose ERP side is to be written; return the others."""
    later = {pair.link.id: pair.version for pair in pairs if pair.plan.erp_writes}
    marks.mark(later)
    context.report.read -= len(later)
    return [pair for pair in pairs if pair.link.id not in later]


def _write_crm(channel: Channel, pairs: Sequence[Pair], context: Context) -> list[Pair]:
    """Write the CRM side; return the pairs whose ERP side may now be written."""
    with transaction.atomic():
        changes = [
            Change(pair.snapshot.id, pair.snapshot.version, {w.crm_field: w.new for w in pair.plan.crm_writes})
            for pair in pairs
            if pair.plan.crm_writes
        ]
        stale = context.crm.write(channel.record_type, changes, context.origin) if changes else set()
        current = [pair for pair in pairs if pair.snapshot.id not in stale]
        for pair in current:
            pair.version += bool(pair.plan.crm_writes)
        now = context.clock()
        store.write_log(context.run_id, channel.connection.pk, now, _crm_log(current))
        store.store([_update_after_crm(channel, pair, context) for pair in current], now)
        _tell_others(channel, current)
        # Somebody saved the record while it was merged: it is merged again with what they saved.
        marks.mark_changed(channel.record_type, {id_: _raised(pairs, id_) for id_ in stale})
        if context.approval:
            context.approval.written((p.link, {*p.plan.settled, *_fields(p.plan.crm_writes)}) for p in current)
    context.report.to_crm += sum(len(pair.plan.crm_writes) for pair in current)
    return [pair for pair in current if pair.plan.erp_writes]


def _tell_others(channel: Channel, pairs: Sequence[Pair]) -> None:
    """What is new in the CRM goes on to the records' other links; what was set back there is no news."""
    news = {p.snapshot.id: p.version for p in pairs if any(w.rule != UNDONE for w in p.plan.crm_writes)}
    marks.mark_changed(channel.record_type, news, except_connection=channel.connection.pk)
    back = {p.snapshot.id: {w.crm_field: w.new for w in p.plan.crm_writes if w.rule == UNDONE} for p in pairs}
    keep_apart(channel.record_type, {id_: values for id_, values in back.items() if values}, channel.connection.pk)


def _fields(writes: Sequence[Write]) -> set[str]:
    return {write.erp_field for write in writes}


def _raised(pairs: Sequence[Pair], record_id: int) -> int:
    return next(pair.snapshot.version for pair in pairs if pair.snapshot.id == record_id) + 1


def _crm_log(pairs: Sequence[Pair]) -> list[LogRow]:
    rows = []
    for pair in pairs:
        rows += pair.unheard
        rows += [_log_row(pair.link, write) for write in pair.plan.crm_writes]
        known = {(noted["field"], noted["code"]) for noted in pair.link.issues}
        rows += [
            LogRow(pair.link, p.erp_field, p.crm_field, str(p.side), None, p.value, refusal_rule(p.misfit.code))
            for p in pair.plan.problems
            if (p.erp_field, p.misfit.code) not in known
        ]
        rows += [
            LogRow(pair.link, u.erp_field, "", "crm", None, u.text, refusal_rule(u.misfit.code))
            for u in pair.unreadable
            if (u.erp_field, u.misfit.code) not in known
        ]
    return rows


def _log_row(link: LinkRow, write: Write) -> LogRow:
    base = link.base.get(write.erp_field)
    return LogRow(link, write.erp_field, write.crm_field, str(write.side), write.old, write.new, str(write.rule), base)


def _update_after_crm(channel: Channel, pair: Pair, context: Context) -> LinkUpdate:
    """What to remember once the CRM side is written and the ERP side is still to come."""
    link, plan = pair.link, pair.plan
    before = (link.state, link.failures, link.parent_key, link.issues, link.sent)
    base = dict(link.base)
    for key, agreed in plan.settled.items():
        base[key] = list(agreed)
    for write in plan.crm_writes:
        base[write.erp_field] = list(write.base)
    link.base = base
    link.sent = None  # it is in the log now
    if pair.parting is None:
        link.parent_key = pair.actor.parent_key or link.parent_key
    if context.approval:
        _note_dealt_with(link, {*plan.settled, *_fields(plan.crm_writes), *_fields(plan.erp_writes)})
    else:
        _note_issues(channel, pair, context)
    if plan.erp_writes or link.state == LinkState.FAILED:
        same = before == (link.state, link.failures, link.parent_key, link.issues, link.sent)
        only_mark = same and not (plan.settled or plan.crm_writes)
        return LinkUpdate(link, pair.actor.last_modified, pending_version=pair.version, only_mark=only_mark)
    return LinkUpdate(link, pair.actor.last_modified, settled_version=None if pair.keeps_mark else pair.version)


def _note_dealt_with(link: LinkRow, fields: Collection[str]) -> None:
    """These fields are settled by a person's approval; what is wrong with the others stays."""
    link.issues = [noted for noted in link.issues if noted["field"] not in fields]
    if not link.issues:
        link.state, link.failures = LinkState.OK, 0


def _note_issues(channel: Channel, pair: Pair, context: Context) -> None:
    link, plan = pair.link, pair.plan
    failed = [_misfit_issue(problem) for problem in plan.problems]
    failed += [issue(u.erp_field, misfit_problem(u.misfit), u.text, "crm") for u in pair.unreadable]
    waiting = [issue(c.erp_field, Problem("conflict"), [c.crm, c.erp], "") for c in plan.conflicts]
    link.issues = failed + waiting + ([pair.parting] if pair.parting else [])
    link.failures = link.failures + 1 if failed else 0
    agreed = LinkState.MOVED if pair.parting else LinkState.OK
    link.state = LinkState.FAILED if failed else LinkState.CONFLICT if waiting else agreed
    context.report.conflicts += len(waiting)
    context.report.failed += bool(failed)
    for one in failed:
        note_problem(context, link, one)


def _misfit_issue(unfit: Unfit) -> dict[str, Any]:
    return issue(unfit.erp_field, misfit_problem(unfit.misfit), unfit.value, str(unfit.side))


def note_problem(context: Context, link: LinkRow, noted: Mapping[str, Any]) -> None:
    """Put an issue of a link into the run's report and the technical log."""
    place = {"type": link.record_type, "id": link.record_id, "erp_key": link.erp_key}
    context.report.problems.append({**place, **{name: noted[name] for name in ("field", "code", "params")}})
    log.warning(
        "record set aside",
        record=f"{link.record_type}:{link.record_id}",
        erp_key=link.erp_key,
        field=noted["field"],
        reason=noted["code"],
        params=noted["params"],
    )


def _set_aside_orphans(channel: Channel, orphans: Sequence[tuple[LinkRow, ErpActor]], context: Context) -> None:
    """The CRM record was deleted: the link stays as history, the ERP record is left alone (behaviour C5, E8)."""
    problem = issue("", Problem("crm_deleted"), None, "erp")
    updates, rows = [], []
    for link, actor in orphans:
        if link.state == LinkState.GONE and link.marked is None and not link.sent:
            continue
        rows += sending.noted_on(link, channel.read_actor(actor)[0])
        told = [noted for noted in link.issues if noted["code"] == "two_actors"]
        link.state, link.issues, link.failures, link.sent = LinkState.GONE, told or [problem], 0, None
        updates.append(LinkUpdate(link, actor.last_modified, settled_version=link.marked))
    with transaction.atomic():
        now = context.clock()
        store.write_log(context.run_id, channel.connection.pk, now, rows)
        store.store(updates, now)


def _write_erp(channel: Channel, pairs: Sequence[Pair], context: Context) -> None:
    for start in range(0, len(pairs), SAVE_BATCH):
        _save_batch(channel, pairs[start : start + SAVE_BATCH], context)


def _save_batch(channel: Channel, pairs: Sequence[Pair], context: Context) -> None:
    """Save a batch; one that is refused is split until the culprit stands alone (behaviour E6)."""
    actors = [
        ErpActor(
            channel.actor_type,
            pair.link.erp_key,
            fields=channel.to_wire({write.erp_field: write.new for write in pair.plan.erp_writes}),
        )
        for pair in pairs
    ]
    context.hold()
    on_its_way = sending.begin(channel.connection.pk, context.run_id, {p.link.id: _sent(p.plan) for p in pairs})
    try:
        answer = connectors.call(channel.connection, "save_actors", actors)
        saved = {actor.erp_key: actor for actor in answer.actors}
    except ConnectorFailed as failure:
        if failure.unknown_outcome:
            raise
        sent = sending.remember([on_its_way], refused=True)
        # A refusal may mean one record or the whole connection; only the latter fails the connection's own test.
        connectors.call(channel.connection, "test_connection")
        if len(pairs) == 1:
            _refused(pairs[0], failure.problem, context)
            return
        for pair in pairs:
            pair.link.sent = sent[pair.link.id]
        middle = len(pairs) // 2
        for half in (pairs[:middle], pairs[middle:]):
            _start_over(channel, [pair.link for pair in half], context)
        return
    for pair in pairs:
        if pair.link.erp_key not in saved:
            pair.link.sent = sending.lost([on_its_way])[pair.link.id]
            _refused(pair, Problem("not_confirmed"), context)
    _remember_saved(channel, [pair for pair in pairs if pair.link.erp_key in saved], saved, on_its_way, context)


def _sent(plan: Plan) -> list[Sent]:
    return [Sent(w.erp_field, w.crm_field, w.old, w.new, str(w.rule), w.base[0]) for w in plan.erp_writes]


def _start_over(channel: Channel, links: Sequence[LinkRow], context: Context) -> None:
    """Read and merge again: time has passed since, and some of the batch may have been saved all the same."""
    found = fetch_actors(channel, [link.erp_key for link in links])
    context.report.read -= len(found)
    reconcile(channel, [(link, found[link.erp_key]) for link in links if link.erp_key in found], context)


def fetch_actors(channel: Channel, erp_keys: Sequence[str]) -> dict[str, ErpActor]:
    """Actors by key, as they are now; keys that the ERP does not know are left out. Raises ConnectorFailed."""
    answer = connectors.call(channel.connection, "get_actors", channel.actor_type, erp_keys, channel.erp_keys)
    return {actor.erp_key: actor for actor in answer.actors}


def _remember_saved(
    channel: Channel, pairs: Sequence[Pair], saved: Mapping[str, ErpActor], answered: Sending, context: Context
) -> None:
    rows = [_log_row(pair.link, write) for pair in pairs for write in pair.plan.erp_writes]
    updates = []
    for pair in pairs:
        for write in pair.plan.erp_writes:
            pair.link.base[write.erp_field] = list(write.base)
        failed = pair.link.state == LinkState.FAILED
        settled = None if failed or pair.keeps_mark else pair.version
        updates.append(LinkUpdate(pair.link, saved[pair.link.erp_key].last_modified, settled_version=settled))
    with transaction.atomic():
        context.hold()
        now = context.clock()
        store.write_log(context.run_id, channel.connection.pk, now, rows)
        store.store(updates, now)
        answered.delete()
        if context.approval:
            context.approval.written((pair.link, _fields(pair.plan.erp_writes)) for pair in pairs)
    context.report.to_erp += len(rows)


def _refused(pair: Pair, problem: Problem, context: Context) -> None:
    link = pair.link
    if link.state != LinkState.FAILED:
        link.state = LinkState.FAILED
        link.failures += 1
        context.report.failed += 1
    link.issues = [*link.issues, issue("", problem, None, "erp")]
    note_problem(context, link, link.issues[-1])
    with transaction.atomic():
        store.store([LinkUpdate(link, pair.actor.last_modified)], context.clock())
