"""Lists and their items (behaviour C1, C4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.keys import free_key
from brygga.crm.listing import add_list_items
from brygga.crm.models import CrmList, CrmListItem, UserDefinedField
from brygga.crm.models.lists import STANDARD_LISTS


def lists() -> list[CrmList]:
    """All lists, by name."""
    return list(CrmList.objects.all())


def lists_with_sizes() -> QuerySet[CrmList]:
    """The lists with `size`, how many of their items can be chosen. One query."""
    return CrmList.objects.annotate(size=Count("items", filter=Q(items__deleted=False))).order_by("name")


def find_list(list_id: int) -> CrmList:
    """The list with this id. Raises Refused where there is none, or no longer."""
    crm_list = CrmList.objects.filter(pk=list_id).first()
    if crm_list is None:
        raise Refused(_("The list is not there any more; refresh the page."), f"list {list_id} not found")
    return crm_list


def is_own(crm_list: CrmList) -> bool:
    """Whether an administrator has added the list; the others belong to every installation."""
    return crm_list.key not in STANDARD_LISTS


@transaction.atomic
def add_list(name: str) -> CrmList:
    """Add a list, with a key made of its name. Raises Refused for a name that is blank, too long or taken."""
    name = _free_name(name)
    key = free_key(name, set(CrmList.objects.values_list("key", flat=True)), "list")
    return CrmList.objects.create(key=key, name=name)


@transaction.atomic
def rename_list(list_id: int, name: str) -> CrmList:
    """Give a list another name. Raises Refused as `add_list`, and for a list that is not there."""
    crm_list = find_list(list_id)
    if name.strip() != crm_list.label:
        crm_list.name = _free_name(name, list_id)
        crm_list.save(update_fields=["name"])
    return crm_list


@transaction.atomic
def delete_list(list_id: int) -> None:
    """Delete a list that somebody has added, and its items. Raises Refused for a standard list and one in use."""
    crm_list = find_list(list_id)
    if not is_own(crm_list):
        raise Refused(_("This list belongs to every installation and can't be deleted."), f"list {crm_list.key}")
    field = UserDefinedField.objects.filter(list=crm_list).first()
    if field is not None:
        message = _("The user-defined field %(field)s chooses from this list, so it can't be deleted.")
        raise Refused(message % {"field": field.name}, f"list {crm_list.key}")
    crm_list.delete()


def items(list_key: str) -> list[CrmListItem]:
    """The items of a list that can be chosen, in their order."""
    return list(CrmListItem.objects.filter(list__key=list_key, deleted=False))


@transaction.atomic
def add_items(list_key: str, texts: Sequence[str]) -> dict[str, str]:
    """Text to id for each of `texts`, adding those that the list lacks. Raises Refused (see `listing`)."""
    return add_list_items(list_key, texts)


@transaction.atomic
def add_item(list_key: str, text: str) -> CrmListItem:
    """Add one item, the last in the order. Raises Refused for a text that is blank, too long or in the list."""
    text = text.strip()
    _check_text(text, CrmListItem.objects.filter(list__key=list_key, deleted=False))
    return find_item(int(add_list_items(list_key, [text])[text]))


@transaction.atomic
def rename_item(item_id: int, text: str) -> None:
    """Give an item another text. Raises Refused if it is blank, too long, or that of another item in the list."""
    item = find_item(item_id)
    _check_text(text, CrmListItem.objects.filter(list_id=item.list_id, deleted=False).exclude(pk=item_id))
    item.text = text
    item.save(update_fields=["text"])


@transaction.atomic
def rank_items(list_key: str, ids: Sequence[int]) -> None:
    """Put the items of a list in this order; those that `ids` leaves out follow."""
    place = {item_id: rank for rank, item_id in enumerate(ids)}
    ordered = sorted(items(list_key), key=lambda item: place.get(item.pk, len(place)))
    for rank, item in enumerate(ordered):
        item.rank = rank
    CrmListItem.objects.bulk_update(ordered, ["rank"], batch_size=500)


def delete_item(item_id: int) -> None:
    """Take an item out of the choice; records that have it keep it. Raises Refused if it is not there."""
    item = find_item(item_id)
    item.deleted = True
    item.save(update_fields=["deleted"])


def find_item(item_id: int) -> CrmListItem:
    """The item with this id, with its list. Raises Refused where there is none, or no longer."""
    item = CrmListItem.objects.filter(pk=item_id, deleted=False).select_related("list").first()
    if item is None:
        raise Refused(_("The list item is not there any more; refresh the list."), f"list item {item_id} not found")
    return item


def _check_text(text: str, others: QuerySet[CrmListItem]) -> None:
    longest = CrmListItem._meta.get_field("text").max_length or 0
    if not text.strip() or len(text) > longest:
        raise Refused(_("The text is blank or too long; a list item takes at most 200 characters."))
    if text.casefold() in {other.casefold() for other in others.values_list("text", flat=True)}:
        raise Refused(_("The list has another item with this text; choose a different one."))


def _free_name(name: str, but: int | None = None) -> str:
    name = name.strip()
    if not name or len(name) > 100:
        raise Refused(_("A list needs a name of at most 100 characters."), f"list {name[:100]!r}")
    taken = {other.label.casefold() for other in CrmList.objects.exclude(pk=but)}
    if name.casefold() in taken:
        raise Refused(_("There is a list of this name already; choose another name."), f"list {name!r}")
    return name
