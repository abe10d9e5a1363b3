"""`brygga config …`: connectors, connections and mappings as one file (behaviour G14)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brygga.cli.output import USAGE, fail, print_json, print_table, working
from brygga.cli.records import Json

if TYPE_CHECKING:
    from brygga.erp.configuration import Difference

app = typer.Typer(help="Connectors, connections and mappings as one YAML file.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The configuration file.")]


@app.command("apply")
def apply_(file: File, as_json: Json = False) -> None:
    """Make this server agree with a file; whole or, if anything in it is wrong, not at all.

    A password that the file leaves out stays as it is stored; one that stands there without a value is removed.
    """
    from brygga.erp import configuration

    text = _read(file)
    with working("Applying"), _listing_problems(file):
        report = configuration.apply(text)
    if as_json:
        print_json(report.as_json())
    else:
        _print_differences(report.changes)


@app.command("export")
def export_(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to write; stdout if left out.")] = None,
) -> None:
    """Write the configuration of this server as a file; secrets become references to environment variables."""
    from brygga.erp import configuration

    text = configuration.export()
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{file} cannot be written ({error.strerror}). Name a file in a folder that you may write to.")


@app.command("diff")
def diff_(file: File, as_json: Json = False) -> None:
    """Show what `config apply` would change; nothing is changed."""
    from brygga.erp import configuration

    text = _read(file)
    with working("Comparing"), _listing_problems(file):
        found = configuration.diff(text)
    if as_json:
        print_json([difference.as_json() for difference in found])
    else:
        _print_differences(found)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror}). Name the configuration file.", USAGE)
    except UnicodeDecodeError:
        fail(f"{file} is not a text file in UTF-8. Save it in that encoding.")


@contextmanager
def _listing_problems(file: Path) -> Iterator[None]:
    """End the command where the file is wrong: a line for each problem, with its place, and then the verdict."""
    from brygga.erp.errors import InvalidConfiguration

    try:
        yield
    except InvalidConfiguration as invalid:
        for problem in invalid.problems:
            print(" ".join(str(problem).split()), file=sys.stderr)
        count = len(invalid.problems)
        fail(f"{file} has {count} {'problem' if count == 1 else 'problems'}, listed above; nothing was changed.")


def _print_differences(found: list[Difference]) -> None:
    rows = [(difference.key, difference.old, difference.new) for difference in found]
    if rows:
        print_table(("Setting", "Old", "New"), rows)
    else:
        print("Nothing to change.")
