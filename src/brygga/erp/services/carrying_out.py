"""What is done for the items of a plan, a page of one connection, actor type and kind of work at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from django.db import transaction
from django.db.models import Count

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import CrmSide
from brygga.erp.engine import links as store
from brygga.erp.engine.approved import UNDONE, Approval, refuse
from brygga.erp.engine.channel import Channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.creating import insert_link, settle_intents
from brygga.erp.engine.links import LinkRow, LogRow
from brygga.erp.engine.reconcile import fetch_actors, reconcile
from brygga.erp.errors import Refused
from brygga.erp.models import Link, LinkState, PlanItem, PlanOutcome
from brygga.erp.problems import Problem, restored
from brygga.erp.services.candidates import LINKED, Import, RecordsApproved, columns_of, import_page
from brygga.erp.services.plans import creates
from brygga.erp.services.unknown_items import UnknownItems
from brygga.merge import Side


class Work(StrEnum):
    """What an item asks for."""

    WRITE = "write"
    CREATE = "create"
    LINK = "link"
    DELETE = "delete"


def work_of(item: PlanItem) -> Work:
    """What an item asks for: a value, a record to create, a record to link, a record to delete again."""
    if creates(item):
        return Work.CREATE
    if item.erp_field:
        return Work.WRITE
    return Work.LINK if item.rule == LINKED else Work.DELETE


def settle(page: Sequence[PlanItem], reason: Problem) -> None:
    """Store which items were refused; `reason` is that of those that nothing was found to say about."""
    for item in page:
        if item.outcome == PlanOutcome.WAITING:
            refuse(item, reason)
    refused = [item for item in page if item.outcome in (PlanOutcome.MOVED, PlanOutcome.FAILED)]
    PlanItem.objects.bulk_update(refused, ["outcome", "problem"], batch_size=500)


def write(channel: Channel, page: list[PlanItem], context: Context) -> None:
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


def _links_of(channel: Channel, page: Sequence[PlanItem]) -> dict[int, LinkRow]:
    """The link of each item, by item id; items whose record is linked otherwise are left out."""
    ids = list({item.record_id for item in page})
    links = store.links_by_record(channel.connection.pk, channel.record_type, ids)
    return {
        item.pk: link
        for item in page
        if (link := links.get(item.record_id)) and (link.actor_type, link.erp_key) == (item.actor_type, item.erp_key)
    }


def create(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Records for actors that are still what they were; one that was recognised since is left alone."""
    settle_intents([channel], context)
    params, items = page[0].plan.params, {item.erp_key: item for item in page}
    columns = columns_of(UnknownItems.of(params.get("unknown_items")).substituting(channel))
    work = Import(
        channel, context.crm, context, context.run_id, params["duplicates"], params["on_duplicate"],
        columns, RecordsApproved(items),
    )  # fmt: skip
    actors = fetch_actors(channel, list(items))
    before = len(context.report.problems)
    import_page(work, list(actors.values()))
    told = {noted["erp_key"]: noted for noted in context.report.problems[before:]}
    linked = store.links_by_key(channel.connection.pk, channel.actor_type, list(items))
    for key, item in items.items():
        if item.outcome == PlanOutcome.WAITING:
            refuse(item, _not_created(key, actors, linked, told))


def _not_created(
    key: str, actors: Mapping[str, object], linked: Mapping[str, LinkRow], told: Mapping[str, Mapping[str, object]]
) -> Problem:
    if key in linked:
        return Problem("linked", {"key": key})
    if key not in actors:
        return Problem("erp_gone")
    return (restored(told[key]) if key in told else None) or Problem("plan_moved")


def link(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Link records that were there already; what their fields need are items of their own.

    The `base` of an item has what counts as agreed from the start, by ERP field key: nothing else is written then.
    """
    snapshots = context.crm.read(channel.record_type, [item.record_id for item in page], [])
    for item in page:
        snapshot = snapshots.get(item.record_id)
        if snapshot is None or snapshot.deleted:
            refuse(item, Problem("crm_deleted"))
            continue
        try:
            with transaction.atomic():
                insert_link(channel, item.record_id, item.erp_key, item.base or {})
                _done([item])
        except Refused as taken:
            refuse(item, taken.problem)


@transaction.atomic
def delete(channel: Channel, page: list[PlanItem], context: Context) -> None:
    """Delete records that an import had created, and their links; the log keeps what they held."""
    links = _links_of(channel, page)
    used = in_use(context.crm, channel.record_type, [item.record_id for item in page])
    free = [item for item in page if item.pk in links and item.record_id not in used]
    stale = context.crm.delete(channel.record_type, {item.record_id: item.other for item in free}, context.origin)
    gone = [item for item in free if item.record_id not in stale]
    rows = [row for item in gone for row in _deletion(channel, links[item.pk], item)]
    store.write_log(context.run_id, channel.connection.pk, context.clock(), rows)
    Link.objects.filter(pk__in=[links[item.pk].id for item in gone]).delete()
    _done(gone)
    context.report.to_crm += len(rows)
    for item in page:
        if item.pk not in links:
            refuse(item, Problem("plan_not_linked"))
        elif item.record_id in used:
            refuse(item, Problem("undo_in_use"))


def in_use(crm: CrmSide, record_type: str, record_ids: Sequence[int]) -> set[int]:
    """The records that others hang on: they are linked with several connections, or have contacts."""
    links = Link.objects.filter(record_type=record_type, record_id__in=record_ids).order_by()
    several = links.values("record_id").annotate(number=Count("id")).filter(number__gt=1)
    used = set(several.values_list("record_id", flat=True))
    return used | crm.with_contacts(record_ids) if record_type == RecordType.COMPANY else used


def _deletion(channel: Channel, link: LinkRow, item: PlanItem) -> Iterator[LogRow]:
    erp_keys = {mapping.crm.key: mapping.erp.key for mapping in channel.mappings}
    for field, value in item.old.items():
        erp_field = erp_keys.get(field, "")
        yield LogRow(link, erp_field, field, str(Side.CRM), value, None, UNDONE, link.base.get(erp_field))


def _done(items: Sequence[PlanItem]) -> None:
    for item in items:
        item.outcome = PlanOutcome.DONE
    PlanItem.objects.filter(pk__in=[item.pk for item in items]).update(outcome=PlanOutcome.DONE)


CarryOut: TypeAlias = Callable[[Channel, list[PlanItem], Context], None]

CARRY_OUT: Mapping[Work, CarryOut] = {Work.WRITE: write, Work.CREATE: create, Work.LINK: link, Work.DELETE: delete}
"""How each kind of work is done. Raises ConnectorFailed; then what was not done goes on waiting."""
