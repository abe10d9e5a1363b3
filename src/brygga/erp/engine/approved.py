"""Values that a person approved: each is written exactly as it was planned, or refused (behaviour G1, G2).

An item of a plan knows what stood on both sides, and what had been agreed, when its turn comes. Where any of that has
moved, somebody has been there since the plan was looked at, and the item is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from brygga.erp.engine.channel import Channel, Values
from brygga.erp.engine.links import LinkRow, sent_of
from brygga.erp.engine.sending import has_arrived
from brygga.erp.models import FieldMapping, Link, LogEntry, PlanItem, PlanOutcome
from brygga.erp.problems import Problem, unanswered_rule
from brygga.merge import Pair as Agreed
from brygga.merge import Plan, Side, Write

UNDONE = "undone"
"""The rule of a value that was set back from the log."""


class Approval:
    """The approved items of some links, by link id; they learn here what becomes of them."""

    def __init__(self, by_link: Mapping[int, Sequence[PlanItem]]) -> None:
        self._by_link = by_link

    def plan(self, channel: Channel, link: LinkRow, crm: Values, erp: Values) -> Plan:
        """What is to be written of a link now; items that cannot be are refused."""
        plan = Plan()
        mapped = {(mapping.erp.key, mapping.crm.key) for mapping in channel.mappings}
        for item in self._by_link.get(link.id, ()):
            if item.outcome == PlanOutcome.DONE:
                continue
            if (item.erp_field, item.crm_field) not in mapped or item.erp_field not in erp:
                refuse(item, Problem("plan_mapping_changed"))
            else:
                _decide(plan, item, link, crm[item.crm_field], erp[item.erp_field])
        return plan

    def written(self, done: Iterable[tuple[LinkRow, Collection[str]]]) -> None:
        """Remember which ERP fields of which links are dealt with, in the transaction that remembers the values."""
        ids = []
        for link, fields in done:
            for item in self._by_link.get(link.id, ()):
                if item.outcome == PlanOutcome.WAITING and item.erp_field in fields:
                    item.outcome = PlanOutcome.DONE
                    ids.append(item.pk)
        PlanItem.objects.filter(pk__in=ids).update(outcome=PlanOutcome.DONE)


def refuse(item: PlanItem, problem: Problem, outcome: PlanOutcome = PlanOutcome.MOVED) -> None:
    """Leave an item out, with the reason."""
    item.outcome, item.problem = outcome, problem.stored()


def agreed_by(item: PlanItem) -> Agreed:
    """The pair (CRM, ERP) on which the sides agree once the item is written.

    A value that is set back stands against what the other side had agreed to, so that it does not flow back; what
    somebody has entered on the other side since, and is still to flow, remains news.
    """
    is_crm = item.side == Side.CRM
    other = item.base[1 if is_crm else 0] if item.rule == UNDONE and item.base else item.other
    return (item.new, other) if is_crm else (other, item.new)


def _decide(plan: Plan, item: PlanItem, link: LinkRow, crm: Any, erp: Any) -> None:
    side = Side(item.side)
    now, other = (crm, erp) if side is Side.CRM else (erp, crm)
    base, agreed = link.base.get(item.erp_field), agreed_by(item)
    item.outcome, item.problem = PlanOutcome.WAITING, {}
    stands = other == item.other and base == item.base
    if now == item.new and _came_from(item, link):
        plan.settled[item.erp_field] = agreed if base in (None, item.base) else (base[0], base[1])
    elif now != item.old or not stands:
        refuse(item, Problem("plan_moved"))
    else:
        write = Write(side, item.erp_field, item.crm_field, now, item.new, item.rule, agreed)
        (plan.crm_writes if side is Side.CRM else plan.erp_writes).append(write)


def _came_from(item: PlanItem, link: LinkRow) -> bool:
    """Whether this plan wrote the value in an earlier try, whose answer was lost."""
    run = item.plan.run_id
    if link.sent and link.sent["run"] == run:
        return any((write.erp_field, write.new) == (item.erp_field, item.new) for write in sent_of(link.sent))
    place = {name: getattr(item, name) for name in ("connection_id", "record_type", "record_id", "erp_field")}
    wrote = LogEntry.objects.filter(run_id=run, target=item.side, new=item.new, **place)
    return wrote.exclude(rule__startswith=unanswered_rule("")).exists()


def agree_on_arrived(link: LinkRow, erp: Values) -> None:
    """What was sent to the ERP and not answered for has arrived: it is agreed on, and nobody's edit there."""
    for write in sent_of(link.sent):
        if has_arrived(write, erp):
            link.base[write.erp_field] = [write.crm, write.new]


def keep_apart(record_type: str, values: Mapping[int, Values], connection_id: int) -> None:
    """CRM values were set back, by record id and field key: that is no news for the records' other links.

    Whoever calls it sees to it that no engine is at work on them.
    """
    links = Link.objects.filter(record_type=record_type, record_id__in=list(values))
    rows = list(links.exclude(connection=connection_id).values_list("id", "connection_id", "actor_type", "record_id"))
    fields = _fields_of({(connection, actor_type) for _id, connection, actor_type, _record in rows})
    stored = {link_id: (base, sent) for link_id, base, sent in links.values_list("id", "base", "sent")}
    changed = []
    for link_id, connection, actor_type, record_id in rows:
        base, sent = stored[link_id]
        pairs = fields.get((connection, actor_type), [])
        news = {e: [values[record_id][c], base[e][1]] for e, c in pairs if c in values[record_id] and e in base}
        if news:
            changed.append(Link(pk=link_id, base={**base, **news}, sent=_set_back(sent, news)))
    Link.objects.bulk_update(changed, ["base", "sent"], batch_size=500)


def _set_back(sent: dict[str, Any] | None, news: Mapping[str, Sequence[Any]]) -> dict[str, Any] | None:
    """What is on its way to an ERP stays there, apart from the CRM's value that was set back."""
    writes = [w._replace(crm=news[w.erp_field][0]) if w.erp_field in news else w for w in sent_of(sent)]
    return {**sent, "writes": writes} if sent else None


def _fields_of(kinds: Iterable[tuple[int, str]]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """The mapped fields, ERP and CRM key, by connection and actor type."""
    found: dict[tuple[int, str], list[tuple[str, str]]] = {kind: [] for kind in kinds}
    mapped = FieldMapping.objects.exclude(crm_key="").filter(actor__connection__in={kind[0] for kind in found})
    for connection, actor_type, key, crm_key in mapped.values_list(
        "actor__connection", "actor__actor_type", "key", "crm_key"
    ):
        found.setdefault((connection, actor_type), []).append((key, crm_key))
    return found
