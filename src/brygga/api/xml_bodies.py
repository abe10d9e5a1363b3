"""XML bodies: elements named as the members, as .NET's serialisers write them, made into what JSON would have been.

What an element means is known only beside its model: a list holds elements of any name, a dictionary holds entries
with a key and a value each. So `schemas.base.Model` asks for the members of an element when it reads one.
"""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

from lxml import etree
from pydantic.fields import FieldInfo

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def parse(text: bytes) -> etree._Element:
    """The root of a document. Raises ValueError for what is no XML, and for a document type: nothing is resolved."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type is not accepted")
    return root


def members(element: etree._Element, fields: dict[str, FieldInfo]) -> dict[str, Any]:
    """The members of an object by their names, each shaped for its field; objects in it are left as elements."""
    by_name = {field.alias or name: field for name, field in fields.items()}
    found = {}
    for child in element:
        name = _local_name(child)
        if name in by_name and child.get(_NIL) not in ("true", "1"):
            found[name] = _value(child, by_name[name].annotation)
    return found


def _value(element: etree._Element, annotation: Any) -> Any:
    kind = _without_none(annotation)
    origin = get_origin(kind)
    if origin is list:
        return [_value(item, get_args(kind)[0]) for item in element]
    if origin is dict:
        return dict(_entry(entry, get_args(kind)[1]) for entry in element)
    return element if hasattr(kind, "model_fields") else element.text or ""


def _entry(element: etree._Element, annotation: Any) -> tuple[str, Any]:
    """An entry with a Key and a Value; an element without these is named by its key."""
    parts = {_local_name(part).casefold(): part for part in element}
    if set(parts) == {"key", "value"}:
        return parts["key"].text or "", _value(parts["value"], annotation)
    return _local_name(element), _value(element, annotation)


def _without_none(annotation: Any) -> Any:
    """The type of a member that may be null, without what else is said of it."""
    if get_origin(annotation) in (Union, types.UnionType):
        return _without_none(next(choice for choice in get_args(annotation) if choice is not type(None)))
    return _without_none(annotation.__origin__) if hasattr(annotation, "__metadata__") else annotation


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname
