"""`brygga serve`, `migrate`, `createuser` and `demo`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer

from brygga.cli.listening import Host, Port, listen
from brygga.cli.output import USAGE, fail, working

_log = structlog.get_logger(__name__)

STOP_SECONDS = 30.0
"""How long a stop waits for the page at which the engine's current work can pause."""

JOBS_AT_ONCE = 2
"""A sync need not wait until a long import has ended."""

NoEngine = Annotated[bool, typer.Option("--no-engine", help="Serve the web only; run no automatic sync and no jobs.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    for command in (serve, migrate, createuser, demo):
        app.command()(command)


def serve(port: Port = 8000, host: Host = "127.0.0.1", no_engine: NoEngine = False) -> None:
    """Start the server: web, automatic sync and jobs in one process. Stop it with Ctrl+C or SIGTERM."""
    _bring_up_to_date()
    _serve(host, port, engine=not no_engine)


def migrate() -> None:
    """Bring the database up to this version of Brygga. Back it up first."""
    from django.core.management import call_command

    pending = _pending_migrations()
    call_command("migrate", interactive=False, verbosity=0)
    print(f"{pending} migrations applied." if pending else "The database is up to date.")


def createuser(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The log-in name.")],
    password: Annotated[str, typer.Option("--password", help="The password.")],
    admin: Annotated[bool, typer.Option("--admin", help="May open Settings and maintenance.")] = False,
    licence: Annotated[list[str] | None, typer.Option("--licence", help="erp-sync; repeatable.")] = None,
    language: Annotated[str, typer.Option("--language", help="en, sv, da, de, nb or nl.")] = "en",
) -> None:
    """Make a user."""
    from django.conf import settings

    from brygga.crm.models.users import LICENCES
    from brygga.crm.services.users import create_user

    languages = [code for code, _name in settings.LANGUAGES]
    if language not in languages:
        fail(f'"{language}" is none of: {", ".join(languages)}.', USAGE)
    for key in licence or []:
        if key not in LICENCES:
            fail(f'There is no licence "{key}". There are: {", ".join(LICENCES)}.', USAGE)
    create_user(name, password, administrator=admin, licences=licence or [], language=language)
    print(f"{name} can log in.")


def demo(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only load the demo.")] = False,
) -> None:
    """Load the demo, unless it is there already, and start the server. Prints address and log-ins."""
    from django.conf import settings

    from brygga.demo.loading import load
    from brygga.demo.log_in import welcome

    _bring_up_to_date(always=True)
    with working("Loading the demo"):
        log_ins = load(settings.BRYGGA.home)
    print(welcome(log_ins, None if no_serve else f"http://{host}:{port}/"), flush=True)
    if not no_serve:
        _serve(host, port, engine=True)


def _pending_migrations() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _bring_up_to_date(always: bool = False) -> None:
    """Apply what migrations are pending: by itself on SQLite, elsewhere only when told, for there may be others."""
    from django.core.management import call_command
    from django.db import connection

    pending = _pending_migrations()
    if not pending:
        return
    if connection.vendor != "sqlite" and not always:
        fail(f"The database lacks {pending} migrations of this version. Back it up and run: brygga migrate")
    call_command("migrate", interactive=False, verbosity=0)


def _serve(host: str, port: int, engine: bool) -> None:
    from django.core.servers.basehttp import get_internal_wsgi_application
    from django.db import connections

    connections.close_all()
    beside = _engine() if engine else None
    listen(get_internal_wsgi_application(), host, port, _announce, beside)


def _announce(url: str) -> None:
    print(f"Brygga listens on {url}", flush=True)


@contextmanager
def _engine() -> Iterator[None]:
    """Automatic sync and jobs go on within the block; at its end they pause at the next page, to go on next time."""
    from brygga.jobs.loop import stop_all
    from brygga.jobs.runner import Runner
    from brygga.jobs.scheduler import Scheduler

    loops = [Scheduler(), *(Runner() for _ in range(JOBS_AT_ONCE))]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        if not stop_all(loops, STOP_SECONDS):
            _log.warning("engine_cut_off", after_seconds=STOP_SECONDS)
