"""Whether field metadata and texts for users are fit for use."""

from __future__ import annotations

import re
from collections.abc import Collection

from brygga.contract import BadValue, FieldMetadata, FieldType, values

_CODED = re.compile(r'\s*[A-Z]{2}:"')
_WELL_FORMED = re.compile(r'\s*(?:[A-Z]{2}:"[^"]*"\s*;?\s*)+')


def text_problem(text: str) -> str:
    """What is wrong with a text in several languages; a plain text is never wrong."""
    if _CODED.match(text) and not _WELL_FORMED.fullmatch(text):
        return f"the text {text!r} is not well formed"
    return ""


def default_problem(field: FieldMetadata, items: Collection[str]) -> str:
    """What is wrong with the default of a field; `items` are the keys of its list, if they are known."""
    if not field.default:
        return ""
    try:
        values.decode(field.default, field.type)
    except BadValue as error:
        return f"default: {error}"
    if field.type is FieldType.LIST and items and field.default not in items:
        return f"default: {field.default!r} is not in the list {field.list_name}"
    if field.type is FieldType.TEXT and 0 < field.max_length < len(field.default):
        return f"default: longer than {field.max_length}"
    return ""
