"""Messages are understood in every form that peers are known or allowed to send (contract, section 6)."""

from __future__ import annotations

from io import BytesIO

import pytest
from lxml import etree
from tests.soap.samples import ANSWERS, CALLS, GUID, golden_request, golden_response, listed

from brygga.contract import (
    Access,
    ActorResponse,
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    ErpActor,
    FieldMetadata,
    FieldsResponse,
    FieldType,
    ItemsResponse,
    ListResponse,
    Response,
    SearchRestriction,
    State,
)
from brygga.soap.codec import decode_request, decode_response
from brygga.soap.operations import OPERATIONS

WCF_ANSWER = """
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Header><ActivityId CorrelationId="1" xmlns="urn:diagnostics">2</ActivityId></s:Header>
  <s:Body>
    <WSSearchActorsResponse xmlns="http://www.superoffice.net/EIS/Connector/1.0">
      <WSSearchActorsResult xmlns:b="http://www.superoffice.net/EIS/Connector/1.0"
          xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
        <b:ErrorCode i:nil="true"/>
        <b:IsOk>true</b:IsOk>
        <b:State>OkWithInfo</b:State>
        <b:TechExplanation i:nil="true"/>
        <b:UserExplanation>Two &#x26; no more</b:UserExplanation>
        <b:Actors>
          <b:ErpActorWS i:type="b:ErpActorWS">
            <b:ActorType>customer</b:ActorType>
            <b:ErpKey>1</b:ErpKey>
            <b:FieldValues xmlns:c="http://schemas.microsoft.com/2003/10/Serialization/Arrays">
              <c:KeyValueOfstringstring><c:Key>A</c:Key>
              <c:Value>x<!-- no --><![CDATA[<y>]]><?pi z?></c:Value></c:KeyValueOfstringstring>
              <c:KeyValueOfstringstring><c:Value>turned</c:Value><c:Key>B</c:Key></c:KeyValueOfstringstring>
              <c:KeyValueOfstringstring><c:Key>C</c:Key><c:Value i:nil="true"/></c:KeyValueOfstringstring>
            </b:FieldValues>
            <b:LastModified>9</b:LastModified>
            <b:ParentActorType i:nil="true"/>
            <b:ParentErpKey i:nil="true"/>
          </b:ErpActorWS>
          <!-- a second, in another order and with things we do not know -->
          <ErpActorWS>
            <FieldValues>
              <KeyValueOfstringstring><Key>A</Key></KeyValueOfstringstring>
              <KeyValueOfstringstring><Key>B</Key><Value> two </Value><Value2>no</Value2></KeyValueOfstringstring>
            </FieldValues>
            <Odd><ErpActorWS><ErpKey>not one</ErpKey></ErpActorWS></Odd>
            <ParentErpKey>1</ParentErpKey>
            <ParentActorType>1</ParentActorType>
            <ErpKey>2</ErpKey>
            <ActorType>4</ActorType>
          </ErpActorWS>
        </b:Actors>
      </WSSearchActorsResult>
    </WSSearchActorsResponse>
  </s:Body>
</s:Envelope>
"""
WCF_ACTORS = [
    ErpActor(ActorType.CUSTOMER, "1", "9", fields={"A": "x<y>", "B": "turned", "C": ""}),
    ErpActor(ActorType.PERSON, "2", "", ActorType.CUSTOMER, "1", {"A": "", "B": " two "}),
]


def answer(name: str, members: str) -> Response:
    """What is read from an answer with these members, in the plainest form."""
    wire = OPERATIONS[name].wire
    message = (
        f"<Envelope><Body><{wire}Response><{wire}Result>{members}</{wire}Result></{wire}Response></Body></Envelope>"
    )
    response = decode_response(OPERATIONS[name], BytesIO(message.encode()))
    if isinstance(response, ActorsResponse):
        response.actors = list(response.actors)
    return response


def arguments(name: str, members: str) -> tuple[object, ...]:
    """What is read from a request with these members, in the plainest form."""
    wire = OPERATIONS[name].wire
    message = f"<Envelope><Body><{wire}><request>{members}</request></{wire}></Body></Envelope>"
    return decode_request(message.encode()).arguments


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-8", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16", ""),
        ("iso-8859-1", "ISO-8859-1"),
    ],
)
def test_an_answer_as_wcf_writes_it_is_read_in_any_encoding(encoding: str, declared: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    message = (declaration + WCF_ANSWER.strip().replace("turned", "Ærø")).encode(encoding)
    response = decode_response(OPERATIONS["search_actors"], BytesIO(message))
    assert isinstance(response, ActorsResponse)
    assert (response.ok, response.state, response.error_code) == (True, State.OK_WITH_INFO, "")
    assert response.user_explanation == "Two & no more"
    first, second = response.actors
    assert first.fields.pop("B") == "Ærø"
    assert (first, second) == (ErpActor(ActorType.CUSTOMER, "1", "9", fields={"A": "x<y>", "C": ""}), WCF_ACTORS[1])


def test_nothing_is_made_of_what_is_unknown() -> None:
    response = decode_response(OPERATIONS["search_actors"], BytesIO(WCF_ANSWER.strip().encode()))
    assert isinstance(response, ActorsResponse)
    assert list(response.actors) == WCF_ACTORS


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1252", "iso-8859-1"])
def test_a_request_may_come_in_another_encoding(encoding: str) -> None:
    text = golden_request(OPERATIONS["save_actors"]).decode().replace("utf-8", encoding)
    assert decode_request(text.encode(encoding)).arguments == CALLS["save_actors"]


def test_actors_elsewhere_than_in_the_answer_are_passed_over() -> None:
    stray = "<ErpActorWS><ErpKey>x</ErpKey></ErpActorWS>"
    members = f"<Odd><Actors>{stray}</Actors></Odd>{stray}<IsOk>true</IsOk><State>Ok</State>"
    assert answer("get_actors", members) == ActorsResponse(actors=[])
    actors = "<Actors><ErpActorWS><ErpKey>1</ErpKey></ErpActorWS></Actors>"
    expected = ActorsResponse(actors=[ErpActor(ActorType.UNKNOWN, "1")])
    assert answer("get_actors", f"{members}{actors}<Odd>{stray}</Odd>") == expected


def test_actors_by_another_name_are_read_too() -> None:
    found = answer("get_actors", "<Actors><item><ErpKey>1</ErpKey></item></Actors><IsOk>true</IsOk>")
    assert found == ActorsResponse(actors=[ErpActor(ActorType.UNKNOWN, "1")])


@pytest.mark.parametrize(
    ("members", "ok", "state"),
    [
        ("<IsOk>true</IsOk><State>1</State>", True, State.OK_WITH_INFO),
        ("<IsOk> TRUE </IsOk><State>warning</State>", True, State.WARNING),
        ("<IsOk>0</IsOk>", False, State.ERROR),
        ("<IsOk>1</IsOk>", True, State.OK),
        ("<IsOk>true</IsOk><State>Splendid</State>", True, State.OK),
        ("<State>Error</State>", False, State.ERROR),
        ("<State>Warning</State>", True, State.WARNING),
        ("<UserExplanation>done</UserExplanation>", True, State.OK),
        ("<ErrorCode>X</ErrorCode>", False, State.ERROR),
    ],
)
def test_outcome_and_state_help_each_other_out(members: str, ok: bool, state: State) -> None:
    response = answer("test_connection", members)
    assert (response.ok, response.state) == (ok, state)


def test_a_nil_actor_is_none() -> None:
    nil = '<Actor xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
    assert answer("create_actor", f"<IsOk>true</IsOk>{nil}") == ActorResponse()


def test_metadata_with_numbers_unknown_names_and_gaps() -> None:
    members = (
        "<FieldMetaDataObjects><f><Access>2</Access><FieldKey>A</FieldKey><FieldType>99</FieldType><Rank>-1</Rank></f>"
        "<f><FieldType>Colour</FieldType><Access>Secret</Access><MaxLength>many</MaxLength><FieldKey>B</FieldKey></f>"
        "<f><FieldType> datetime </FieldType><Access>readonly</Access><MaxLength> 30 </MaxLength></f>"
        "</FieldMetaDataObjects>"
    )
    assert answer("get_config_data", members) == FieldsResponse(
        fields=[
            FieldMetadata("A", type=FieldType.LABEL, access=Access.READ_ONLY, rank=-1),
            FieldMetadata("B", type=FieldType.TEXT, access=Access.NORMAL),
            FieldMetadata("", type=FieldType.DATETIME, access=Access.READ_ONLY, max_length=30),
        ]
    )


def test_arrays_and_dictionaries_with_other_names_and_gaps() -> None:
    assert answer("get_searchable_fields", "<Items><s>A</s><s/><string>B</string></Items>") == ItemsResponse(
        items=["A", "", "B"]
    )
    entries = ("<Value>x</Value><Key>1</Key>", "<Key>2</Key>", "", "<Key>1</Key><Value>y</Value>")
    members = f"<ListItems>{''.join(f'<e>{entry}</e>' for entry in entries)}</ListItems>"
    assert answer("get_list", members) == ListResponse(items={"1": "y", "2": "", "": ""})


@pytest.mark.parametrize(
    "written", [GUID, GUID.upper(), f"{{{GUID}}}", f"  {GUID}\n", GUID.replace("-", ""), f"urn:uuid:{GUID}"]
)
def test_a_guid_is_read_in_its_usual_forms(written: str) -> None:
    members = f"<ConnectionGuid>{written}</ConnectionGuid>"
    assert arguments("test_connection", members) == (GUID,)
    assert arguments("save_connection", members) == (ConnectionInfo(GUID),)


def test_a_guid_that_is_none_is_kept() -> None:
    assert arguments("test_connection", "<ConnectionGuid> north </ConnectionGuid>") == ("north",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Supplier", "SUPPLIER"), ("supplier", "SUPPLIER"), (" 7 ", "SALE"), ("", "UNKNOWN"), ("Planet", "UNKNOWN")],
)
def test_an_actor_type_is_read_by_name_or_number(written: str, meant: str) -> None:
    assert arguments("get_searchable_fields", f"<ActorType>{written}</ActorType>") == ("", ActorType[meant])


def test_a_request_without_members_has_empty_arguments() -> None:
    empty = {name: arguments(name, "") for name in OPERATIONS}
    assert empty["search_actors_advanced"] == ("", ActorType.UNKNOWN, [], [])
    assert empty["create_actor"] == ("", ErpActor(ActorType.UNKNOWN, ""))
    assert empty["save_actors"] == ("", [])
    assert empty["save_connection"] == empty["test_config_data"] == (ConnectionInfo(),)
    assert empty["get_list_items"] == ("", "", [])


def test_restrictions_are_read_whatever_they_are_called() -> None:
    members = (
        "<Restrictions><SearchRestrictionWS><Values><string>1</string></Values><Operator>=</Operator>"
        "<FieldKey>NAME</FieldKey></SearchRestrictionWS></Restrictions>"
    )
    found = arguments("search_actors_advanced", members)
    assert found[2] == [SearchRestriction("NAME", "=", ["1"])]


@pytest.mark.parametrize("name", OPERATIONS)
def test_white_space_between_elements_does_not_matter(name: str) -> None:
    operation = OPERATIONS[name]
    assert decode_request(indented(golden_request(operation))).arguments == CALLS[name]
    response = decode_response(operation, BytesIO(indented(golden_response(operation))))
    assert listed(response) == listed(ANSWERS[name])


def indented(message: bytes) -> bytes:
    root = etree.fromstring(message)
    etree.indent(root)
    return etree.tostring(root)
