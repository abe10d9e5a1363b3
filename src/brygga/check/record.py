"""Where the checks write down what they saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from brygga.check.report import Finding, Outcome
from brygga.check.rules import RULES

FINDINGS_KEPT = 5
"""How many findings of one rule a report shows; more of the same help nobody."""
_SHOWN = 160


class Record:
    """Findings, which rules were looked at, and why others could not be; filled by one thread."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.more: Counter[str] = Counter()
        self.remarks: list[str] = []
        self.secrets: list[str] = []
        self._checked: set[str] = set()
        self._reasons: dict[str, str] = {}

    def expect(self, number: str, holds: bool, what: str, expected: str, got: object) -> bool:
        """Note that a rule was looked at, and a finding if it does not hold. Returns `holds`."""
        self._checked.add(number)
        if not holds:
            self.finding(number, what, expected, got)
        return holds

    def finding(self, number: str, what: str, expected: str, got: object) -> None:
        """Note a breach; the same breach is noted once, and of each rule only the first few."""
        texts = (what, expected, got if isinstance(got, str) else repr(got))
        found = Finding(RULES[number], *(clipped(self.redacted(text)) for text in texts))
        self._checked.add(number)
        if found in self.findings:
            return
        if sum(other.rule == found.rule for other in self.findings) < FINDINGS_KEPT:
            self.findings.append(found)
        else:
            self.more[number] += 1

    def not_applicable(self, numbers: str, reason: str) -> None:
        """Note why rules, their numbers set apart by blanks, can't be looked at. One that was is not affected."""
        for number in numbers.split():
            self._reasons.setdefault(RULES[number].number, reason)

    def remark(self, text: str) -> None:
        """Tell the reader something, once."""
        if (safe := self.redacted(text)) not in self.remarks:
            self.remarks.append(safe)

    def redacted(self, text: str) -> str:
        """A text without the secrets of the configuration, whoever put them there."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def outcomes(self) -> dict[str, Outcome]:
        """How each rule fared."""
        broken = {finding.rule.number for finding in self.findings}
        return {number: self._outcome(number, broken) for number in RULES}

    def reasons(self, otherwise: str) -> dict[str, str]:
        """Why the rules that were not looked at were not; `otherwise` where no check said so."""
        open_rules = (number for number in RULES if number not in self._checked)
        return {number: self._reasons.get(number, otherwise) for number in open_rules}

    def _outcome(self, number: str, broken: set[str]) -> Outcome:
        if number in broken:
            return Outcome.FAILED
        return Outcome.PASSED if number in self._checked else Outcome.NOT_APPLICABLE


def shown(value: object) -> str:
    """A value as a report shows it: as Python writes it, not too long."""
    return clipped(repr(value), _SHOWN)


def clipped(text: str, length: int = 2 * _SHOWN) -> str:
    """A text, or its beginning and how long it is."""
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"


def repeated(values: Iterable[str]) -> set[str]:
    """What occurs more than once."""
    return {value for value, times in Counter(values).items() if times > 1}


def some(values: object) -> str:
    """A few of many values, in order, with their number."""
    ordered = sorted(values, key=str) if isinstance(values, set | frozenset | list | tuple) else [values]
    first = ", ".join(str(value) for value in ordered[:5])
    return f"{len(ordered)}: {first}{' …' if len(ordered) > 5 else ''}" if ordered else "none"
