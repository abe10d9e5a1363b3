"""Carrying out a plan: exactly its items, in their order; one whose record has moved since is refused (behaviour G1).

A plan that was broken off, by a crash or because an ERP was down, goes on with the items that still wait when it is
applied again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.engine.approved import UNDONE
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.lease import HeldLease
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import SAVE_BATCH
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work, leased
from brygga.erp.errors import Refused
from brygga.erp.models import (
    ActorMapping,
    Connection,
    Link,
    PlanItem,
    PlanOutcome,
    PlanState,
    Run,
    RunState,
    StoredPlan,
)
from brygga.erp.problems import Problem
from brygga.erp.services import carrying_out
from brygga.erp.services.carrying_out import Work, work_of
from brygga.erp.services.importing import import_arrived
from brygga.erp.services.plans import note_left_out
from brygga.erp.services.sync import Clock, finish
from brygga.erp.services.unknown_items import add_needed
from brygga.merge import Side

_PART = 2000


def apply(plan: StoredPlan, by: str, clock: Clock = timezone.now, progress: Progress | None = None) -> RunReport:
    """Carry out what still waits of a plan; the outcome of each item is stored with it.

    Items that were refused, because something has moved or the ERP does not take the value, count as failed. Items of
    a connection that is busy or down go on waiting: apply the plan again. `progress` is told the items dealt with, and
    can stop the work between pages. Persons that waited for a company that is linked now are imported (behaviour G4).
    Raises Refused for a plan that has been carried out, dropped, or is being applied.
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
    for connection in application.with_companies:
        import_arrived(connection, by, clock=clock)
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
        self.with_companies: set[Connection] = set()
        """The connections in which companies were to be linked."""

    def run(self) -> None:
        """Deal with all items that wait, page by page; those of a connection that fails go on waiting."""
        self._progress.expect(self._plan.items.filter(outcome=PlanOutcome.WAITING).count())
        for work, page in _pages(self._plan):
            context = self._context(page[0].connection)
            if not context.report.failure:
                self._deal_with(work, page, context)
            self._progress.advance(len(page))
        self._note_left_out()

    def _note_left_out(self) -> None:
        """Tell which items were left out, and why, also those that were left out when the plan was made."""
        moved = self._plan.items.filter(outcome=PlanOutcome.MOVED).select_related("connection").order_by("id")
        for item in moved.iterator(chunk_size=_PART):
            note_left_out(item, self._context(item.connection).report)

    def _deal_with(self, work: Work, page: list[PlanItem], context: Context) -> None:
        with at_work(page[0].connection, context) as lease:
            if lease is None:
                return
            if add_needed(self._plan, page):
                self._channels.clear()  # with other list items they read other values
            channel = self._channel(page[0])
            if channel is not None:
                if work in (Work.CREATE, Work.LINK) and channel.record_type == RecordType.COMPANY:
                    self.with_companies.add(page[0].connection)
                with _others_at_rest(page, context):
                    carrying_out.CARRY_OUT[work](channel, page, context)
            carrying_out.settle(page, Problem("plan_moved" if channel else "plan_mapping_changed"))

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


@contextmanager
def _others_at_rest(page: Sequence[PlanItem], context: Context) -> Iterator[None]:
    """While CRM values are set back nobody works on the records' other links: to an engine that has read what was
    agreed on before, they would be news to carry on. Raises Refused where somebody does; the items then go on waiting.
    """
    back = [item.record_id for item in page if item.rule == UNDONE and item.side == Side.CRM]
    links = Link.objects.filter(record_type=page[0].record_type, record_id__in=back)
    others = links.exclude(connection=page[0].connection).values("connection")
    with ExitStack() as stack:
        for connection in Connection.objects.filter(pk__in=others).order_by("pk") if back else ():
            if stack.enter_context(leased(connection, context.clock, context.progress.wait)) is None:
                raise Refused(Problem("busy"))
        yield


def _pages(plan: StoredPlan) -> Iterator[tuple[Work, list[PlanItem]]]:
    """The items that wait, in order, in pages of one connection, actor type and kind of work.

    A page has each field of a link once: a later item starts from what an earlier one leaves.
    """
    after = 0
    while part := list(_waiting(plan).filter(id__gt=after)[:_PART]):
        after = part[-1].pk
        for (work, *_rest), alike in groupby(part, key=lambda item: (work_of(item), _kind_of(item))):
            yield from ((work, page) for page in _cut(alike))


def _waiting(plan: StoredPlan) -> QuerySet[PlanItem]:
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


def _kind_of(item: PlanItem) -> tuple[int, str, str]:
    return item.connection_id, item.actor_type, item.record_type
