"""A simulated world: the CRM in a real database, some ERPs in memory, and the steps carried out on them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial, singledispatchmethod

from django.db import connection as database

from brygga.crm.errors import CrmError
from brygga.crm.fields import RecordType
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.errors import BryggaError
from brygga.erp.services import linking
from brygga.erp.services.sync import sync_now
from brygga.merge.values import Value
from brygga.simulate import scene, steps
from brygga.simulate.erp import SimulatedErp
from brygga.simulate.machine import Machine
from brygga.simulate.steps import CRM, Fault, Meanwhile, Trouble

_SLOW_SECONDS = 100
"""A slow call; shorter than a lease, as time-outs are."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An edit that was really made: where and what; `key` is the actor's, empty for the CRM."""

    side: str
    number: int
    field: str
    value: str
    key: str


@dataclass(frozen=True)
class Start:
    """A built scene, to begin schedules from: ids and keys by number, and the ERPs as they stood."""

    record_ids: dict[int, int]
    keys: dict[tuple[str, int], str]
    erps: dict[str, SimulatedErp]


class World:
    """Steps are carried out one by one. What cannot be done in the state of things is left undone, as for people."""

    def __init__(self, start: Start) -> None:
        self.machine = Machine()
        self.record_ids = start.record_ids
        self.keys = dict(start.keys)
        self.erps = copy.deepcopy(start.erps)
        self.entered: list[Entered] = []
        self.wrong: list[str] = []
        self.made: dict[tuple[str, int], list[str]] = {}
        """Actors that Brygga created for a company, since the company was last disconnected."""
        self._parted: dict[tuple[str, int], str] = {}
        self._meanwhile: list[Meanwhile] = []
        self._fault: Fault | None = None
        self._calls = 0
        self._nested = False
        for name, erp in self.erps.items():
            erp.on_call = partial(self._on_call, name)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Let `plugin://NAME` mean this world's ERPs."""
        with ExitStack() as stack:
            for name, erp in self.erps.items():
                stack.enter_context(connectors.use(name, erp))
            yield

    @singledispatchmethod
    def do(self, step: object) -> None:
        """Carry out one step."""
        raise TypeError(step)

    @do.register
    def _edit(self, step: steps.Edit) -> None:
        made = self._edit_crm(step) if step.side == CRM else self._edit_erp(step)
        if made:
            key = self.keys.get((step.side, step.number), "")
            self.entered.append(Entered(step.side, step.number, step.field, step.value, key))

    def _edit_crm(self, step: steps.Edit) -> bool:
        value: Value = step.value or None
        if step.field == "x:credit" and step.value:
            value = float(step.value)
        try:
            record = records.get_record(RecordType.COMPANY, self.record_ids[step.number])
            records.save_record(RecordType.COMPANY, record.id, record.version, {step.field: value}, by="anna")
        except CrmError:
            return False
        return True

    def _edit_erp(self, step: steps.Edit) -> bool:
        key = self.keys.get((step.side, step.number))
        if key is None or key not in self.erps[step.side].actors:
            return False
        value = f"[F:{step.value}]" if step.field == "CREDIT" and step.value else step.value
        self.erps[step.side].edit(key, **{step.field: value})
        return True

    @do.register
    def _create(self, step: steps.Create) -> None:
        erp = self.erps.get(step.erp)
        if erp is None:
            return
        connection, already = scene.connection_of(step.erp), len(erp.created)
        with self._troubled(step.fault, step.meanwhile):
            try:
                record_id = self.record_ids[step.number]
                link = linking.create_in_erp(
                    connection, "company", record_id, "Customer", {}, "anna", clock=self.machine.now
                )
                self.keys[step.erp, step.number] = link.erp_key
            except BryggaError:
                pass
        self.made.setdefault((step.erp, step.number), []).extend(erp.created[already:])

    @do.register
    def _disconnect(self, step: steps.Disconnect) -> None:
        if step.erp in self.erps:
            try:
                linking.disconnect(scene.connection_of(step.erp), "company", self.record_ids[step.number], "anna")
            except BryggaError:
                return
            self.made.pop((step.erp, step.number), None)
            self._parted[step.erp, step.number] = self.keys.pop((step.erp, step.number), "")

    @do.register
    def _connect(self, step: steps.Connect) -> None:
        key = self._parted.get((step.erp, step.number))
        if not key:
            return
        try:
            record_id = self.record_ids[step.number]
            connection, clock = scene.connection_of(step.erp), self.machine.now
            linking.connect(connection, "company", record_id, "Customer", key, step.prefer, "anna", clock)
        except BryggaError:
            return
        self.keys[step.erp, step.number] = key

    @do.register
    def _delete_company(self, step: steps.DeleteCompany) -> None:
        try:
            record = records.get_record(RecordType.COMPANY, self.record_ids[step.number])
            records.delete_record(RecordType.COMPANY, record.id, record.version, by="anna")
        except CrmError:
            return

    @do.register
    def _delete_actor(self, step: steps.DeleteActor) -> None:
        if step.erp in self.erps:
            self.erps[step.erp].actors.pop(self.keys.get((step.erp, step.number), ""), None)

    @do.register
    def _refuse(self, step: steps.Refuse) -> None:
        key = self.keys.get((step.erp, step.number))
        if key and step.refused:
            self.erps[step.erp].refuses.add(key)
        elif key:
            self.erps[step.erp].refuses.discard(key)

    @do.register
    def _forget(self, step: steps.Forget) -> None:
        if step.erp in self.erps:
            self.erps[step.erp].forget()

    @do.register
    def _pass(self, step: steps.Pass) -> None:
        self.machine.move_clock(step.seconds)

    @do.register
    def _sync(self, step: steps.Sync) -> None:
        record = None if step.record is None else ("company", self.record_ids[step.record])
        run = partial(sync_now, None, by="simulator", record=record, clock=self.machine.now)
        if self._nested:
            run()  # another server on the same database, while this one waits for its ERP
            return
        for erp in self.erps.values():
            erp.unordered = step.unordered
        with self._troubled(step.fault, step.meanwhile):
            run()

    # Trouble

    @contextmanager
    def _troubled(self, fault: Fault | None, meanwhile: Sequence[Meanwhile]) -> Iterator[None]:
        self._fault, self._meanwhile, self._calls = fault, list(meanwhile), 0
        last = fault.at if fault and fault.trouble is Trouble.KILL_AT_STATEMENT else None
        try:
            with self.machine.running(last):
                yield
        finally:
            self._fault, self._meanwhile = None, []

    def _on_call(self, erp: str, operation: str, done: bool, keys: Sequence[str]) -> None:
        if database.in_atomic_block:
            self.wrong.append(f"{operation} was called within a transaction")
        if self._nested:
            return
        self._calls += not done
        fault = self._fault
        strikes = fault is not None and fault.at == self._calls
        if not done:
            self._let_happen(erp, keys if operation == "save_actors" else ())
        if fault is not None:
            self._strike(fault.trouble, strikes, done)

    def _strike(self, trouble: Trouble, strikes: bool, done: bool) -> None:
        """Let a call fail. The types are those that a transport would raise."""
        if trouble is Trouble.DOWN and not done and self._fault and self._calls >= self._fault.at:
            raise ConnectionRefusedError("the ERP is down")
        if not strikes:
            return
        if trouble is (Trouble.KILL_AFTER_CALL if done else Trouble.KILL_BEFORE_CALL):
            self.machine.kill()
        if trouble is Trouble.SLOW and not done:
            self.machine.move_clock(_SLOW_SECONDS)
        if trouble is (Trouble.LOSE_REPLY if done else Trouble.LOSE_REQUEST):
            raise TimeoutError("no answer")

    def _let_happen(self, erp: str, being_saved: Sequence[str]) -> None:
        """What others do just before a call. Nobody edits an actor between the engine's read and save of it: the
        contract has no way to notice that (see docs/promises.md)."""
        for meanwhile in [one for one in self._meanwhile if one.at == self._calls]:
            step = meanwhile.step
            if isinstance(step, steps.Edit) and step.side == erp and self.keys.get((erp, step.number)) in being_saved:
                continue
            self._nested = True
            try:
                with self.machine.others():
                    self.do(step)
            finally:
                self._nested = False
