"""Reading the contract's data from elements, liberally.

Members are matched by local name, in any order; what is missing or nil counts as empty, what is unknown is passed
over, and of members or keys that come twice the last counts (contract, section 6).
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from lxml import etree

from brygga.contract.actors import ActorType, ConnectionInfo, ErpActor, FieldMetadata, SearchRestriction
from brygga.soap import vocabulary
from brygga.soap.operations import Kind
from brygga.soap.xml import local_name, without_namespace

Members = dict[str, etree._Element]


def members(element: etree._Element | None) -> Members:
    """The children of an element by local name."""
    return {} if element is None else {local_name(child): child for child in element}


def text(element: etree._Element | None) -> str:
    """The text of an element; empty if it is missing."""
    return "" if element is None else element.text or ""


def guid(element: etree._Element | None) -> str:
    """A GUID as we write it, from any of its usual forms; another text as it is."""
    written = text(element).strip()
    try:
        return str(UUID(written))
    except ValueError:
        return written


def boolean(element: etree._Element | None) -> bool | None:
    """`true` or `1`, `false` or `0`; None for everything else."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text(element).strip().lower())


def integer(element: etree._Element | None) -> int:
    """An integer; 0 if it is none."""
    try:
        return int(text(element))
    except ValueError:
        return 0


def actor_type(element: etree._Element | None) -> ActorType:
    """An actor type; `Unknown` if it is none."""
    return vocabulary.actor_type(text(element))


def texts(element: etree._Element | None) -> list[str]:
    """An array of strings."""
    return [] if element is None else [text(child) for child in element]


def dictionary(element: etree._Element | None) -> dict[str, str]:
    """A dictionary of strings. The lines before the last two are for speed, in any order of Key and Value."""
    if element is None:
        return {}
    keys = [key.text or "" for key in element.iter("{*}Key")]
    values = [value.text or "" for value in element.iter("{*}Value")]
    if len(keys) == len(values) == len(element):
        return dict(zip(keys, values, strict=True))
    pairs = [members(entry) for entry in element]
    return {text(pair.get("Key")): text(pair.get("Value")) for pair in pairs}


def actor(element: etree._Element | None) -> ErpActor:
    """An actor. As there may be a million of them, each child is looked at once and no more is made of it."""
    fields: dict[str, str] = {}
    texts: dict[str, str] = {}
    for child in () if element is None else element:
        name = without_namespace(child.tag)  # type: ignore[arg-type] # quicker than local_name
        if name == "FieldValues":
            fields = dictionary(child)
        else:
            texts[name] = child.text or ""
    return ErpActor(
        vocabulary.actor_type(texts.get("ActorType", "")),
        texts.get("ErpKey", ""),
        texts.get("LastModified", ""),
        vocabulary.parent_type(texts.get("ParentActorType", "")),
        texts.get("ParentErpKey", ""),
        fields,
    )


def actors(element: etree._Element | None) -> list[ErpActor]:
    """An array of actors."""
    return [] if element is None else [actor(child) for child in element]


def metadata(element: etree._Element) -> FieldMetadata:
    """What a connector says of one field."""
    found = members(element)
    return FieldMetadata(
        key=text(found.get("FieldKey")),
        name=text(found.get("DisplayName")),
        description=text(found.get("DisplayDescription")),
        type=vocabulary.field_type(text(found.get("FieldType"))),
        list_name=text(found.get("ListName")),
        default=text(found.get("DefaultValue")),
        max_length=integer(found.get("MaxLength")),
        access=vocabulary.access(text(found.get("Access"))),
        rank=integer(found.get("Rank")),
    )


def fields(element: etree._Element | None) -> list[FieldMetadata]:
    """An array of descriptions of fields."""
    return [] if element is None else [metadata(child) for child in element]


def restriction(element: etree._Element) -> SearchRestriction:
    """One line of an advanced search."""
    found = members(element)
    return SearchRestriction(
        field_key=text(found.get("FieldKey")),
        operator=text(found.get("Operator")),
        values=texts(found.get("Values")),
    )


def restrictions(element: etree._Element | None) -> list[SearchRestriction]:
    """The lines of an advanced search."""
    return [] if element is None else [restriction(child) for child in element]


def connection(element: etree._Element | None) -> ConnectionInfo:
    """A connection's configuration, still without its GUID."""
    return ConnectionInfo(values=dictionary(element))


READERS: dict[Kind, Callable[[etree._Element | None], object]] = {
    Kind.GUID: guid,
    Kind.TEXT: text,
    Kind.ACTOR_TYPE: actor_type,
    Kind.TEXTS: texts,
    Kind.ACTOR: actor,
    Kind.ACTORS: actors,
    Kind.RESTRICTIONS: restrictions,
    Kind.CONNECTION: connection,
}
"""How each kind of member of a request is read."""
