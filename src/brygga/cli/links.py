"""`brygga link …`: which CRM record goes with which ERP actor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from brygga.cli import values
from brygga.cli.erp_values import wire_values
from brygga.cli.output import PARTLY, USAGE, fail, print_json, print_table
from brygga.cli.records import Fields, Id, Json, Type

if TYPE_CHECKING:
    from brygga.erp.models import Link

BY = "command line"

app = typer.Typer(help="Connect CRM records with ERP actors.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the ERP connection.")]
ActorType = Annotated[str, typer.Argument(metavar="ACTORTYPE", help="Customer, Supplier, Person, Project, …")]
ErpKey = Annotated[str, typer.Argument(metavar="ERPKEY", help="The actor's key in the ERP.")]


@app.command("list")
def list_(
    connection: Annotated[str | None, typer.Option("--connection", help="Only links of this connection.")] = None,
    as_json: Json = False,
) -> None:
    """List links with their state."""
    from brygga.erp.models import Link
    from brygga.erp.services.connections import find_connection

    links = Link.objects.select_related("connection").order_by("connection__priority", "connection_id", "id")
    if connection is not None:
        links = links.filter(connection=find_connection(connection))
    rows = [
        {
            "connection": link.connection.name,
            "type": link.record_type,
            "record": link.record_id,
            "actor_type": link.actor_type,
            "erp_key": link.erp_key,
            "state": str(link.state),
            "error": _error(link),
            "id": link.pk,
        }
        for link in links.iterator(chunk_size=2000)
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("Connection", "Type", "Record", "Actor type", "ERP key", "State", "Error", "Link"),
            [tuple(row.values()) for row in rows],
        )


@app.command("connect")
def connect(
    name: Name,
    type_: Type,
    id_: Id,
    actor_type: ActorType,
    erp_key: ErpKey,
    prefer: Annotated[str, typer.Option("--prefer", help="Whose values win where both have one: crm or erp.")] = "crm",
) -> None:
    """Connect a record with an actor that exists, and bring the two into agreement."""
    from brygga.erp.services import linking
    from brygga.erp.services.connections import find_connection

    if prefer not in ("crm", "erp"):
        fail(f'"{prefer}" is neither side. Write --prefer crm or --prefer erp.', USAGE)
    kind = values.record_type(type_)
    link = linking.connect(find_connection(name), kind, id_, actor_type, erp_key, prefer, BY)
    if link.issues:
        fail("connected, but " + _error(link), PARTLY)


@app.command("create")
def create(name: Name, type_: Type, id_: Id, actor_type: ActorType, fields: Fields = None) -> None:
    """Create an actor from a record's values, the defaults and FIELD=VALUE (ERP fields), and connect the two."""
    from brygga.erp.services import linking
    from brygga.erp.services.connections import find_connection

    connection = find_connection(name)
    given = wire_values(connection, actor_type, values.assignments(fields or []))
    link = linking.create_in_erp(connection, values.record_type(type_), id_, actor_type, given, BY)
    print(link.erp_key)


@app.command("disconnect")
def disconnect(name: Name, type_: Type, id_: Id) -> None:
    """Remove a link. Nothing is deleted on either side."""
    from brygga.erp.services import linking
    from brygga.erp.services.connections import find_connection

    linking.disconnect(find_connection(name), values.record_type(type_), id_, BY)


@app.command("export")
def export_(
    name: Name,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to write; stdout if left out.")] = None,
) -> None:
    """Write the links of a connection as CSV."""
    from brygga.erp.services import link_files
    from brygga.erp.services.connections import find_connection

    lines = link_files.exported(find_connection(name))
    if file is None:
        sys.stdout.writelines(lines)
        return
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
    except OSError as error:
        fail(f"{file} cannot be written ({error.strerror}). Name a file in a folder that you may write to.")


@app.command("import")
def import_(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV as `link export` writes it.")],
    as_json: Json = False,
) -> None:
    """Make the links that a CSV file names. The next sync brings the two sides into agreement."""
    from brygga.erp.services import link_files
    from brygga.erp.services.connections import find_connection

    done = link_files.import_links(find_connection(name), _read(file), BY)
    refused = [{"line": number, "reason": reason} for number, reason in done.refused]
    if as_json:
        print_json({"made": done.made, "known": done.known, "refused": refused})
    else:
        print(f"{done.made} made, {done.known} there already, {len(refused)} refused")
    if refused:
        lines = "\n".join(f"{file}:{one['line']}: {one['reason']}" for one in refused)
        fail(lines, PARTLY)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror}).")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8. Save it as CSV UTF-8.")


def _error(link: Link) -> str:
    """What is wrong with a link, each problem with the ERP field that it is about."""
    from brygga.erp.problems import text_in

    places = (f"{noted['field']}: " if noted["field"] else "" for noted in link.issues)
    return " ".join(f"{place}{text_in(noted)}" for place, noted in zip(places, link.issues, strict=True))
