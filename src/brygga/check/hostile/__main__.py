"""`python -m brygga.check.hostile [--list] [DEFECT ...]`: the conformance kit on the hostile connector."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from brygga import check
from brygga.check.hostile.connector import with_defects
from brygga.check.hostile.good import SAMPLE_VALUES
from brygga.check.hostile.listing import markdown
from brygga.check.report import Grade

_LIMIT = 5.0
"""Seconds for one call; the sample answers in milliseconds, and a connector that hangs should not take long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, print the report, and return 1 if the connector does not conform, 2 if a defect does not exist."""
    parser = argparse.ArgumentParser(
        prog="python -m brygga.check.hostile",
        description="Check the sample connector, with these defects switched on, and print the report.",
    )
    parser.add_argument("defects", nargs="*", metavar="DEFECT", help="the id of a defect; none: the good connector")
    parser.add_argument("--list", action="store_true", help="print the defects as a page of the manual, and stop")
    options = parser.parse_args(arguments)
    if options.list:
        print(markdown())
        return 0
    try:
        connector = with_defects(*options.defects)
    except ValueError as error:
        parser.error(str(error))
    report = check.run(connector, SAMPLE_VALUES, write=True, limit=_LIMIT)
    print(report.as_text())
    return 1 if report.grade is Grade.FAILS else 0


if __name__ == "__main__":
    sys.exit(main())
