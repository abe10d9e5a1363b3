"""The criteria of an advanced search as a form: lines of field, operator and values (behaviour S).

To have them on a page or in a dialog:

1. Load `css/criteria.css` and `js/criteria.js` with the page (`{% block head %}`).
2. `criteria = remembered(user, actor)` where a search opens, `sent(user, actor, request.GET)` where a form came back;
   `actor` is an ActorMapping with its connection. Put it in the context as `criteria`.
3. `{% include "web/criteria/editor.html" %}` inside a form of yours with method get and a search button. Lines are
   added, changed and removed in place by htmx; the editor answers at `web:criteria`.
4. When the form comes back and `criteria.is_edited`, a button of the editor was pressed without a script: show the page
   again. When it is not `criteria.is_valid()`, show it again with the reasons beside the lines. Else search for
   `criteria.restrictions()`, none of them meaning all, and remember them (both in the service `advanced_search`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from brygga.contract import FieldType, SearchRestriction
from brygga.contract.search import OPERATORS
from brygga.crm.models import User
from brygga.erp.errors import BryggaError
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import advanced_search
from brygga.erp.services.mapping import erp_items, label_of
from brygga.web.criteria_values import Unfit, typed, wire
from brygga.web.criteria_words import FIRST_CHOICE, words_of

MOST_LINES = 30
"""Lines that an editor takes."""

_NAME = re.compile(r"criterion-(\d{1,4})-field")
_REMOVE = "remove-"


@dataclass
class Line:
    """A criterion as it stands on screen: `values` and `times` are what the controls hold, `error` what is wrong."""

    number: int
    field: FieldMapping
    operator: str
    values: list[str] = default(default_factory=list)
    times: list[str] = default(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        """What the names and ids of the line's controls begin with."""
        return f"criterion-{self.number}"

    @property
    def type(self) -> FieldType:
        """The type of the field, which decides on operators and controls."""
        return FieldType(self.field.type)

    @property
    def control(self) -> str:
        """Which control its values have: items, checkbox, date, number or text."""
        kinds = {FieldType.LIST: "items", FieldType.CHECKBOX: "checkbox", FieldType.DATETIME: "date"}
        numbers = dict.fromkeys((FieldType.INTEGER, FieldType.DOUBLE), "number")
        return (kinds | numbers).get(self.type, "text")

    @property
    def operators(self) -> list[tuple[str, str]]:
        """The operators on offer with their words."""
        return words_of(self.type)

    @property
    def controls(self) -> list[dict[str, Any]]:
        """A control for each value: its id, words for it, and what it holds."""
        number = OPERATORS[self.type][self.operator].values or 1
        labels = [_("From"), _("To")] if number == 2 else [_("Value")]
        held, times = [*self.values, "", ""], [*self.times, "", ""]
        return [
            {"id": f"{self.name}-value-{n}", "label": label, "value": held[n], "time": times[n]}
            for n, label in enumerate(labels)
        ]

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items of the field's list, those that are chosen first; a list that can't be read says so."""
        try:
            texts = erp_items(self.field)
        except BryggaError as failed:
            self.error, texts = failed.user_message, {}
        texts |= {key: key for key in self.values if key not in texts}
        items = [{"value": key, "text": text, "chosen": key in self.values} for key, text in texts.items()]
        return sorted(items, key=lambda item: not item["chosen"])

    def restriction(self) -> SearchRestriction:
        """The line as the contract has it. Raises Unfit with what is wrong."""
        count = OPERATORS[self.type][self.operator].values
        return SearchRestriction(
            self.field.key, self.operator, wire(self.type, self.operator, count, self.values, self.times)
        )


@dataclass
class Criteria:
    """The lines of an editor. `is_edited` says that it was changed by one of its buttons, so nothing is searched."""

    actor: ActorMapping
    fields: list[FieldMapping]
    lines: list[Line]
    is_edited: bool = False
    focus: str = ""

    @property
    def url(self) -> str:
        """Where the editor answers."""
        return reverse("web:criteria", args=[self.actor.pk])

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The fields that can be searched, by key, with their names."""
        return [(one.key, label_of(one)) for one in self.fields]

    @property
    def is_full(self) -> bool:
        """Whether no line can be added."""
        return len(self.lines) >= MOST_LINES

    def is_valid(self) -> bool:
        """Whether every line can be searched for; those that can't have an error."""
        for line in self.lines:
            try:
                line.restriction()
            except Unfit as unfit:
                line.error, self.focus = str(unfit), self.focus or f"{line.name}-value-0"
        return not any(line.error for line in self.lines)

    def restrictions(self) -> list[SearchRestriction]:
        """The criteria as the contract has them; call it on valid ones."""
        return [line.restriction() for line in self.lines]

    def add(self) -> None:
        """One more line, for the first field that has none yet."""
        if self.is_full or not self.fields:
            return
        used = {line.field.key for line in self.lines}
        free = next((one for one in self.fields if one.key not in used), self.fields[0])
        number = max((line.number for line in self.lines), default=0) + 1
        self.lines.append(_blank(number, free))
        self.focus = f"criterion-{number}-field"

    def apply(self, button: str, user: User) -> None:
        """Do what a button of the editor says."""
        self.is_edited, self.focus = True, "criteria-add"
        if button == "add":
            self.add()
        elif button == "clear":
            self.lines = []
        elif button == "reset":
            self.lines = remembered(user, self.actor).lines
        elif button.startswith(_REMOVE):
            self.lines = [line for line in self.lines if f"{_REMOVE}{line.number}" != button]
        else:
            self.focus = ""


def remembered(user: User, actor: ActorMapping) -> Criteria:
    """The criteria that the user last searched with, or else a blank line."""
    fields = advanced_search.searchable_fields(actor)
    by_key = {one.key: one for one in fields}
    before = advanced_search.remembered(user, actor)
    criteria = Criteria(actor, fields, list(_from(before or [], by_key)))
    if before is None:
        criteria.add()
    return criteria


def sent(user: User, actor: ActorMapping, data: QueryDict) -> Criteria:
    """The criteria that a form sent, with what the button pressed did to them."""
    fields = advanced_search.searchable_fields(actor)
    by_key = {one.key: one for one in fields}
    numbers = sorted({int(found[1]) for name in data if (found := _NAME.fullmatch(name))})[:MOST_LINES]
    known = [number for number in numbers if data.get(f"criterion-{number}-field") in by_key]
    criteria = Criteria(actor, fields, [_line(number, data, by_key) for number in known])
    if button := data.get("criteria", ""):
        criteria.apply(button, user)
    return criteria


def has_lines(data: QueryDict) -> bool:
    """Whether a form with criteria was sent at all."""
    return "criteria-sent" in data


def _blank(number: int, chosen: FieldMapping) -> Line:
    return Line(number, chosen, FIRST_CHOICE[FieldType(chosen.type)])


def _line(number: int, data: QueryDict, fields: dict[str, FieldMapping]) -> Line:
    """A line as it was sent; with another field than before it begins anew, as far as the types differ."""
    name = f"criterion-{number}"
    chosen, before = fields[data.get(f"{name}-field", "")], fields.get(data.get(f"{name}-before", ""))
    operator = data.get(f"{name}-operator", "")
    if operator not in OPERATORS[FieldType(chosen.type)] or (before and before.type != chosen.type):
        return _blank(number, chosen)
    if before and before.key != chosen.key and chosen.list_name != before.list_name:
        return Line(number, chosen, operator)
    values, times = (_texts(data.getlist(f"{name}-{part}")) for part in ("value", "time"))
    return Line(number, chosen, operator, values, times)


def _texts(sent_texts: Sequence[str]) -> list[str]:
    return [text.replace("\x00", "")[:500] for text in sent_texts]


def _from(restrictions: Iterable[SearchRestriction], fields: dict[str, FieldMapping]) -> Iterable[Line]:
    """Lines of what was searched for; what the ERP has changed since falls away."""
    for number, one in enumerate(restrictions, start=1):
        chosen = fields.get(one.field_key)
        if chosen and one.operator in OPERATORS[FieldType(chosen.type)]:
            values, times = typed(FieldType(chosen.type), one.values)
            yield Line(number, chosen, one.operator, values, times)
