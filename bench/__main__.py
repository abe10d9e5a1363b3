"""`python -m bench`: measure SQLite, PostgreSQL and the wire, print a table for each, and write JSON if asked to."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, machine, markdown, print_figures
from bench.wire import QUICK_WIRE, WirePlan, measure_wire

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgresql")
WIRE = "wire"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the arguments ask for; the exit status is 0 whether goals are met or not."""
    options = _parser().parse_args(arguments)
    document: dict[str, object] = {"on": machine(), "quick": options.quick}
    tables: list[str] = []
    for name in _asked_for(options):
        print(f"measuring {name}", file=sys.stderr)
        version, figures = _measured_wire(options.quick) if name == WIRE else _measured(name, options.quick)
        print_figures(version, figures)
        tables.append(markdown(version, figures))
        document[name] = {"version": version, "figures": [figure.as_json() for figure in figures]}
    if options.markdown:
        options.markdown.write_text("\n".join(tables), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure import and sync, and the wire, beside their floors."
    )
    parser.add_argument("--quick", action="store_true", help="few rows, once, no goals: to see that it works")
    parser.add_argument("--database", action="append", choices=DATABASES, help="measure this one only")
    parser.add_argument("--only", choices=(WIRE, "engine"), help="measure the wire, or import and sync, only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables to a file, as in the manual")
    return parser


def _asked_for(options: argparse.Namespace) -> Sequence[str]:
    """The wire needs no database, so it is measured once; whoever names a database wants that one only."""
    if options.only == WIRE:
        return (WIRE,)
    if options.only or options.database:
        return options.database or DATABASES
    return (*DATABASES, WIRE)


def _measured_wire(quick: bool) -> tuple[str, list[Figure]]:
    figures = []
    for figure in measure_wire(QUICK_WIRE if quick else WirePlan()):
        print(f"  {figure.name}", file=sys.stderr)
        figures.append(figure)
    return "The wire", figures


def _measured(database: str, quick: bool) -> tuple[str, list[Figure]]:
    """Measure in a process of its own, whose database is thrown away."""
    with TemporaryDirectory(prefix="brygga-bench-") as home:
        file = Path(home) / "figures.json"
        command = [sys.executable, "-m", "bench.database", str(file), *(["--quick"] if quick else [])]
        if database == "postgresql":
            command = [str(ROOT / "scripts" / "with-services"), *command]
        subprocess.run(command, check=True, cwd=ROOT, env=_environment(home))
        document = json.loads(file.read_text(encoding="utf-8"))
        return document["version"], [Figure.from_json(one) for one in document["figures"]]


def _environment(home: str) -> dict[str, str]:
    """This process's environment without anything that says where a real Brygga keeps its data."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("BRYGGA_") and name != "DATABASE_URL"
    }
    return kept | {"BRYGGA_HOME": home, "DJANGO_SETTINGS_MODULE": "brygga.site.settings"}


if __name__ == "__main__":
    sys.exit(main())
