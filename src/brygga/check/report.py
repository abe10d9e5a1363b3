"""The result of a check: findings by rule, how each rule fared, a grade, and how long the calls took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from brygga.check.rules import RULES, Rule, Severity


class Grade(StrEnum):
    """The verdict. A broken error rule means that a connector does not conform, a broken warning rule a remark;
    notes do not count."""

    CONFORMS = "conforms"
    REMARKS = "conforms with remarks"
    FAILS = "does not conform"


class Outcome(StrEnum):
    """How a rule fared."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule: what was done, what should have come, and what came instead."""

    rule: Rule
    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the calls of an operation took, in seconds."""

    calls: int
    mean: float
    longest: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    `outcomes` says for every rule, by number, how it fared; `reasons` why a rule is not applicable; `more` how many
    findings of a rule are not listed, being more of the same. `remarks` are
    sentences for the reader: what was left out, and what the check left behind in the ERP.
    """

    title: str
    findings: Sequence[Finding]
    outcomes: Mapping[str, Outcome]
    reasons: Mapping[str, str]
    timings: Mapping[str, Timing]
    more: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    wrote: bool = False

    @property
    def grade(self) -> Grade:
        """The verdict on the connector."""
        broken = {finding.rule.severity for finding in self.findings}
        if Severity.ERROR in broken:
            return Grade.FAILS
        return Grade.REMARKS if Severity.WARNING in broken else Grade.CONFORMS

    def count(self, outcome: Outcome) -> int:
        """How many rules fared so."""
        return sum(found is outcome for found in self.outcomes.values())

    def rules(self, outcome: Outcome) -> list[Rule]:
        """The rules that fared so, in the order of the table."""
        return [RULES[number] for number, found in self.outcomes.items() if found is outcome]

    def as_text(self) -> str:
        """The report for a terminal."""
        from brygga.check.text import as_text

        return as_text(self)

    def as_json(self) -> str:
        """The report for programs."""
        from brygga.check.text import as_json

        return as_json(self)

    def as_html(self) -> str:
        """The report as one page that stands alone."""
        from brygga.check.page import as_html

        return as_html(self)
