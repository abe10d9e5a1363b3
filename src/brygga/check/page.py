"""The report as an HTML page that stands alone: no script, nothing fetched, light or dark as the reader's system is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from brygga.check.rules import GROUPS, RULES, Rule
from brygga.check.text import counts

if TYPE_CHECKING:
    from brygga.check.report import Finding, Report

_STYLE = """
:root { color-scheme: light dark; --line: #8886;
  --error: #b3261e; --warning: #8a5a00; --note: #3d5a80; --good: #1b6e3c }
@media (prefers-color-scheme: dark) {
  :root { --error: #ff8a80; --warning: #ffc46b; --note: #9cc4ff; --good: #7fd6a2 }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.2 }
h3 { font-size: 1rem; margin: 0 }
article { border: 1px solid var(--line); border-left: 4px solid currentColor; border-radius: 4px; padding: .8rem 1rem;
  margin: 0 0 1rem; break-inside: avoid }
article > * { color: CanvasText }
.error { color: var(--error) } .warning { color: var(--warning) } .note { color: var(--note) }
.passed { color: var(--good) } .failed { color: var(--error) }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .2rem .8rem; margin: .5rem 0 0 }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto }
@media print { body { margin: 0; max-width: none; font-size: 11px } }
"""


def as_html(report: Report) -> str:
    """The report as a page. Everything that came from the connector is escaped."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    title = escape(f"{report.title}: {report.grade}")
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
    yield f"<h1>{title}</h1>"
    mode = "reading and writing" if report.wrote else "reading only"
    yield f"<p>Checked against the sync-connector contract, {mode}: {escape(counts(report))}.</p>"
    yield from _remarks(report.remarks)
    yield from _findings(report)
    for letter, group in GROUPS.items():
        yield from _group(report, group, [rule for rule in RULES.values() if rule.number.startswith(letter)])
    yield from _timings(report)
    yield "</main></body></html>"


def _remarks(remarks: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    if items:
        yield f"<h2>Remarks</h2><ul>{items}</ul>"


def _findings(report: Report) -> Iterator[str]:
    yield "<h2>Findings</h2>"
    if not report.findings:
        yield "<p>None.</p>"
    for finding in report.findings:
        yield _finding(finding)
    for number, more in report.more.items():
        yield f"<p>{escape(number)}: {more} more findings like these.</p>"


def _finding(finding: Finding) -> str:
    rule = finding.rule
    why = f"{rule.why} (contract, section {rule.section})"
    parts = {"What": finding.what, "Expected": finding.expected, "Got": finding.got, "Why it matters": why}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in parts.items())
    heading = f'<h3><span class="{rule.severity}">{rule.number} {rule.severity}</span>: {escape(rule.title)}</h3>'
    return f'<article class="{rule.severity}">{heading}<dl>{rows}</dl></article>'


def _group(report: Report, title: str, rules: Iterable[Rule]) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2>"
    yield '<div class="wide"><table><thead><tr><th scope="col">Rule</th><th scope="col">What must hold</th>'
    yield '<th scope="col">Outcome</th></tr></thead><tbody>'
    for rule in rules:
        outcome = report.outcomes[rule.number]
        reason = report.reasons.get(rule.number)
        told = f"{outcome}: {reason}" if reason else str(outcome)
        kind = outcome.name.lower().replace("_", "-")
        yield f'<tr><th scope="row">{rule.number}</th><td>{escape(rule.title)}</td>'
        yield f'<td class="{kind}">{escape(told)}</td></tr>'
    yield "</tbody></table></div>"


def _timings(report: Report) -> Iterator[str]:
    yield '<h2>How long the calls took</h2><div class="wide"><table><thead><tr><th scope="col">Operation</th>'
    yield '<th scope="col" class="number">Calls</th><th scope="col" class="number">Mean, s</th>'
    yield '<th scope="col" class="number">Longest, s</th></tr></thead><tbody>'
    for name, timing in report.timings.items():
        numbers = (str(timing.calls), f"{timing.mean:.3f}", f"{timing.longest:.3f}")
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        yield f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    yield "</tbody></table></div>"
