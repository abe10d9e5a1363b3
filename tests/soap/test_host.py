"""The host over HTTP on loopback: calls, refusals, bodies, the handshake, pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import urllib3
from lxml import etree
from tests.soap.hosting import ARGUMENTS, Memory, Recorder, Served, answer_to, live, new_store, post, request

from brygga.contract import ActorsResponse, State
from brygga.soap.host import application
from brygga.soap.operations import NAMESPACE, OPERATIONS, SOAP

# Calls


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_reaches_the_connector_that_is_named(served: Served, name: str) -> None:
    answer = served.call(name, *ARGUMENTS[name], connector="rec")
    expected = answer_to(name)
    if isinstance(expected, ActorsResponse):
        answer.actors = list(answer.actors)
    assert answer == expected
    recorder = served.connectors["rec"]
    assert isinstance(recorder, Recorder)
    assert (name, ARGUMENTS[name]) in recorder.calls


def test_the_first_connector_answers_where_none_is_named(served: Served, one: Memory) -> None:
    served.types()
    assert one.asked == 1


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_unknown_connector_is_an_error_that_lists_the_names(served: Served, name: str) -> None:
    answer = served.call(name, *ARGUMENTS[name], connector="three")
    assert not answer.ok
    assert answer.state is State.ERROR
    assert '"three"' in answer.user_explanation
    assert "one, two, rec" in answer.user_explanation


def test_a_host_without_connectors_says_so(tmp_path: Path) -> None:
    with live(application({}, new_store(tmp_path))) as url:
        answer = Served(url, {}, new_store(tmp_path)).types()
    assert "There are: none" in answer.user_explanation


def test_the_operation_is_told_by_the_body_not_by_the_action(served: Served, one: Memory) -> None:
    assert post(served.url, request("get_supported_actor_types"), SOAPAction='"urn:x"').status == 200
    assert one.asked == 1


# What is not a call


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"<html/>",
        b"<a><b></a>",
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode(),
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><WSNope xmlns="{NAMESPACE}"/></s:Body></s:Envelope>'.encode(),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    ],
)
def test_what_is_not_soap_is_a_fault(served: Served, body: bytes) -> None:
    reply = post(served.url, body)
    assert reply.status == 500
    assert reply.headers["Content-Type"].startswith("text/xml")
    fault = etree.fromstring(reply.data).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert fault is not None
    assert fault.findtext("faultcode") == "s:Client"
    assert fault.findtext("faultstring")
    assert b"Traceback" not in reply.data
    assert b"root:" not in reply.data


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    reply = urllib3.request(method, served.url, retries=False)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_web_page_can_send_anywhere_is_no_call(served: Served, one: Memory, kind: str) -> None:
    assert post(served.url, request("get_supported_actor_types"), Content_Type=kind).status == 415
    assert one.asked == 0


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.example", "a b", "x'\"><y", "[::1]]"])
def test_host_names_that_are_not_its_own_are_refused(tmp_path: Path, host: str) -> None:
    hosting = application({"one": Memory()}, new_store(tmp_path), allowed_hosts=["127.0.0.1", ".brygga.example"])
    with live(hosting) as url:
        assert urllib3.request("GET", url, headers={"Host": host}, retries=False).status == 400
        for good in ("127.0.0.1:80", "erp.BRYGGA.example", "brygga.example"):
            assert urllib3.request("GET", url, headers={"Host": good}, retries=False).status == 200


# Bodies


def test_a_request_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    body = request("get_supported_actor_types")
    with live(application({"one": Memory()}, new_store(tmp_path), largest_request=len(body))) as url:
        assert post(url, body).status == 200
        assert post(url, body + b" ").status == 413
        assert post(url, iter([body, b" "])).status == 413
        assert post(url, gzip.compress(body + b" " * 10_000_000), Content_Encoding="gzip").status == 413


def test_a_request_may_come_in_chunks_and_packed(served: Served, one: Memory) -> None:
    body = request("get_supported_actor_types")
    assert post(served.url, iter([body[:50], body[50:]])).status == 200
    assert post(served.url, gzip.compress(body), Content_Encoding="gzip").status == 200
    assert one.asked == 2


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"<x/>", mtime=0)[:-4], "gzip", 400),
        (gzip.compress(b"<x/>", mtime=0) * 2, "gzip", 400),
        (b"<x/>", "br", 415),
    ],
)
def test_what_cannot_be_unpacked_is_refused(served: Served, body: bytes, encoding: str, status: int) -> None:
    assert post(served.url, body, Content_Encoding=encoding).status == status


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("-1", 400), ("5", 400), ("", 411)], ids=["text", "negative", "short", "none"]
)
def test_other_servers_may_hand_over_less_than_was_announced(tmp_path: Path, length: str, status: int) -> None:
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": length,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(b"<x>"),
    }
    hosting: Any = application({}, new_store(tmp_path))
    b"".join(hosting(environ, lambda line, headers: said.append(line)))
    assert said[0].startswith(str(status))


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("deflate, gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("br", False)],
)
def test_replies_are_packed_when_asked_for(served: Served, accepted: str, packed: bool) -> None:
    reply = post(f"{served.url}?ConnectorName=rec", request("get_actors"), Accept_Encoding=accepted)
    assert (reply.headers.get("Content-Encoding") == "gzip") is packed
    assert reply.headers["Vary"] == "Accept-Encoding"
    assert reply.data.endswith(b"</s:Envelope>")


# The handshake


class Gate:
    """Lets callers in when they have sent <Authenticate/>."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()

    def handle(self, body: bytes, remote_address: str) -> bytes | None:
        if b"<Authenticate" not in body:
            return None
        self.addresses.add(remote_address)
        return b"<answer/>"

    def allows(self, remote_address: str) -> bool:
        return remote_address in self.addresses


def test_callers_authenticate_first_where_that_is_asked_for(tmp_path: Path) -> None:
    with live(application({"one": Memory()}, new_store(tmp_path), Gate())) as url:
        refused = post(url, request("get_config_data"))
        assert refused.status == 401
        assert "WWW-Authenticate" in refused.headers
        assert post(url, f'<s:Envelope xmlns:s="{SOAP}"><s:Body><x/></s:Body></s:Envelope>'.encode()).status == 500
        handshake = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><Authenticate/></s:Body></s:Envelope>'.encode()
        assert post(url, handshake).data == b"<answer/>"
        assert post(url, request("get_config_data")).status == 200


# Pages


def test_the_page_explains_itself_and_brings_nothing_from_outside(served: Served) -> None:
    reply = urllib3.request("GET", served.url)
    page = reply.data.decode()
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Recorder &lt;one&gt;" in page
    assert "Remembers &amp; answers" in page
    assert f"{served.url}?ConnectorName=rec" in page
    assert "<script" not in page
    assert not re.search(r"(src|@import|url\()", page)
    assert set(re.findall(r'href="([^"?]*)', page)) == {served.url}
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_head_is_get_without_a_body(served: Served) -> None:
    head, get = (urllib3.request(method, served.url) for method in ("HEAD", "GET"))
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(get.data))


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "singleWsdl", "wsdl=", "ConnectorName=a%26%22b&wsdl"])
def test_the_wsdl_names_the_address_that_was_asked(served: Served, query: str) -> None:
    reply = urllib3.request("GET", f"{served.url}?{query}")
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    found = etree.fromstring(reply.data).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert found is not None
    asked = "?ConnectorName=a%26%22b" if "Connector" in query else ""
    assert found.get("location") == served.url + asked


def test_paths_are_quoted_in_addresses(served: Served) -> None:
    odd = served.url.replace("ErpConnectorWS", "%22%3E%C3%A5%27")
    page = urllib3.request("GET", odd).data.decode()
    assert f"{odd}?ConnectorName=one" in page
