"""`brygga connector check`: run a connector through the contract and report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from brygga.cli.output import PARTLY, USAGE, fail
from brygga.cli.records import Json

Address = Annotated[str, typer.Argument(metavar="URL", help="plugin://NAME, or the URL of the connector.")]
Config = Annotated[
    list[str] | None, typer.Option("--config", metavar="KEY=VALUE", help="A configuration value; once for each field.")
]
Write = Annotated[bool, typer.Option("--write", help="Create and save marked test data too; they stay in the ERP.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page, too.")]


def check(
    address: Address, config: Config = None, write: Write = False, as_json: Json = False, html: Html = None
) -> None:
    """Check that a connector keeps the contract. It only reads, unless --write is given.

    Exit status 0: it conforms; 3: rules are broken, and the report says which; 1: the check could not begin.
    """
    from brygga.check import CannotCheck, Grade, run
    from brygga.erp.connectors import open_address

    values = _values(config or [])
    connector = open_address(address)
    try:
        with _progress() as progress:
            report = run(connector, values, write=write, progress=progress)
    except CannotCheck as error:
        fail(str(error))
    if html is not None:
        _write(html, report.as_html())
    print(report.as_json() if as_json else report.as_text())
    if report.grade is not Grade.CONFORMS:
        raise typer.Exit(PARTLY)


def _values(config: Sequence[str]) -> dict[str, str]:
    values = {}
    for part in config:
        key, equals, value = part.partition("=")
        if not (key and equals):
            fail(f'--config "{part}": write KEY=VALUE.', USAGE)
        values[key] = value
    return values


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What is being done, on stderr: in a terminal one line that changes, otherwise a line for each step."""
    if not sys.stderr.isatty():
        yield lambda text: print(text, file=sys.stderr)
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}). Name a file in a folder that you may write to.")
