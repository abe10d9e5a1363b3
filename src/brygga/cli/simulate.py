"""`brygga simulate`: random schedules of edits and faults around the engine, on a database of their own."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(simulate)


def simulate(
    seed: Annotated[int, typer.Option("--seed", help="The seed of the first schedule.")] = 1,
    schedules: Annotated[int, typer.Option("--schedules", min=1, help="How many schedules, a seed each.")] = 500,
    first: Annotated[bool, typer.Option("--first", help="Stop at the first schedule that fails.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check the promises of sync on simulated ERPs: random edits, crashes and lost answers. Nothing here is touched.

    Prints the seed and the shortest failing schedule of each promise found broken; exit status 3 if there are any.
    """
    # A process of its own: this one has loaded the settings of the database in use.
    command = [sys.executable, "-m", "brygga.simulate", "--seed", str(seed), "--schedules", str(schedules)]
    command += [option for option, is_set in (("--first", first), ("--json", as_json)) if is_set]
    raise typer.Exit(subprocess.run(command, check=False).returncode)
