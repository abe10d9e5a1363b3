"""`brygga status` and `brygga log`: how sync stands and what it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli import values
from brygga.cli.output import print_json, print_table
from brygga.cli.records import Json

if TYPE_CHECKING:
    from brygga.erp.models import LogEntry

_PART = 2000


def status(as_json: Json = False) -> None:
    """Tell whether sync runs by itself, and how each connection stands."""
    from brygga.erp.services.status import automatic_sync, connection_states

    automatic, connections = automatic_sync(), connection_states()
    states = [
        {
            "name": c.name,
            "connector": c.connector,
            "state": str(c.state),
            "last_run_at": c.last_run_at,
            "links": c.links,
            "conflicts": c.conflicts,
            "failed": c.failed,
            "failure": c.failure,
        }
        for c in connections
    ]
    if as_json:
        head = {"automatic": automatic.automatic, "interval": automatic.interval, "next_run_at": automatic.next_run_at}
        print_json({**head, "connections": states})
        return
    print(f"Automatic sync: {f'on, every {automatic.interval} seconds' if automatic.automatic else 'off'}")
    print_table(
        ("Connection", "Connector", "State", "Last run", "Links", "Conflicts", "Failed", "Failure"),
        [tuple(state.values()) for state in states],
    )


def log(
    connection: Annotated[str | None, typer.Option("--connection", metavar="NAME", help="Only this one.")] = None,
    record: Annotated[str | None, typer.Option("--record", metavar="TYPE:ID", help="Only this record.")] = None,
    run: Annotated[int | None, typer.Option("--run", metavar="N", help="Only this run.")] = None,
    why: Annotated[int | None, typer.Option("--why", metavar="ID", help="Explain this entry.")] = None,
    as_json: Json = False,
) -> None:
    """List the field changes that sync has made, newest first; or explain one of them."""
    from brygga.erp.services.connections import find_connection
    from brygga.erp.services.history import LogFilter, entries

    if why is not None:
        _explain(why, as_json)
        return
    wanted = LogFilter(
        connection_id=find_connection(connection).pk if connection is not None else None,
        records=[values.record_reference(record)] if record is not None else None,
    )
    found = entries(wanted) if run is None else entries(wanted).filter(run_id=run)
    rows = [_document(entry) for entry in found.select_related("run", "connection").iterator(chunk_size=_PART)]
    if as_json:
        print_json(rows)
        return
    columns = (
        "when", "run", "connection", "type", "record", "erp_key", "field", "target", "old", "new", "origin", "refused",
    )  # fmt: skip
    print_table(columns, [tuple(row[column] for column in columns) for row in rows])


def _explain(entry_id: int, as_json: bool) -> None:
    from brygga.erp.services.why import why

    document = why(entry_id).as_json()
    if as_json:
        print_json(document)
        return
    mapping = document.pop("mapping") or {}
    items = mapping.pop("items", None)
    rows = [(name.replace("_", " "), value) for name, value in {**document, **mapping}.items()]
    rows.append(("list items", " = ".join(items) if items else None))
    print_table(("About", "Value"), [(name, value) for name, value in rows if value not in (None, "")])


def _document(entry: LogEntry) -> dict[str, Any]:
    """The shape that `--json` promises (design, "Names that others see"), the rule by which the value won, and, if
    it was not written, why."""
    from brygga.erp.problems import refusal_text

    return {
        "id": entry.pk,
        "when": entry.at,
        "run": entry.run.pk,
        "connection": entry.connection.name,
        "type": entry.record_type,
        "record": entry.record_id,
        "erp_key": entry.erp_key,
        "field": entry.crm_field,
        "erp_field": entry.erp_field,
        "target": entry.target,
        "old": entry.old,
        "new": entry.new,
        "origin": f"{entry.run.kind}:{entry.run.by}",
        "rule": entry.rule,
        "refused": refusal_text(entry.rule),
    }
