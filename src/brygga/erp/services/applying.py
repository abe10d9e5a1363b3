"""Carrying out a plan: exactly its items, in their order; one whose record has moved since is refused (behaviour G1).

A plan that was broken off, by a crash or because an ERP was down, goes on with the items that still wait when it is
applied again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from itertools import groupby

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.erp.crm_side import crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.approved import UNDONE, Approval, refuse
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.engine.creating import insert_link
from brygga.erp.engine.lease import HeldLease
from brygga.erp.engine.links import LinkRow, LogRow
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import SAVE_BATCH, Context, fetch_actors, reconcile
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work
from brygga.erp.errors import Refused
from brygga.erp.models import (
    ActorMapping,
    Connection,
    Link,
    LinkState,
    PlanItem,
    PlanOutcome,
    PlanState,
    Run,
    RunState,
    StoredPlan,
)
from brygga.erp.problems import Problem, restored
from brygga.erp.services.candidates import LINKED, Import, RecordsApproved, columns_of, import_page
from brygga.erp.services.plans import creates
from brygga.erp.services.sync import Clock, finish
from brygga.merge import Side

_PART = 2000


class _Work(StrEnum):
    """What an item asks for."""

    WRITE = "write"
    CREATE = "create"
    LINK = "link"
    DELETE = "delete"


def apply(plan: StoredPlan, by: str, clock: Clock = timezone.now, progress: Progress | None = None) -> RunReport:
    """Carry out what still waits of a plan; the outcome of each item is stored with it.

    Items that were refused, because something has moved or the ERP does not take the value, count as failed. Items of
    a connection that is busy or down go on waiting: apply the plan again. `progress` is told the items dealt with, and
    can stop the work between pages. Raises Refused for a plan that has been carried out, dropped, or is being applied.
    """
    with _held(plan, clock):
        run = _begin(plan, by)
        report = RunReport(run.pk, plan=plan.pk)
        application = _Application(plan, report, clock, progress or Progress())
        with report.stoppable():
            application.run()
        if not plan.items.filter(outcome=PlanOutcome.WAITING).exists():
            plan.state = PlanState.APPLIED
            plan.save(update_fields=["state"])
        finish(run, report)
    return report


@contextmanager
def _held(plan: StoredPlan, clock: Clock) -> Iterator[None]:
    lease = HeldLease(f"plan:{plan.pk}", clock)
    if not lease.take():
        raise Refused(Problem("plan_busy"))
    try:
        with lease.kept_alive() if clock is timezone.now else nullcontext():
            yield
    finally:
        lease.release()


@transaction.atomic
def _begin(plan: StoredPlan, by: str) -> Run:
    """The run that applies the plan: a new one, or the one that was broken off."""
    plan.refresh_from_db()
    if plan.state not in (PlanState.OPEN, PlanState.APPLYING):
        raise Refused(_("Plan %(id)s is not open any more.") % {"id": plan.pk})
    run = plan.run or Run.objects.create(kind=plan.kind, by=by)
    if run.state != RunState.RUNNING:
        run.state = RunState.RUNNING
        run.save(update_fields=["state"])
    plan.run, plan.state = run, PlanState.APPLYING
    plan.save(update_fields=["run", "state"])
    return run


class _Application:
    """A plan on its way."""

    def __init__(self, plan: StoredPlan, report: RunReport, clock: Clock, progress: Progress) -> None:
        self._plan, self._report, self._clock, self._progress = plan, report, clock, progress
        self._contexts: dict[int, Context] = {}
        self._channels: dict[tuple[int, str], Channel | None] = {}

    def run(self) -> None:
        """Deal with all items that wait, page by page; those of a connection that fails go on waiting."""
        self._progress.expect(self._plan.items.filter(outcome=PlanOutcome.WAITING).count())
        for work, page in _pages(self._plan):
            context = self._context(page[0].connection)
            if not context.report.failure:
                self._deal_with(work, page, context)
            self._progress.advance(len(page))

    def _deal_with(self, work: _Work, page: list[PlanItem], context: Context) -> None:
        with at_work(page[0].connection, context) as lease:
            if lease is None:
                return
            channel = self._channel(page[0])
            if channel is None:
                _refuse_all(page, Problem("plan_mapping_changed"))
            else:
                self._do(work)(channel, page, context)
            _settle(page, context)

    def _do(self, work: _Work) -> Callable[[Channel, list[PlanItem], Context], None]:
        return {_Work.WRITE: _write, _Work.CREATE: self._create, _Work.LINK: _link, _Work.DELETE: _delete}[work]

    def _create(self, channel: Channel, page: list[PlanItem], context: Context) -> None:
        params, items = self._plan.params, {item.erp_key: item for item in page}
        work = Import(
            channel, context.crm, context, context.run_id, params["duplicates"], params["on_duplicate"],
            columns_of(channel), RecordsApproved(items),
        )  # fmt: skip
        actors = fetch_actors(channel, list(items))
        import_page(work, list(actors.values()))
        linked = store.links_by_key(channel.connection.pk, channel.actor_type, list(items))
        told = {noted["erp_key"]: noted for noted in context.report.problems}
        for key, item in items.items():
            if item.outcome == PlanOutcome.WAITING:
                refuse(item, _not_created(key, actors, linked, told))

    def _context(self, connection: Connection) -> Context:
        if connection.pk not in self._contexts:
            part = ConnectionReport.of(connection)
            self._report.connections.append(part)
            origin = f"{self._plan.kind}:{connection.guid}"
            self._contexts[connection.pk] = Context(
                crm_side(), self._clock, part, origin, self._report.run or 0, progress=self._progress
            )
        return self._contexts[connection.pk]

    def _channel(self, item: PlanItem) -> Channel | None:
        """The channel of an item; None where its actor type no longer stands for this kind of record."""
        key = (item.connection_id, item.actor_type)
        if key not in self._channels:
            mapped = ActorMapping.objects.filter(connection=item.connection, actor_type=item.actor_type)
            actor = mapped.filter(record_type=item.record_type).select_related("connection__connector").first()
            self._channels[key] = open_channel(actor) if actor else None
        return self._channels[key]


def _pages(plan: StoredPlan) -> Iterator[tuple[_Work, list[PlanItem]]]:
    """The items that wait, in order, in pages of one connection, actor type and kind of work.

    A page has each field of a link once: a later item starts from what an earlier one leaves.
    """
    after = 0
    while part := list(_waiting(plan).filter(id__gt=after)[:_PART]):
        after = part[-1].pk
        for (work, *_rest), alike in groupby(part, key=lambda item: (_work_of(item), _kind_of(item))):
            yield from ((work, page) for page in _cut(alike))


def _waiting(plan: StoredPlan) -> "QuerySet[PlanItem]":
    waiting = plan.items.filter(outcome=PlanOutcome.WAITING)
    return waiting.select_related("connection__connector").order_by("id")


def _cut(items: Iterator[PlanItem]) -> Iterator[list[PlanItem]]:
    page: list[PlanItem] = []
    seen: set[tuple[str, str]] = set()
    links: set[str] = set()
    for item in items:
        if (item.erp_key, item.erp_field) in seen or (len(links) == SAVE_BATCH and item.erp_key not in links):
            yield page
            page, seen, links = [], set(), set()
        page.append(item)
        seen.add((item.erp_key, item.erp_field))
        links.add(item.erp_key)
    if page:
        yield page


def _work_of(item: PlanItem) -> _Work:
    if creates(item):
        return _Work.CREATE
    if item.erp_field:
        return _Work.WRITE
    return _Work.LINK if item.rule == LINKED else _Work.DELETE


def _kind_of(item: PlanItem) -> tuple[int, str, str]:
    return item.connection_id, item.actor_type, item.record_type


def _write(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Values, through the same reconciling as any other sync."""
    links = _links_of(channel, page)
    actors = fetch_actors(channel, list({link.erp_key for link in links.values()}))
    by_link: dict[int, list[PlanItem]] = {}
    for item in page:
        link = links.get(item.pk)
        if link is None:
            refuse(item, Problem("plan_not_linked"))
        elif link.erp_key not in actors:
            refuse(item, Problem("erp_gone"))
        else:
            by_link.setdefault(link.id, []).append(item)
    chosen = {link.id: link for link in links.values() if link.id in by_link}
    context.approval = Approval(by_link)
    reconcile(channel, [(link, actors[link.erp_key]) for link in chosen.values()], context)
    for link_id, items in by_link.items():
        _explain_unwritten(chosen[link_id], items)


def _explain_unwritten(link: LinkRow, items: Sequence[PlanItem]) -> None:
    for item in items:
        if item.outcome != PlanOutcome.WAITING:
            continue
        if link.state == LinkState.FAILED and item.side == Side.ERP and link.issues:
            refuse(item, restored(link.issues[-1]) or Problem("not_confirmed"), PlanOutcome.FAILED)
        elif link.state == LinkState.GONE:
            refuse(item, Problem("crm_deleted"))
        else:
            refuse(item, Problem("plan_moved"))  # somebody saved the CRM record at that very moment


def _links_of(channel: Channel, page: Sequence[PlanItem]) -> dict[int, LinkRow]:
    """The link of each item, by item id; items whose record is linked otherwise are left out."""
    ids = list({item.record_id for item in page})
    links = store.links_by_record(channel.connection.pk, channel.record_type, ids)
    return {
        item.pk: link
        for item in page
        if (link := links.get(item.record_id)) and (link.actor_type, link.erp_key) == (item.actor_type, item.erp_key)
    }


def _not_created(
    key: str, actors: Mapping[str, object], linked: Mapping[str, LinkRow], told: Mapping[str, Mapping[str, object]]
) -> Problem:
    if key in linked:
        return Problem("linked", {"key": key})
    if key not in actors:
        return Problem("erp_gone")
    return (restored(told[key]) if key in told else None) or Problem("plan_moved")


def _link(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Link records that were there already; what their fields need are items of their own."""
    snapshots = context.crm.read(channel.record_type, [item.record_id for item in page], [])
    for item in page:
        snapshot = snapshots.get(item.record_id)
        if snapshot is None or snapshot.deleted:
            refuse(item, Problem("crm_deleted"))
            continue
        try:
            with transaction.atomic():
                insert_link(channel, item.record_id, item.erp_key, {})
                _done([item])
        except Refused as taken:
            refuse(item, taken.problem)


@transaction.atomic
def _delete(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Delete records that an import had created, and their links; the log keeps what they held."""
    links = _links_of(channel, page)
    free = [item for item in page if item.pk in links and not _in_use(item, links[item.pk], context)]
    versions = {item.record_id: item.other for item in free}
    moved = context.crm.delete(channel.record_type, versions, context.origin)
    gone = [item for item in free if item.record_id not in moved]
    rows = [row for item in gone for row in _deletion(channel, links[item.pk], item)]
    store.write_log(context.run_id, channel.connection.pk, context.clock(), rows)
    Link.objects.filter(pk__in=[links[item.pk].id for item in gone]).delete()
    _done(gone)
    context.report.to_crm += len(rows)
    for item in page:
        if item.outcome == PlanOutcome.WAITING:
            refuse(item, Problem("plan_moved" if item.pk in links else "plan_not_linked"))
