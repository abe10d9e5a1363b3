"""The defects as a page of the manual."""

from __future__ import annotations

from collections.abc import Iterator

from brygga.check.hostile.defects import DEFECTS
from brygga.check.rules import GROUPS

_INTRODUCTION = """\
# The hostile connector

Who checks the checker? The conformance kit comes with a connector that does everything right,
`brygga.check.hostile.SampleConnector`, and with {count} ways to break it. Every one of them is switched on in a test,
and the kit has to find it; the good connector has to pass clean. Read `good.py` in `src/brygga/check/hostile` as a
model for your own connector, and the defects beside it as a list of what goes wrong in practice.

Try it:

```console
$ python -m brygga.check.hostile                              # the good one
$ python -m brygga.check.hostile decimal-comma strictly-after # with two defects
```

In Python it is `with_defects("decimal-comma")`. `HostileConnector` has a configuration field `Defects` besides, which
takes ids separated by commas.

The numbers are those of the [conformance rules](conformance-rules.md) that a defect breaks; it may break others in
passing.

Printed by `python -m brygga.check.hostile --list`; the table is made from the code.
"""


def markdown() -> str:
    """The defects as a Markdown page, in the order of the groups of rules."""
    lines = (line for letter in GROUPS for line in _group(letter))
    return "\n".join((_INTRODUCTION.format(count=len(DEFECTS)), *lines)).rstrip()


def _group(letter: str) -> Iterator[str]:
    yield f"## {letter}: {GROUPS[letter]}"
    yield ""
    yield "| Defect | What it does | Breaks |"
    yield "| --- | --- | --- |"
    for defect in DEFECTS.values():
        if defect.rules[0].startswith(letter):
            yield f"| `{defect.id}` | {defect.description} | {', '.join(defect.rules)} |"
    yield ""
