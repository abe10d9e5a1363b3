"""`brygga connection …`: ERP connections tested, activated, summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli.output import fail, print_json, print_table, working
from brygga.cli.records import Json
from brygga.cli.syncing import BY, conclude

if TYPE_CHECKING:
    from brygga.erp.services.checking import Finding

app = typer.Typer(help="ERP connections.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the ERP connection, in any language.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the connections in order of priority."""
    from brygga.erp.services.connections import list_connections

    rows = [
        {
            "name": connection.name,
            "connector": connection.connector.name,
            "active": connection.active,
            "priority": connection.priority,
            "conflict": str(connection.policy),
            "last_run": connection.last_run_at,
            "failure": connection.failure_text,
        }
        for connection in list_connections()
    ]
    if as_json:
        print_json(rows)
    else:
        heads = ("Name", "Connector", "Active", "Priority", "Conflict", "Last run", "Failure")
        print_table(heads, [tuple(row.values()) for row in rows])


@app.command("test")
def try_(name: Name, as_json: Json = False) -> None:
    """Ask the ERP whether the connection works now."""
    from brygga.erp.services import connections

    connection = connections.find_connection(name)
    with working("Testing"):
        connections.test(connection)
    if as_json:
        print_json({"name": connection.name, "works": True})
    else:
        print(f"{connection.name} works.")


@app.command("check")
def check_(name: Name, as_json: Json = False) -> None:
    """Say what may go wrong with the connection and its mappings; what blocks activating it fails the command."""
    from brygga.erp.services import activation, connections

    connection = connections.find_connection(name)
    with working("Checking"):
        findings = activation.check(connection)
    blocking = [finding for finding in findings if finding.is_blocking]
    if as_json:
        print_json({"name": connection.name, "findings": _told(findings)})
    elif findings:
        rows = [(finding.severity, finding.actor_type, finding.field_key, finding.text) for finding in findings]
        print_table(("Severity", "Actor type", "Field", "Finding"), rows)
    else:
        print(f"{connection.name}: nothing is wrong.")
    if blocking:
        fail(f"{connection.name} can't be activated: {len(blocking)} of {len(findings)} findings block it.")


@app.command("activate")
def activate_(name: Name, as_json: Json = False) -> None:
    """Let the connection take part in sync, if nothing speaks against it."""
    from brygga.erp.services import connections

    connection = connections.find_connection(name)
    with working("Checking"):
        findings = connections.activate(connection)
    if as_json:
        print_json({"name": connection.name, "active": connection.active, "findings": _told(findings)})
    if findings:
        fail(f"{connection.name} is not activated. " + " ".join(finding.message for finding in findings))
    if not as_json:
        print(f"{connection.name} is active.")


@app.command("deactivate")
def deactivate_(name: Name, as_json: Json = False) -> None:
    """Take the connection out of sync; links and mappings stay."""
    from brygga.erp.services import connections

    connection = connections.find_connection(name)
    connections.deactivate(connection)
    if as_json:
        print_json({"name": connection.name, "active": False})
    else:
        print(f"{connection.name} is not active.")


@app.command("resume")
def resume_(
    name: Name,
    accept_gone: Annotated[
        bool,
        typer.Option("--accept-gone", help="Sync at once and mark what is missing in the ERP, however much it is."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a connection go on that was paused because too much failed or disappeared."""
    from brygga.erp.services import connections, health

    connection = connections.find_connection(name)
    report = health.resume(connection, BY, accept_gone)
    if report is not None:
        conclude(report, as_json)
    elif as_json:
        print_json({"name": connection.name, "paused": False})
    else:
        print(f"{connection.name} goes on.")


@app.command("summary")
def summary_(name: Name, as_json: Json = False) -> None:
    """Show what the connection maps, per actor type."""
    from brygga.erp.services import connections

    connection = connections.find_connection(name)
    actors = connections.summary(connection)
    if as_json:
        print_json({"name": connection.name, "active": connection.active, "actors": [asdict(a) for a in actors]})
        return
    rows = [
        (actor.actor_type, actor.sync, field.erp_key, _arrow(field.to_crm, field.to_erp), field.crm_key, field.missing)
        for actor in actors
        for field in actor.fields
    ]
    print_table(("Actor type", "Synced", "ERP field", "Direction", "CRM field", "Missing in ERP"), rows)


@app.command("refresh-fields")
def refresh_fields_(name: Name, as_json: Json = False) -> None:
    """Read again which actor types and fields the ERP offers; mappings stay."""
    from brygga.erp.models import FieldMapping
    from brygga.erp.services import connections

    connection = connections.find_connection(name)
    with working("Reading fields"):
        connections.refresh_fields(connection)
    fields = FieldMapping.objects.filter(actor__connection=connection)
    missing = [f"{actor}.{key}" for actor, key in fields.filter(missing=True).values_list("actor__actor_type", "key")]
    if as_json:
        print_json({"name": connection.name, "fields": fields.count(), "missing": missing})
        return
    gone = f" Missing in the ERP: {', '.join(missing)}." if missing else ""
    print(f"{connection.name}: {fields.count()} fields.{gone}")


def _told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{**asdict(finding), "message": finding.message} for finding in findings]


def _arrow(to_crm: bool, to_erp: bool) -> str:
    return {(True, True): "both", (True, False): "to_crm", (False, True): "to_erp"}.get((to_crm, to_erp), "none")
