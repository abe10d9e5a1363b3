"""The mapping of an actor type as a whole: read, and saved all or nothing (behaviour A7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import mapping


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """What an ERP field is to be mapped to; None leaves it as it is. The field is named by id, else by key.

    An empty `crm_key` maps it to nothing; then, unless told otherwise, it has no direction either.
    """

    field_id: int | None = None
    erp_key: str | None = None
    crm_key: str | None = None
    to_crm: bool | None = None
    to_erp: bool | None = None
    show_in_tab: bool | None = None
    show_in_search: bool | None = None


@transaction.atomic
def save(actor: ActorMapping, sync: bool | None, choices: Sequence[FieldChoice]) -> None:
    """Map these fields, and switch the sync of the actor type; fields that are not named stay as they are.

    Whether the directions are available is asked of the whole, so two fields can change places. Raises NotFound for
    an unknown field, and Refused with every direction that is not available; then nothing is changed.
    """
    fields = {field.pk: field for field in actor.fields.all()}
    keys = {field.key: field for field in fields.values()}
    named = [(_named(choice, fields, keys, actor), choice) for choice in choices]
    _refuse_repeats([field for field, _choice in named])
    for field, choice in named:
        field.actor = actor
        _assign(field, choice)
    _check([field for field, _choice in named], actor)
    if sync is not None:
        mapping.set_sync(actor, sync)


def fed_by_others(actor: ActorMapping) -> set[str]:
    """The CRM fields that another connection feeds, so that this one can't."""
    feeding = FieldMapping.objects.filter(
        to_crm=True, actor__sync=True, actor__record_type=actor.record_type, actor__connection__deleted=False
    )
    return set(feeding.exclude(actor__connection=actor.connection_id).values_list("crm_key", flat=True))


def _named(
    choice: FieldChoice, fields: dict[int, FieldMapping], keys: dict[str, FieldMapping], actor: ActorMapping
) -> FieldMapping:
    field = fields.get(choice.field_id) if choice.field_id else keys.get(choice.erp_key or "")
    if field is None or (choice.erp_key and choice.erp_key != field.key):
        shown = {"actor": actor.actor_type, "key": choice.erp_key or "", "id": choice.field_id or 0}
        raise NotFound(_("%(actor)s has no field with the key “%(key)s” and the id %(id)s.") % shown)
    return field


def _refuse_repeats(fields: Sequence[FieldMapping]) -> None:
    seen: set[int] = set()
    for field in fields:
        if field.pk in seen:
            raise Refused(_("%(field)s is mapped twice. Keep one of the two.") % {"field": mapping.label_of(field)})
        seen.add(field.pk)


def _assign(field: FieldMapping, choice: FieldChoice) -> None:
    crm_key = field.crm_key if choice.crm_key is None else choice.crm_key
    known = mapping.crm_fields_of(field.actor)
    if crm_key and crm_key not in known and crm_key != field.crm_key:
        text = _('%(field)s: the CRM has no field "%(crm)s".')
        raise Refused(text % {"field": mapping.label_of(field), "crm": crm_key})
    mapping.assign(
        field,
        crm_key,
        (field.to_crm and bool(crm_key)) if choice.to_crm is None else choice.to_crm,
        (field.to_erp and bool(crm_key)) if choice.to_erp is None else choice.to_erp,
        show_in_tab=choice.show_in_tab,
        show_in_search=choice.show_in_search,
    )


def _check(fields: Sequence[FieldMapping], actor: ActorMapping) -> None:
    crm_fields, faults = mapping.crm_fields_of(actor), []
    for field in fields:
        if not (field.to_crm or field.to_erp):
            continue
        no_crm, no_erp = mapping.obstacles(field, field.crm_key, crm_fields)
        code = (field.to_crm and no_crm) or (field.to_erp and no_erp)
        if code:
            faults.append(f"{mapping.label_of(field)}: {mapping.REASONS[code]}")
    if faults:
        raise Refused("\n".join(faults))
