"""The values of a record and an actor beside each other, to choose from where they differ (behaviour U5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from brygga.erp.services.choosing import SideValue

_CHOICE = "choose-"
"""What the names of the choices begin with; the CRM field follows."""


@dataclass(slots=True)
class Option:
    """A value that can be chosen. `value` is JSON: a form would change the line breaks of a text."""

    side: str
    shown: str
    value: str
    allowed: bool
    checked: bool = False


@dataclass(slots=True)
class Row:
    """A CRM field with its value in the CRM and those of the ERP fields that go with it, usually one."""

    name: str
    label: str
    options: list[Option] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether the sides agree."""
        return len({option.value for option in self.options}) == 1


def compare(ours: Sequence[SideValue], theirs: Sequence[SideValue], sent: Mapping[str, str]) -> list[Row]:
    """The fields in the CRM's order; what was chosen in `sent` stays chosen, else what is allowed and not blank."""
    fields: dict[str, list[SideValue]] = {}
    for value in theirs:
        fields.setdefault(value.crm_key, []).append(value)
    return [_row(value, fields[value.crm_key], sent) for value in ours if value.crm_key in fields]


def chosen_values(sent: Mapping[str, str]) -> dict[str, str]:
    """The values chosen, in wire form by CRM field key; what is no value of a form of ours is left out."""
    chosen = {name.removeprefix(_CHOICE): _text(text) for name, text in sent.items() if name.startswith(_CHOICE)}
    return {key: text for key, text in chosen.items() if text is not None}


def as_sent(chosen: Mapping[str, str]) -> dict[str, str]:
    """Values chosen earlier, as a form would send them."""
    return {f"{_CHOICE}{key}": json.dumps(text) for key, text in chosen.items()}


def summary(rows: Sequence[Row], connection: str) -> list[tuple[str, str]]:
    """What is written where, in words: the field, and the side with its value now and then."""
    return [(row.label, text) for row in rows for text in _writes(row, {"crm": _("CRM"), "erp": connection})]


def _writes(row: Row, sides: Mapping[str, str]) -> list[str]:
    chosen = next((option for option in row.options if option.checked), None)
    moved = [option for option in row.options if chosen is not None and option.value != chosen.value]
    blank = _("(empty)")
    return [f"{sides[o.side]}: {o.shown or blank} → {(chosen and chosen.shown) or blank}" for o in moved]


def _text(encoded: str) -> str | None:
    try:
        text = json.loads(encoded)
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def _row(ours: SideValue, theirs: Sequence[SideValue], sent: Mapping[str, str]) -> Row:
    row = Row(f"{_CHOICE}{ours.crm_key}", ours.label)
    row.options.append(Option("crm", ours.shown, json.dumps(ours.value), all(value.to_erp for value in theirs)))
    row.options += [Option("erp", value.shown, json.dumps(value.value), value.to_crm) for value in theirs]
    allowed = [option for option in row.options if option.allowed]
    before = [option for option in allowed if option.value == sent.get(row.name)]
    filled = [option for option in allowed if option.value != json.dumps("")]
    for option in (before or filled)[:1]:  # that a blank is to replace a value is for a person to say
        option.checked = True
    return row
