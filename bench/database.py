"""`python -m bench.database FILE [--quick]`: measure the database of the environment and write the figures to a file.

It migrates that database and fills it, so it is for throw-away databases; `python -m bench` makes them.
"""

from __future__ import annotations

import json
import sys
from itertools import chain
from pathlib import Path

import django


def main(file: Path, quick: bool) -> None:
    """Measure and write; each figure is mentioned on stderr as it comes."""
    django.setup()
    from django.core.management import call_command

    from bench.api import QUICK_API, ApiPlan, measure_api
    from bench.growth import QUICK_GROWTH, GrowthPlan, measure_growth
    from bench.measure import QUICK, Plan, measure, memory
    from bench.screens import QUICK_SCREENS, ScreenPlan, measure_screens
    from bench.two_way import QUICK_TWO_WAY, TwoWayPlan, measure_two_way

    call_command("migrate", interactive=False, verbosity=0)
    plan = QUICK if quick else Plan()
    figures = [memory(plan)]
    for figure in chain(
        measure(plan),
        measure_two_way(QUICK_TWO_WAY if quick else TwoWayPlan()),
        measure_api(QUICK_API if quick else ApiPlan()),
        measure_screens(QUICK_SCREENS if quick else ScreenPlan()),
        measure_growth(QUICK_GROWTH if quick else GrowthPlan()),
    ):
        print(f"  {figure.name}", file=sys.stderr)
        figures.append(figure)
    document = {"version": _version(), "figures": [figure.as_json() for figure in figures]}
    file.write_text(json.dumps(document), encoding="utf-8")


def _version() -> str:
    from django.db import connection

    numbers = connection.get_database_version()
    return f"{connection.display_name} {'.'.join(map(str, numbers))}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--quick" in sys.argv[2:])
