"""`brygga record …`: the records of the CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli import values
from brygga.cli.output import USAGE, fail, print_json, print_table

if TYPE_CHECKING:
    from brygga.crm.fields import RecordType
    from brygga.crm.services.records import RecordView

BY = "command line"
"""Who changed a record, as it is stored with it."""

app = typer.Typer(help="Read and write companies, contacts and projects.", no_args_is_help=True)

Type = Annotated[str, typer.Argument(metavar="TYPE", help="company, contact or project.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="The id of the record.")]
Fields = Annotated[list[str] | None, typer.Argument(metavar="[FIELD=VALUE]...", help="Fields and their values.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Company = Annotated[int | None, typer.Option("--company", help="The id of the company that a contact belongs to.")]

_PART = 500


@app.command("list")
def list_(type_: Type, fields: Fields = None, as_json: Json = False) -> None:
    """List records; with FIELD=VALUE only those that have all of these values."""
    kind = values.record_type(type_)
    found = _all_of(kind, fields or [])
    if as_json:
        print_json([_document(view) for view in found])
    else:
        print_table(("Id", "Name", "Belongs to"), [(v.id, v.name, v.parent.name if v.parent else None) for v in found])


@app.command("get")
def get(type_: Type, id_: Id, as_json: Json = False) -> None:
    """Show one record."""
    from brygga.crm.services.records import get_record

    _print(get_record(values.record_type(type_), id_), as_json)


@app.command("set")
def set_(type_: Type, id_: Id, fields: Fields = None, as_json: Json = False) -> None:
    """Give fields of a record new values; FIELD= empties a field. List items go by their text or id."""
    from brygga.crm.services.records import get_record, save_record

    kind = values.record_type(type_)
    if not fields:
        fail("Nothing to set. Write FIELD=VALUE.", USAGE)
    record = get_record(kind, id_)
    saved = save_record(kind, id_, record.version, values.canonical_values(kind, fields), BY)
    _print(saved, as_json)


@app.command("create")
def create(type_: Type, fields: Fields = None, company: Company = None, as_json: Json = False) -> None:
    """Create a record; a contact needs --company. Prints the new record."""
    from brygga.crm.fields import RecordType
    from brygga.crm.services.records import create_record

    kind = values.record_type(type_)
    if (kind is RecordType.CONTACT) != (company is not None):
        fail("A contact, and nothing else, belongs to a company: name it with --company ID.", USAGE)
    _print(create_record(kind, values.canonical_values(kind, fields or []), BY, parent=company), as_json)


@app.command("delete")
def delete(type_: Type, id_: Id) -> None:
    """Delete a record. Records in ERP systems are never deleted."""
    from brygga.crm.services.records import delete_record, get_record

    kind = values.record_type(type_)
    delete_record(kind, id_, get_record(kind, id_).version, BY)


def _all_of(kind: RecordType, fields: list[str]) -> list[RecordView]:
    from brygga.crm.services.records import get_records

    ids = _matching_ids(kind, fields)
    return [view for start in range(0, len(ids), _PART) for view in get_records(kind, ids[start : start + _PART])]


def _matching_ids(kind: RecordType, fields: list[str]) -> list[int]:
    from brygga.crm.side import EmbeddedCrm

    if not fields:
        return list(kind.model._default_manager.filter(deleted=False).order_by("id").values_list("id", flat=True))
    matching = [
        {record for ids in EmbeddedCrm().find(kind, key, [_findable(kind, key, value)]).values() for record in ids}
        for key, value in values.canonical_values(kind, fields).items()
    ]
    return sorted(set.intersection(*matching))


def _findable(kind: RecordType, key: str, value: Any) -> str:
    if value is None:
        fail(f"Records without {key} can't be looked up. Give it a value.", USAGE)
    return str(value)


def _document(view: RecordView) -> dict[str, Any]:
    """The shape that `--json` promises (design, "Names that others see")."""
    parent = view.parent and {"type": str(view.parent.type), "id": view.parent.id, "name": view.parent.name}
    return {
        "id": view.id,
        "type": str(view.type),
        "version": view.version,
        "fields": values.shown(view.type, view.fields),
        "parent": parent,
    }


def _print(view: RecordView, as_json: bool) -> None:
    document = _document(view)
    if as_json:
        print_json(document)
        return
    rows: list[tuple[str, Any]] = [("id", view.id), ("version", view.version)]
    rows += [(key, value) for key, value in document["fields"].items() if value is not None]
    if view.parent:
        rows.append(("belongs to", f"{view.parent.name} ({view.parent.type} {view.parent.id})"))
    print_table(("Field", "Value"), rows)
