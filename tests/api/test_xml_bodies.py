"""XML bodies mean what JSON bodies mean."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import PATH, VALUES, Caller

from brygga.api import xml_bodies
from brygga.api.enums import ErpActorType
from brygga.api.schemas.base import Int32, Model
from brygga.erp.connectors import stored_values
from brygga.erp.models import Connection, Connector


class Part(Model):
    """An object in another."""

    name: str | None = None
    actor_types: list[ErpActorType] | None = None


class Whole(Model):
    """An object with members of all shapes."""

    id: Int32 = 0
    active: bool | None = None
    values: dict[str, str] | None = None
    ids: list[Int32] | None = None
    parts: list[Part] | None = None
    part: Part | None = None


def read(text: str) -> Whole:
    return Whole.model_validate(xml_bodies.parse(text.encode()))


def test_all_shapes_of_members_are_read() -> None:
    assert read(
        """<?xml version="1.0"?>
        <Whole xmlns="http://example.test/carriers" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"
               xmlns:a="http://schemas.microsoft.com/2003/10/Serialization/Arrays">
          <Id>7</Id> <Active>true</Active> <Colour>red</Colour> <!-- nothing -->
          <Values>
            <a:KeyValueOfstringstring><a:Key>Server</a:Key><a:Value>x &amp; y</a:Value></a:KeyValueOfstringstring>
            <Port>5432</Port>
          </Values>
          <Ids><a:int>1</a:int><a:int>2</a:int></Ids>
          <Parts><Part><Name>A</Name><ActorTypes><T>customer</T><T>4</T></ActorTypes></Part><Part/></Parts>
          <Part i:nil="true"/>
        </Whole>"""
    ) == Whole(
        id=7,
        active=True,
        values={"Server": "x & y", "Port": "5432"},
        ids=[1, 2],
        parts=[Part(name="A", actor_types=[ErpActorType.CUSTOMER, ErpActorType.PERSON]), Part()],
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "<a>",
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><Whole><Id>&e;</Id></Whole>',
        '<!DOCTYPE a [<!ENTITY e "eeee">]><Whole><Id>1</Id></Whole>',
        "<a>" * 100_000,
    ],
)
def test_what_is_no_xml_or_has_a_document_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        xml_bodies.parse(text.encode())


def sent(admin: Caller, operation: str, text: str) -> Any:
    return admin.client.post(PATH + operation, text.encode(), content_type="text/xml", headers=admin.headers)


@pytest.mark.django_db
def test_an_operation_takes_xml_and_answers_in_json(admin: Caller, connector: Connector) -> None:
    values = "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in VALUES.items())
    body = f"<ErpConnectorId>{connector.pk}</ErpConnectorId><DisplayName>ERP</DisplayName>"
    text = f"<r><Connection>{body}<ConfigFields>{values}</ConfigFields></Connection></r>"
    answer = sent(admin, "SaveConnection", text)
    assert answer.status_code == 200, answer.content
    assert answer.json()["DisplayName"] == "ERP"
    assert stored_values(Connection.objects.get()) == VALUES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("<r><Connection><Active>perhaps</Active></Connection></r>", "Connection.Active"),
        ("<r><Connection><UserGroupAccessIds><int>x</int></UserGroupAccessIds></Connection></r>", "0"),
        ("<r><Other/></r>", "Connection"),
        ("<r><Connection>", None),
    ],
)
def test_a_wrong_element_is_named(admin: Caller, text: str, member: str | None) -> None:
    answer = sent(admin, "SaveConnection", text)
    assert (answer.status_code, answer.json()["Code"]) == (400, "bad_request")
    named = [problem["Member"] for problem in answer.json()["Members"]]
    assert named == [] if member is None else named[0].endswith(member)
