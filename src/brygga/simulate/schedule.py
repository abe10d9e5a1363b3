"""Schedules made from a seed: a list of steps, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from brygga.simulate.scene import COMPANIES, CRM_KEYS, ERP_KEYS, LINKED, POLICIES
from brygga.simulate.steps import (
    CRM,
    Connect,
    Create,
    DeleteActor,
    DeleteCompany,
    Disconnect,
    Edit,
    Fault,
    Forget,
    Meanwhile,
    Pass,
    Refuse,
    Step,
    Sync,
    Trouble,
)

_LONGEST = 24
_CALLS = 14
_STATEMENTS = 90
_CALL_TROUBLES = [trouble for trouble in Trouble if trouble is not Trouble.KILL_AT_STATEMENT]
_CREATE_TROUBLES = [Trouble.KILL_AFTER_CALL, Trouble.LOSE_REPLY, Trouble.LOSE_REQUEST, Trouble.KILL_AT_STATEMENT]


@dataclass(frozen=True)
class Schedule:
    """What a world is made of and what happens in it. `policy` settles conflicts; `erps` are names of ERPs."""

    seed: int
    erps: tuple[str, ...]
    policy: str
    crm_first: bool
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        order = "CRM first" if self.crm_first else "ERPs first"
        head = f"{', '.join(self.erps)}; policy {self.policy}; {order}"
        return "\n".join([head, *(f"{number:3}. {step}" for number, step in enumerate(self.steps, 1))])


def make(seed: int) -> Schedule:
    """The schedule of a seed."""
    random = Random(seed)
    erps = ("North", "South", "West")[: random.choice((1, 2, 2, 3))]
    maker = _Maker(random, erps)
    length = random.randint(4, _LONGEST)
    policy, crm_first = random.choice(POLICIES), random.random() < 0.5
    return Schedule(seed, erps, policy, crm_first, tuple(maker.step() for _ in range(length)))


class _Maker:
    """Makes steps; each edit enters a value that nobody has entered before, so that its fate can be told."""

    def __init__(self, random: Random, erps: tuple[str, ...]) -> None:
        self._random = random
        self._erps = erps
        self._entered = 0
        self._latest = 1

    def step(self) -> Step:
        """A random step; edits and runs are the most frequent."""
        makers: Mapping[Callable[[], Step], int] = {
            self._edit: 42,
            self._sync: 28,
            self._create: 10,
            self._connect: 2,
            self._pass: 5,
            self._refuse: 5,
            self._disconnect: 2,
            self._delete: 3,
            self._forget: 3,
        }
        return self._random.choices(list(makers), list(makers.values()))[0]()

    def _edit(self) -> Edit:
        self._entered += 1
        side = self._random.choice((CRM, CRM, *self._erps))
        field = self._random.choice(CRM_KEYS if side == CRM else ERP_KEYS)
        value = "" if field != "NAME" and self._random.random() < 0.06 else self._value(field)
        self._latest = self._busy_number(COMPANIES if side == CRM else LINKED)
        return Edit(side, self._latest, field, value)

    def _value(self, field: str) -> str:
        if field in ("CREDIT", "x:credit"):
            return f"{self._entered}.5"
        return f"{field.lower()} {self._entered}"

    def _sync(self) -> Sync:
        roll = self._random.random
        return Sync(
            self._fault(_CALL_TROUBLES) if roll() < 0.5 else None,
            self._race() if roll() < 0.3 else tuple(self._meanwhile() for _ in range(self._random.choice((0, 1, 2)))),
            unordered=roll() < 0.2,
            record=self._number(LINKED) if roll() < 0.1 else None,
        )

    def _fault(self, at_calls: Sequence[Trouble]) -> Fault:
        if self._random.random() < 0.4:
            return Fault(Trouble.KILL_AT_STATEMENT, self._random.randint(1, _STATEMENTS))
        trouble = self._random.choice(at_calls)
        return Fault(trouble, self._random.randint(1, _STATEMENTS if "statement" in trouble else _CALLS))

    def _meanwhile(self) -> Meanwhile:
        makers = (self._edit, self._edit, self._edit, self._other_engine, self._moment)
        step = self._random.choice(makers)()
        return Meanwhile(self._random.randint(1, _CALLS), step)

    def _other_engine(self) -> Sync:
        return Sync()

    def _race(self) -> tuple[Meanwhile, ...]:
        """Somebody edits, and another engine carries that on, while this one is at work."""
        at = self._random.randint(1, _CALLS)
        return Meanwhile(at, self._edit()), Meanwhile(at, self._other_engine())

    def _moment(self) -> Pass:
        return Pass(self._random.choice((1, 60, -60)))

    def _create(self) -> Create:
        fault = None
        if self._random.random() < 0.5:
            trouble = self._random.choice(_CREATE_TROUBLES)
            fault = Fault(trouble, self._random.randint(1, 25 if "statement" in trouble else 3))
        meanwhile = tuple(Meanwhile(1, self._edit()) for _ in range(self._random.choice((0, 0, 1))))
        return Create(self._random.choice(self._erps), self._number(COMPANIES), fault, meanwhile)

    def _connect(self) -> Connect:
        return Connect(self._random.choice(self._erps), self._number(LINKED), self._random.choice(("crm", "erp")))

    def _pass(self) -> Pass:
        return Pass(self._random.choice((1, 60, 600, 100_000, -60, -3600)))

    def _refuse(self) -> Refuse:
        return Refuse(self._random.choice(self._erps), self._number(LINKED), self._random.random() < 0.6)

    def _disconnect(self) -> Disconnect:
        return Disconnect(self._random.choice(self._erps), self._number(LINKED))

    def _delete(self) -> DeleteCompany | DeleteActor:
        if self._random.random() < 0.5:
            return DeleteCompany(self._number(LINKED))
        return DeleteActor(self._random.choice(self._erps), self._number(LINKED))

    def _forget(self) -> Forget:
        return Forget(self._random.choice(self._erps))

    def _number(self, limit: int) -> int:
        return self._random.randint(1, limit)

    def _busy_number(self, limit: int) -> int:
        """Often the company that was edited last: edits of one record are what gets into each other's way."""
        return self._latest if self._latest <= limit and self._random.random() < 0.5 else self._number(limit)
