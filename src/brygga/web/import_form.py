"""The settings of an import as a form (behaviour I3)."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from brygga.erp.crm_side import crm_side
from brygga.erp.models import ActorMapping
from brygga.erp.services.import_choices import ImportChoices, list_fields_of, ways_of
from brygga.erp.services.mapping import label_of, list_key_of
from brygga.erp.services.unknown_items import ADD, BLANK, DEFAULT

_ACTIONS = (
    ("add", _("Add always")),
    ("merge", _("Merge - update empty fields")),
    ("replace", _("Replace - overwrite existing")),
    ("skip", _("Skip - do not import")),
)
_UNKNOWN = (
    (ADD, _("Add to the CRM list")),
    (DEFAULT, _("Take another item instead")),
    (BLANK, _("Leave the field blank")),
)
_DEFAULT = "default-"
"""What the names of the choosers of items begin with; the ERP field follows."""


def choices_form(actor: ActorMapping, choices: ImportChoices) -> dict[str, Any]:
    """What the form shows for these choices."""
    fields = list_fields_of(actor)
    return {
        "ways": [
            {"value": way.duplicates, "label": way.label, "missing": ", ".join(way.missing),
             "checked": way.duplicates == choices.duplicates}
            for way in ways_of(actor)
        ],
        "actions": _options(_ACTIONS, choices.on_duplicate),
        "unknown": _options(_UNKNOWN, choices.unknown) if fields else [],
        "defaults": [
            {
                "name": f"{_DEFAULT}{one.key}",
                "label": label_of(one),
                "items": [
                    {"value": key, "text": text, "chosen": key == str(choices.defaults.get(one.key, ""))}
                    for key, text in crm_side().list_items(list_key_of(one)).items()
                ],
            }
            for one in fields
        ],
    }  # fmt: skip


def sent_choices(data: QueryDict) -> ImportChoices:
    """The choices that a form sent, as they are; the service says whether they will do."""
    defaults = {
        name.removeprefix(_DEFAULT): int(value)
        for name, value in data.items()
        if name.startswith(_DEFAULT) and isinstance(value, str) and value.isdecimal() and len(value) < 19
    }
    return ImportChoices(
        data.get("duplicates", "?"), data.get("on_duplicate", ""), data.get("unknown", BLANK), defaults
    )


def _options(offered: tuple[tuple[str, Any], ...], chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "checked": value == chosen} for value, label in offered]
