"""The rules of the conformance kit: what a connector must do, why it matters, and where that is stated.

A finding names its rule by number. `python -m brygga.check` prints the rules as a page of the manual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from brygga.check.rules import connection, reading, writing
from brygga.check.rules.rule import Rule, Severity

__all__ = ["GROUPS", "RULES", "Rule", "Severity", "markdown"]

GROUPS: Mapping[str, str] = {
    "C": "Connection and configuration",
    "E": "Answers and errors",
    "M": "Metadata",
    "V": "Values",
    "S": "Search",
    "T": "Time stamps",
    "K": "Keys and parents",
    "L": "Lists",
    "W": "Writing",
    "P": "Performance and concurrency",
}
"""The title of each group of rules, by the letter that starts their numbers."""

_TABLES = (
    *(connection.CONNECTION, connection.ERRORS, connection.METADATA),
    *(reading.VALUES, reading.SEARCH, reading.STAMPS, reading.KEYS, reading.LISTS),
    *(writing.WRITING, writing.PERFORMANCE),
)

RULES: Mapping[str, Rule] = {rule.number: rule for table in _TABLES for rule in table}
"""All rules by number, in the order of the groups."""


def markdown() -> str:
    """The rules as a Markdown page."""
    return "\n".join((_INTRODUCTION, *(line for letter in GROUPS for line in _group(letter)))).rstrip()


_INTRODUCTION = """\
# Conformance rules

What `brygga connector check` holds a connector to. A broken *error* rule means that the connector does not conform:
data would be lost or wrong. A broken *warning* rule means that it conforms with remarks. A *note* is good to know and
changes nothing. *Section* is that of the published sync-connector contract; how to write a connector is told in
[Writing a connector](connector-contract.md). Rules marked *writes* are checked with `--write` only, which creates and
saves test data.

Printed by `python -m brygga.check`; change the rules there.
"""


def _group(letter: str) -> Iterator[str]:
    yield f"## {letter}: {GROUPS[letter]}"
    yield ""
    yield "| Rule | What must hold | Why it matters | Severity | Section |"
    yield "| --- | --- | --- | --- | --- |"
    for rule in RULES.values():
        if rule.number.startswith(letter):
            severity = f"{rule.severity}, writes" if rule.writes else str(rule.severity)
            yield f"| {rule.number} | {rule.title} | {rule.why} | {severity} | {rule.section} |"
    yield ""
