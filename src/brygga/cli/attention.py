"""`brygga attention …`: what waits for a person, and what that person decides.

Listing it ends with status 0 whether there is something or not; `brygga status` and the report of a sync tell of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from brygga.cli.output import USAGE, fail, print_json, print_table, working
from brygga.cli.records import Json
from brygga.cli.syncing import BY, conclude

if TYPE_CHECKING:
    from brygga.erp.models import CreateIntent, Link
    from brygga.erp.services.attention import AttentionItem

app = typer.Typer(help="What waits for a person: conflicts, failures, disappearances. Alone, it lists them.")

Ref = Annotated[str, typer.Argument(metavar="REF", help="What it is about, as listed: link:12, try:3, connection:1.")]
Connection = Annotated[str | None, typer.Option("--connection", metavar="NAME", help="Only this connection.")]
Subject = TypeVar("Subject")

_COLUMNS = ("ref", "kind", "connection", "record", "erp_key", "since", "assignee", "what", "actions")


@app.callback(invoke_without_command=True)
def attention(context: typer.Context, connection: Connection = None, as_json: Json = False) -> None:
    """What waits for a person: conflicts, failures, disappearances. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_(connection, None, as_json)


@app.command("list")
def list_(
    connection: Connection = None,
    assignee: Annotated[str | None, typer.Option("--assignee", metavar="USER", help="Only what this one has.")] = None,
    as_json: Json = False,
) -> None:
    """List what waits for a person, whole connections first."""
    rows = [_document(item) for item in _everything(connection, assignee)]
    if as_json:
        print_json(rows)
        return
    print_table(_COLUMNS, [tuple(_told(row, column) for column in _COLUMNS) for row in rows])


@app.command("retry")
def retry(ref: Ref, as_json: Json = False) -> None:
    """Try again at once: one record, or a connection with all that was set aside."""
    from brygga.erp.models import Connection, Link
    from brygga.erp.services import attention, decisions

    subject = attention.find(ref)
    if not isinstance(subject, Link | Connection):
        fail(f"{ref} is an earlier try to create: connect it or give it up.", USAGE)
    with working("Trying again"):
        report = decisions.retry(subject, BY)
    conclude(report, as_json)


@app.command("resolve")
def resolve(
    ref: Ref,
    side: Annotated[str, typer.Option("--side", metavar="crm|erp", help="Whose value stands.")],
    fields: Annotated[list[str] | None, typer.Option("--field", help="Only this ERP field; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Settle a conflict: the values of one side stand, the others are in the log."""
    from brygga.erp.services import decisions

    if side not in ("crm", "erp"):
        fail(f'"{side}" is neither side. Write --side crm or --side erp.', USAGE)
    conclude(decisions.resolve_conflict(_link(ref), fields, side, BY), as_json)


@app.command("assign")
def assign(
    ref: Ref,
    user: Annotated[
        str | None, typer.Argument(metavar="[USER]", help="Who takes care of it; left out: nobody.")
    ] = None,
) -> None:
    """Say who takes care of a record."""
    from brygga.erp.services import decisions

    decisions.assign(_link(ref), _user(user) if user is not None else None, BY)


@app.command("accept")
def accept(ref: Ref) -> None:
    """Accept that one of the two records is gone, and remove the link."""
    from brygga.erp.services import decisions

    decisions.accept_gone(_link(ref), BY)


@app.command("disconnect")
def disconnect(ref: Ref) -> None:
    """Remove the link. Nothing is deleted on either side."""
    from brygga.erp.services import decisions

    decisions.disconnect(_link(ref), BY)


@app.command("move")
def move(ref: Ref, as_json: Json = False) -> None:
    """Move a contact to the company that the person belongs to in the ERP."""
    from brygga.erp.services import decisions

    conclude(decisions.move_contact(_link(ref), BY), as_json)


@app.command("keep")
def keep(ref: Ref) -> None:
    """Leave a contact in its company, though the person belongs to another one in the ERP."""
    from brygga.erp.services import decisions

    decisions.keep_apart(_link(ref), BY)


@app.command("connect")
def connect(
    ref: Ref,
    erp_key: Annotated[str, typer.Argument(metavar="ERPKEY", help="The key of the record that was created.")],
    prefer: Annotated[str, typer.Option("--prefer", help="Whose values win where both have one: crm or erp.")] = "crm",
) -> None:
    """Connect a record with what an earlier try has created in the ERP."""
    from brygga.erp.services import decisions

    if prefer not in ("crm", "erp"):
        fail(f'"{prefer}" is neither side. Write --prefer crm or --prefer erp.', USAGE)
    decisions.connect_try(_try(ref), erp_key, prefer, BY)


@app.command("give-up")
def give_up(ref: Ref) -> None:
    """Forget an earlier try to create a record in the ERP, so that it can be created anew."""
    from brygga.erp.services import decisions

    decisions.give_up_try(_try(ref), BY)


def _everything(connection: str | None, assignee: str | None) -> list[AttentionItem]:
    from brygga.erp.services import attention
    from brygga.erp.services.connections import find_connection

    only = find_connection(connection) if connection is not None else None
    user = _user(assignee) if assignee is not None else None
    found: list[AttentionItem] = []
    after = 0
    while page := attention.items(connection=only, assignee=user, after=after):
        found += page
        numbers = [int(item.ref.partition(":")[2]) for item in page if item.ref.startswith("link:")]
        if not numbers:
            break
        after = max(numbers)
    return found


def _document(item: AttentionItem) -> dict[str, Any]:
    return {
        "ref": item.ref,
        "kind": str(item.kind),
        "connection": item.connection,
        "type": item.record_type,
        "record": item.record_id,
        "name": item.record_name,
        "actor_type": item.actor_type,
        "erp_key": item.erp_key,
        "fields": list(item.fields),
        "what": item.sentence,
        "next": str(item.remedy),
        "count": item.count,
        "since": item.since,
        "assignee": item.assignee,
        "actions": [str(action) for action in item.actions],
    }


def _told(row: dict[str, Any], column: str) -> Any:
    if column == "record":
        return f"{row['type']}:{row['record']} {row['name']}" if row["record"] else ""
    return ", ".join(row[column]) if column == "actions" else row[column]


def _link(ref: str) -> Link:
    from brygga.erp.models import Link

    return _found(ref, Link, "no linked record. Write link:NUMBER, as listed.")


def _try(ref: str) -> CreateIntent:
    from brygga.erp.models import CreateIntent

    return _found(ref, CreateIntent, "no earlier try to create. Write try:NUMBER, as listed.")


def _found(ref: str, kind: type[Subject], otherwise: str) -> Subject:
    from brygga.erp.services import attention

    found: object = attention.find(ref)
    if not isinstance(found, kind):
        fail(f"{ref} is {otherwise}", USAGE)
    return found


def _user(name: str) -> Any:
    from brygga.crm.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    return user or fail(f'There is no user "{name}".')
