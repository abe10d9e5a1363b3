"""Values and search lines for ERP fields, as they are typed on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from brygga.cli import values
from brygga.cli.output import USAGE, fail
from brygga.contract import BadValue, FieldType, SearchRestriction
from brygga.contract.search import OPERATORS, PARENT_KEY, PARENT_TYPE
from brygga.contract.values import encode_as

if TYPE_CHECKING:
    from brygga.erp.models import Connection, FieldMapping
    from brygga.erp.services.unknown_items import UnknownItems

_NAMES = {name.casefold(): name for operators in OPERATORS.values() for name in operators}
_SPACED = re.compile(r"\s*(\S+)\s+(\S+)(?:\s+(.*))?", re.DOTALL)
_TIGHT = re.compile(r"\s*([^\s<>=!]+)\s*(>=|<=|!=|=|>|<)\s*(.*)", re.DOTALL)
_SEVERAL = frozenset({"between", "oneof", "notoneof"})


def wire_values(connection: Connection, actor_type: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Typed texts in wire form, by ERP field key. A field that the ERP lacks, or a misfit, is wrong usage."""
    types = _field_types(connection, actor_type)
    return {key: _wire(key, text, types) for key, text in typed.items()}


def restrictions(connection: Connection, actor_type: str, lines: Sequence[str]) -> list[SearchRestriction]:
    """The search lines `FIELD OP VALUE`; several values are separated by commas."""
    types = _field_types(connection, actor_type) | {PARENT_KEY: FieldType.TEXT, PARENT_TYPE: FieldType.TEXT}
    return [_restriction(line, types) for line in lines]


def _restriction(line: str, types: Mapping[str, FieldType]) -> SearchRestriction:
    key, operator, text = parse_line(line)
    texts = [part.strip() for part in text.split(",")] if operator in _SEVERAL else [text]
    return SearchRestriction(key, operator, [_wire(key, part, types) for part in texts])


def check_unknown_items(choice: str, instead: Sequence[str]) -> None:
    """End the command where `unknown_items` could not be told what to do."""
    from brygga.erp.services.unknown_items import CHOICES, DEFAULT

    if choice not in CHOICES:
        fail(f'"{choice}" is none of: {", ".join(CHOICES)}.', USAGE)
    if (choice == DEFAULT) != bool(instead):
        fail("--unknown-items default and --instead FIELD=ITEM go together: say which item to take.", USAGE)


def unknown_items(connection: Connection, actor_type: str, choice: str, instead: Sequence[str]) -> UnknownItems:
    """What an import does with list items that are not mapped; `instead` has FIELD=ITEM, by text or id in the CRM."""
    from brygga.erp.services.import_choices import list_fields_of
    from brygga.erp.services.unknown_items import UnknownItems

    actor = connection.actors.exclude(record_type="").filter(actor_type=actor_type).first()
    fields = {field.key: field for field in list_fields_of(actor)} if actor and instead else {}
    typed = values.assignments(instead)
    return UnknownItems(choice, {key: _crm_item(key, text, fields) for key, text in typed.items()})


def _crm_item(key: str, text: str, fields: Mapping[str, FieldMapping]) -> int:
    from brygga.crm.fields import RecordType, fields_of

    if key not in fields:
        fail(f'"{key}" is no ERP list field that is mapped here. There are: {", ".join(fields) or "none"}.', USAGE)
    crm_field = fields_of(RecordType(fields[key].actor.record_type))[fields[key].crm_key]
    if not text:
        fail(f'"{key}=" names no item. Write FIELD=ITEM, the item by its text or id in the CRM.', USAGE)
    return int(values.canonical(crm_field, text))


def parse_line(line: str) -> tuple[str, str, str]:
    """Field, operator in its published spelling, and value of a line such as `NAME begins Nord` or `QTY>=10`."""
    match = _SPACED.fullmatch(line)
    if match is None or match[2].casefold() not in _NAMES:
        match = _TIGHT.fullmatch(line)
    if match is None:
        fail(f'"{line}" is no search. Write FIELD OP VALUE, where OP is one of: {", ".join(_NAMES.values())}.', USAGE)
    return match[1], _NAMES[match[2].casefold()], (match[3] or "").strip()


def _field_types(connection: Connection, actor_type: str) -> dict[str, FieldType]:
    from brygga.erp.models import FieldMapping

    fields = FieldMapping.objects.filter(actor__connection=connection, actor__actor_type=actor_type, missing=False)
    return {key: FieldType(number) for key, number in fields.values_list("key", "type")}


def _wire(key: str, text: str, types: Mapping[str, FieldType]) -> str:
    if key not in types:
        fail(f'The ERP has no field "{key}" here. It has: {", ".join(types) or "none"}.', USAGE)
    try:
        return encode_as(text or None, types[key])
    except BadValue as error:
        fail(f"{key}: {error}.", USAGE)
