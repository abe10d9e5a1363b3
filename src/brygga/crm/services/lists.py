"""Lists and their items (behaviour C4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.listing import add_list_items
from brygga.crm.models import CrmList, CrmListItem


def lists() -> list[CrmList]:
    """All lists, by name."""
    return list(CrmList.objects.all())


def items(list_key: str) -> list[CrmListItem]:
    """The items of a list that can be chosen, in their order."""
    return list(CrmListItem.objects.filter(list__key=list_key, deleted=False))


@transaction.atomic
def add_items(list_key: str, texts: Sequence[str]) -> dict[str, str]:
    """Text to id for each of `texts`, adding those that the list lacks. Raises Refused (see `listing`)."""
    return add_list_items(list_key, texts)


@transaction.atomic
def rename_item(item_id: int, text: str) -> None:
    """Give an item another text. Raises Refused if it is blank, too long, or that of another item in the list."""
    item = _item(item_id)
    longest = CrmListItem._meta.get_field("text").max_length or 0
    if not text.strip() or len(text) > longest:
        raise Refused(_("The text is blank or too long; a list item takes at most 200 characters."))
    others = CrmListItem.objects.filter(list_id=item.list_id, deleted=False).exclude(pk=item_id)
    if text.casefold() in {other.casefold() for other in others.values_list("text", flat=True)}:
        raise Refused(_("The list has another item with this text; choose a different one."))
    item.text = text
    item.save(update_fields=["text"])


@transaction.atomic
def rank_items(list_key: str, ids: Sequence[int]) -> None:
    """Put the items of a list in this order; those that `ids` leaves out follow."""
    place = {item_id: rank for rank, item_id in enumerate(ids)}
    ordered = sorted(items(list_key), key=lambda item: place.get(item.pk, len(place)))
    for rank, item in enumerate(ordered):
        item.rank = rank
    CrmListItem.objects.bulk_update(ordered, ["rank"])


def delete_item(item_id: int) -> None:
    """Take an item out of the choice; records that have it keep it. Raises Refused if it is not there."""
    item = _item(item_id)
    item.deleted = True
    item.save(update_fields=["deleted"])


def _item(item_id: int) -> CrmListItem:
    item = CrmListItem.objects.filter(pk=item_id, deleted=False).first()
    if item is None:
        raise Refused(_("The list item is not there any more; refresh the list."), f"list item {item_id} not found")
    return item
