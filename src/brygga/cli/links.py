"""`brygga link …`: which CRM record goes with which ERP actor."""

from __future__ import annotations

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


def _error(link: Link) -> str:
    """What is wrong with a link, each problem with the ERP field that it is about."""
    from brygga.erp.problems import text_in

    places = (f"{noted['field']}: " if noted["field"] else "" for noted in link.issues)
    return " ".join(f"{place}{text_in(noted)}" for place, noted in zip(places, link.issues, strict=True))
