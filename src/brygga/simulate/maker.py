"""The steps of a schedule, one after the other, from a source of randomness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from brygga.crm.fields import RecordType
from brygga.simulate import scene
from brygga.simulate.scene import COMPANY, CONTACT, LINKED
from brygga.simulate.steps import (
    CRM,
    Add,
    Apply,
    Connect,
    Create,
    Decide,
    Delete,
    Disconnect,
    Edit,
    Fault,
    Forget,
    Import,
    Meanwhile,
    Merge,
    Move,
    Pass,
    Plan,
    Record,
    Refuse,
    Resync,
    Step,
    Sync,
    Trouble,
    Undo,
)

_CALLS = 14
_STATEMENTS = 90
_FIRST_ADDED = 11
_CALL_TROUBLES = [trouble for trouble in Trouble if trouble is not Trouble.KILL_AT_STATEMENT]
_CREATE_TROUBLES = [Trouble.KILL_AFTER_CALL, Trouble.LOSE_REPLY, Trouble.LOSE_REQUEST, Trouble.KILL_AT_STATEMENT]
_BACK = (0, 0, 0, 1, 1, 2, 4, 8)


class Maker:
    """Makes steps; each edit enters a value that nobody has entered before, so that its fate can be told."""

    def __init__(self, random: Random, erps: tuple[str, ...]) -> None:
        self._random = random
        self._erps = erps
        self._entered = 0
        self._story: list[Callable[[], Step]] = []
        self._favourites = [Record(COMPANY, random.randint(1, LINKED)), Record(CONTACT, random.randint(1, 3))]
        self._latest = self._favourites[0]
        self._field = ""
        self._added: list[Record] = []
        self._planned: list[int] = []
        self._plans = 0
        self._makers: Mapping[Callable[[], Step], int] = {
            self._edit: 30,
            self._sync: 22,
            self._clash: 10,
            self._create: 9,
            self._regret: 6,
            self._deliberate: 7,
            self._bring_in: 6,
            self._undo: 4,
            self._add: 2,
            self._import: 2,
            self._resync: 4,
            self._decide: 4,
            self._pass: 4,
            self._refuse: 4,
            self._move: 3,
            self._delete: 3,
            self._connect: 3,
            self._disconnect: 2,
            self._forget: 2,
            self._merge: 1,
        }

    def step(self) -> Step:
        """A random step; edits and runs are the most frequent. A story that has begun goes on soon."""
        if self._story and self._random.random() < 0.6:
            return self._story.pop(0)()
        return self._random.choices(list(self._makers), list(self._makers.values()))[0]()

    # Stories: steps of which the next needs the last one

    def _clash(self) -> Edit:
        """Both sides enter something in one field; if that waits for a person, one decides."""
        first = self._edit()
        other = CRM if first.side != CRM else self._erp()
        erp = first.side if other == CRM else other
        decide = [lambda: self._decide(erp, first.record)] if self._random.random() < 0.6 else []
        self._story += [lambda: self._edit_there(other, first), self._sync, *decide]
        return first

    def _edit_there(self, side: str, like: Edit) -> Edit:
        self._latest, self._field = like.record, _crm_field(like)
        return self._edit(side, 1)

    def _regret(self) -> Edit:
        """Something is entered, carried on, and undone."""
        self._story += [self._sync, self._undo, self._random.choice((self._sync, self._edit, self._undo))]
        return self._edit()

    def _deliberate(self) -> Edit:
        """What was entered is planned to be carried on; perhaps something comes in between."""
        between = self._random.choice(([], [], [self._edit], [self._sync], [self._undo]))
        self._story += [self._edit, self._plan, *between, self._apply]
        return self._edit()

    def _bring_in(self) -> Add:
        """Somebody adds a record to an ERP, and it is imported; perhaps the CRM has one of that name already."""
        added = self._add(self._erp(), self._random.random() < 0.5)
        planned, after = self._random.random() < 0.4, self._random.choice((self._edit, self._undo, self._undo))
        self._latest = added.record

        def bring() -> Step:
            brought = self._import(added.side, added.record.type)
            return self._plan(brought) if planned else brought

        self._story += [self._edit, bring, *([self._apply] if planned else []), after]
        return added

    # People

    def _edit(self, side: str = "", again: float = 0.35) -> Edit:
        self._entered += 1
        side = side or self._random.choice((CRM, CRM, *self._erps))
        if again < 1:
            self._latest = self._busy(side)
        kind = self._latest.type
        keys = {key: key for key in scene.CRM_KEYS[kind]}
        if side != CRM:
            keys = {key: crm for key, (crm, _way) in scene.mapped(side, kind).items()}
        same = [key for key, crm in keys.items() if crm == self._field]
        field = same[0] if same and self._random.random() < again else self._random.choice(list(keys) or [""])
        self._field = keys.get(field, "")
        blank = field != scene.NAMES[kind] and self._random.random() < 0.06
        return Edit(side, self._latest, field, "" if blank else self._value(field))

    def _value(self, field: str) -> str:
        if field in ("CREDIT", "x:credit"):
            return f"{self._entered}.5"
        return f"{field.lower()} {self._entered}"

    def _add(self, side: str = "", alike: bool = False) -> Add:
        side = side or self._random.choice((CRM, *self._erps))
        kind = self._random.choice((COMPANY, CONTACT))
        kind = kind if side == CRM or scene.has_contacts(side) else COMPANY
        like = self._any(kind) if self._random.random() < 0.2 else self._unlinked(kind) if alike else None
        company = self._any(COMPANY) if kind is CONTACT else None
        record = Record(kind, _FIRST_ADDED + len(self._added))
        self._added.append(record)
        return Add(side, record, company, like)

    def _move(self) -> Move:
        sides = [erp for erp in self._erps if scene.has_contacts(erp)]
        return Move(self._random.choice((CRM, *sides)), self._any(CONTACT), self._any(COMPANY))

    def _merge(self) -> Merge:
        keep, drop = self._random.sample(range(1, scene.COMPANIES + 1), k=2)
        return Merge(Record(COMPANY, keep), Record(COMPANY, drop))

    def _delete(self) -> Delete:
        side = self._random.choice((CRM, self._erp()))
        return Delete(side, self._linked(side))

    def _refuse(self) -> Refuse:
        erp = self._erp()
        return Refuse(erp, self._linked(erp), self._random.random() < 0.6)

    def _forget(self) -> Forget:
        return Forget(self._erp())

    def _pass(self) -> Pass:
        return Pass(self._random.choice((1, 60, 600, 100_000, -60, -3600)))

    def _disconnect(self) -> Disconnect:
        erp = self._erp()
        return Disconnect(erp, self._linked(erp))

    # What Brygga is asked for

    def _sync(self) -> Sync:
        roll = self._random.random
        record = self._any(COMPANY, LINKED) if roll() < 0.1 else None
        return Sync(fault=self._fault(), meanwhile=self._others(), unordered=roll() < 0.2, record=record)

    def _create(self) -> Create:
        fault = None
        if self._random.random() < 0.5:
            trouble = self._random.choice(_CREATE_TROUBLES)
            fault = Fault(trouble, self._random.randint(1, 25 if "statement" in trouble else 3))
        meanwhile = tuple(Meanwhile(1, self._edit()) for _ in range(self._random.choice((0, 0, 1))))
        erp = self._erp()
        kind = CONTACT if scene.has_contacts(erp) and self._random.random() < 0.35 else COMPANY
        if fault and self._random.random() < 0.2:
            self._story.append(lambda: self._import(erp, kind))
        return Create(erp, self._any(kind), fault=fault, meanwhile=meanwhile)

    def _connect(self) -> Connect:
        erp, prefer = self._erp(), self._random.choice(("crm", "erp"))
        record = self._linked(erp)
        alike = [added for added in self._added if added.type is record.type]
        if alike and self._random.random() < 0.5:
            return Connect(erp, self._any(record.type), self._random.choice(alike), prefer, fault=self._fault(0.3))
        return Connect(erp, record, record, prefer, fault=self._fault(0.3))

    def _import(self, erp: str = "", kind: RecordType | None = None) -> Import:
        erp = erp or self._erp()
        kind = kind or (CONTACT if scene.has_contacts(erp) and self._random.random() < 0.4 else COMPANY)
        duplicates = scene.NAMES[kind] if self._random.random() < 0.7 else None
        choice = self._random.choice(("add", "merge", "replace", "skip"))
        return Import(erp, kind, duplicates, choice, fault=self._fault(0.4), meanwhile=self._others(0.3))

    def _resync(self) -> Resync:
        roll = self._random.random
        record = self._busy(CRM) if roll() < 0.6 else None
        source = self._random.choice((CRM, self._erp()))
        return Resync(source, roll() < 0.5, record, fault=self._fault(0.3), meanwhile=self._others(0.3))

    def _decide(self, erp: str = "", record: Record | None = None) -> Decide:
        erp = erp or self._erp()
        record = record or (self._latest if self._random.random() < 0.5 else self._linked(erp))
        return Decide(erp, record, self._random.choice((CRM, erp)), fault=self._fault(0.3))

    def _undo(self) -> Undo:
        what = self._random.choice(("field", "field", "record", "run", "run"))
        return Undo(what, self._random.choice(_BACK), fault=self._fault(0.3), meanwhile=self._others(0.2))

    def _plan(self, of: Sync | Resync | Import | Undo | None = None) -> Plan:
        self._plans += 1
        self._planned.append(self._plans)
        of = of or self._random.choice((self._sync, self._sync, self._resync, self._undo))()
        return Plan(self._plans, _untroubled(of), fault=self._fault(0.15))

    def _apply(self) -> Step:
        if not self._planned:
            return self._plan()
        number = self._random.choice(self._planned[-2:])
        without = self._random.randint(0, 3) if self._random.random() < 0.2 else None
        return Apply(number, without, fault=self._fault(0.4), meanwhile=self._others(0.2))

    # Troubles

    def _fault(self, share: float = 0.5) -> Fault | None:
        if self._random.random() >= share:
            return None
        if self._random.random() < 0.4:
            return Fault(Trouble.KILL_AT_STATEMENT, self._random.randint(1, _STATEMENTS))
        return Fault(self._random.choice(_CALL_TROUBLES), self._random.randint(1, _CALLS))

    def _others(self, share: float = 1) -> tuple[Meanwhile, ...]:
        if self._random.random() >= share:
            return ()
        if self._random.random() < 0.3:
            return self._race()
        return tuple(self._meanwhile() for _ in range(self._random.choice((0, 1, 2))))

    def _meanwhile(self) -> Meanwhile:
        makers = (self._edit, self._edit, self._edit, self._edit, Sync, self._moment, self._other_undo)
        return Meanwhile(self._random.randint(1, _CALLS), self._random.choice(makers)())

    def _other_undo(self) -> Undo:
        return Undo("field", self._random.choice(_BACK))

    def _race(self) -> tuple[Meanwhile, ...]:
        """Somebody edits, and another engine carries that on, while this one is at work."""
        at = self._random.randint(1, _CALLS)
        return Meanwhile(at, self._edit()), Meanwhile(at, Sync())

    def _moment(self) -> Pass:
        return Pass(self._random.choice((1, 60, -60)))

    # Whom it concerns

    def _erp(self) -> str:
        return self._random.choice(self._erps)

    def _any(self, kind: RecordType, limit: int = 0) -> Record:
        """Any record of a kind, those added among them; or one of the first."""
        if self._random.random() < 0.3:
            return next(favourite for favourite in self._favourites if favourite.type is kind)
        first = scene.COMPANIES if kind is COMPANY else len(scene.HOMES)
        numbers: Sequence[int] = range(1, (limit or first) + 1)
        added = [] if limit else [record.number for record in self._added if record.type is kind]
        return Record(kind, self._random.choice([*numbers, *added]))

    def _linked(self, side: str) -> Record:
        """One of those that are linked in the beginning."""
        if (side == CRM or scene.has_contacts(side)) and self._random.random() < 0.3:
            return self._any(CONTACT, scene.LINKED_CONTACTS)
        return self._any(COMPANY, LINKED)

    def _unlinked(self, kind: RecordType) -> Record:
        """One of those that are not linked in the beginning."""
        first, last = (LINKED, scene.COMPANIES) if kind is COMPANY else (scene.LINKED_CONTACTS, len(scene.HOMES))
        return Record(kind, self._random.randint(first + 1, last))

    def _busy(self, side: str) -> Record:
        """Often the record that was edited last: edits of one record are what gets into each other's way."""
        has_contacts = side == CRM or scene.has_contacts(side)
        if self._random.random() < 0.5 and (has_contacts or self._latest.type is COMPANY):
            return self._latest
        return self._any(CONTACT if has_contacts and self._random.random() < 0.35 else COMPANY)


def _crm_field(edit: Edit) -> str:
    """The CRM field that an edit is about, whatever its side."""
    return edit.field if edit.side == CRM else scene.mapped(edit.side, edit.record.type)[edit.field][0]


def _untroubled(step: Sync | Resync | Import | Undo) -> Sync | Resync | Import | Undo:
    """What is only planned meets the troubles of the planning."""
    return replace(step, fault=None, meanwhile=())
