"""The rows of an import on screen: actors that were found or chosen, and what is done with them (behaviour I2, I4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.contract import ActorType, ErpActor
from brygga.crm.fields import RecordType
from brygga.erp.errors import BryggaError
from brygga.erp.models import FieldMapping, ImportDraft, ImportRow, Link, PlanItem, PlanOutcome, StoredPlan
from brygga.erp.problems import text_of
from brygga.erp.services import import_drafts, import_review
from brygga.erp.services.import_review import Kind
from brygga.erp.services.mapping import label_of
from brygga.erp.services.naming import Names, record_names
from brygga.erp.services.tab import list_texts, live_value
from brygga.erp.services.unknown_items import NEW
from brygga.merge import Side
from brygga.web.kinds import KINDS
from brygga.web.records import Cell
from brygga.web.shown import shown

KINDS_IN_WORDS = {
    Kind.NEW: gettext_lazy("New"),
    Kind.CHANGED: gettext_lazy("Changed"),
    Kind.SKIPPED: gettext_lazy("Skipped"),
}
"""What an import does with an actor, in words."""

_COLOURS = {Kind.NEW: "ok", Kind.CHANGED: "info", Kind.SKIPPED: "off"}


@dataclass(frozen=True, slots=True)
class ActorRow:
    """An actor that was found; `linked_to` names the record that has it already."""

    key: str
    name: str
    cells: Sequence[Cell]
    chosen: bool
    linked_to: str = ""
    linked_url: str = ""


@dataclass(slots=True)
class Change:
    """A field that gets a value: on which side, what it is now and would be, and what is wrong with it, if anything."""

    label: str
    new: str
    old: str = ""
    side: str = ""
    problem: str = ""


@dataclass(slots=True)
class PreviewRow:
    """An actor in the preview: what would be done with it, and field by field what that means."""

    key: str
    name: str
    url: str
    kind: Kind
    kind_text: str
    colour: str
    checked: bool
    can_turn: bool
    reason: str = ""
    changes: list[Change] = field(default_factory=list)
    notes: list[Change] = field(default_factory=list)


def actor_rows(draft: ImportDraft, rows: Sequence[ImportRow]) -> list[ActorRow]:
    """A page of actors with the columns of search results; the queries and calls do not depend on how many."""
    fields = import_drafts.shown_fields(draft.actor)
    cells = _cells(draft, rows, fields)
    linked = _linked(draft, [row.erp_key for row in rows])
    kind = KINDS[RecordType(draft.actor.record_type)]
    return [
        ActorRow(row.erp_key, _title(row.erp_key, shown_cells), shown_cells, row.chosen, *linked_with)
        for row, shown_cells in zip(rows, cells, strict=True)
        for record_id, name in [linked.get(row.erp_key, (0, ""))]
        for linked_with in [(name, kind.url(record_id)) if record_id else ("", "")]
    ]


def columns_of(draft: ImportDraft) -> list[str]:
    """The heads of the columns; there is always one, what an actor is known by."""
    return [label_of(one) for one in import_drafts.shown_fields(draft.actor)] or [_("ERP key")]


def preview_rows(draft: ImportDraft, plan: StoredPlan, heads: Iterable[PlanItem]) -> list[PreviewRow]:
    """A page of the preview; the number of queries does not depend on how many rows there are."""
    page = list(heads)
    keys = [item.erp_key for item in page]
    fields = import_review.field_items(plan, keys)
    names = Names([*page, *(item for items in fields.values() for item in items)])
    stored = {row.erp_key: row for row in draft.rows.filter(erp_key__in=keys)}
    titles = {row.key: row.name for row in actor_rows(draft, list(stored.values()))}
    erp_names = {one.key: label_of(one) for one in draft.actor.fields.all()}
    shower = _Shower(plan, names, erp_names)
    return [shower.row(item, titles.get(item.erp_key, item.erp_key), fields.get(item.erp_key, ())) for item in page]


def left_out_rows(draft: ImportDraft, plan: StoredPlan, items: Iterable[PlanItem]) -> list[dict[str, str]]:
    """Items that could not be carried out: the actor, the field, the reason."""
    page = list(items)
    names = Names(page)
    stored = draft.rows.filter(erp_key__in=[item.erp_key for item in page])
    titles = {row.key: row.name for row in actor_rows(draft, list(stored))}
    return [
        {
            "name": titles.get(item.erp_key, item.erp_key),
            "field": names.crm_label(item) if item.erp_field else "",
            "reason": _reason(item, names),
        }
        for item in page
    ]


def new_items_in_words(plan: StoredPlan, labels: Mapping[str, str]) -> list[str]:
    """The list items that a plan would add: "Category: Wholesale, Public"."""
    found = plan.params.get("new_items", {})
    return [f"{labels.get(key, key)}: {', '.join(texts.values())}" for key, texts in found.items() if texts]


class _Shower:
    """Shows the items of one page of a plan."""

    def __init__(self, plan: StoredPlan, names: Names, erp_names: Mapping[str, str]) -> None:
        self._plan, self._names, self._erp_names = plan, names, erp_names
        self._new_items: Mapping[str, Mapping[str, str]] = plan.params.get("new_items", {})

    def row(self, item: PlanItem, title: str, fields: Sequence[PlanItem]) -> PreviewRow:
        """An actor with its fields."""
        kind = import_review.kind_of(item)
        has_record = item.record_id is not None
        return PreviewRow(
            item.erp_key,
            title,
            KINDS[RecordType(item.record_type)].url(item.record_id) if has_record else "",
            kind,
            str(KINDS_IN_WORDS[kind]),
            _COLOURS[kind],
            item.outcome != PlanOutcome.UNCHECKED,
            kind is not Kind.SKIPPED,
            _reason(item, self._names),
            self._values(item) if kind is Kind.NEW else [self._change(one) for one in fields],
            self._notes(item),
        )

    def _values(self, item: PlanItem) -> list[Change]:
        values = item.new if isinstance(item.new, dict) else {}
        return [Change(self._names.crm_label(item, key), self._crm(item, key, value)) for key, value in values.items()]

    def _change(self, item: PlanItem) -> Change:
        in_crm = item.side == Side.CRM
        label = self._names.crm_label(item) if in_crm else self._names.erp_label(item)
        old = self._names.text(item, item.side, item.old)
        new = self._crm(item, item.crm_field, item.new) if in_crm else self._names.text(item, Side.ERP, item.new)
        return Change(label, new, old, "" if in_crm else _("ERP"))

    def _crm(self, item: PlanItem, key: str, value: Any) -> str:
        if isinstance(value, str) and value.startswith(NEW) and key in self._new_items:
            erp_item = value.removeprefix(NEW)
            return _("%(item)s (new in the list)") % {"item": self._new_items[key].get(erp_item, erp_item)}
        return self._names.text(item, Side.CRM, value, key)

    def _notes(self, item: PlanItem) -> list[Change]:
        notes = item.problem.get("notes", ())
        return [
            Change(self._erp_names.get(note["field"], note["field"]), "", problem=text_of(note["code"], note["params"]))
            for note in notes
        ]


def _reason(item: PlanItem, names: Names) -> str:
    """Why an actor is left out, with the name of the field in it instead of its key."""
    if "code" not in item.problem:
        return ""
    params = dict(item.problem.get("params", {}))
    if "field" in params:
        params["field"] = names.crm_label(item, params["field"])
    return text_of(item.problem["code"], params)


def _title(key: str, cells: Sequence[Cell]) -> str:
    return next((cell.text for cell in cells if cell.text), key)


def _cells(draft: ImportDraft, rows: Sequence[ImportRow], fields: Sequence[FieldMapping]) -> list[list[Cell]]:
    kind = ActorType(draft.actor.actor_type)
    actors = [ErpActor(kind, row.erp_key, fields=row.values) for row in rows]
    try:
        texts = list_texts(draft.actor.connection, actors, fields)
    except BryggaError:  # the page is of use without the texts of list items; the ERP's keys stand for them
        texts = {}
    if not fields:
        return [[Cell(_("ERP key"), row.erp_key)] for row in rows]
    return [
        [
            Cell(value.label, shown(value.kind, value.value))
            for one in fields
            for value in [live_value(one, actor.fields.get(one.key, ""), texts)]
        ]
        for actor in actors
    ]


def _linked(draft: ImportDraft, erp_keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Id and name of the records that these actors are linked with, by ERP key."""
    links = Link.objects.filter(connection=draft.actor.connection_id, actor_type=draft.actor.actor_type)
    found = dict(links.filter(erp_key__in=erp_keys).values_list("erp_key", "record_id"))
    names = record_names((draft.actor.record_type, record_id) for record_id in found.values())
    return {
        key: (record_id, names.get((draft.actor.record_type, record_id), f"#{record_id}"))
        for key, record_id in found.items()
    }
