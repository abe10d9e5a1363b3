"""`$select`: a caller names the members that it wants, and the others are null."""

from __future__ import annotations

from typing import Any

from brygga.api.schemas.base import Model


def selected(answer: Any, names: str) -> Any:
    """The answer with only these members, comma-separated and in any case of letters; none named means all.

    Applies to an object or to each object of a list. Other answers, and a dictionary, have no members to choose from.
    """
    wanted = {name.strip().casefold() for name in names.split(",")} - {""}
    if not wanted:
        return answer
    if isinstance(answer, list):
        return [selected(item, names) for item in answer]
    return _reduced(answer, wanted) if isinstance(answer, Model) else answer


def _reduced(model: Model, wanted: set[str]) -> Model:
    fields = type(model).model_fields
    unwanted = [name for name, field in fields.items() if (field.alias or name).casefold() not in wanted]
    return model.model_copy(update=dict.fromkeys(unwanted))
