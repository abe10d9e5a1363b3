"""A simulated world: the CRM in a real database, some ERPs in memory, and what is known of what happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.db import connection as database

from brygga.contract import ErpActor
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.models import Connection, Connector, Link, LogEntry
from brygga.merge import Value
from brygga.simulate import scene
from brygga.simulate.arrangement import arrangement_read_once
from brygga.simulate.doing import do
from brygga.simulate.erp import SimulatedErp, canonical
from brygga.simulate.machine import Machine
from brygga.simulate.schedule import Terms
from brygga.simulate.steps import CRM, Edit, Fault, Meanwhile, Record, Trouble, Work

_SLOW_SECONDS = 100
"""A slow call; shorter than a lease, as time-outs are."""

_LINKS = f"""
    SELECT connector.name, link.erp_key, link.record_type, link.record_id
    FROM {Link._meta.db_table} link
    JOIN {Connection._meta.db_table} connection ON connection.id = link.connection_id
    JOIN {Connector._meta.db_table} connector ON connector.id = connection.connector_id"""


@dataclass(frozen=True, slots=True)
class Entered:
    """A value that was really entered: where and what, and the last log line before.

    `record_id` says where in the CRM, `key` where in an ERP. `unique` values were never entered anywhere before, so
    that their fate can be told. `known_in` names the ERPs whose link came along with the value, as companies were
    merged: it is no news to them.
    """

    side: str
    type: RecordType
    record_id: int
    key: str
    field: str
    value: str
    log: int
    unique: bool
    known_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Undone:
    """A CRM field of a record that was at rest when something in it was undone: its links then, and the last lines of
    the log before and after that."""

    type: RecordType
    record_id: int
    field: str
    links: frozenset[int]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A value on its way to a field of an actor."""

    erp: str
    key: str
    field: str
    new: Value


@dataclass(frozen=True)
class Start:
    """A built scene, to begin schedules from: ids and keys by record, and the ERPs as they stood."""

    ids: Mapping[Record, int]
    keys: Mapping[tuple[str, Record], str]
    erps: Mapping[str, SimulatedErp]


@dataclass
class Happened:
    """What the promises are judged by, besides the state at rest."""

    entered: list[Entered] = field(default_factory=list)
    by_hand: dict[tuple[RecordType, int, str], str] = field(default_factory=dict)
    """What was last entered in a field of the CRM."""
    made: dict[tuple[str, RecordType, int], list[str]] = field(default_factory=dict)
    """Actors that Brygga created for a record, since the record was last parted from its actor."""
    parted: set[tuple[str, str, int]] = field(default_factory=set)
    """Actors and records, by ERP, key and id, that were linked and are not any more."""
    moves: dict[tuple[str, int | str], int] = field(default_factory=dict)
    """Persons who moved, by side and id or key: the last link that there was when they last did."""
    undone: list[Undone] = field(default_factory=list)
    sent: Counter[Sent] = field(default_factory=Counter)
    """What Brygga has sent to ERPs in order to change an actor, whether or not it arrived."""
    unheard: Counter[Sent] = field(default_factory=Counter)
    """What of it Brygga may have had no answer to, or no time left to take note of it."""
    wrong: list[str] = field(default_factory=list)
    """Promises that were seen broken on the way."""


class World:
    """Steps are carried out one by one, by `do`; troubles strike while Brygga works."""

    def __init__(self, start: Start, terms: Terms) -> None:
        self.terms = terms
        self.machine = Machine()
        self.ids = dict(start.ids)
        self.keys = dict(start.keys)
        self.erps = {name: erp.copy() for name, erp in start.erps.items()}
        self.happened = Happened()
        self.disconnected: dict[tuple[str, Record], str] = {}
        """The actors that records were disconnected from."""
        self.plans: dict[int, int] = {}
        self._meanwhile: list[Meanwhile] = []
        self._fault: Fault | None = None
        self._calls = 0
        self._last_sent: list[Sent] = []
        self.nested = False
        for record, id_ in self.ids.items():
            self.happened.by_hand[record.type, id_, scene.NAMES[record.type]] = str(record)
        for name, erp in self.erps.items():
            erp.on_call = partial(self._on_call, name)
            erp.run_by(self.machine.true_time, terms.skew_of(name))

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Let `plugin://NAME` mean this world's ERPs, and its clock hang on the wall."""
        with ExitStack() as stack:
            stack.enter_context(self.machine.on_the_wall())
            stack.enter_context(arrangement_read_once())
            for name, erp in self.erps.items():
                stack.enter_context(connectors.use(name, erp))
            yield

    def enter(
        self,
        side: str,
        place: tuple[RecordType, int | str],
        field: str,
        value: str,
        unique: bool,
        known_in: Iterable[str] = (),
    ) -> None:
        """Remember that somebody entered a value; `place` is the kind, and the record's id or the actor's key."""
        record_type, where = place
        record_id, key = (where, "") if isinstance(where, int) else (0, where)
        self.happened.entered.append(
            Entered(side, record_type, record_id, key, field, value, self.latest_log(), unique, frozenset(known_in))
        )
        if side == CRM:
            self.happened.by_hand[record_type, record_id, field] = value

    def part(self, erp: str, record: Record) -> None:
        """Remember that a record's link was removed."""
        key = self.keys.pop((erp, record), "")
        self.happened.made.pop((erp, record.type, self.ids[record]), None)
        self.happened.parted.add((erp, key, self.ids[record]))
        self.disconnected[erp, record] = key

    def moved(self, side: str, person: int | str) -> None:
        """Remember that a person moved; `person` is the id of the contact, or the key of the actor."""
        self.happened.moves[side, person] = _latest(Link._meta.db_table)

    def latest_log(self) -> int:
        """The id of the last line of the log."""
        return _latest(LogEntry._meta.db_table)

    def name_of(self, record_type: str, record_id: int) -> str:
        """A record for people to read."""
        found = [str(name) for name, id_ in self.ids.items() if (name.type, id_) == (record_type, record_id)]
        return found[0] if found else f"{record_type} with id {record_id}"

    @contextmanager
    def troubled(self, step: Work) -> Iterator[None]:
        """A stretch of Brygga's work, in which the troubles of the step strike. On another server than the one that is
        at work already, nothing strikes."""
        if self.nested:
            yield
            return
        self._fault, self._meanwhile, self._calls = step.fault, list(step.meanwhile), 0
        self._last_sent = []
        fault = step.fault
        last = fault.at if fault and fault.trouble is Trouble.KILL_AT_STATEMENT else None
        try:
            with self.machine.running(last):
                yield
        finally:
            self._fault, self._meanwhile = None, []
        if self.machine.was_killed:
            self._nobody_heard()
        self._look()

    def _look(self) -> None:
        """See which actors belong to records by now, so that people can edit them under the records' names."""
        with database.cursor() as cursor:
            cursor.execute(_LINKS)
            linked = cursor.fetchall()
        records = {(erp, key): id_ for erp, key, _type, id_ in linked}
        for (erp, record), key in self.keys.items():
            if record not in self.ids and (erp, key) in records:
                self.ids[record] = records[erp, key]
        actors = {(erp, type_, id_): key for erp, key, type_, id_ in linked}
        for record, id_ in self.ids.items():
            for erp in self.erps:
                known = actors.get((erp, record.type, id_))
                if known is not None:
                    self.keys[erp, record] = known

    def _nobody_heard(self) -> None:
        """The answer to what was sent last was lost, or whoever waited for it did no more."""
        self.happened.unheard.update(self._last_sent)
        self._last_sent = []

    def _on_call(self, erp: str, operation: str, done: bool, saved: Sequence[ErpActor]) -> None:
        if database.in_atomic_block:
            self.happened.wrong.append(f"{operation} was called within a transaction")
        sent = [] if done else _sent(erp, saved)
        self.happened.sent.update(sent)
        if self.nested:
            return
        if not done:
            self._calls += 1
            self._last_sent = sent  # whoever makes another call has heard of the one before
        fault = self._fault
        strikes = fault is not None and fault.at == self._calls
        if not done:
            self._let_happen(erp, [actor.erp_key for actor in saved])
        if fault is not None:
            self._strike(fault.trouble, strikes, done)

    def _strike(self, trouble: Trouble, strikes: bool, done: bool) -> None:
        """Let a call fail. The types are those that a transport would raise."""
        if trouble is Trouble.DOWN and not done and self._fault and self._calls >= self._fault.at:
            self._nobody_heard()
            raise ConnectionRefusedError("the ERP is down")
        if not strikes:
            return
        if trouble is (Trouble.KILL_AFTER_CALL if done else Trouble.KILL_BEFORE_CALL):
            self.machine.kill()
        if trouble is Trouble.SLOW and not done:
            self.machine.move_clock(_SLOW_SECONDS)
        if trouble is (Trouble.LOSE_REPLY if done else Trouble.LOSE_REQUEST):
            self._nobody_heard()
            raise TimeoutError("no answer")

    def _let_happen(self, erp: str, being_saved: Sequence[str]) -> None:
        """What others do just before a call. Nobody edits an actor between the engine's read and save of it: the
        contract has no way to notice that (see docs/promises.md)."""
        for meanwhile in [one for one in self._meanwhile if one.at == self._calls]:
            step = meanwhile.step
            if isinstance(step, Edit) and step.side == erp and self.keys.get((erp, step.record)) in being_saved:
                continue
            self._nobody_heard()  # another server may have taken the lease when the answer comes
            self.nested = True
            try:
                with self.machine.others():
                    do(step, self)
            finally:
                self.nested = False


def _sent(erp: str, actors: Sequence[ErpActor]) -> list[Sent]:
    return [
        Sent(erp, actor.erp_key, key, canonical(key, text)) for actor in actors for key, text in actor.fields.items()
    ]


def _latest(table: str) -> int:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        return cursor.fetchone()[0] or 0
