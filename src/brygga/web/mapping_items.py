"""The panels of the list mapping dialog: ERP items beside CRM items, as stored or as a form has them (behaviour A9)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from brygga.crm.services import lists as crm_lists
from brygga.erp.errors import BryggaError
from brygga.erp.models import FieldMapping
from brygga.erp.services import list_mapping
from brygga.erp.services.list_mapping import Chosen, MappedList
from brygga.erp.services.mapping import label_of


@dataclass(slots=True)
class ItemRow:
    """An ERP item and the text of the CRM item chosen for it; `new` is the text of one that is still to be made."""

    key: str
    text: str
    gone: bool
    chosen: str = ""
    new: str = ""
    fault: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the CRM item chosen is still to be made."""
        return bool(self.chosen) and self.chosen == self.new


@dataclass(slots=True)
class ListPanel:
    """The items of a list field. `items` are the CRM's that can be chosen, text by id; `failure` is why the ERP's items
    could not be read, so that only those mapped already are here."""

    field: FieldMapping
    list_name: str
    items: dict[str, str]
    rows: list[ItemRow]
    failure: str = ""
    faulty: bool = field(default=False, init=False)

    @classmethod
    def stored(cls, erp_field: FieldMapping) -> ListPanel:
        """The list mapping as it is stored, with the items that the ERP has now."""
        failure = ""
        try:
            mapped = list_mapping.mapped_list(erp_field)
        except BryggaError as failed:
            failure, mapped = failed.user_message, list_mapping.stored_list(erp_field)
        items = _named_items(mapped)
        rows = [
            ItemRow(
                pair.erp_item,
                pair.erp_text,
                not failure and pair.is_gone,
                items[str(pair.crm_item.pk)] if pair.crm_item else "",
            )
            for pair in mapped.items
        ]
        return cls(erp_field, mapped.crm_list.name, items, rows, failure)

    @property
    def id(self) -> int:
        """The id of the field."""
        return self.field.pk

    @property
    def label(self) -> str:
        """The name of the field."""
        return label_of(self.field)

    @property
    def unmapped(self) -> int:
        """How many ERP items go with no CRM item."""
        return sum(not row.chosen for row in self.rows)

    def take_over(self, data: QueryDict) -> None:
        """Put in what the form has: for each row the ERP item, the text chosen, and the text to be made."""
        names = (f"erp-{self.id}", f"item-{self.id}", f"new-{self.id}")
        typed = {key: (text.strip(), new) for key, text, new in zip(*map(data.getlist, names), strict=False)}
        for row in self.rows:
            row.chosen, row.new = typed.get(row.key, (row.chosen, ""))
        self._check()

    def suggest(self) -> None:
        """Choose the CRM item of the same text where none is chosen."""
        by_id = self._ids()
        taken = {by_id.get(row.chosen.casefold()) for row in self.rows}
        free = {id_: text for id_, text in self.items.items() if id_ not in taken}
        equal = list_mapping.equal_items(self._open(), free)
        for row in self.rows:
            row.chosen = row.chosen or self.items.get(equal.get(row.key, ""), "")
        self._check()

    def create_missing(self) -> None:
        """Choose a new CRM item of the same text where none is chosen, after those that are there are suggested."""
        self.suggest()
        known = [*self.items.values(), *(row.new for row in self.rows if row.is_new)]
        missing = list_mapping.missing_items(self._open(), known)
        for row in self.rows:
            if row.key in missing:
                row.chosen = row.new = missing[row.key]
        self._check()

    def choices(self) -> dict[str, Chosen]:
        """What is chosen, ERP item to the id of a CRM item or the text of a new one."""
        by_id = self._ids()
        return {
            row.key: row.chosen if row.is_new else int(by_id[row.chosen.casefold()]) for row in self.rows if row.chosen
        }

    def _check(self) -> None:
        by_id = self._ids()
        times = Counter(row.chosen.casefold() for row in self.rows if row.chosen)
        for row in self.rows:
            row.fault = ""
            if times[row.chosen.casefold()] > 1:
                row.fault = _("This CRM item is used twice. Choose another one.")
            elif row.chosen and not row.is_new and row.chosen.casefold() not in by_id:
                row.fault = _("The CRM list has no such item. Choose one of the list.")
        self.faulty = any(row.fault for row in self.rows)

    def _ids(self) -> dict[str, str]:
        return {text.casefold(): id_ for id_, text in self.items.items()}

    def _open(self) -> dict[str, str]:
        return {row.key: row.text for row in self.rows if not row.chosen and not row.gone}


def _named_items(mapped: MappedList) -> dict[str, str]:
    """The CRM items by id, mapped ones even if deleted; items that share a text are told apart by their id."""
    items = {str(item.pk): item.text for item in crm_lists.items(mapped.crm_list.key)}
    items |= {str(pair.crm_item.pk): pair.crm_item.text for pair in mapped.items if pair.crm_item}
    times = Counter(text.casefold() for text in items.values())
    return {id_: f"{text} #{id_}" if times[text.casefold()] > 1 else text for id_, text in items.items()}
