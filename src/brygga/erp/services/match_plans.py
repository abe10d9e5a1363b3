"""What was accepted in the match workbench, as a plan; and taken back again (behaviour G1, G2, G5).

A link that the plan makes counts what both sides hold as agreed on from the start; the items of its fields, as far as
they are carried out, change that. So what somebody leaves out of the plan stays different until it is edited.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.batch import chunks
from brygga.contract import ErpActor
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel, open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import fetch_actors, reconcile
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.errors import Refused
from brygga.erp.models import Link, LogEntry, Matching, PlanItem, PlanOutcome, PlanState, Run, StoredPlan
from brygga.erp.problems import Problem
from brygga.erp.services.candidates import LINKED
from brygga.erp.services.match_reading import PAGE
from brygga.erp.services.plan_items import item_of
from brygga.erp.services.sync import Clock, finish
from brygga.erp.services.undo import Undoing, undo
from brygga.merge import Policy, Side

KIND = "match"
"""The kind of these plans, and of the runs that carry them out."""

Chosen = tuple[int, str]
"""The id of a record and the ERP key of an actor."""


class Wins(StrEnum):
    """Whose value is taken where both sides have one and they differ; a blank is filled in any case."""

    CRM = "crm"
    ERP = "erp"
    NEITHER = "fill"


def make_plan(
    matching: Matching, chosen: Iterator[Chosen], wins: Wins, by: str, progress: Progress, clock: Clock = timezone.now
) -> StoredPlan:
    """Plan to link these records and actors; the items are stored page by page.

    Raises ConnectorFailed and StopRequested: then there is no plan.
    """
    actor = matching.actor
    context = Context(crm_side(), clock, ConnectionReport.of(actor.connection), "", dry_run=True)
    params = {"connection": actor.connection_id, "actor_type": actor.actor_type, "wins": str(wins)}
    plan = StoredPlan.objects.create(kind=KIND, by=by, params=params, state=PlanState.MAKING)
    channel = open_channel(actor).with_policy(Policy.ERP if wins is Wins.ERP else Policy.CRM)
    try:
        for page in chunks(chosen, PAGE):
            items = _items(channel, page, wins, context)
            for item in items:
                item.plan = plan
            PlanItem.objects.bulk_create(items, batch_size=PAGE)
            progress.advance(len(page))
    except BaseException:
        plan.delete()
        raise
    plan.params, plan.state = {**params, "report": [context.report.stored()]}, PlanState.OPEN
    plan.save(update_fields=["params", "state"])
    return plan


def plans_of(connection_id: int) -> QuerySet[StoredPlan]:
    """The plans of a connection's matches that have not been dropped, the latest first."""
    made = StoredPlan.objects.filter(kind=KIND, params__connection=connection_id).select_related("run")
    return made.exclude(state__in=[PlanState.MAKING, PlanState.DROPPED]).order_by("-id")


def standing_links(plan: StoredPlan) -> QuerySet[Link]:
    """The links that a plan has made and that are still there."""
    own = _linked_by([plan]).filter(erp_key=OuterRef("erp_key"), record_id=OuterRef("record_id"))
    place = {"connection": plan.params["connection"], "actor_type": plan.params["actor_type"]}
    return Link.objects.filter(Exists(own), **place)


def standing_counts(made: Iterable[StoredPlan]) -> dict[int, int]:
    """How many of the links that plans have made are still there, by id of the plan; one query for all."""
    links = Link.objects.filter(
        connection=OuterRef("connection"),
        actor_type=OuterRef("actor_type"),
        erp_key=OuterRef("erp_key"),
        record_id=OuterRef("record_id"),
    )
    return dict(_linked_by(made).filter(Exists(links)).values_list("plan").annotate(Count("id")))


def _linked_by(made: Iterable[StoredPlan]) -> QuerySet[PlanItem]:
    return PlanItem.objects.filter(plan__in=list(made), rule=LINKED, outcome=PlanOutcome.DONE).order_by()


def take_back(plan: StoredPlan, by: str, progress: Progress | None = None, clock: Clock = timezone.now) -> RunReport:
    """Undo a match: set back the values that it changed, as far as they are unchanged since, and disconnect.

    Raises Refused for a plan that has connected nothing that is still connected, and where the values can't be set
    back now, because the ERP can't be read: then everything stays connected.
    """
    if plan.kind != KIND or plan.run is None or not standing_links(plan).exists():
        raise Refused(_("Nothing that this plan connected is connected any more."))
    report = RunReport()
    if LogEntry.objects.filter(run=plan.run).exists():
        report = undo(Undoing(run_id=plan.run.pk), by, clock=clock, progress=progress)
    if report.stopped or any(part.failure for part in report.connections):
        return report
    _disconnect(plan, by)
    return report


def _disconnect(plan: StoredPlan, by: str) -> None:
    run = Run.objects.create(kind="disconnect", by=by)
    ids = list(standing_links(plan).values_list("pk", flat=True))
    for page in chunks(ids, PAGE):
        Link.objects.filter(pk__in=page).delete()
    connection = plan.items.select_related("connection")[:1].get().connection
    finish(run, RunReport(run.pk, [ConnectionReport.of(connection)]))


def _items(channel: Channel, page: Sequence[Chosen], wins: Wins, context: Context) -> list[PlanItem]:
    """An item for each pair, and one for each field that would be written."""
    records = context.crm.read(channel.record_type, [id_ for id_, _key in page], channel.crm_keys)
    actors = fetch_actors(channel, [key for _id, key in page])
    taken = _taken(channel, page)
    items, found = [], []
    for record_id, key in page:
        problem = _obstacle(records.get(record_id), actors.get(key), taken)
        row = LinkRow(0, str(channel.actor_type), key, str(channel.record_type), record_id, {})
        if problem:
            items.append(_link_item(channel, row, outcome=PlanOutcome.SKIPPED, problem=problem.stored()))
        else:
            found.append((row, actors[key]))
    apart = strays(channel, [(records[row.record_id], actor) for row, actor in found])
    for row, _actor in found:
        if row.erp_key in apart:
            left_out = {"outcome": PlanOutcome.SKIPPED, "problem": apart[row.erp_key].stored()}
            items.append(_link_item(channel, row, **left_out))
    found = [(row, actor) for row, actor in found if row.erp_key not in apart]
    agreed = {row.erp_key: _as_they_are(channel, records[row.record_id], actor) for row, actor in found}
    items += [_link_item(channel, row, base=agreed[row.erp_key]) for row, _actor in found]
    context.planned.clear()
    reconcile(channel, found, context)
    written = [item_of(entry) for entry in context.planned if wins is not Wins.NEITHER or entry["old"] is None]
    for item in written:
        item.base = agreed[item.erp_key].get(item.erp_field)
    return items + written


def _obstacle(record: Snapshot | None, actor: ErpActor | None, taken: Collection[object]) -> Problem | None:
    """Why the two can't be linked; `taken` are the ids of records and the keys of actors that are linked already."""
    if record is None or record.deleted:
        return Problem("crm_deleted")
    if actor is None:
        return Problem("erp_gone")
    return Problem("linked", {"key": actor.erp_key}) if {record.id, actor.erp_key} & set(taken) else None


def strays(channel: Channel, found: Sequence[tuple[Snapshot, ErpActor]]) -> dict[str, Problem]:
    """The persons, by ERP key, whose company is not linked with the contact's (behaviour U3)."""
    if channel.record_type != RecordType.CONTACT:
        return {}
    companies = [record.parent_id for record, _actor in found if record.parent_id is not None]
    links = store.links_by_record(channel.connection.pk, RecordType.COMPANY, companies)
    homes = {id_: (link.actor_type, link.erp_key) for id_, link in links.items()}
    return {
        actor.erp_key: Problem("no_company_link", {"type": str(actor.parent_type or ""), "key": actor.parent_key})
        for record, actor in found
        if homes.get(record.parent_id or 0) != (str(actor.parent_type), actor.parent_key)
    }


def _taken(channel: Channel, page: Sequence[Chosen]) -> set[object]:
    """The ids of the records and the keys of the actors that are linked already."""
    by_record = store.links_by_record(channel.connection.pk, channel.record_type, [id_ for id_, _key in page])
    by_key = store.links_by_key(channel.connection.pk, channel.actor_type, [key for _id, key in page])
    return {*by_record, *by_key}


def _as_they_are(channel: Channel, record: Snapshot, actor: ErpActor) -> dict[str, list[Any]]:
    """What both sides hold, by ERP field key, as far as it can be read."""
    erp = channel.read_actor(actor)[0]
    pairs = ((m.erp.key, m.crm.key) for m in channel.mappings if m.erp.key in erp)
    return {erp_key: [record.values[crm_key], erp[erp_key]] for erp_key, crm_key in pairs}


def _link_item(channel: Channel, row: LinkRow, **values: Any) -> PlanItem:
    return PlanItem(
        connection=channel.connection, record_type=row.record_type, record_id=row.record_id,
        actor_type=row.actor_type, erp_key=row.erp_key, side=str(Side.CRM), rule=LINKED, **values,
    )  # fmt: skip
