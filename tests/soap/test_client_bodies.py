"""What an answer's body may be like: framing, compression, size, charset, and where it breaks."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest
from tests.soap import fault_server as fault
from tests.soap.client_kit import (
    GUID,
    LISTED,
    TESTED,
    Pauses,
    client,
    failure_of,
    search,
)
from tests.soap.fault_server import FaultServer, answer, message

from brygga.contract import ActorType
from brygga.soap.failures import Reason


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


@pytest.mark.parametrize(
    "data",
    [
        message(gzip.compress(LISTED), "200 OK", fault.XML, "Content-Encoding: gzip"),
        message(zlib.compress(LISTED), "200 OK", fault.XML, "Content-Encoding: deflate"),
        message(LISTED, length=False),
        chunked(LISTED, 1000),
    ],
    ids=["gzip", "deflate", "until the end of the connection", "chunked"],
)
def test_an_answer_is_read_whole_in_every_framing(data: bytes, pauses: Pauses) -> None:
    with FaultServer([fault.raw(data)]) as server, client(server.url, pauses.settings()) as connector:
        assert search(connector) == [str(key) for key in range(3000)]


def test_a_list_that_is_cut_off_is_fetched_again_before_any_of_it_is_given_out(pauses: Pauses) -> None:
    cut = LISTED[: len(LISTED) // 2]
    script = [answer(cut, length=False), fault.raw(message(LISTED)[:-5000]), answer(LISTED)]
    with FaultServer(script) as server, client(server.url, pauses.settings()) as connector:
        assert search(connector) == [str(key) for key in range(3000)]
        assert len(server.requests) == 3


def test_an_actor_that_is_malformed_far_into_the_list_fails_there(pauses: Pauses) -> None:
    broken = LISTED.replace(b"<ErpKey>2999</ErpKey>", b"<ErpKey>2999</ErpKy>")
    with FaultServer([answer(broken)]) as server, client(server.url, pauses.settings()) as connector:
        actors = iter(connector.search_actors(GUID, ActorType.CUSTOMER, "", []).actors)
        assert next(actors).erp_key == "0"
        failure = failure_of(lambda: list(actors))
        assert (failure.reason, len(server.requests)) == (Reason.BAD_XML, 1)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(pauses: Pauses) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush()
    assert len(bomb) < 100_000 * 2
    script = [answer(bomb, "200 OK", fault.XML, "Content-Encoding: gzip")]
    settings = pauses.settings(largest_answer=5_000_000)
    with FaultServer(script) as server, client(server.url, settings) as connector:
        started = time.process_time()
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert time.process_time() - started < 1
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.TOO_LARGE, False, True)


TEXT = TESTED.decode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xef\xbb\xbf" + TESTED, fault.XML),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n' + TESTED, "text/xml"),
        (TEXT.encode("utf-16"), "text/xml; charset=utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "text/xml"),
        (('<?xml version="1.0" encoding="utf-16"?>' + TEXT).encode("utf-16-le"), 'text/xml; charset="utf-16"'),
        (TEXT.encode("utf-16-le"), "text/xml; charset=utf-16le"),
        (('<?xml version="1.0" encoding="iso-8859-1"?>' + TEXT).encode("latin-1"), "text/xml"),
        (('<?xml version="1.0" encoding="iso-8859-1"?>' + TEXT).encode("latin-1"), fault.XML),
        (TEXT.encode("latin-1"), "text/xml; charset=ISO-8859-1"),
        (('<?xml version="1.0"?>' + TEXT).encode("cp1252"), "text/xml;charset='windows-1252'"),
        (TESTED, "text/xml; charset=no-such-charset"),
        (TESTED, "text/xml; charset=zlib"),
        (TESTED, ""),
        (TESTED, "text/html"),
        (b"  \r\n" + TESTED + b"\r\n", "application/soap+xml; charset=utf-8; action=x"),
    ],
)
def test_answers_are_read_in_the_charset_they_are_in(body: bytes, content_type: str, pauses: Pauses) -> None:
    script = [answer(body, content_type=content_type)]
    with FaultServer(script) as server, client(server.url, pauses.settings()) as connector:
        assert connector.test_connection(GUID).user_explanation == "Grüße"


def test_text_that_is_not_in_the_charset_of_the_header_is_bad_xml(pauses: Pauses) -> None:
    script = [answer(TEXT.encode("utf-16-le")[:-1], content_type="text/xml; charset=utf-16le")]
    with FaultServer(script) as server, client(server.url, pauses.settings()) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.unknown_outcome) == (Reason.BAD_XML, True)
