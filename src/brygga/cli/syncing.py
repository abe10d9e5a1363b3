"""`brygga sync`, `import`, `resync`: the work of the engine, started by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli import erp_values, history, values
from brygga.cli.output import PARTLY, REFUSED, USAGE, fail, print_json, print_table, working
from brygga.cli.records import Json

if TYPE_CHECKING:
    from brygga.erp.engine.report import RunReport

BY = "command line"

_PLANNED = ("side", "type", "id", "erp_key", "field", "old", "new", "rule")
_COUNTS = ("name", "read", "to_crm", "to_erp", "created", "unchanged", "conflicts", "failed", "seconds")

StorePlan = Annotated[bool, typer.Option("--plan", help="Store what would change as a plan, to be applied later.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command("sync")(sync)
    app.command("import")(import_)
    app.command("resync")(resync)
    app.command("status")(history.status)
    app.command("log")(history.log)


def sync(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this connection.")] = None,
    record: Annotated[str | None, typer.Option("--record", metavar="TYPE:ID", help="Only this record.")] = None,
    dry_run: DryRun = False,
    plan: StorePlan = False,
    as_json: Json = False,
) -> None:
    """Bring CRM and ERP into agreement now: all active connections, or one. Failed records are tried again."""
    from brygga.erp.services import plans
    from brygga.erp.services.connections import find_connection
    from brygga.erp.services.sync import sync_now

    stored_or_dry(plan, dry_run)
    chosen = [find_connection(name)] if name is not None else None
    only = values.record_reference(record) if record is not None else None
    if chosen and not chosen[0].active:
        fail(f'"{name}" is not active. Activate it first: brygga connection activate "{name}"')
    with working("Syncing") as progress:
        if plan:
            report = plans.report_of(plans.make_sync_plan(chosen, BY, only, progress))
        else:
            report = sync_now(chosen, BY, dry_run, only, by_hand=True, progress=progress)
    conclude(report, as_json)


def import_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the ERP connection.")],
    actor_type: Annotated[str, typer.Argument(metavar="ACTORTYPE", help="Customer, Supplier, Person, Project, …")],
    everything: Annotated[bool, typer.Option("--all", help="Import every actor of this type.")] = False,
    keys: Annotated[
        str | None, typer.Option("--keys", metavar="K,K", help="Import the actors with these keys.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="'FIELD OP VALUE'", help="Import what fits; repeatable.")
    ] = None,
    duplicates: Annotated[
        str | None, typer.Option("--duplicates", metavar="FIELD", help="CRM field that recognises a duplicate.")
    ] = None,
    on_duplicate: Annotated[
        str, typer.Option("--on-duplicate", metavar="add|merge|replace|skip", help="What to do with one.")
    ] = "skip",
    unknown_items: Annotated[
        str,
        typer.Option(
            "--unknown-items",
            metavar="add|default|blank",
            help="List items that are not mapped: add them to the CRM list, take those of --instead, or leave blank.",
        ),
    ] = "blank",
    instead: Annotated[
        list[str] | None,
        typer.Option("--instead", metavar="FIELD=ITEM", help="An ERP list field and the CRM item to take; repeatable."),
    ] = None,
    dry_run: DryRun = False,
    plan: StorePlan = False,
    as_json: Json = False,
) -> None:
    """Import actors from an ERP as CRM records and link them."""
    from brygga.erp.services import plans
    from brygga.erp.services.connections import find_connection
    from brygga.erp.services.importing import DUPLICATE_CHOICES, Selection, import_actors

    if sum((everything, keys is not None, bool(where))) != 1:
        fail("Say what to import: --all, --keys K,K or --where 'FIELD OP VALUE'.", USAGE)
    if on_duplicate not in DUPLICATE_CHOICES:
        fail(f'"{on_duplicate}" is none of: {", ".join(DUPLICATE_CHOICES)}.', USAGE)
    erp_values.check_unknown_items(unknown_items, instead or [])
    stored_or_dry(plan, dry_run)
    connection = find_connection(name)
    unknown = erp_values.unknown_items(connection, actor_type, unknown_items, instead or [])
    selection = Selection(
        everything,
        _listed(keys or ""),
        erp_values.restrictions(connection, actor_type, where or []),
    )
    with working(f"Importing {actor_type}") as progress:
        what = (connection, actor_type, selection, duplicates, on_duplicate, BY)
        if plan:
            report = plans.report_of(plans.make_import_plan(*what, progress, unknown))
        else:
            report = import_actors(*what, dry_run, progress, unknown)
    conclude(report, as_json)


def resync(
    source: Annotated[str, typer.Option("--from", metavar="crm|NAME", help="Whose values are written to the rest.")],
    keep_blanks: Annotated[bool, typer.Option("--keep-blanks", help="A blank never replaces a value.")] = False,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="NAME", help="Only to this connection; repeatable.")
    ] = None,
    keys: Annotated[
        str | None, typer.Option("--keys", metavar="K,K", help="Only the records with these ERP keys.")
    ] = None,
    records: Annotated[
        str | None, typer.Option("--records", metavar="TYPE:ID,…", help="Only these CRM records.")
    ] = None,
    dry_run: DryRun = False,
    plan: StorePlan = False,
    as_json: Json = False,
) -> None:
    """Write all values of one side over the other, whatever was agreed before. Back up first."""
    from brygga.erp.services import plans
    from brygga.erp.services import resync as service
    from brygga.erp.services.connections import find_connection

    stored_or_dry(plan, dry_run)
    side = "crm" if source == "crm" else find_connection(source)
    limits: dict[str, Any] = {
        "connections": [find_connection(name) for name in to] if to else None,
        "erp_keys": _listed(keys) if keys is not None else None,
        "record_ids": [values.record_reference(text) for text in _listed(records)] if records is not None else None,
    }
    with working("Resyncing") as progress:
        if plan:
            report = plans.report_of(plans.make_resync_plan(side, keep_blanks, BY, progress=progress, **limits))
        else:
            report = service.resync(side, keep_blanks, BY, dry_run, progress=progress, **limits)
    conclude(report, as_json)


def stored_or_dry(plan: bool, dry_run: bool) -> None:
    """A plan is a dry run that is kept, so only one of the two can be asked for."""
    if plan and dry_run:
        fail("--plan stores what --dry-run only shows; take one of them.", USAGE)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def conclude(report: RunReport, as_json: bool) -> None:
    """Print what a run did, and end with the exit status that tells how it went."""
    if as_json:
        print_json(report.as_json())
    else:
        _print(report)
    errors = [part for part in report.connections if part.failure]
    if errors and len(errors) == len(report.connections):
        fail("; ".join(f"{part.name}: {part.error}" for part in errors), REFUSED)
    if report.failed or report.conflicts:
        fail(_what_failed(report), PARTLY)


def _print(report: RunReport) -> None:
    if report.dry_run:
        print_table(_PLANNED, [tuple(item.get(column) for column in _PLANNED) for item in report.planned])
        if report.plan is not None:
            print(f"Stored as plan {report.plan}. Look at it: brygga plan show {report.plan}")
    else:
        rows = [part.as_json() for part in report.connections]
        print_table(_COUNTS, [tuple(row[column] for column in _COUNTS) for row in rows])


def _what_failed(report: RunReport) -> str:
    from brygga.erp.problems import text_in

    reasons = [f"{part.name}: {part.error}" for part in report.connections if part.failure]
    problems = [problem for part in report.connections for problem in part.problems]
    counts = f"{report.failed} failed, {report.conflicts} in conflict"
    if problems:
        first = problems[0]
        place = f"{first['type']} {first['id'] or ''}".strip()
        reasons.append(f"{place} (ERP key {first['erp_key']}) {first['field']}: {text_in(first)}")
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"done, but {counts}. {'; '.join(reasons)}{more}".rstrip()
