"""Messages from strangers do no harm: nothing is fetched, nothing blows up, and every refusal is one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import chain, repeat
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.soap.samples import golden_request, golden_response

from brygga.contract import ActorsResponse, Response
from brygga.soap import xml
from brygga.soap.codec import NotSoap, decode_request, decode_response
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.operations import OPERATIONS

SEARCH = OPERATIONS["search_actors"]
LIST = OPERATIONS["get_list"]
LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(12))
    + "]><Envelope><Body><WSGetList><request><ListName>&a12;</ListName></request></WSGetList></Body></Envelope>"
)


class Stream:
    """A stream made of pieces; how many bytes of them were taken."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = next(self.pieces, b"")
        self.taken += len(piece)
        return piece


def failure(message: bytes | Stream) -> CallFailed:
    """What reading this as an answer, to the end, fails with."""
    with pytest.raises(CallFailed) as caught:
        read(Stream(iter([message])) if isinstance(message, bytes) else message)
    return caught.value


def read(stream: Stream) -> Response:
    response = decode_response(SEARCH, stream)
    if isinstance(response, ActorsResponse):
        response.actors = list(response.actors)
    return response


def answer(members: str) -> bytes:
    result = f"<WSSearchActorsResult>{members}</WSSearchActorsResult>"
    body = f"<WSSearchActorsResponse>{result}</WSSearchActorsResponse>"
    return f"<Envelope><Body>{body}</Body></Envelope>".encode()


# Document types and entities


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_document_type_is_refused_before_it_is_parsed(encoding: str) -> None:
    with pytest.raises(NotSoap, match="a document type is not accepted"):
        decode_request(LAUGHS.encode(encoding))
    assert failure(LAUGHS.encode(encoding)).technical == "a document type is not accepted"
    assert failure(LAUGHS.encode(encoding)).reason is Reason.BAD_XML


def test_a_document_type_is_refused_behind_a_declaration_and_comments() -> None:
    with pytest.raises(NotSoap, match="a document type is not accepted"):
        decode_request(b"<?xml version='1.0'?>\n<!-- > --><?x y?> " + LAUGHS.encode())


def test_a_document_type_hidden_by_an_encoding_is_refused() -> None:
    hidden = "<?xml version='1.0' encoding='utf-7'?><!-- +AC0-+AC0-+AD4- " + LAUGHS.replace(
        "<Envelope>", "--><Envelope>"
    )
    with pytest.raises(NotSoap):
        decode_request(hidden.replace("&", "+ACY-").encode())


def test_a_document_type_hidden_by_length_is_refused() -> None:
    with pytest.raises(NotSoap):
        decode_request(b"<!--" + b"x" * 10_000 + b"-->" + LAUGHS.encode())


@pytest.mark.parametrize("piece", [b"<!---->", b"<?a?>", b" ", b"<!--", b"<?", b"<!-- --> "])
def test_no_beginning_takes_long_to_look_at(piece: bytes) -> None:
    begun = process_time()
    for end in (b"x", b"<Envelop/>", b"<!DOCTYP"):
        with pytest.raises(NotSoap):
            decode_request(piece * 4000 + end)
        with pytest.raises(NotSoap):
            decode_request(piece * (4000 // len(piece)) + end)
    assert process_time() - begun < 2


def test_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    for text in (
        "&x;",
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{secret.as_uri()}"/>',
    ):
        head = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' if text == "&x;" else ""
        name = f"<request><ListName>{text}</ListName></request>"
        message = f"{head}<Envelope><Body><WSGetList>{name}</WSGetList></Body></Envelope>"
        try:
            shown = str(decode_request(message.encode()).arguments)
        except NotSoap as refusal:
            shown = str(refusal)
        assert "top secret" not in shown


def test_an_entity_that_is_not_declared_is_bad_xml() -> None:
    assert failure(answer("<IsOk>&unheard;</IsOk>")).reason is Reason.BAD_XML


# Limits


def test_depth_is_limited() -> None:
    deep = answer("<IsOk>true</IsOk>" + "<a>" * 300 + "</a>" * 300)
    assert failure(deep).reason is Reason.TOO_LARGE
    assert not failure(deep).may_repeat
    with pytest.raises(NotSoap):
        decode_request(deep)


def test_a_reasonable_depth_is_not() -> None:
    found = read(Stream(iter([answer("<IsOk>true</IsOk>" + "<a>" * 60 + "</a>" * 60)])))
    assert found == ActorsResponse(actors=[])


def test_the_length_of_a_text_is_limited() -> None:
    assert (
        failure(answer(f"<IsOk>true</IsOk><UserExplanation>{'x' * 10_100_000}</UserExplanation>")).reason
        is Reason.TOO_LARGE
    )


def test_the_size_of_a_request_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    message = golden_request(LIST)
    monkeypatch.setattr("brygga.soap.decode.MAX_REQUEST", len(message) - 1)
    with pytest.raises(NotSoap, match="larger than is accepted"):
        decode_request(message)
    monkeypatch.setattr("brygga.soap.decode.MAX_REQUEST", len(message))
    assert decode_request(message).operation is LIST


def test_the_size_of_an_answer_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    message = golden_response(SEARCH)
    monkeypatch.setattr("brygga.soap.decode.MAX_RESPONSE", len(message) - 1)
    assert failure(message).reason is Reason.TOO_LARGE
    monkeypatch.setattr("brygga.soap.decode.MAX_RESPONSE", len(message))
    assert read(Stream(iter([message]))).ok


@pytest.mark.parametrize("before", ["", "<IsOk>true</IsOk><State>Ok</State><Actors><ErpActorWS/>", "<Odd>", "<Actors>"])
@pytest.mark.parametrize(
    "junk", [b"<Junk>text</Junk>", b"<!-- comment -->", b"<ErpActorWS><Odd/></ErpActorWS>", b" " * 50]
)
def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, before: str, junk: bytes) -> None:
    monkeypatch.setattr(xml, "MAX_HELD", 1_000_000)
    monkeypatch.setattr("brygga.soap.decode.MAX_RESPONSE", 3_000_000)
    start = answer(before).partition(b"</WSSearchActorsResult>")[0]
    stream = Stream(chain([start], repeat(junk * 100)))
    assert failure(stream).reason is Reason.TOO_LARGE
    assert stream.taken < 3_100_000


@pytest.mark.parametrize("junk", [b"<a/>", b"<a b='' c='' d=''/>"])
def test_an_answer_of_countless_little_things_is_given_up(monkeypatch: pytest.MonkeyPatch, junk: bytes) -> None:
    monkeypatch.setattr(xml, "MAX_NODES", 100_000)
    start = answer("<IsOk>true</IsOk><State>Ok</State>").partition(b"</WSSearchActorsResult>")[0]
    stream = Stream(chain([start], repeat(junk * 1_000)))
    assert failure(stream).reason is Reason.TOO_LARGE
    assert stream.taken < 600_000


def test_an_answer_of_many_actors_is_not_beyond_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_HELD", 200_000)
    monkeypatch.setattr(xml, "MAX_NODES", 20_000)
    actors = answer(
        "<IsOk>1</IsOk><State>0</State><Actors>" + "<ErpActorWS><Odd/></ErpActorWS>" * 100_000 + "</Actors>"
    )
    found = read(Stream(actors[start : start + 50_000] for start in range(0, len(actors), 50_000)))
    assert isinstance(found, ActorsResponse)
    assert len(list(found.actors)) == 100_000


# Requests that are none


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"\0",
        b"hello",
        b"<",
        b"<html/>",
        b"<Envelope/>",
        b"<Envelope><Body/></Envelope>",
        b"<Envelope><Body>text</Body></Envelope>",
        b"<Envelope><Body><WSDropTables/></Body></Envelope>",
        b"<Envelope><Body><WSGetList></Body></Envelope>",
        b"<Envelope><Body><WSGetList/></Body></Envelope>trailing",
        b"<?xml version='1.0' encoding='klingon'?><Envelope><Body><WSGetList/></Body></Envelope>",
        b"<Envelope><Body><WSGetList>\xff\xfe</WSGetList></Body></Envelope>",
        b"<Envelope><Body><WSGetList>&#0;</WSGetList></Body></Envelope>",
        b"<Envelope><Body><x:WSGetList/></Body></Envelope>",
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(NotSoap) as caught:
        decode_request(body)
    assert str(caught.value)


def test_an_operation_that_does_not_exist_is_named() -> None:
    with pytest.raises(NotSoap, match="WSDropTables is not an operation of the contract"):
        decode_request(b"<Envelope><Body><WSDropTables/></Body></Envelope>")


# Whatever comes


_damage = st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=3), st.integers(0, 40)), min_size=1, max_size=4)


def damaged(message: bytes, damage: list[tuple[int, bytes, int]]) -> bytes:
    """The message with some stretches of it replaced."""
    for position, new, length in damage:
        message = message[: position % len(message)] + new + message[position % len(message) + length :]
    return message


@given(
    st.binary(max_size=200) | st.builds(damaged, st.sampled_from([*map(golden_request, OPERATIONS.values())]), _damage)
)
def test_any_bytes_are_a_call_or_not_soap(body: bytes) -> None:
    try:
        call = decode_request(body)
    except NotSoap:
        return
    assert len(call.arguments) == len(call.operation.parameters)


@given(
    st.binary(max_size=200) | st.builds(damaged, st.sampled_from([*map(golden_response, OPERATIONS.values())]), _damage)
)
def test_any_bytes_are_an_answer_or_a_failed_call(body: bytes) -> None:
    for operation in (SEARCH, LIST):
        try:
            response = decode_response(operation, BytesIO(body))
            actors = list(response.actors) if isinstance(response, ActorsResponse) else []
        except CallFailed:
            continue
        assert isinstance(response, operation.answer)
        assert all(isinstance(actor.fields, dict) for actor in actors)
