"""The commands put together, and the one place where their errors become exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache

import structlog
import typer
from typer.core import TyperGroup

import brygga
from brygga.cli import (
    attention,
    config,
    connections,
    connectors,
    jobs,
    links,
    output,
    planning,
    records,
    server,
    simulate,
    syncing,
    tokens,
)
from brygga.environment import SettingsError

_log = structlog.get_logger(__name__)

_HELP = "Keeps a CRM and any number of ERP systems in agreement."


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit status; errors are told on stderr, in one line."""
    try:
        if "--help" not in arguments:
            start_django()
        result = _carry_out(list(arguments))
    except Exception as error:
        return _tell(error)
    return result if isinstance(result, int) else output.DONE


def _carry_out(arguments: list[str]) -> object:
    """Carry out a command; where it finds a SQLite database without any tables, make them first."""
    from django.db import OperationalError

    try:
        return command().main(args=arguments, prog_name="brygga", standalone_mode=False)
    except OperationalError:
        if not _is_new_database():
            raise
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    return command().main(args=arguments, prog_name="brygga", standalone_mode=False)


def _is_new_database() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite" and not connection.introspection.table_names()


def start_django() -> None:
    """Read the settings and load the apps; `--help` does without, to be quick. Raises SettingsError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brygga.site.settings")
    import django

    django.setup()


@cache
def command() -> TyperGroup:
    """All commands. Those of `record`, `link`, `connection`, `connector` and `config` are groups of their own."""
    app = typer.Typer(name="brygga", help=_HELP, no_args_is_help=True, add_completion=False)
    app.callback(invoke_without_command=True)(_options)
    for module in (syncing, planning, server, simulate):
        module.add_to(app)
    groups = {
        "record": records,
        "link": links,
        "connection": connections,
        "connector": connectors,
        "config": config,
        "attention": attention,
        "job": jobs,
        "plan": planning,
        "token": tokens,
    }
    for name, group in groups.items():
        app.add_typer(group.app, name=name)
    return typer.main.get_command(app)  # type: ignore[return-value]  # an app with groups is a group


def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        print(f"brygga {brygga.__version__}")
        raise typer.Exit


def _tell(error: Exception) -> int:
    """Say in one line what went wrong; the technical text goes to the log."""
    status, text = _explained(error)
    if text:
        print(f"brygga: {text}", file=sys.stderr)
    return status


def _explained(error: Exception) -> tuple[int, str]:
    if isinstance(error, output.Failed):
        return error.status, str(error)
    if isinstance(error, typer.Exit):
        return error.exit_code, ""
    if isinstance(error, typer.Abort):
        return output.REFUSED, "stopped."
    if isinstance(error, SettingsError):
        return output.REFUSED, _one_line(str(error))
    if hasattr(error, "format_message"):  # what typer raises for wrong usage
        text = _one_line(error.format_message())
        return output.USAGE, text and f"{text.rstrip('.')}. See --help."
    if hasattr(error, "user_message"):
        return output.REFUSED, _one_line(error.user_message)
    return _explained_rest(error)


def _explained_rest(error: Exception) -> tuple[int, str]:
    from django.db import OperationalError, ProgrammingError

    _log.error("command_failed", exc_info=error)
    if isinstance(error, OperationalError | ProgrammingError):
        reason = _one_line(str(error))
        return output.REFUSED, f"the database cannot be used ({reason}). Check DATABASE_URL, or run: brygga migrate"
    return output.REFUSED, f"failed unexpectedly ({type(error).__name__}: {_one_line(str(error))}). The log says more."


def _one_line(text: str) -> str:
    return " ".join(text.split())
