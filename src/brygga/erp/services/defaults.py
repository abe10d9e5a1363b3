"""What new actors get in their fields, for an actor type as a whole (behaviour A10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from brygga.contract import Access
from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services import mapping


@dataclass(frozen=True, slots=True)
class DefaultChoice:
    """What a new actor is to get in a field. `value` is in wire form; None means that no value is set."""

    field_id: int
    value: str | None
    ask: bool
    mandatory: bool


class DefaultsRefused(Refused):
    """Defaults that make no sense; `faults` has the reason for each field, by its id."""

    def __init__(self, faults: Mapping[int, str]) -> None:
        super().__init__("\n".join(faults.values()))
        self.faults = dict(faults)


def fields_with_defaults(actor: ActorMapping) -> list[FieldMapping]:
    """The fields that can have a default, in rank order, and those that have one and should not any more."""
    return [f for f in actor.fields.all() if _has_any(f) or (f.access != Access.READ_ONLY and not f.missing)]


def save(actors: Sequence[ActorMapping], choices: Sequence[DefaultChoice]) -> None:
    """Set the defaults of these fields, all or nothing; fields that are not named keep theirs.

    Raises NotFound for a field of another actor type, DefaultsRefused with every reason.
    """
    fields = {field.pk: field for actor in actors for field in actor.fields.all()}
    faults: dict[int, str] = {}
    with transaction.atomic():
        for choice in choices:
            if choice.field_id not in fields:
                raise NotFound(_("There is no ERP field with the id %(id)s.") % {"id": choice.field_id})
            try:
                _set(fields[choice.field_id], choice)
            except Refused as refused:
                faults[choice.field_id] = refused.user_message
        if faults:
            raise DefaultsRefused(faults)


def _set(field: FieldMapping, choice: DefaultChoice) -> None:
    mandatory = (choice.value is not None or choice.ask) if is_locked(field) else choice.mandatory
    stored = (field.default_value if field.default_set else None, field.default_ask, field.default_mandatory)
    if stored != (choice.value, choice.ask, mandatory):
        mapping.set_default(field, value=choice.value, ask=choice.ask, mandatory=mandatory)


def is_locked(field: FieldMapping) -> bool:
    """Whether the connector says that the field must have a value, so that *mandatory* can't be switched off."""
    return field.access == Access.MANDATORY


def _has_any(field: FieldMapping) -> bool:
    return field.default_set or field.default_ask
