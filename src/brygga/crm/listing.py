"""The items to choose from, by list: those of the CRM's lists, and its users as one more list."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brygga import batch
from brygga.crm.errors import Refused
from brygga.crm.models import CrmList, CrmListItem, User
from brygga.crm.models.records import USER_LIST


def list_items(list_key: str, deleted: bool = False) -> dict[str, str]:
    """Id to text of the items in their order; with `deleted`, those that can no longer be chosen as well."""
    if list_key == USER_LIST:
        users = User.objects.order_by("username") if deleted else User.objects.filter(is_active=True)
        return {str(user.pk): user.name for user in users.order_by("username")}
    items = CrmListItem.objects.filter(list__key=list_key)
    found = items if deleted else items.filter(deleted=False)
    return {str(item_id): text for item_id, text in found.values_list("id", "text")}


def add_list_items(list_key: str, texts: Sequence[str]) -> dict[str, str]:
    """Text to id for each of `texts`, adding the items that the list lacks; small and capital letters are the same.

    Raises:
        Refused: the list is that of the users, is not there, or a text is blank or longer than 200 characters.
    """
    crm_list = CrmList.objects.filter(key=list_key).first()
    if crm_list is None:
        raise Refused(_("Items can't be added to this list; choose another one."), f"add items to list {list_key}")
    ids: dict[str, str] = {}
    for item_id, text in list_items(list_key).items():
        ids.setdefault(text.casefold(), item_id)
    fresh: dict[str, str] = {}
    for text in texts:
        if text.casefold() not in ids:
            fresh.setdefault(text.casefold(), text)
    if fresh:
        ids |= zip(fresh, _insert(crm_list, list(fresh.values())), strict=True)
    return {text: ids[text.casefold()] for text in texts}


def _insert(crm_list: CrmList, texts: Sequence[str]) -> list[str]:
    table, longest = CrmListItem._meta.db_table, CrmListItem._meta.get_field("text").max_length or 0
    for text in texts:
        if not text.strip() or len(text) > longest:
            raise Refused(
                format_lazy(_("A list item must have a text of at most {length} characters."), length=longest),
                f"list item {text[:longest]!r}",
            )
    ids, rank = batch.reserve_ids(table, len(texts)), crm_list.items.count()
    rows = [(ids[n], crm_list.pk, text, rank + n, False) for n, text in enumerate(texts)]
    batch.insert_rows(table, ("id", "list_id", "text", "rank", "deleted"), rows)
    return [str(item_id) for item_id in ids]
