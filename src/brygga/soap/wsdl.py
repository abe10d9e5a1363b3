"""The WSDL 1.1 of a host: document/literal wrapped, in the shape that .NET gives to the same contract.

Requests, messages and operations are derived from `operations`; only the data types are written down here. Every
member may be missing, and every one but booleans, numbers and enumerations may be nil (contract, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache
from xml.sax.saxutils import quoteattr

from brygga.contract import Access, FieldType, State
from brygga.contract.responses import (
    ActorResponse,
    ActorsResponse,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
)
from brygga.soap.operations import ARRAYS, INTERFACE, NAMESPACE, OPERATIONS, Kind, Operation
from brygga.soap.vocabulary import wire_name

Members = dict[str, str]
"""The members of a type: their XML type by name."""

SERVICE = "ErpConnectorWS"
_SERIALIZATION = "http://schemas.microsoft.com/2003/10/Serialization/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_HTTP = "http://schemas.xmlsoap.org/soap/http"

_TEXTS = "a:ArrayOfstring"
_DICTIONARY = "a:ArrayOfKeyValueOfstringstring"
_RESULT = "ConnectorResultBaseWS"
_REQUEST = "RequestBaseWS"
_GUID: Members = {"ConnectionGuid": "xs:string"}

_KINDS = {
    Kind.GUID: "xs:string",
    Kind.TEXT: "xs:string",
    Kind.ACTOR_TYPE: "xs:string",
    Kind.TEXTS: _TEXTS,
    Kind.ACTOR: "tns:ErpActorWS",
    Kind.ACTORS: "tns:ArrayOfErpActorWS",
    Kind.RESTRICTIONS: "tns:ArrayOfSearchRestrictionInfoWS",
    Kind.CONNECTION: _DICTIONARY,
}
_DATA: dict[str, Members] = {
    "ErpActorWS": {
        "ActorType": "xs:string",
        "ErpKey": "xs:string",
        "FieldValues": _DICTIONARY,
        "LastModified": "xs:string",
        "ParentActorType": "xs:string",
        "ParentErpKey": "xs:string",
    },
    "FieldMetadataInfoWS": {
        "Access": "tns:FieldAccessInfoWS",
        "DefaultValue": "xs:string",
        "DisplayDescription": "xs:string",
        "DisplayName": "xs:string",
        "FieldKey": "xs:string",
        "FieldType": "tns:FieldMetadataTypeInfoWS",
        "ListName": "xs:string",
        "MaxLength": "xs:int",
        "Rank": "xs:int",
    },
    "SearchRestrictionInfoWS": {"FieldKey": "xs:string", "Operator": "xs:string", "Values": _TEXTS},
}
_BASE_RESULT: Members = {
    "ErrorCode": "xs:string",
    "IsOk": "xs:boolean",
    "State": "tns:ResponseStateWS",
    "TechExplanation": "xs:string",
    "UserExplanation": "xs:string",
}
_ANSWERS: dict[type[Response], tuple[str, Members]] = {
    FieldsResponse: (
        "FieldMetadataInfoArrayPluginResponseWS",
        {"FieldMetaDataObjects": "tns:ArrayOfFieldMetadataInfoWS"},
    ),
    ItemsResponse: ("StringArrayPluginResponseWS", {"Items": _TEXTS}),
    ActorsResponse: ("ActorArrayPluginResponseWS", {"Actors": "tns:ArrayOfErpActorWS"}),
    ActorResponse: ("ActorPluginResponseWS", {"Actor": "tns:ErpActorWS"}),
    ListResponse: ("ListItemArrayPluginResponseWS", {"ListItems": _DICTIONARY}),
}
_ENUMERATIONS: dict[str, type[IntEnum]] = {
    "FieldAccessInfoWS": Access,
    "FieldMetadataTypeInfoWS": FieldType,
    "ResponseStateWS": State,
}
_NEVER_NIL = {"xs:boolean", "xs:int"} | {f"tns:{name}" for name in _ENUMERATIONS}


def wsdl(address: str) -> bytes:
    """The document in UTF-8, for a host that is reached at this URL."""
    port = (
        f'<wsdl:service name="{SERVICE}"><wsdl:port name="BasicHttpBinding_{INTERFACE}" '
        f'binding="tns:BasicHttpBinding_{INTERFACE}"><soap:address location={quoteattr(address)}/>'
        "</wsdl:port></wsdl:service>"
    )
    return f"{_unbound()}{port}</wsdl:definitions>".encode()


def schemas() -> tuple[str, str]:
    """The XML schemas of the contract's messages and of .NET's arrays; the first imports the second."""
    return _schema(NAMESPACE, _contract_types(), _import(ARRAYS)), _schema(ARRAYS, _array_types())


@cache
def _unbound() -> str:
    """All but the service; it is the same at every address."""
    operations = OPERATIONS.values()
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<wsdl:definitions name="{SERVICE}" targetNamespace="{NAMESPACE}" xmlns:tns="{NAMESPACE}" '
        'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">'
        f"<wsdl:types>{''.join(schemas())}</wsdl:types>"
        f"{''.join(map(_messages, operations))}"
        f'<wsdl:portType name="{INTERFACE}">{"".join(map(_port_operation, operations))}</wsdl:portType>'
        f'<wsdl:binding name="BasicHttpBinding_{INTERFACE}" type="tns:{INTERFACE}">'
        f'<soap:binding transport="{_HTTP}"/>{"".join(map(_bound_operation, operations))}</wsdl:binding>'
    )


# Operations


def _messages(operation: Operation) -> str:
    return "".join(
        f'<wsdl:message name="{INTERFACE}_{operation.wire}_{way}Message">'
        f'<wsdl:part name="parameters" element="tns:{element}"/></wsdl:message>'
        for way, element in (("Input", operation.wire), ("Output", f"{operation.wire}Response"))
    )


def _port_operation(operation: Operation) -> str:
    message = f"tns:{INTERFACE}_{operation.wire}"
    return (
        f'<wsdl:operation name="{operation.wire}"><wsdl:input message="{message}_InputMessage"/>'
        f'<wsdl:output message="{message}_OutputMessage"/></wsdl:operation>'
    )


def _bound_operation(operation: Operation) -> str:
    body = '<soap:body use="literal"/>'
    return (
        f'<wsdl:operation name="{operation.wire}"><soap:operation soapAction="{operation.action}" style="document"/>'
        f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation>"
    )


# Schemas


def _schema(namespace: str, types: Iterable[str], imports: str = "") -> str:
    return (
        f'<xs:schema xmlns:xs="{_XSD}" xmlns:tns="{namespace}" xmlns:a="{ARRAYS}" targetNamespace="{namespace}" '
        f'elementFormDefault="qualified">{imports}{"".join(types)}</xs:schema>'
    )


def _import(namespace: str) -> str:
    return f'<xs:import namespace="{namespace}"/>'


def _contract_types() -> Iterable[str]:
    yield from (part for operation in OPERATIONS.values() for part in _wrappers(operation))
    yield _type(_REQUEST, _GUID)
    for name, (members, base) in _requests().items():
        yield _type(name, members, base)
    yield _type(_RESULT, _BASE_RESULT)
    for name, members in _ANSWERS.values():
        yield _type(name, members, _RESULT)
    for name, members in _DATA.items():
        yield _type(name, members) + _array(f"ArrayOf{name}", name, f"tns:{name}")
    for name, values in _ENUMERATIONS.items():
        yield _enumeration(name, values)


def _requests() -> dict[str, tuple[Members, str]]:
    """The request types besides the base: their own members and their base type, empty where there is none."""
    found: dict[str, tuple[Members, str]] = {}
    for operation in OPERATIONS.values():
        if operation.request_type in ("", _REQUEST):
            continue
        members = {parameter.member: _KINDS[parameter.kind] for parameter in operation.parameters}
        own = {name: members[name] for name in sorted(members.keys() - _GUID.keys())}
        found[operation.request_type] = own, "" if operation.name == "test_config_data" else _REQUEST
    return found


def _wrappers(operation: Operation) -> Sequence[str]:
    request = {"request": f"tns:{operation.request_type}"} if operation.request_type else {}
    answer, _ = _ANSWERS.get(operation.answer, (_RESULT, {}))
    return (
        f'<xs:element name="{operation.wire}"><xs:complexType>{_members(request)}</xs:complexType></xs:element>',
        f'<xs:element name="{operation.wire}Response"><xs:complexType>'
        f"{_members({f'{operation.wire}Result': f'tns:{answer}'})}</xs:complexType></xs:element>",
    )


def _type(name: str, members: Members, base: str = "") -> str:
    content = _members(members)
    if base:
        content = f'<xs:complexContent><xs:extension base="tns:{base}">{content}</xs:extension></xs:complexContent>'
    return f'<xs:complexType name="{name}">{content}</xs:complexType>{_element(name)}'


def _members(members: Members) -> str:
    return f"<xs:sequence>{''.join(_member(name, kind) for name, kind in members.items())}</xs:sequence>"


def _member(name: str, kind: str) -> str:
    nil = "" if kind in _NEVER_NIL else ' nillable="true"'
    return f'<xs:element minOccurs="0" name="{name}"{nil} type="{kind}"/>'


def _element(name: str) -> str:
    """.NET declares an element for each type; its clients want them."""
    return f'<xs:element name="{name}" nillable="true" type="tns:{name}"/>'


def _array(name: str, item: str, kind: str) -> str:
    many = f'<xs:element minOccurs="0" maxOccurs="unbounded" name="{item}" nillable="true" type="{kind}"/>'
    return f'<xs:complexType name="{name}"><xs:sequence>{many}</xs:sequence></xs:complexType>{_element(name)}'


def _enumeration(name: str, values: type[IntEnum]) -> str:
    listed = "".join(
        f'<xs:enumeration value="{wire_name(value)}">{_hint("EnumerationValue", str(value.value))}</xs:enumeration>'
        for value in values
    )
    kind = f'<xs:simpleType name="{name}"><xs:restriction base="xs:string">{listed}</xs:restriction></xs:simpleType>'
    return kind + _element(name)


def _hint(name: str, text: str) -> str:
    """What .NET's code generators read: the number of a value, whether an array is a dictionary."""
    return f'<xs:annotation><xs:appinfo><{name} xmlns="{_SERIALIZATION}">{text}</{name}></xs:appinfo></xs:annotation>'


def _array_types() -> Iterable[str]:
    item = "KeyValueOfstringstring"
    yield _array("ArrayOfstring", "string", "xs:string")
    pair = '<xs:element name="{0}" nillable="true" type="xs:string"/>'
    yield (
        f'<xs:complexType name="ArrayOf{item}">{_hint("IsDictionary", "true")}<xs:sequence>'
        f'<xs:element minOccurs="0" maxOccurs="unbounded" name="{item}"><xs:complexType><xs:sequence>'
        f"{pair.format('Key')}{pair.format('Value')}</xs:sequence></xs:complexType></xs:element>"
        f"</xs:sequence></xs:complexType>{_element(f'ArrayOf{item}')}"
    )
