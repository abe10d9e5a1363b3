"""The byte forms of a .NET service: requests read as strictly as its serialiser does, answers as it writes them.

This knows the contract by itself, so that a slip on our side is not made on both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any
from xml.etree import ElementTree

NS = "http://www.superoffice.net/EIS/Connector/1.0"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ACTOR_TYPES = ("Unknown", "Customer", "Supplier", "Partner", "Person", "Project", "Employee", "Sale")

Element = ElementTree.Element
Read = Callable[[Element], Any]


class Violation(Exception):
    """The request is not what a .NET client would have sent."""


# Reading, strictly


def _children(element: Element) -> list[Element]:
    if (element.text or "").strip():
        raise Violation(f"text in {element.tag}")
    return list(element)


def _text(element: Element) -> str | None:
    if len(element):
        raise Violation(f"{element.tag} holds elements")
    nil = element.attrib.pop(f"{{{XSI}}}nil", "false")
    if element.attrib:
        raise Violation(f"{element.tag} has attributes: {element.attrib}")
    return None if nil == "true" else element.text or ""


def _guid(element: Element) -> str:
    text = _text(element) or ""
    if not GUID.fullmatch(text):
        raise Violation(f"not a GUID: {text!r}")
    return text


def _actor_type(element: Element) -> str:
    text = _text(element)
    if text not in ACTOR_TYPES:
        raise Violation(f"not an actor type: {text!r}")
    return text


def _optional_actor_type(element: Element) -> str:
    return "Unknown" if element.attrib.get(f"{{{XSI}}}nil") == "true" else _actor_type(element)


def _each(name: str, read: Read) -> Read:
    def read_all(element: Element) -> list[Any]:
        children = _children(element)
        if any(child.tag != name for child in children):
            raise Violation(f"{element.tag} holds something else than {name}")
        return [read(child) for child in children]

    return read_all


def _members(namespace: str, *members: tuple[str, Read]) -> Read:
    """An object whose members all come, in this order."""

    def read(element: Element) -> dict[str, Any]:
        children = _children(element)
        expected = [f"{{{namespace}}}{name}" for name, _ in members]
        if [child.tag for child in children] != expected:
            raise Violation(f"{element.tag} has the members {[child.tag for child in children]}, expected {expected}")
        return {name: read(child) for child, (name, read) in zip(children, members, strict=True)}

    return read


_texts = _each(f"{{{ARRAYS}}}string", _text)
_pairs = _each(f"{{{ARRAYS}}}KeyValueOfstringstring", _members(ARRAYS, ("Key", _text), ("Value", _text)))


def _dictionary(element: Element) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in _pairs(element)}


_actor = _members(
    NS,
    ("ActorType", _actor_type),
    ("ErpKey", _text),
    ("FieldValues", _dictionary),
    ("LastModified", _text),
    ("ParentActorType", _optional_actor_type),
    ("ParentErpKey", _text),
)
_restriction = _members(NS, ("FieldKey", _text), ("Operator", _text), ("Values", _texts))
_BASE = ("ConnectionGuid", _guid)
_TYPE = ("ActorType", _actor_type)
_KEYS = ("FieldKeys", _texts)

REQUESTS: dict[str, tuple[tuple[str, Read], ...] | None] = {
    "WSGetConfigData": None,
    "WSTestConfigData": (("ConnectionInfo", _dictionary),),
    "WSSaveConnection": (_BASE, ("ConnectionInfo", _dictionary)),
    "WSTestConnection": (_BASE,),
    "WSDeleteConnection": (_BASE,),
    "WSGetSupportedActorTypes": (_BASE,),
    "WSGetSupportedActorTypeFields": (_BASE, _TYPE),
    "WSGetSearchableFields": (_BASE, _TYPE),
    "WSGetActors": (_BASE, _TYPE, ("ErpKeys", _texts), _KEYS),
    "WSSearchActors": (_BASE, _TYPE, _KEYS, ("SearchText", _text)),
    "WSSearchActorByParent": (
        *(_BASE, _TYPE, _KEYS),
        *(("ParentActorErpKey", _text), ("ParentActorType", _actor_type), ("SearchText", _text)),
    ),
    "WSSearchActorsAdvanced": (
        _BASE,
        _TYPE,
        _KEYS,
        ("Restrictions", _each(f"{{{NS}}}SearchRestrictionInfoWS", _restriction)),
    ),
    "WSCreateActor": (_BASE, ("Actor", _actor)),
    "WSSaveActors": (_BASE, ("Actors", _each(f"{{{NS}}}ErpActorWS", _actor))),
    "WSGetList": (_BASE, ("ListName", _text)),
    "WSGetListItems": (_BASE, ("ListItemKeys", _texts), ("ListName", _text)),
    "WSGetActorsByTimestamp": (_BASE, _TYPE, _KEYS, ("UpdatedOnOrAfter", _text)),
}


def read_request(body: bytes, action: str) -> tuple[str, dict[str, Any]]:
    """Operation and members of a request. Raises Violation."""
    envelope = ElementTree.fromstring(body)
    if envelope.tag != f"{{{SOAP}}}Envelope" or [child.tag for child in envelope] != [f"{{{SOAP}}}Body"]:
        raise Violation("not an envelope with a body alone")
    (wrapper,) = envelope[0]
    namespace, _, operation = wrapper.tag[1:].partition("}")
    if namespace != NS or operation not in REQUESTS:
        raise Violation(f"no such operation: {wrapper.tag}")
    if action != f'"{NS}/IErpConnectorWS/{operation}"':
        raise Violation(f"SOAPAction {action} with {operation}")
    members = REQUESTS[operation]
    if members is None:
        if len(wrapper):
            raise Violation(f"{operation} takes no request")
        return operation, {}
    read: Read = _members(NS, ("request", _members(NS, *members)))
    return operation, read(wrapper)["request"]


# Writing, in the byte forms of .NET


def element(name: str, text: str | None) -> str:
    if text is None:
        return f'<{name} i:nil="true"/>'
    content = escape(text, quote=False).replace("\r", "&#xD;")
    return f"<{name}>{content}</{name}>" if text else f"<{name}/>"


def string_array(name: str, items: list[str]) -> str:
    inner = "".join(element("a:string", item) for item in items)
    return f'<{name} xmlns:a="{ARRAYS}">{inner}</{name}>' if items else f'<{name} xmlns:a="{ARRAYS}"/>'


def string_dictionary(name: str, items: dict[str, str]) -> str:
    inner = "".join(
        f"<a:KeyValueOfstringstring>{element('a:Key', key)}{element('a:Value', value)}</a:KeyValueOfstringstring>"
        for key, value in items.items()
    )
    return f'<{name} xmlns:a="{ARRAYS}">{inner}</{name}>'


def metadata(
    key: str, name: str, kind: str = "Text", access: str = "Normal", rank: int = 0, list_name: str = ""
) -> str:
    return (
        f"<FieldMetadataInfoWS><Access>{access}</Access>{element('DefaultValue', None)}"
        f"{element('DisplayDescription', None)}{element('DisplayName', name)}{element('FieldKey', key)}"
        f"<FieldType>{kind}</FieldType>{element('ListName', list_name)}<MaxLength>40</MaxLength>"
        f"<Rank>{rank}</Rank></FieldMetadataInfoWS>"
    )


def metadata_array(*items: str) -> str:
    return f"<FieldMetaDataObjects>{''.join(items)}</FieldMetaDataObjects>"


def result(operation: str, own: str = "", *, error: str | None = None, code: str | None = None) -> bytes:
    base = (
        f"{element('ErrorCode', code)}<IsOk>{'false' if error else 'true'}</IsOk>"
        f"<State>{'Error' if error else 'Ok'}</State>{element('TechExplanation', error and 'by the service')}"
        f"{element('UserExplanation', error)}"
    )
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><{operation}Response xmlns="{NS}">'
        f'<{operation}Result xmlns:i="{XSI}">{base}{own}</{operation}Result></{operation}Response>'
        "</s:Body></s:Envelope>"
    ).encode()


def fault(text: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault>'
        '<faultcode xmlns:a="http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher">'
        f'a:DeserializationFailed</faultcode><faultstring xml:lang="en-US">{escape(text)}</faultstring>'
        "</s:Fault></s:Body></s:Envelope>"
    ).encode()
