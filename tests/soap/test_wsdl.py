"""The WSDL: its schemas hold what the codec writes, in both directions, for every operation."""

from __future__ import annotations

import pytest
from lxml import etree
from tests.soap.hosting import ARGUMENTS, answer_to

from brygga.contract import ActorResponse, ErpActor, Response
from brygga.contract.responses import ActorsResponse
from brygga.soap.codec import encode_request, encode_response
from brygga.soap.operations import ARRAYS, NAMESPACE, OPERATIONS, SOAP
from brygga.soap.wsdl import schemas, wsdl

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
WSDL_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The WSDL's schemas, put together as a validator wants them: imports resolved to the second of them."""
    contract, arrays = schemas()

    class Arrays(etree.Resolver):
        def resolve(self, url: str, public_id: str, context: object) -> object:
            return self.resolve_string(arrays, context)

    parser = etree.XMLParser()
    parser.resolvers.add(Arrays())
    located = contract.replace(f'namespace="{ARRAYS}"/>', f'namespace="{ARRAYS}" schemaLocation="arrays.xsd"/>')
    assert located != contract
    return etree.XMLSchema(etree.fromstring(located, parser))


def content(envelope: bytes) -> etree._Element:
    body = etree.fromstring(envelope).find(f"{{{SOAP}}}Body")
    assert body is not None
    return body[0]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_request_that_the_codec_writes_is_valid(schema: etree.XMLSchema, name: str) -> None:
    schema.assertValid(content(encode_request(OPERATIONS[name], ARGUMENTS[name])))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_that_the_codec_writes_is_valid(schema: etree.XMLSchema, name: str) -> None:
    operation = OPERATIONS[name]
    for response in (answer_to(name), operation.answer.failure("No.", code="UNKOWN_FIELDKEY"), operation.answer()):
        schema.assertValid(content(b"".join(encode_response(operation, response))))


def test_an_actor_may_be_nil(schema: etree.XMLSchema) -> None:
    written = content(b"".join(encode_response(OPERATIONS["create_actor"], ActorResponse(actor=None))))
    schema.assertValid(written)
    assert 'nil="true"' in etree.tostring(written).decode()


@pytest.mark.parametrize(
    "bad",
    [
        "<IsOk>perhaps</IsOk>",
        "<State>Fine</State>",
        "<UserExplanation/><IsOk>true</IsOk>",
        "<Nonsense/>",
        "<Actors/><IsOk>true</IsOk>",
        "<Actors><ErpActor/></Actors>",
        '<Actors><ErpActorWS><FieldValues><x xmlns="urn:x"/></FieldValues></ErpActorWS></Actors>',
    ],
)
def test_what_is_not_of_the_contract_is_invalid(schema: etree.XMLSchema, bad: str) -> None:
    result = f"<WSGetActorsResult>{bad}</WSGetActorsResult>"
    answer = f'<WSGetActorsResponse xmlns="{NAMESPACE}">{result}</WSGetActorsResponse>'
    assert not schema.validate(etree.fromstring(answer))


def test_members_are_in_ordinal_order_after_those_of_the_base() -> None:
    for document in schemas():
        for sequence in etree.fromstring(document).iter(f"{XS}sequence"):
            names = [element.get("name", "") for element in sequence]
            assert names == sorted(names)


def test_requests_extend_the_base_but_for_the_one_that_has_no_connection() -> None:
    tree = etree.fromstring(schemas()[0])
    bases = {
        kind.get("name"): [found.get("base") for found in kind.iter(f"{XS}extension")]
        for kind in tree.iter(f"{XS}complexType")
        if (kind.get("name") or "").endswith("RequestWS")
    }
    assert len(bases) == 12 + 1
    assert bases.pop("TestConfigDataRequestWS") == []
    assert all(base == ["tns:RequestBaseWS"] for base in bases.values())


def test_every_operation_is_bound_with_its_action() -> None:
    tree = etree.fromstring(wsdl("http://erp.example.com/x.svc"))
    bound = {
        operation.get("name"): operation.find(f"{WSDL_SOAP}operation").get("soapAction")
        for operation in tree.find(f"{WSDL}binding").findall(f"{WSDL}operation")
    }
    names = [operation.wire for operation in OPERATIONS.values()]
    assert bound == {name: f"{NAMESPACE}/IErpConnectorWS/{name}" for name in names}


def test_the_address_is_escaped() -> None:
    address = 'http://erp.example.com/a\'b.svc?ConnectorName="x"&y=<z>'
    found = etree.fromstring(wsdl(address)).find(f".//{WSDL_SOAP}address")
    assert found is not None
    assert found.get("location") == address


def test_answers_without_data_are_plain(schema: etree.XMLSchema) -> None:
    written = content(b"".join(encode_response(OPERATIONS["test_connection"], Response())))
    schema.assertValid(written)
    written[0].append(etree.fromstring(f'<Actors xmlns="{NAMESPACE}"/>'))
    assert not schema.validate(written)


def test_a_long_answer_is_valid_in_all_its_parts(schema: etree.XMLSchema) -> None:
    actors = [ErpActor("Customer", str(number), "1", fields={"NAME": "x" * 100}) for number in range(2000)]
    chunks = list(encode_response(OPERATIONS["search_actors"], ActorsResponse(actors=iter(actors))))
    assert len(chunks) > 1
    schema.assertValid(content(b"".join(chunks)))
