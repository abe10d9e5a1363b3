"""The report as text for a terminal and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brygga.check.rules import RULES

if TYPE_CHECKING:
    from brygga.check.report import Finding, Report


def as_text(report: Report) -> str:
    """The report for a terminal: findings first, the verdict last, where the reader looks."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding)
    for number, more in report.more.items():
        yield f"{number}: {more} more findings like these"
    yield from (f"Note: {remark}" for remark in report.remarks)
    yield ""
    for reason, numbers in by_reason(report).items():
        yield f"Not applicable, {reason}: {', '.join(numbers)}"
    slowest = sorted(report.timings.items(), key=lambda item: -item[1].longest)[:3]
    times = ", ".join(f"{name} {timing.longest:.3f} s" for name, timing in slowest)
    yield f"Slowest calls: {times or 'none'}"
    yield f"{report.title}: {report.grade} ({counts(report)})"


def _finding(finding: Finding) -> Iterator[str]:
    rule = finding.rule
    yield f"{rule.number} {rule.severity}: {rule.title}"
    yield f"    what:     {finding.what}"
    yield f"    expected: {finding.expected}"
    yield f"    got:      {finding.got}"
    yield f"    why:      {rule.why} (contract, section {rule.section})"


def counts(report: Report) -> str:
    """How the rules fared, in words."""
    from brygga.check.report import Outcome

    return ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)


def by_reason(report: Report) -> dict[str, list[str]]:
    """The numbers of the rules that were not looked at, by the reason why."""
    found: dict[str, list[str]] = {}
    for number, reason in report.reasons.items():
        found.setdefault(reason, []).append(number)
    return found


def as_json(report: Report) -> str:
    """The report for programs. Its form is kept stable: members may be added, none change their meaning."""
    return json.dumps(
        {
            "connector": report.title,
            "grade": report.grade,
            "wrote": report.wrote,
            "findings": [
                {
                    "rule": finding.rule.number,
                    "severity": finding.rule.severity,
                    "what": finding.what,
                    "expected": finding.expected,
                    "got": finding.got,
                    "why": finding.rule.why,
                }
                for finding in report.findings
            ],
            "more_findings": dict(report.more),
            "rules": {
                number: {
                    "title": RULES[number].title,
                    "outcome": outcome,
                    **({"reason": report.reasons[number]} if number in report.reasons else {}),
                }
                for number, outcome in report.outcomes.items()
            },
            "timings": {
                name: {"calls": timing.calls, "mean_seconds": timing.mean, "longest_seconds": timing.longest}
                for name, timing in report.timings.items()
            },
            "remarks": list(report.remarks),
        },
        ensure_ascii=False,
        indent=2,
    )
