"""What may happen in a simulated world, as values: what people do, what goes wrong, when the engine runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from brygga.crm.fields import RecordType

CRM = "crm"
"""The side of an edit that is made in the CRM; the others are names of ERPs."""


class Record(NamedTuple):
    """A record by the name that steps have for it; a world knows what it stands for on each side."""

    type: RecordType
    number: int

    def __str__(self) -> str:
        return f"{self.type} {self.number}"


class Trouble(StrEnum):
    """What goes wrong at a call to an ERP, or at a statement to the database."""

    KILL_AT_STATEMENT = "killed at statement"
    KILL_BEFORE_CALL = "killed before call"
    KILL_AFTER_CALL = "killed after call"
    LOSE_REQUEST = "request lost at call"
    LOSE_REPLY = "reply lost at call"
    SLOW = "slow at call"
    DOWN = "ERP down from call"


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble at the n-th call or statement of a step, counted from 1."""

    trouble: Trouble
    at: int

    def __str__(self) -> str:
        return f"{self.trouble} {self.at}"


# What people do on either side


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody enters a value; `field` is a CRM key in the CRM and an ERP key in an ERP."""

    side: str
    record: Record
    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.side}: {self.record} gets {self.field} = {self.value!r}"


@dataclass(frozen=True, slots=True)
class Add:
    """Somebody adds a record, in the CRM or an ERP; `company` is where a person belongs.

    `like` is a record whose name the new one gets, as duplicates have it; None gives it a name of its own.
    """

    side: str
    record: Record
    company: Record | None = None
    like: Record | None = None

    def __str__(self) -> str:
        place = f" to {self.company}" if self.company else ""
        return f"{self.side}: {self.record} is added{place}{f', named as {self.like}' if self.like else ''}"


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody moves a person to another company."""

    side: str
    record: Record
    company: Record

    def __str__(self) -> str:
        return f"{self.side}: {self.record} moves to {self.company}"


@dataclass(frozen=True, slots=True)
class Merge:
    """Somebody makes two companies one in the CRM."""

    keep: Record
    drop: Record

    def __str__(self) -> str:
        return f"{CRM}: {self.drop} is merged into {self.keep}"


@dataclass(frozen=True, slots=True)
class Delete:
    """Somebody deletes a record in the CRM, or its actor in an ERP."""

    side: str
    record: Record

    def __str__(self) -> str:
        return f"{self.side}: {self.record} is deleted"


@dataclass(frozen=True, slots=True)
class Refuse:
    """An ERP starts or stops to refuse saves of a record's actor."""

    erp: str
    record: Record
    refused: bool

    def __str__(self) -> str:
        return f"{self.erp} {'refuses' if self.refused else 'accepts'} saves of {self.record}"


@dataclass(frozen=True, slots=True)
class Forget:
    """An ERP's connector forgets the connections it was told."""

    erp: str

    def __str__(self) -> str:
        return f"the connector of {self.erp} forgets its connections"


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes; negative where only the server's clock is set back."""

    seconds: int

    def __str__(self) -> str:
        return f"the clock moves {self.seconds:+} s"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Somebody disconnects a record from an ERP."""

    erp: str
    record: Record

    def __str__(self) -> str:
        return f"disconnect {self.record} from {self.erp}"


# What Brygga does when asked: there the faults strike


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happens just before the n-th call of a step to an ERP, counted from 1."""

    at: int
    step: Edit | Sync | Pass | Undo

    def __str__(self) -> str:
        return f"before call {self.at}: {self.step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A step in which Brygga calls ERPs: what goes wrong, and what others do meanwhile."""

    fault: Fault | None = None
    meanwhile: tuple[Meanwhile, ...] = ()

    def told(self, what: str) -> str:
        """The step in words, with its troubles."""
        troubles = "; ".join(str(part) for part in (self.fault, *self.meanwhile) if part)
        return f"{what}: {troubles}" if troubles else what


@dataclass(frozen=True, slots=True)
class Sync(Work):
    """The engine runs; `unordered` ERPs deliver actors in any order, and some of them twice."""

    unordered: bool = False
    record: Record | None = None

    def __str__(self) -> str:
        subject = "sync" if self.record is None else f"sync of {self.record}"
        return self.told(f"{subject}{', actors repeated and out of order' if self.unordered else ''}")


@dataclass(frozen=True, slots=True)
class Create(Work):
    """Somebody creates the actor for a record in an ERP, from the record's ERP tab."""

    erp: str
    record: Record

    def __str__(self) -> str:
        return self.told(f"create {self.record} in {self.erp}")


@dataclass(frozen=True, slots=True)
class Connect(Work):
    """Somebody connects a record with an actor: the one that it was disconnected from, or one that was added."""

    erp: str
    record: Record
    actor: Record
    prefer: str

    def __str__(self) -> str:
        actor = "its actor" if self.actor == self.record else f"the actor of {self.actor}"
        return self.told(f"connect {self.record} with {actor} in {self.erp}, preferring {self.prefer}")


@dataclass(frozen=True, slots=True)
class Import(Work):
    """Somebody imports the actors of a kind that are not linked; `duplicates` is the CRM field that tells them."""

    erp: str
    type: RecordType
    duplicates: str | None
    on_duplicate: str

    def __str__(self) -> str:
        known = f", {self.on_duplicate} what has the same {self.duplicates}" if self.duplicates else ""
        return self.told(f"import {self.type} records from {self.erp}{known}")


@dataclass(frozen=True, slots=True)
class Resync(Work):
    """Somebody lets all values of a side stand: those of the CRM, or of an ERP; of one record, or of all."""

    source: str
    keep_blanks: bool
    record: Record | None

    def __str__(self) -> str:
        of = f" of {self.record}" if self.record else ""
        return self.told(f"resync{of} from {self.source}{', blanks kept' if self.keep_blanks else ''}")


@dataclass(frozen=True, slots=True)
class Decide(Work):
    """Somebody decides what waits for a person: a conflict, a person's company, an actor that is gone."""

    erp: str
    record: Record
    side: str

    def __str__(self) -> str:
        return self.told(f"decide on {self.record} with {self.erp}: {self.side}")


@dataclass(frozen=True, slots=True)
class Undo(Work):
    """Somebody sets back what the log has: `what` is "field", "record" or "run"; `back` counts log lines from the
    last one, which tells the field, the record or the run."""

    what: str
    back: int

    def __str__(self) -> str:
        return self.told(f"undo the {self.what} of log line -{self.back + 1}")


@dataclass(frozen=True, slots=True)
class Plan(Work):
    """Somebody plans what a step would write; nothing is written."""

    number: int
    of: Sync | Resync | Import | Undo

    def __str__(self) -> str:
        return self.told(f"plan {self.number}: {self.of}")


@dataclass(frozen=True, slots=True)
class Apply(Work):
    """Somebody has a plan carried out, but for the item at the place `without`, counted round and round."""

    number: int
    without: int | None = None

    def __str__(self) -> str:
        less = "" if self.without is None else f", without item {self.without}"
        return self.told(f"apply plan {self.number}{less}")


Step: TypeAlias = (
    Edit
    | Add
    | Move
    | Merge
    | Delete
    | Refuse
    | Forget
    | Pass
    | Disconnect
    | Sync
    | Create
    | Connect
    | Import
    | Resync
    | Decide
    | Undo
    | Plan
    | Apply
)
