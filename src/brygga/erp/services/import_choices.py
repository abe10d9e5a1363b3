"""The settings of an import: how records are recognised, what is done with them and with list items (behaviour I3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from brygga.contract import FieldType
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, FieldMapping
from brygga.erp.services.importing import DUPLICATE_CHOICES
from brygga.erp.services.mapping import list_key_of
from brygga.erp.services.recognising import WAYS
from brygga.erp.services.unknown_items import BLANK, CHOICES, DEFAULT, UnknownItems

_NAME = ("LASTNAME", "FIRSTNAME")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to recognise records: the CRM fields, separated by commas, in words, and the fields that are not mapped."""

    duplicates: str
    label: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What an import does. `duplicates` as in `import_actors`, empty for none; `defaults` are CRM list items."""

    duplicates: str = ""
    on_duplicate: str = "skip"
    unknown: str = BLANK
    defaults: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> ImportChoices:
        """The choices that `stored` gave."""
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        """The choices as JSON."""
        return {
            "duplicates": self.duplicates, "on_duplicate": self.on_duplicate,
            "unknown": self.unknown, "defaults": dict(self.defaults),
        }  # fmt: skip

    @property
    def unknown_items(self) -> UnknownItems:
        """What is done with list items that have no counterpart."""
        return UnknownItems(self.unknown, self.defaults)


def first_choices(actor: ActorMapping) -> ImportChoices:
    """What is chosen to begin with: the number recognises best, then the name."""
    ways = [way.duplicates for way in ways_of(actor) if way.duplicates and not way.missing]
    numbers = [way for way in ways if way in ("NUMBER2", "NUMBER")]
    return ImportChoices(duplicates=next(iter([*numbers, *ways]), ""))


def ways_of(actor: ActorMapping) -> list[Way]:
    """The ways in which records of an actor type can be recognised; the last is none at all."""
    kind = RecordType(actor.record_type)
    fields = crm_side().fields(kind)
    mapped = set(
        actor.fields.filter(missing=False).exclude(to_crm=False, to_erp=False).values_list("crm_key", flat=True)
    )
    ways = []
    for keys in WAYS[kind]:
        label = _("Name") if keys == _NAME else " + ".join(str(fields[key].label) for key in keys)
        missing = tuple(str(fields[key].label) for key in keys if key not in mapped)
        ways.append(Way(",".join(keys), label, missing))
    return [*ways, Way("", _("None"))]


def list_fields_of(actor: ActorMapping) -> list[FieldMapping]:
    """The list fields of an actor type whose items go to a list of the CRM."""
    fields = actor.fields.filter(type=FieldType.LIST, missing=False).exclude(crm_key="")
    fields = fields.exclude(to_crm=False, to_erp=False).select_related("actor__connection__connector")
    return [one for one in fields if list_key_of(one)]


def check(actor: ActorMapping, choices: ImportChoices) -> None:
    """Raise Refused, with what to do, for choices that an import can't be made with."""
    ways = {way.duplicates: way for way in ways_of(actor)}
    way = ways.get(choices.duplicates)
    if way is None or choices.on_duplicate not in DUPLICATE_CHOICES or choices.unknown not in CHOICES:
        raise Refused(_("Choose one of the settings on offer."), f"import choices {choices}")
    if way.missing:
        text = _("%(fields)s: not mapped, so records can't be recognised by it.")
        raise Refused(text % {"fields": ", ".join(way.missing)})
    if choices.unknown == DEFAULT:
        _check_defaults(actor, choices.defaults)


def _check_defaults(actor: ActorMapping, defaults: Mapping[str, int]) -> None:
    fields = {one.key: one for one in list_fields_of(actor)}
    for key, item in defaults.items():
        if key not in fields or str(item) not in crm_side().list_items(list_key_of(fields[key])):
            raise Refused(_("%(field)s: choose an item of the CRM list.") % {"field": key})
    if not defaults:
        raise Refused(_("Choose the list item to take instead, for one list at least."))
