"""Defects of lists (rules L)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from brygga.check.hostile import sample_data
from brygga.check.hostile.defects.defect import breaks
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ErpActor, FieldType, ListResponse


@breaks("L1")
class EmptyLists(SampleConnector):
    """Has no items in the lists of its fields."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        answer = super().get_list(guid, list_name)
        return answer if list_name == sample_data.COMPANIES else replace(answer, items={})


@breaks("L1")
class ListMissing(SampleConnector):
    """Refuses a list that one of its fields names."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return super().get_list(guid, f"{list_name}List" if list_name == "Currencies" else list_name)


@breaks("L2")
class ItemsWithoutText(SampleConnector):
    """Has list items without a text."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        answer = super().get_list(guid, list_name)
        return replace(answer, items=dict.fromkeys(answer.items, ""))


@breaks("L3")
class AllItems(SampleConnector):
    """Gives all items of a list where some are asked for."""

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        return self.get_list(guid, list_name)


@breaks("L3")
class OtherItemTexts(SampleConnector):
    """Gives list items other texts when they are asked for by key."""

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        answer = super().get_list_items(guid, list_name, keys)
        return replace(answer, items={key: f"{list_name} {key}" for key in answer.items})


@breaks("L4")
class InventsItems(SampleConnector):
    """Gives an item for every key that is asked for."""

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        answer = super().get_list_items(guid, list_name, keys)
        return replace(answer, items={key: answer.items.get(key, key) for key in keys}) if answer.ok else answer


@breaks("L5")
class StrayItems(SampleConnector):
    """Has actors with list items that the list does not have."""

    def _shown(self, actor: ErpActor, field_keys: Iterable[str]) -> ErpActor:
        shown = super()._shown(actor, field_keys)
        for key, field in self._fields(actor.actor_type).items():
            if field.type is FieldType.LIST and shown.fields.get(key):
                shown.fields[key] += "-old"
        return shown


@breaks("L6")
class UnknownListIsFirst(SampleConnector):
    """Gives the items of another list for a list that it does not have."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return super().get_list(guid, list_name if list_name in sample_data.LISTS else "Groups")
