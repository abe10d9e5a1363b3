"""Records on screen: rows and cells of lists, groups of facts, the head and the tabs of a record's screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from brygga.crm.errors import NoSuchRecord
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.crm.listing import list_items
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, get_record
from brygga.crm.services.search import list_records
from brygga.erp.services import tab
from brygga.merge.values import Kind, Value
from brygga.web.kinds import COMPANIES, KINDS, RecordKind
from brygga.web.shown import shown

PARENT = "parent"
_MOST_MATCHES = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its label, as text, and where it leads, if anywhere."""

    label: str
    text: str
    href: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list; the first cell is what is clicked, and shows `name` where it is blank."""

    url: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together, under a heading."""

    label: str
    keys: list[str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a record's screen; `count` and `alarms` are shown as badges."""

    label: str
    url: str
    here: bool
    count: int | None = None
    alarms: int = 0


@dataclass
class Presenter:
    """Shows records of one kind; the texts of a list are read once, when the first value needs them."""

    kind: RecordKind
    _items: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, CrmField]:
        """The fields on offer, by key."""
        return fields_of(self.kind.record_type)

    def label(self, key: str) -> str:
        """What a column is called."""
        return RecordType.COMPANY.label if key == PARENT else str(self.fields[key].label)

    def is_numeric(self, key: str) -> bool:
        """Whether a column stands to the right."""
        return key != PARENT and self.fields[key].kind in (Kind.INTEGER, Kind.DOUBLE)

    def text(self, key: str, value: Value) -> str:
        """A value as text."""
        crm_field = self.fields[key]
        return shown(crm_field.kind, value, self._list(crm_field.list_key) if crm_field.kind is Kind.LIST else None)

    def cell(self, record: RecordView, key: str) -> Cell:
        """One value of a record."""
        if key == PARENT:
            parent = record.parent
            return Cell(self.label(key), parent.name if parent else "", COMPANIES.url(parent.id) if parent else "")
        value = record.fields.get(key)
        href = f"mailto:{value}" if key == "EMAIL" and value else ""
        return Cell(self.label(key), self.text(key, value), href, self.is_numeric(key))

    def row(self, record: RecordView, columns: Sequence[str]) -> Row:
        """A record as a row with these columns."""
        return Row(self.kind.url(record.id), record.name, [self.cell(record, key) for key in columns])

    def groups(self) -> list[Group]:
        """The groups of the screen; user-defined fields stand in one of their own."""
        groups = [Group(str(label), list(keys)) for label, keys in self.kind.groups]
        own = [key for key, field in self.fields.items() if field.user_defined]
        return [*groups, Group(_("User-defined fields"), own)] if own else groups

    def facts(self, record: RecordView) -> list[dict[str, Any]]:
        """The groups with a record's values."""
        return [
            {"label": group.label, "facts": [self.cell(record, key) for key in group.keys]} for group in self.groups()
        ]

    def _list(self, list_key: str) -> Mapping[str, str]:
        if list_key not in self._items:
            self._items[list_key] = list_items(list_key, deleted=True)
        return self._items[list_key]


def record_or_404(kind: RecordKind, record_id: int) -> RecordView:
    """The record; Http404 for one that is not there or has been deleted."""
    try:
        return get_record(kind.record_type, record_id)
    except NoSuchRecord as missing:
        raise Http404(missing.user_message) from missing


def ids_matching(record_type: RecordType, text: str) -> list[int]:
    """The ids of the records that quick find finds, the first 500 by name."""
    return [record.id for record in list_records(record_type, text, per_page=_MOST_MATCHES).records]


def record_context(user: User, kind: RecordKind, record: RecordView, here: str) -> dict[str, Any]:
    """What every tab of a record's screen shows around itself; `here` is the part that is open."""
    subtitle = [Cell("", record.parent.name, COMPANIES.url(record.parent.id))] if record.parent else []
    city = record.fields.get("POSTALCITY")
    subtitle += [Cell("", str(city))] if city else []
    return {"kind": kind, "record": record, "subtitle": subtitle, "tabs": _tabs(user, kind, record, here)}


def _tabs(user: User, kind: RecordKind, record: RecordView, here: str) -> list[Tab]:
    def tab_of(part: str, label: str, **badges: Any) -> Tab:
        return Tab(label, kind.url(record.id, part), part == here, **badges)

    tabs = [tab_of("", kind.label)]
    if kind.related:
        label = _("Members") if kind.record_type is RecordType.PROJECT else str(KINDS[kind.related].plural)
        tabs.append(tab_of("related", label))
    sections = tab.sections(user, kind.record_type, record.id)
    if sections:
        tabs.append(tab_of("erp", _("ERP"), alarms=tab.alarms(sections)))
    tabs.append(tab_of("history", _("Log")))
    return tabs
