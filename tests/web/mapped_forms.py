"""What the forms of the mapping dialogs post, as a browser would."""

from __future__ import annotations

from typing import Any

from brygga.erp.models import ActorMapping, FieldMapping

HTMX = {"HX-Request": "true"}


def field(key: str, actor_type: str = "Customer") -> FieldMapping:
    """A field as it is stored."""
    return FieldMapping.objects.get(key=key, actor__actor_type=actor_type)


def mapping_form(actor: ActorMapping, **changes: Any) -> dict[str, Any]:
    """The form of the mappings of an actor type as it is stored; see `changed`."""
    data: dict[str, Any] = {"panel": [str(actor.pk)], "current": str(actor.pk)}
    if actor.sync:
        data[f"sync-{actor.pk}"] = "on"
    for one in actor.fields.all():
        flags = {"in": one.to_crm, "out": one.to_erp, "search": one.show_in_search, "tab": one.show_in_tab}
        data |= {f"{name}-{one.pk}": "on" for name, is_on in flags.items() if is_on}
        data |= {f"crm-{one.pk}": one.crm_key, f"policy-{one.pk}": one.policy}
    return changed(data, **changes)


def default_form(actor: ActorMapping, **changes: Any) -> dict[str, Any]:
    """The form of the defaults of an actor type without any; see `changed`."""
    return changed({"panel": [str(actor.pk)], "current": str(actor.pk)}, **changes)


def changed(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The form with controls changed, named as `crm_NAME`: the control and the key of a customer field. None takes a
    control out, as a box that is not ticked."""
    for name, value in changes.items():
        control, key = name.split("_", 1)
        data[f"{control}-{field(key).pk}"] = value
    return {name: value for name, value in data.items() if value is not None}


def item_form(row: FieldMapping, *items: tuple[str, str, str], **more: str) -> dict[str, Any]:
    """The form of a list: (ERP item, text chosen, text to be made) for each row."""
    names = (f"erp-{row.pk}", f"item-{row.pk}", f"new-{row.pk}")
    columns = {name: [item[place] for item in items] for place, name in enumerate(names)}
    return {"panel": [str(row.pk)], "current": str(row.pk), **columns, **more}
