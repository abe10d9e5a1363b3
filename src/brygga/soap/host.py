"""A WSGI application that serves connectors over SOAP: the contract's server side (contract, section 6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from brygga.contract import Connector, Response
from brygga.soap.bodies import BadBody, packed, read_body, wants_gzip
from brygga.soap.codec import Call, NotSoap, decode_request, encode_response
from brygga.soap.handshake import Authenticator
from brygga.soap.hosted import HostedConnector
from brygga.soap.operations import SOAP
from brygga.soap.page import HEADERS, page
from brygga.soap.store import ConnectionStore
from brygga.soap.wsdl import wsdl
from brygga.soap.xml import MAX_REQUEST, escape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

PATH = "/Services/ErpConnectorWS.svc"
"""Where connectors are usually served; the application itself answers wherever it is mounted."""
HELD_BACK = 1 << 18
"""How much of an answer, in bytes, is made before the first of it goes out. A failure within it is still told in an
error response; a later one breaks the connection, so that nobody takes a part for the whole."""

_ANY_HOST = ("*",)
_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_CHALLENGE = ("WWW-Authenticate", 'Handshake realm="IIntegrationServiceConnectorAuth"')
_XML = re.compile(r"(?:text|application)/(?:[\w.+-]+\+)?xml")


class BrokenAnswer(Exception):
    """The connector failed when part of its answer was already sent; the log has the reason."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply. `body` is bytes where it is known whole."""

    status: HTTPStatus
    content_type: str
    body: bytes | Iterator[bytes]
    headers: list[tuple[str, str]] = field(default_factory=list)


def application(
    connectors: Mapping[str, Connector],
    store: ConnectionStore,
    authenticator: Authenticator | None = None,
    *,
    allowed_hosts: Collection[str] = _ANY_HOST,
    largest_request: int = MAX_REQUEST,
) -> WSGIApplication:
    """A WSGI application that serves these connectors by name, at whatever path it is mounted.

    POST is a SOAP call of the connector that `?ConnectorName=NAME` says, else of the first; GET is a page that
    explains itself, with `?wsdl` the WSDL. `store` keeps the configuration of connections, so that connectors need
    not. `authenticator` answers the handshake of `app://` and decides who may call. `allowed_hosts` are the host
    names that are answered to (`*` = any, `.example.com` = with subdomains); `largest_request` is in bytes.
    """
    return _Host(connectors, store, authenticator, allowed_hosts, largest_request)


class _Host:
    def __init__(
        self,
        connectors: Mapping[str, Connector],
        store: ConnectionStore,
        authenticator: Authenticator | None,
        allowed_hosts: Collection[str],
        largest_request: int,
    ) -> None:
        self._connectors = {name: HostedConnector(name, connector, store) for name, connector in connectors.items()}
        self._authenticator = authenticator
        self._allowed_hosts = allowed_hosts
        self._largest_request = largest_request

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            reply = self._answer(environ)
        except BadBody as error:
            reply = _plain(error.status, str(error))
        return _send(reply, environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Reply:
        if not _is_allowed(_host(environ), self._allowed_hosts):
            return _plain(HTTPStatus.BAD_REQUEST, "This host name is not among those that this server answers to.")
        query = {key.lower(): value for key, value in parse_qsl(environ.get("QUERY_STRING", ""), True)}
        match environ["REQUEST_METHOD"]:
            case "POST":
                return self._soap(environ, query.get("connectorname", ""))
            case "GET" | "HEAD":
                return self._show(environ, query)
        return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "Use POST, or GET.", [("Allow", "GET, HEAD, POST")])

    # Showing

    def _show(self, environ: dict[str, Any], query: Mapping[str, str]) -> Reply:
        address = _address(environ)
        if "wsdl" in query or "singlewsdl" in query:
            name = query.get("connectorname")
            own = f"{address}?ConnectorName={quote(name, safe='')}" if name else address
            return Reply(HTTPStatus.OK, "text/xml; charset=utf-8", wsdl(own))
        shown = page(address, ((hosted.name, hosted.connector) for hosted in self._connectors.values()))
        return Reply(HTTPStatus.OK, "text/html; charset=utf-8", shown.encode(), HEADERS)

    # Calling

    def _soap(self, environ: dict[str, Any], name: str) -> Reply:
        if not _XML.match(environ.get("CONTENT_TYPE", "").strip().lower()):
            # Beyond being right, this keeps web pages out: a browser sends XML across sites only with permission.
            return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A call is sent as text/xml.")
        body = read_body(environ, self._largest_request)
        caller = environ.get("REMOTE_ADDR", "")
        try:
            call = decode_request(body)
        except NotSoap as error:
            return self._handshake(body, caller) or _fault(str(error))
        if self._authenticator and not self._authenticator.allows(caller):
            return _plain(HTTPStatus.UNAUTHORIZED, "Carry out the handshake first.", [_CHALLENGE])
        return self._called(call, name)

    def _handshake(self, body: bytes, caller: str) -> Reply | None:
        answer = self._authenticator.handle(body, caller) if self._authenticator else None
        return None if answer is None else _xml(answer)

    def _called(self, call: Call, name: str) -> Reply:
        hosted = self._connectors.get(name) if name else next(iter(self._connectors.values()), None)
        if hosted is None:
            return _xml(b"".join(encode_response(call.operation, self._no_such(call, name))))
        chunks = encode_response(call.operation, hosted.call(call.operation, call.arguments))
        try:
            begun, whole = _begin(chunks)
        except Exception as error:
            failure = hosted.failure(call.operation, call.arguments, error)
            return _xml(b"".join(encode_response(call.operation, failure)))
        return _xml(begun if whole else _continued(begun, chunks, hosted, call))

    def _no_such(self, call: Call, name: str) -> Response:
        there_are = ", ".join(self._connectors) or "none"
        said = f'There is no connector "{name}" here.' if name else "There is no connector here."
        return call.operation.answer.failure(f"{said} Correct the URL of the connector. There are: {there_are}.")


def _begin(chunks: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first HELD_BACK bytes or some more, and whether that is all."""
    begun = bytearray()
    for chunk in chunks:
        begun += chunk
        if len(begun) >= HELD_BACK:
            return bytes(begun), False
    return bytes(begun), True


def _continued(begun: bytes, chunks: Iterator[bytes], hosted: HostedConnector, call: Call) -> Iterator[bytes]:
    yield begun
    try:
        yield from chunks
    except Exception as error:
        hosted.failure(call.operation, call.arguments, error)
        raise BrokenAnswer(f"{hosted.name}: the answer to {call.operation.wire} broke off") from None


# Replies


def _xml(body: bytes | Iterator[bytes]) -> Reply:
    return Reply(HTTPStatus.OK, "text/xml; charset=utf-8", body)


def _plain(status: HTTPStatus, text: str, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    return Reply(status, "text/plain; charset=utf-8", f"{text}\n".encode(), list(headers))


def _fault(text: str) -> Reply:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault>'
        f"<faultcode>s:Client</faultcode><faultstring>{escape(text)}</faultstring>"
        "</s:Fault></s:Body></s:Envelope>"
    )
    return Reply(HTTPStatus.INTERNAL_SERVER_ERROR, "text/xml; charset=utf-8", body.encode())


def _send(reply: Reply, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", reply.content_type), ("X-Content-Type-Options", "nosniff"), *reply.headers]
    body = reply.body
    if reply.status is HTTPStatus.OK:
        headers.append(("Vary", "Accept-Encoding"))
        if wants_gzip(environ):
            headers.append(("Content-Encoding", "gzip"))
            body = b"".join(packed([body])) if isinstance(body, bytes) else packed(body)
    if isinstance(body, bytes):
        headers.append(("Content-Length", str(len(body))))
        body = iter([body])
    start_response(f"{reply.status.value} {reply.status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else body


# Addresses


def _host(environ: dict[str, Any]) -> str:
    """Host and port as the caller wrote them, else the server's own; empty if they cannot be meant."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return host if _HOST.fullmatch(host) else ""


def _is_allowed(host: str, allowed: Collection[str]) -> bool:
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = found[1].lower().rstrip(".")
    return any(
        pattern == "*" or name == pattern.lower() or (pattern.startswith(".") and f".{name}".endswith(pattern.lower()))
        for pattern in allowed
    )


def _address(environ: dict[str, Any]) -> str:
    """The URL at which this was called, without the query."""
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1")
    return f"{environ['wsgi.url_scheme']}://{_host(environ)}{quote(path, safe='/')}"
