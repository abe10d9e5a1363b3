"""What may happen in a simulated world, as values: what people do, what goes wrong, when the engine runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CRM = "crm"
"""The side of an edit that is made in the CRM; the others are names of ERPs."""


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
    """Trouble at the n-th call or statement of a run, counted from 1."""

    trouble: Trouble
    at: int

    def __str__(self) -> str:
        return f"{self.trouble} {self.at}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody enters a value; `field` is a CRM key in the CRM and an ERP key in an ERP."""

    side: str
    number: int
    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.side}: company {self.number} gets {self.field} = {self.value!r}"


@dataclass(frozen=True, slots=True)
class Create:
    """Somebody creates the actor for a company in an ERP, from the company's ERP tab."""

    erp: str
    number: int
    fault: Fault | None = None
    meanwhile: tuple[Meanwhile, ...] = ()

    def __str__(self) -> str:
        extra = [str(part) for part in (self.fault, *self.meanwhile) if part]
        return ": ".join([f"create company {self.number} in {self.erp}", *(["; ".join(extra)] if extra else [])])


@dataclass(frozen=True, slots=True)
class Connect:
    """Somebody connects a company again to the actor that it was disconnected from; `prefer` is the side that wins."""

    erp: str
    number: int
    prefer: str

    def __str__(self) -> str:
        return f"connect company {self.number} to {self.erp}, preferring {self.prefer}"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Somebody disconnects a company from an ERP."""

    erp: str
    number: int

    def __str__(self) -> str:
        return f"disconnect company {self.number} from {self.erp}"


@dataclass(frozen=True, slots=True)
class DeleteCompany:
    """Somebody deletes a company in the CRM."""

    number: int

    def __str__(self) -> str:
        return f"delete company {self.number}"


@dataclass(frozen=True, slots=True)
class DeleteActor:
    """Somebody deletes a company's actor in an ERP."""

    erp: str
    number: int

    def __str__(self) -> str:
        return f"{self.erp}: company {self.number} is deleted"


@dataclass(frozen=True, slots=True)
class Refuse:
    """An ERP starts or stops to refuse saves of a company's actor."""

    erp: str
    number: int
    refused: bool

    def __str__(self) -> str:
        return f"{self.erp} {'refuses' if self.refused else 'accepts'} saves of company {self.number}"


@dataclass(frozen=True, slots=True)
class Forget:
    """An ERP's connector forgets the connections it was told."""

    erp: str

    def __str__(self) -> str:
        return f"the connector of {self.erp} forgets its connections"


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes on the server's clock; negative where the clock is set back."""

    seconds: int

    def __str__(self) -> str:
        return f"the clock moves {self.seconds:+} s"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happens just before the n-th call of a run to an ERP, counted from 1."""

    at: int
    step: Edit | Sync | Pass

    def __str__(self) -> str:
        return f"before call {self.at}: {self.step}"


@dataclass(frozen=True, slots=True)
class Sync:
    """The engine runs; `unordered` ERPs deliver actors in any order, and some of them twice."""

    fault: Fault | None = None
    meanwhile: tuple[Meanwhile, ...] = ()
    unordered: bool = False
    record: int | None = None

    def __str__(self) -> str:
        extra = [str(part) for part in (self.fault, *self.meanwhile) if part]
        extra += ["actors repeated and out of order"] if self.unordered else []
        subject = "sync" if self.record is None else f"sync of company {self.record}"
        return ": ".join([subject, "; ".join(extra)]) if extra else subject


Step = Edit | Create | Connect | Disconnect | DeleteCompany | DeleteActor | Refuse | Forget | Pass | Sync
