"""Mapping fields and list items, defaults, rank (behaviour A7, A9 to A11), and what the engine is given of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brygga import merge
from brygga.contract import Access, FieldType
from brygga.contract.localised import text_for
from brygga.contract.values import BadValue, decode, encode_as
from brygga.crm.fields import CrmField, RecordType, fields_of
from brygga.crm.models import CrmListItem
from brygga.crm.models.records import USER_LIST
from brygga.erp import connectors
from brygga.erp.engine import marks
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, FieldMapping, Link, ListItemMapping
from brygga.merge import FieldSpec, Policy, kind_of

REASONS: dict[str, Any] = {
    "no_crm_field": gettext_lazy("No CRM field is chosen."),
    "missing_erp": gettext_lazy("The ERP no longer has the field."),
    "missing_crm": gettext_lazy("The CRM no longer has the field."),
    "user_list": gettext_lazy("Users of the CRM can't be mapped to list items."),
    "read_only_crm": gettext_lazy("The field is read-only in the CRM."),
    "read_only_erp": gettext_lazy("The field is read-only in the ERP."),
    "list_and_value": gettext_lazy("A list field goes with another list field only."),
    "would_lose_data": gettext_lazy("The types of the fields would lose data this way."),
}
"""Why a direction is not available, by code, in the reader's language."""


def label_of(field: FieldMapping) -> str:
    """The name of an ERP field in the reader's language."""
    return text_for(field.name, get_language() or "en") or field.key


_NUMBERS = frozenset({"NUMBER2", "NUMBER"})


def is_key(field: FieldMapping, crm_key: str | None = None) -> bool:
    """Whether people know an actor by this field, as by the customer number: it is always shown in search results
    (behaviour A7). That is the field of the CRM's number (behaviour F), by its own key or by its mapping.

    `crm_key` is the CRM field it may be mapped to; None means the stored one.
    """
    return not _NUMBERS.isdisjoint((field.key.upper(), field.crm_key if crm_key is None else crm_key))


def shown_in_search(actor: ActorMapping) -> list[FieldMapping]:
    """The fields of an actor type that search results show, in rank order; key fields always."""
    return [f for f in actor.fields.filter(missing=False) if f.show_in_search or is_key(f)]


def shown_fields(actor: ActorMapping) -> list[FieldMapping]:
    """The fields of an actor type that the ERP tab or search results show, in rank order (behaviour A11)."""
    return [f for f in actor.fields.filter(missing=False) if f.show_in_tab or f.show_in_search or is_key(f)]


def crm_fields_of(actor: ActorMapping) -> Mapping[str, CrmField]:
    """The CRM fields that the fields of an actor type can be mapped to; none for a type that is not synced."""
    return fields_of(RecordType(actor.record_type)) if actor.record_type else {}


@transaction.atomic
def assign(
    field: FieldMapping,
    crm_key: str,
    to_crm: bool,
    to_erp: bool,
    *,
    show_in_tab: bool | None = None,
    show_in_search: bool | None = None,
    policy: Policy | str | None = None,
) -> None:
    """Map an ERP field to a CRM field, or to none (empty key), unchecked; `actor_mapping.Draft` checks.

    What is None stays as it is; an empty `policy` means the connection's. With another CRM field the list items are no
    longer mapped, and what the sides last agreed on for the field is forgotten.
    """
    moved = crm_key != field.crm_key
    if moved or (to_crm, to_erp) != (field.to_crm, field.to_erp):
        _compare_all_again(field.actor)
    if moved:
        field.items.all().delete()
        _forget_base(field)
    new_policy = field.policy if policy is None else policy
    if moved or (to_crm, to_erp, new_policy) != (field.to_crm, field.to_erp, field.policy):
        _try_again(field)
    field.crm_key, field.to_crm, field.to_erp = crm_key, to_crm, to_erp
    if show_in_tab is not None:
        field.show_in_tab = show_in_tab
    if show_in_search is not None:
        field.show_in_search = show_in_search
    field.policy = new_policy
    field.save(update_fields=["crm_key", "to_crm", "to_erp", "show_in_tab", "show_in_search", "policy"])


def set_sync(actor: ActorMapping, sync: bool) -> None:
    """Switch "Sync ERP … to CRM …" for an actor type. Raises Refused for a type that has no CRM record."""
    if sync and not actor.record_type:
        text = _("%(type)s records have no counterpart in the CRM and are not synced.")
        raise Refused(text % {"type": actor.actor_type})
    if sync and not actor.sync:
        actor.position = ""
    actor.sync = sync
    actor.save(update_fields=["sync", "position"])


@transaction.atomic
def set_items(field: FieldMapping, items: Mapping[str, int]) -> None:
    """Make the list mapping of a field exactly this: ERP item key to id of the CRM list item (behaviour A9).

    Raises Refused for a CRM item that is used twice or is not in the list of the mapped CRM field.
    """
    chosen = CrmListItem.objects.filter(list__key=list_key_of(field), pk__in=items.values()).in_bulk()
    used: dict[int, str] = {}
    for erp_item, crm_item in items.items():
        if crm_item not in chosen:
            text = _("%(field)s: the item chosen for %(item)s is not in the CRM list.")
            raise Refused(text % {"field": label_of(field), "item": erp_item})
        if crm_item in used:
            text = _('%(field)s: the CRM item "%(crm)s" is used twice, for %(first)s and %(second)s.')
            names = {"crm": chosen[crm_item].text, "first": used[crm_item], "second": erp_item}
            raise Refused(text % {"field": label_of(field), **names})
        used[crm_item] = erp_item
    if dict(field.items.values_list("erp_item", "crm_item_id")) == dict(items):
        return
    field.items.all().delete()
    ListItemMapping.objects.bulk_create(
        ListItemMapping(field=field, erp_item=erp_item, crm_item_id=crm_item) for erp_item, crm_item in items.items()
    )
    _compare_all_again(field.actor)
    _try_again(field)


def list_key_of(field: FieldMapping) -> str:
    """The key of the CRM list whose items a field is mapped to; empty if it is not mapped to a list."""
    crm_field = crm_fields_of(field.actor).get(field.crm_key)
    return crm_field.list_key if crm_field else ""


def erp_items(field: FieldMapping) -> dict[str, str]:
    """The items of the ERP's list: key to text in the reader's language. Raises ConnectorFailed."""
    language = get_language() or "en"
    items = connectors.call(field.actor.connection, "get_list", field.list_name).items
    return {key: text_for(text, language) for key, text in items.items()}


def set_default(field: FieldMapping, *, value: str | None = None, ask: bool = False, mandatory: bool = False) -> None:
    """What a new actor gets in this field (behaviour A10). `value` is in wire form, None for no set value.

    Raises Refused for a mandatory field that has neither a set value nor is asked for, and for a bad value.
    """
    if mandatory and value is None and not ask:
        text = _("%(field)s: a mandatory field needs a default value or has to be asked for.")
        raise Refused(text % {"field": label_of(field)})
    if field.access == Access.READ_ONLY and (value is not None or ask):
        raise Refused(_("%(field)s is read-only in the ERP and takes no default.") % {"field": label_of(field)})
    has_default = value is not None or ask
    before = (field.default_set, field.default_value)
    field.default_set = value is not None
    field.default_value = _checked_default(field, value or "")
    field.default_ask = ask
    field.default_mandatory = mandatory or (has_default and field.access == Access.MANDATORY)
    field.save(update_fields=["default_set", "default_value", "default_ask", "default_mandatory"])
    if before != (field.default_set, field.default_value):
        _try_again(field)


@transaction.atomic
def set_rank(actor: ActorMapping, keys: Sequence[str]) -> None:
    """Put the fields of an actor type in this order; those that are not named follow as they are (behaviour A11)."""
    place = {key: number for number, key in enumerate(keys)}
    fields = sorted(actor.fields.all(), key=lambda field: (place.get(field.key, len(place)), field.rank, field.pk))
    for rank, field in enumerate(fields, start=1):
        field.rank = rank
    FieldMapping.objects.bulk_update(fields, ["rank"], batch_size=500)


def compile_mappings(actor: ActorMapping) -> list[merge.FieldMapping]:
    """What the merge needs to know of an actor type: the fields with a direction and a CRM field, in rank order."""
    crm_fields = crm_fields_of(actor)
    fields = actor.fields.filter(missing=False).exclude(to_crm=False, to_erp=False).prefetch_related("items")
    return [_compiled(field, crm_fields[field.crm_key]) for field in fields if field.crm_key in crm_fields]


def _compiled(field: FieldMapping, crm_field: CrmField) -> merge.FieldMapping:
    return merge.FieldMapping(
        erp=erp_spec(field),
        crm=crm_spec(crm_field),
        to_crm=field.to_crm,
        to_erp=field.to_erp,
        items={item.erp_item: str(item.crm_item_id) for item in field.items.all()},
        policy=Policy(field.policy) if field.policy else None,
    )


def erp_spec(field: FieldMapping) -> FieldSpec:
    """An ERP field as the merge knows it."""
    return FieldSpec(
        key=field.key,
        kind=kind_of(FieldType(field.type)),
        max_length=field.max_length,
        read_only=field.access == Access.READ_ONLY,
        mandatory=field.access == Access.MANDATORY,
        label=label_of(field),
    )


def crm_spec(field: CrmField) -> FieldSpec:
    """A CRM field as the merge knows it."""
    return FieldSpec(
        key=field.key,
        kind=field.kind,
        max_length=field.max_length,
        mandatory=field.mandatory,
        label=str(field.label),
    )


def field_obstacle(field: FieldMapping, crm_key: str, crm_fields: Mapping[str, CrmField]) -> str | None:
    """Why an ERP field goes with a CRM field in neither direction, whatever their types: a code of REASONS."""
    if not crm_key:
        return "no_crm_field"
    if field.missing:
        return "missing_erp"
    if crm_key not in crm_fields:
        return "missing_crm"
    return "user_list" if crm_fields[crm_key].list_key == USER_LIST else None


def _checked_default(field: FieldMapping, value: str) -> str:
    kind = FieldType(field.type)
    if kind == FieldType.TEXT and 0 < field.max_length < len(value):
        text = _("%(field)s takes %(length)s characters at most. Shorten the default.")
        raise Refused(text % {"field": label_of(field), "length": field.max_length})
    try:
        return encode_as(decode(value, kind), kind)
    except BadValue as error:
        text = _("%(field)s: the default doesn't fit the field. Correct it.")
        raise Refused(text % {"field": label_of(field)}, str(error)) from error


def _compare_all_again(actor: ActorMapping) -> None:
    """A new mapping concerns every linked record, so the next run looks at all of them, not at the changed alone."""
    actor.position = ""
    ActorMapping.objects.filter(pk=actor.pk).update(position="")


def _try_again(field: FieldMapping) -> None:
    """What was set aside because of this field may go through now."""
    marks.retry_issues(field.actor.connection_id, field.actor.actor_type, field.key)


def _forget_base(field: FieldMapping) -> None:
    """What was agreed for another CRM field says nothing about the new one."""
    links = Link.objects.filter(
        connection=field.actor.connection_id, actor_type=field.actor.actor_type, base__has_key=field.key
    )
    changed = []
    for link in links.only("base").iterator(chunk_size=1000):
        del link.base[field.key]
        changed.append(link)
    Link.objects.bulk_update(changed, ["base"], batch_size=500)
