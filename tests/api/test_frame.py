"""What all operations have in common: bodies read leniently, wrong ones named, failures told in one shape."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.api.conftest import PATH, Caller

from brygga.api import time_span
from brygga.api.enums import CrmActorType, ErpActorType, FieldType
from brygga.api.schemas.base import Model
from brygga.api.schemas.connections import ErpConnection
from brygga.api.select import selected
from brygga.api.time_span import TimeSpan
from brygga.contract import ActorType
from brygga.contract import FieldType as ContractFieldType
from brygga.erp.services import connectors


class Sample(Model):
    """An object with a member of each kind."""

    actor_type: ErpActorType = ErpActorType.UNKNOWN
    interval: TimeSpan = timedelta(minutes=2)
    names: dict[str, str] | None = None


@pytest.mark.parametrize("written", ["Customer", "customer", 1, "1"])
def test_enumerations_are_read_by_name_and_by_number(written: object) -> None:
    assert Sample.model_validate({"ActorType": written}).actor_type is ErpActorType.CUSTOMER


@pytest.mark.parametrize("written", ["Spaceship", 8, -1, "", True, 1.5])
def test_what_is_no_name_and_no_number_of_an_enumeration_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"ActorType": written})


def test_enumerations_have_the_numbers_of_the_contract() -> None:
    assert {t.value: t.number for t in ErpActorType} == {t.value: t.number for t in ActorType}
    assert [t.number for t in FieldType] == [int(t) for t in ContractFieldType]
    assert CrmActorType.PERSON.number == 2


def test_null_is_as_good_as_absent_and_unknown_members_are_ignored() -> None:
    read = Sample.model_validate({"ActorType": None, "Names": None, "Interval": None, "Colour": "red"})
    assert read == Sample()
    assert read.model_dump(by_alias=True) == {"ActorType": "Unknown", "Interval": "00:02:00", "Names": None}


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("00:02:00", timedelta(minutes=2)),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("3", timedelta(days=3)),
        ("0:5", timedelta(minutes=5)),
        (" 00:00:01.5 ", timedelta(seconds=1.5)),
        ("-00:00:10", timedelta(seconds=-10)),
    ],
)
def test_a_time_span_is_read(text: str, span: timedelta) -> None:
    assert time_span.read(text) == span


@pytest.mark.parametrize("text", ["", "-", "24:00:00", "00:60:00", "1.", "ten", "00:00:00:00", "٣"])
def test_what_is_no_time_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hh:mm:ss|59"):
        time_span.read(text)


@given(st.timedeltas(min_value=timedelta(days=-10_000), max_value=timedelta(days=10_000)))
def test_a_time_span_is_read_as_it_was_written(span: timedelta) -> None:
    assert time_span.read(time_span.write(span)) == span


def test_whole_days_and_fractions_are_written_where_there_are_some() -> None:
    assert time_span.write(timedelta(seconds=30)) == "00:00:30"
    assert time_span.write(timedelta(days=1, microseconds=1)) == "1.00:00:00.0000010"


def test_selection_is_for_objects_and_lists_of_them() -> None:
    connection = ErpConnection(erp_connection_id=1, display_name="ERP")
    assert selected([connection], "displayname") == [ErpConnection(display_name="ERP")]
    assert selected(connection, " , ") is connection
    assert selected({"a": "b"}, "x") == {"a": "b"}
    assert selected(["a"], "x") == ["a"]
    assert selected(True, "x") is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "member", "message"),
    [
        ({"Connection": {"ErpConnectorId": "x"}}, "Connection.ErpConnectorId", "It must be a whole number."),
        ({"Connection": {"Active": "perhaps"}}, "Connection.Active", "It must be true or false."),
        ({"Connection": {"ConfigFields": [1]}}, "Connection.ConfigFields", "It must be an object."),
        ({"Connection": {"DisplayName": {}}}, "Connection.DisplayName", "It must be a text."),
        ({"Connection": {"UserGroupAccessIds": 1}}, "Connection.UserGroupAccessIds", "It must be a list."),
        ({"Connection": {"UserGroupAccessIds": [1, "x"]}}, "Connection.UserGroupAccessIds.1", "It must be a whole"),
        ({"Connection": {"ErpConnectorId": 2**40}}, "Connection.ErpConnectorId", "The number is too large."),
        ({"Connection": "x"}, "Connection", "It must be an object."),
        ({"Connection": {"DisplayName": "a\0b"}}, "Connection.DisplayName", "The text has a character"),
        ({"Connection": None}, "Connection", "It is missing."),
        ([], "", "It must be an object."),
    ],
)
def test_a_wrong_member_is_named(admin: Caller, body: object, member: str, message: str) -> None:
    response = admin.post("SaveConnection", body, Accept_Language="en")
    assert (response.status_code, response.json()["Code"]) == (400, "bad_request")
    (problem,) = response.json()["Members"]
    assert problem["Member"] == member
    assert problem["Message"].startswith(message)
    assert problem["Message"] in response.json()["Message"]


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["{", "", "\ufeff{}", '{"Connection": NaN', "[" * 100_000, '{"a": "\\ud800"}'])
def test_a_body_that_is_not_json_is_refused(admin: Caller, body: str) -> None:
    response = admin.client.post(
        PATH + "SaveConnection", body.encode(), content_type="application/json", headers=admin.headers
    )
    assert (response.status_code, response.json()["Code"]) == (400, "bad_request")


@pytest.mark.django_db
def test_a_body_may_be_called_json_in_several_ways_and_must_be_json(admin: Caller) -> None:
    def sent(media_type: str) -> int:
        path = PATH + "GetAllConnections"
        return admin.client.post(path, b"{}", content_type=media_type, headers=admin.headers).status_code

    assert [sent(t) for t in ("text/json", "application/json; charset=utf-8", "")] == [200, 200, 200]
    assert [sent(t) for t in ("text/plain", "application/x-www-form-urlencoded")] == [415, 415]


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_refused(admin: Caller, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100  # type: ignore[attr-defined]
    assert admin.refused("GetAllConnections", {"x": "y" * 200}) == (413, "too_large")


@pytest.mark.django_db
def test_what_nobody_foresaw_is_told_with_a_reference_and_without_details(
    admin: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> list[object]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(connectors, "list_connectors", fails)
    response = admin.post("GetAllConnectors", Accept_Language="en")
    problem = response.json()
    assert (response.status_code, problem["Code"]) == (500, "internal")
    assert "secret detail" not in response.text
    reference = problem["Technical"].removeprefix("reference ")
    assert reference in problem["Message"]
    assert reference in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("operation", ["Nonsense", "getallconnectors", "GetAllConnectors/1"])
def test_an_operation_that_is_not_there_is_told_in_the_same_shape(operation: str) -> None:
    assert Caller().refused(operation, {}) == (404, "no_such_operation")


@pytest.mark.django_db
def test_operations_are_posted(admin: Caller) -> None:
    assert admin.client.get(PATH + "GetAllConnectors", headers=admin.headers).status_code == 405
