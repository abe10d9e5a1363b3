"""What an import does with list items that have no counterpart in the CRM: add them, take another, leave blank (I3).

Those that a plan would add stand in it as NEW with the ERP's key behind, and are added when it is carried out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from brygga import batch
from brygga.contract import FieldType
from brygga.crm.errors import Refused as CrmRefused
from brygga.crm.services import lists as crm_lists
from brygga.erp.engine import marks
from brygga.erp.engine.channel import Channel
from brygga.erp.models import FieldMapping, ListItemMapping, PlanItem, StoredPlan
from brygga.erp.services.mapping import erp_items, list_key_of
from brygga.merge import FieldMapping as Mapped
from brygga.merge import Kind, Misfit, Side

ADD, DEFAULT, BLANK = "add", "default", "blank"
CHOICES = (ADD, DEFAULT, BLANK)

NEW = "new:"
"""What stands in a plan before the ERP's key of a list item that the CRM is to get."""

_LONGEST_TEXT = 180
"""Characters of an item that is added; with the ERP's key behind it, it has to fit a CRM list."""


class _Items(dict[str, str]):
    """The mapped items of a field, and an answer for those that are not; only the mapped ones have a way back."""

    def __init__(self, mapped: Mapping[str, str], answer: Callable[[str], str]) -> None:
        super().__init__(mapped)
        self._answer = answer

    def __missing__(self, erp_item: str) -> str:
        return self._answer(erp_item)


@dataclass(frozen=True)
class UnknownItems:
    """The choice of an import. `defaults` are the CRM items to take instead, by ERP field key, for "default".

    `foreseen` are the texts of the items that a dry run would add, by CRM field key and ERP item.
    """

    choice: str = BLANK
    defaults: Mapping[str, int] = field(default_factory=dict)
    foreseen: dict[str, dict[str, str]] = field(default_factory=dict)

    def answering(self, channel: Channel, dry_run: bool) -> Channel:
        """The channel with an answer for items that are not mapped. Where it adds them, it does so when they come.

        Its merger knows nothing of that until the channel is given a policy, as an import gives it one.
        """
        return replace(channel, mappings=[self._answering(channel, mapping, dry_run) for mapping in channel.mappings])

    def substituting(self, channel: Channel) -> Channel:
        """The channel with another item for those that are not mapped, if that is the choice; nothing is added."""
        return self.answering(channel, True) if self.choice == DEFAULT else channel

    def params(self) -> dict[str, Any]:
        """The choice as JSON."""
        return {"choice": self.choice, "defaults": dict(self.defaults)}

    @classmethod
    def of(cls, params: Mapping[str, Any] | None) -> UnknownItems:
        """The choice that `params` gave; left blank where there was none."""
        return cls(params["choice"], params["defaults"]) if params else LEFT_BLANK

    def _answering(self, channel: Channel, mapping: Mapped, dry_run: bool) -> Mapped:
        if self.choice == BLANK or mapping.erp.kind is not Kind.LIST or mapping.crm.kind is not Kind.LIST:
            return mapping
        if self.choice == DEFAULT:
            chosen = self.defaults.get(mapping.erp.key)
            return replace(mapping, items=_Items(mapping.items, lambda _item: str(chosen))) if chosen else mapping
        addition = Addition(channel.actor.fields.get(key=mapping.erp.key))
        if not dry_run:
            return replace(mapping, items=_Items(mapping.items, addition.add))
        texts = self.foreseen.setdefault(mapping.crm.key, {})

        def foresee(erp_item: str) -> str:
            texts[erp_item] = addition.text(erp_item)
            return f"{NEW}{erp_item}"

        return replace(mapping, items=_Items(mapping.items, foresee))


LEFT_BLANK = UnknownItems()
"""Items that are not mapped are left blank, and reported."""


class Addition:
    """Adds items of an ERP's list to the CRM's list, with the text that they have in the ERP."""

    def __init__(self, field: FieldMapping) -> None:
        self._field = field
        self._texts: dict[str, str] | None = None

    def text(self, erp_item: str) -> str:
        """The text of an item in the ERP. Raises Misfit for one that is not in the list, or has none that fits."""
        if self._texts is None:
            self._texts = erp_items(self._field)
        text = self._texts.get(erp_item, "").strip()
        if not text or len(text) > _LONGEST_TEXT:
            raise Misfit("unknown_item", value=erp_item)
        return text

    @transaction.atomic
    def add(self, erp_item: str) -> str:
        """The id of the CRM item that goes with this one from now on: new, or there and free with the same text."""
        standing = ListItemMapping.objects.filter(field=self._field, erp_item=erp_item).first()
        if standing:
            return str(standing.crm_item_id)
        text = self.text(erp_item)
        crm_item = self._item(text)
        if ListItemMapping.objects.filter(field=self._field, crm_item_id=crm_item).exists():
            crm_item = self._item(f"{text} ({erp_item})")
        ListItemMapping.objects.create(field=self._field, erp_item=erp_item, crm_item_id=crm_item)
        actor = self._field.actor
        marks.retry_issues(actor.connection_id, actor.actor_type, self._field.key)
        return str(crm_item)

    def _item(self, text: str) -> int:
        try:
            return int(crm_lists.add_items(list_key_of(self._field), [text])[text])
        except CrmRefused as refused:
            raise Misfit("unknown_item", value=text) from refused


def add_needed(plan: StoredPlan, page: Sequence[PlanItem]) -> bool:
    """Add the list items that these items of a plan need, and put their ids in place; says whether there were any.

    One that the ERP's list no longer has stays as it is, so that its plan item is refused. Raises ConnectorFailed.
    """
    fields = _list_fields(plan)
    additions = {key: Addition(mapped) for key, mapped in fields.items()}
    ids: dict[tuple[str, str], str] = {}
    changed: dict[int, PlanItem] = {}
    for item in page:
        for crm_key, erp_item in _needs(item, fields):
            place = (crm_key, erp_item)
            if place not in ids:
                ids[place] = _added(additions[crm_key], erp_item)
            _put(item, crm_key, ids[place])
            changed[item.pk] = item
    rows = [(item.pk, json.dumps(item.new)) for item in changed.values()]
    batch.update_rows(PlanItem._meta.db_table, "id", ("new",), rows)
    return bool(changed)


def _added(addition: Addition, erp_item: str) -> str:
    try:
        return addition.add(erp_item)
    except Misfit:
        return f"{NEW}{erp_item}"


def _put(item: PlanItem, crm_key: str, value: str) -> None:
    if isinstance(item.new, dict):
        item.new = {**item.new, crm_key: value}
    else:
        item.new = value


def _list_fields(plan: StoredPlan) -> dict[str, FieldMapping]:
    """The list fields, by CRM key, for which a plan may need new items; none for a plan that adds none."""
    if UnknownItems.of(plan.params.get("unknown_items")).choice != ADD:
        return {}
    actor = {"actor__connection": plan.params["connection"], "actor__actor_type": plan.params["actor_type"]}
    lists = FieldMapping.objects.filter(**actor, type=FieldType.LIST).exclude(crm_key="")
    return {mapped.crm_key: mapped for mapped in lists.select_related("actor__connection__connector")}


def _needs(item: PlanItem, fields: Mapping[str, FieldMapping]) -> Iterator[tuple[str, str]]:
    """CRM field key and ERP item of the list items that an item of a plan needs."""
    values = item.new if isinstance(item.new, dict) else {item.crm_field: item.new}
    for key, value in values.items() if item.side == str(Side.CRM) else ():
        if key in fields and isinstance(value, str) and value.startswith(NEW):
            yield key, value.removeprefix(NEW)
