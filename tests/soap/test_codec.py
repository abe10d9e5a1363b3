"""Calls and answers survive the wire, are written exactly as the contract says, and are read as they come."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.soap import strategies
from tests.soap.samples import ANSWERS, CALLS, COMPANY, GUID, PERSON, golden_request, golden_response, listed

from brygga.contract import ActorResponse, ActorsResponse, ActorType, ErpActor, FieldsResponse, ListResponse, Response
from brygga.soap.codec import Call, decode_request, decode_response, encode_request, encode_response
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.operations import OPERATIONS, Operation
from brygga.soap.xml import escape

SEARCH = OPERATIONS["search_actors"]
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)


def written(operation: Operation, response: Response) -> bytes:
    return b"".join(encode_response(operation, response))


def read(operation: Operation, message: bytes) -> Response:
    return listed(decode_response(operation, BytesIO(message)))


class Stream:
    """A stream made of pieces that counts how many were asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.asked = 0

    def read(self, size: int = -1, /) -> bytes:
        self.asked += 1
        return next(self.pieces, b"")


@given(st.data())
def test_a_request_survives_the_wire(data: st.DataObject) -> None:
    operation = data.draw(strategies.operations)
    arguments = data.draw(strategies.arguments(operation))
    assert decode_request(encode_request(operation, arguments)) == Call(operation, arguments)


@given(st.data())
def test_a_response_survives_the_wire(data: st.DataObject) -> None:
    operation = data.draw(strategies.operations)
    response = data.draw(strategies.responses(operation))
    assert read(operation, written(operation, response)) == response


@every_operation
def test_each_message_is_written_as_the_contract_says(operation: Operation) -> None:
    assert encode_request(operation, CALLS[operation.name]) == golden_request(operation)
    assert written(operation, ANSWERS[operation.name]) == golden_response(operation)


@every_operation
def test_each_message_is_read_as_it_was_meant(operation: Operation) -> None:
    assert decode_request(golden_request(operation)) == Call(operation, CALLS[operation.name])
    assert read(operation, golden_response(operation)) == listed(ANSWERS[operation.name])


@every_operation
def test_a_wrong_number_of_arguments_is_refused(operation: Operation) -> None:
    with pytest.raises(ValueError, match=r"zip\(\)"):
        encode_request(operation, (*CALLS[operation.name], "one too many"))


def test_a_value_of_none_is_nil_and_read_as_no_value() -> None:
    values: dict[str, str] = dict.fromkeys(["A"])  # type: ignore[assignment]
    message = written(OPERATIONS["get_list"], ListResponse(items=values))
    assert b'<a:Value i:nil="true"/>' in message
    assert read(OPERATIONS["get_list"], message) == ListResponse(items={"A": ""})


@given(st.text(st.characters(), max_size=30) | st.text("\x00\x0b\x1f\x7f\x85\ud800\udfff\ufffe\uffff\r&<>", max_size=9))
def test_what_xml_cannot_carry_is_replaced_and_breaks_nothing(text: str) -> None:
    answer = ListResponse(items={"key": text}, user_explanation=text)
    found = read(OPERATIONS["get_list"], written(OPERATIONS["get_list"], answer))
    assert isinstance(found, ListResponse)
    assert found.items["key"] == found.user_explanation
    assert len(found.user_explanation) == len(text)
    assert all(new in (old, "\ufffd") for old, new in zip(text, found.user_explanation, strict=True))


def test_only_what_must_be_escaped_is() -> None:
    assert escape("plain \"quoted' text\n\t") == "plain \"quoted' text\n\t"
    assert escape("a&b<c>d\re\x01\ud800") == "a&amp;b&lt;c&gt;d&#xD;e\ufffd\ufffd"


# Streams of actors


def endless_actors() -> Iterator[ErpActor]:
    number = 0
    while True:
        number += 1
        yield ErpActor(ActorType.CUSTOMER, str(number), fields={"NAME": "x" * 1000})


def test_actors_are_written_as_they_are_taken() -> None:
    pieces = encode_response(SEARCH, ActorsResponse(actors=endless_actors()))
    assert b"<ErpKey>1</ErpKey>" in next(pieces)
    assert len(next(pieces)) < 100_000


def test_what_an_actor_iterable_raises_goes_through() -> None:
    def broken() -> Iterator[ErpActor]:
        yield COMPANY
        raise OSError("the ERP went away")

    with pytest.raises(OSError, match="the ERP went away"):
        list(encode_response(SEARCH, ActorsResponse(actors=broken())))


def test_actors_are_read_as_they_are_asked_for() -> None:
    body = Stream(encode_response(SEARCH, ActorsResponse(actors=endless_actors(), tech_explanation="so far")))
    response = decode_response(SEARCH, body)
    assert isinstance(response, ActorsResponse)
    assert (response.tech_explanation, body.asked) == ("so far", 1)
    actors = iter(response.actors)
    assert [next(actors).erp_key for _ in range(40)] == [str(number) for number in range(1, 41)]
    assert body.asked == 1
    assert [next(actors).erp_key for _ in range(200)][-1] == "240"
    assert body.asked < 6


def test_memory_does_not_grow_with_the_number_of_actors() -> None:
    def many() -> Iterator[ErpActor]:
        yield from (ErpActor(ActorType.CUSTOMER, "1", fields={"NOTE": "x" * 10_000}) for _ in range(8_000))

    decode_response(SEARCH, BytesIO(golden_response(SEARCH)))
    before = resident()
    response = decode_response(SEARCH, Stream(encode_response(SEARCH, ActorsResponse(actors=many()))))
    assert isinstance(response, ActorsResponse)
    assert sum(len(actor.fields["NOTE"]) for actor in response.actors) == 80_000_000
    assert resident() - before < 30_000_000


def resident() -> int:
    """Bytes of memory in use by this process."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def test_base_members_after_the_actors_are_found_all_the_same() -> None:
    expected = ActorsResponse.failure("Sorry", code="X")
    message = written(SEARCH, expected).replace(b"<Actors></Actors>", b"")
    expected.actors = [COMPANY, PERSON]
    whole = written(SEARCH, expected)
    actors = whole[whole.index(b"<Actors>") : whole.index(b"</Actors>") + len(b"</Actors>")]
    for member in (b"<ErrorCode>", b"<IsOk>", b"<State>"):
        assert read(SEARCH, message.replace(member, actors + member)) == expected


def test_actors_that_wait_for_the_base_members_do_so_outside_memory() -> None:
    actors = b"<ErpActorWS><ErpKey>" + b"x" * 50_000 + b"</ErpKey></ErpActorWS>"
    start, end = golden_response(OPERATIONS["search_actors_advanced"]).split(b"<Actors></Actors>")
    start, base = start[: start.index(b"<ErrorCode/>")], start[start.index(b"<ErrorCode/>") :]
    before = resident()
    pieces = chain([start, b"<Actors>"], repeat(actors, 1_500), [b"</Actors>", base, end])
    response = decode_response(OPERATIONS["search_actors_advanced"], Stream(pieces))
    assert isinstance(response, ActorsResponse)
    assert sum(len(actor.erp_key) for actor in response.actors) == 75_000_000
    assert resident() - before < 30_000_000


def test_an_answer_that_is_not_iterated_leaves_nothing_open() -> None:
    message = written(SEARCH, ActorsResponse(actors=[COMPANY] * 3)).replace(b"<State>Ok</State>", b"")
    response = decode_response(SEARCH, BytesIO(message))
    assert isinstance(response, ActorsResponse)
    del response


@every_operation
def test_a_truncated_answer_is_bad_xml_wherever_it_ends(operation: Operation) -> None:
    message = golden_response(operation)
    start = message.index(b"<s:Body>")
    for end in range(start, len(message), 17):
        with pytest.raises(CallFailed) as caught:
            read(operation, message[:end])
        assert caught.value.reason is Reason.BAD_XML
        assert caught.value.unknown_outcome
        assert caught.value.may_repeat


def test_actors_before_a_break_are_given_and_then_the_failure() -> None:
    message = written(SEARCH, ActorsResponse(actors=[COMPANY, PERSON, COMPANY]))
    response = decode_response(SEARCH, BytesIO(message[: message.rindex(b"<ErpActorWS>") + 50]))
    assert isinstance(response, ActorsResponse)
    actors = iter(response.actors)
    assert [next(actors), next(actors)] == [COMPANY, PERSON]
    with pytest.raises(CallFailed) as caught:
        next(actors)
    assert caught.value.reason is Reason.BAD_XML


def test_what_the_stream_raises_goes_through() -> None:
    def pieces() -> Iterator[bytes]:
        yield from list(encode_response(SEARCH, ActorsResponse(actors=[COMPANY] * 200)))[:1]
        raise TimeoutError("too slow")

    with pytest.raises(TimeoutError, match="too slow"):
        read_from(Stream(pieces()))


def read_from(stream: Stream) -> Response:
    return listed(decode_response(SEARCH, stream))


def test_the_same_answer_is_read_in_pieces_of_any_size() -> None:
    message = golden_response(SEARCH)
    for size in (1, 7, 100, 4096):
        pieces = (message[start : start + size] for start in range(0, len(message), size))
        assert read_from(Stream(pieces)) == listed(ANSWERS["search_actors"])


# What is not an answer


def fails_with(operation: Operation, message: bytes) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        read(operation, message)
    return caught.value


def test_a_fault_is_told_with_its_code_and_text() -> None:
    message = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b'<faultcode xmlns:a="urn:x">a:InternalServiceFault</faultcode>'
        b'<faultstring xml:lang="en-US">The server was unable\n to go on</faultstring></s:Fault></s:Body></s:Envelope>'
    )
    for operation in OPERATIONS.values():
        failure = fails_with(operation, message)
        assert failure.technical == "SOAP fault a:InternalServiceFault: The server was unable to go on"
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.FAULT, True, True)


def test_a_fault_of_soap_1_2_is_understood() -> None:
    message = (
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender'
        b'</e:Value></e:Code><e:Reason><e:Text xml:lang="en">No</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>'
    )
    assert fails_with(SEARCH, message).technical == "SOAP fault e:Sender: No"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b" \r\n",
        b"<!DOCTYPE html><html><body>Log in</body></html>",
        b"\xef\xbb\xbf<html><p>",
        b"503 busy",
        b"{}",
        b"<rss/>",
    ],
)
def test_other_things_than_soap_are_not_soap(message: bytes) -> None:
    failure = fails_with(SEARCH, message)
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.NOT_SOAP, True, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"WSGetActors", b"WSGetList"),
        (b"WSGetActorsResponse", b"WSGetActors"),
        (b"s:Body", b"s:Header"),
        (b"<IsOk>true", b"<IsOk>true</Isok>"),
    ],
)
def test_an_answer_to_something_else_is_bad_xml(old: bytes, new: bytes) -> None:
    message = golden_response(OPERATIONS["get_actors"]).replace(old, new)
    assert fails_with(OPERATIONS["get_actors"], message).reason is Reason.BAD_XML


@pytest.mark.parametrize(
    "inner", [b"", b"<WSTestConnectionResult/>", b"<WSTestConnectionResult><Odd/></WSTestConnectionResult>"]
)
def test_an_answer_with_no_known_member_is_bad_xml(inner: bytes) -> None:
    message = b"<Envelope><Body><WSTestConnectionResponse>" + inner + b"</WSTestConnectionResponse></Body></Envelope>"
    assert fails_with(OPERATIONS["test_connection"], message).reason is Reason.BAD_XML


def test_answers_without_data_have_none() -> None:
    def bare(name: str) -> Response:
        wire = OPERATIONS[name].wire
        result = f"<{wire}Result><IsOk>1</IsOk></{wire}Result>"
        message = f"<Envelope><Body><{wire}Response>{result}</{wire}Response></Body></Envelope>"
        return read(OPERATIONS[name], message.encode())

    assert bare("create_actor") == ActorResponse()
    assert bare("get_config_data") == FieldsResponse()
    assert bare("get_list") == ListResponse()
    assert bare("save_actors") == ActorsResponse(actors=[])
    assert bare("test_connection") == Response()
    assert GUID in str(decode_request(golden_request(OPERATIONS["save_connection"])).arguments[0])
