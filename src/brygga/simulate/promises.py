"""The promises of sync (docs/promises.md), checked from outside once a simulated world has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.models import Link, LogEntry
from brygga.merge import Rule
from brygga.merge.values import Kind, Value, reader
from brygga.simulate import scene
from brygga.simulate.erp import SimulatedErp
from brygga.simulate.steps import CRM
from brygga.simulate.world import Entered, World

OVERRULING = frozenset({Rule.CONFLICT_CRM_WINS, Rule.CONFLICT_ERP_WINS, Rule.ONE_WAY_CRM_WINS, Rule.ONE_WAY_ERP_WINS})


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log, in the world's terms."""

    erp: str
    number: int
    erp_field: str
    crm_field: str
    target: str
    old: Value
    new: Value
    rule: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as it stands, in the world's terms."""

    erp: str
    number: int
    key: str
    state: str
    held: frozenset[str]


class Rest:
    """A world at rest, and all that has to be known to judge it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = {record_id: number for number, record_id in world.record_ids.items()}
        ids = list(world.record_ids.values())
        snapshots = crm_side().read(RecordType.COMPANY, ids, scene.CRM_KEYS)
        self.crm = {self.numbers[id_]: snapshot for id_, snapshot in snapshots.items()}
        self.links = {(link.erp, link.number): link for link in self._links()}
        self.log = list(self._log())

    def _links(self) -> Iterator[Linked]:
        for link in Link.objects.select_related("connection__connector"):
            held = frozenset(issue["field"] for issue in link.issues)
            erp = link.connection.connector.name
            yield Linked(erp, self.numbers[link.record_id], link.erp_key, link.state, held)

    def _log(self) -> Iterator[Logged]:
        for entry in LogEntry.objects.select_related("connection__connector").order_by("id"):
            yield Logged(
                entry.connection.connector.name,
                self.numbers[entry.record_id],
                entry.erp_field,
                entry.crm_field,
                entry.target,
                entry.old,
                entry.new,
                entry.rule,
            )

    def erp_value(self, erp: str, number: int, field: str) -> Value:
        """What an ERP holds, in canonical form."""
        return canonical(field, self.world.erps[erp].actors[self.links[erp, number].key].fields[field])


def canonical(field: str, text: str) -> Value:
    """A wire value of the simulated ERPs, or an entered one, as the engine and the log have it."""
    return reader(Kind.DOUBLE if field in ("CREDIT", "x:credit") else Kind.TEXT)(text)


def broken(world: World) -> list[str]:
    """What promises a world at rest shows to be broken, a sentence each."""
    rest = Rest(world)
    found = [*world.wrong]
    for check in (_no_edit_lost, _sides_agree, _nothing_doubled, _one_way, _all_logged):
        found += [f"{check.__doc__}: {what}" for what in check(rest)]
    return found


def _no_edit_lost(rest: Rest) -> Iterator[str]:
    """I1"""
    last = {(entered.side, entered.number, entered.field): entered for entered in rest.world.entered}
    for entered in last.values():
        if entered.value and not _stands(rest, entered) and not _told(rest, entered):
            yield f"{entered.side}: company {entered.number}, {entered.field} = {entered.value!r} was lost"


def _stands(rest: Rest, entered: Entered) -> bool:
    """Whether an edit's value is still where it was entered, or there is nothing left to hold it."""
    wanted = canonical(entered.field, entered.value)
    if entered.side == CRM:
        return rest.crm[entered.number].values[entered.field] == wanted
    link = rest.links.get((entered.side, entered.number))
    erp: SimulatedErp = rest.world.erps[entered.side]
    if link is None or link.key != entered.key or link.key not in erp.actors:
        return True
    return canonical(entered.field, erp.actors[link.key].fields[entered.field]) == wanted


def _told(rest: Rest, entered: Entered) -> bool:
    """Whether the log tells who overwrote an edit: as the loser of a conflict, or after it had reached the others."""
    value = canonical(entered.field, entered.value)
    is_crm = entered.side == CRM
    mine = [line for line in rest.log if line.number == entered.number]
    if is_crm:
        over = [x for x in mine if x.target == "crm" and x.crm_field == entered.field and x.old == value]
    else:
        over = [
            x
            for x in mine
            if x.erp == entered.side and x.target == "erp" and x.erp_field == entered.field and x.old == value
        ]
    reached = any(line.new == value and line.target != ("crm" if is_crm else "erp") for line in mine)
    return any(line.rule in OVERRULING or reached for line in over)


def _sides_agree(rest: Rest) -> Iterator[str]:
    """I2"""
    edited_in_erp = {(e.side, e.number, e.field) for e in rest.world.entered}
    for (erp, number), link in rest.links.items():
        is_gone = link.key not in rest.world.erps[erp].actors or rest.crm[number].deleted
        if is_gone:
            continue
        if link.state in ("failed", "gone"):
            yield f"{erp}: company {number} is {link.state}, and nothing is wrong any more"
        for field, (crm_key, way) in scene.mapped(erp).items():
            one_sided = way == "to_crm" or (way == "to_erp" and (erp, number, field) in edited_in_erp)
            if field in link.held or one_sided:
                continue
            crm, erp_value = rest.crm[number].values[crm_key], rest.erp_value(erp, number, field)
            if crm != erp_value:
                yield f"{erp}: company {number}, {field}: CRM has {crm!r}, ERP {erp_value!r}"


def _nothing_doubled(rest: Rest) -> Iterator[str]:
    """I3"""
    for (erp, number), keys in rest.world.made.items():
        if len(keys) > 1:
            yield f"{erp}: company {number} was created {len(keys)} times"
    for (erp, number), keys in rest.world.made.items():
        link = rest.links.get((erp, number))
        alive = keys and keys[0] in rest.world.erps[erp].actors and not rest.crm[number].deleted
        if alive and (link is None or link.key != keys[0]):
            yield f"{erp}: company {number} was created and is not linked"


def _one_way(rest: Rest) -> Iterator[str]:
    """I4"""
    for line in rest.log:
        way = scene.mapped(line.erp)[line.erp_field][1] if line.erp_field else "both"
        if way not in ("both", f"to_{line.target}") and line.rule != "created":
            yield f"{line.erp}: company {line.number}, {line.erp_field} flowed to {line.target}"


def _all_logged(rest: Rest) -> Iterator[str]:
    """I5"""
    keys = {(erp, link.key): number for (erp, number), link in rest.links.items()}
    logged: Counter[tuple[object, ...]] = Counter(
        (x.erp, x.number, x.erp_field, x.old, x.new) for x in rest.log if x.target == "erp"
    )
    for name, erp in rest.world.erps.items():
        for written in erp.written:
            number = keys.get((name, written.key))
            entry = (
                name,
                number,
                written.field,
                *(canonical(written.field, text) for text in (written.old, written.new)),
            )
            if number is not None and not logged[entry]:
                yield f"{name}: {written} is not in the log"
            logged[entry] -= 1
    yield from _crm_unlogged(rest)


def _crm_unlogged(rest: Rest) -> Iterator[str]:
    """What the CRM holds was entered there, or the log says how it came."""
    entered = {(e.number, e.field): e.value for e in rest.world.entered if e.side == CRM}
    for number, snapshot in rest.crm.items():
        for field, value in snapshot.values.items():
            by_hand = entered.get((number, field), f"company {number}" if field == "NAME" else "")
            if value == canonical(field, by_hand):
                continue
            logged = (x for x in rest.log if x.number == number and x.target == "crm" and x.crm_field == field)
            if all(line.new != value for line in logged):
                yield f"CRM: company {number}, {field} = {value!r} came from nowhere"
