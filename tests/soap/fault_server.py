"""A server on a bare socket that answers as told: well, badly, slowly, or not at all.

Every reply of its script is a function of the exchange that says whether the connection stays open. The last reply
is given again to every further request.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import BinaryIO

XML = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What the server was sent. `connection` numbers the connections from 1."""

    connection: int
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Exchange:
    """One request, the socket to answer on, and the event that says the test is over."""

    sock: socket.socket
    request: Request
    over: threading.Event


Reply = Callable[[Exchange], bool]


@dataclass
class FaultServer:
    """Serves on loopback while it is entered."""

    script: list[Reply]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> FaultServer:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for sock in self._sockets:
            sock.close()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}/Services/ErpConnectorWS.svc"

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            self._start(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                self._sockets.append(sock)
                sock.do_handshake()  # where it fails the connection stays open, so that the client can read why
            with sock, sock.makefile("rb") as reader:
                while request := _read_request(reader, number):
                    with self._lock:
                        self.requests.append(request)
                        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                    if not reply(Exchange(sock, request, self._over)):
                        break


def _read_request(reader: BinaryIO, connection: int) -> Request | None:
    line = reader.readline().decode().rstrip()
    if not line:
        return None
    headers = {}
    while header := reader.readline().decode().rstrip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(connection, line, headers, reader.read(int(headers.get("content-length", 0))))


# Replies


def message(body: bytes, status: str = "200 OK", content_type: str = XML, *headers: str, length: bool = True) -> bytes:
    """The bytes of an HTTP reply. Without `length` it ends where the connection does."""
    lines = [f"HTTP/1.1 {status}", f"Date: {formatdate(usegmt=True)}", *headers]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Length: {len(body)}"] if length else ["Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(body: bytes, status: str = "200 OK", content_type: str = XML, *headers: str, length: bool = True) -> Reply:
    return raw(message(body, status, content_type, *headers, length=length), keep=length)


def raw(data: bytes, keep: bool = False) -> Reply:
    """Send these bytes."""

    def reply(exchange: Exchange) -> bool:
        exchange.sock.sendall(data)
        return keep

    return reply


def dribbled(data: bytes, pause: float) -> Reply:
    """Send byte by byte, with a pause (seconds) before each."""

    def reply(exchange: Exchange) -> bool:
        for number in range(len(data)):
            if exchange.over.wait(pause):
                break
            exchange.sock.sendall(data[number : number + 1])
        return False

    return reply


def silent(exchange: Exchange) -> bool:
    """Say nothing until the test is over."""
    exchange.over.wait(30)
    return False


def stalled(data: bytes) -> Reply:
    """Send these bytes and then nothing more."""

    def reply(exchange: Exchange) -> bool:
        exchange.sock.sendall(data)
        return silent(exchange)

    return reply


def late(seconds: float, then: Reply) -> Reply:
    """Wait before replying."""

    def reply(exchange: Exchange) -> bool:
        return not exchange.over.wait(seconds) and then(exchange)

    return reply


def hang_up(exchange: Exchange) -> bool:
    """Close without a word."""
    return False


def reset(exchange: Exchange) -> bool:
    """Break the connection off as a crashing process does."""
    exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.sock.close()
    return False


def tunnel(port: int) -> Reply:
    """Be a proxy: whatever address CONNECT asks for, lead to this port of loopback."""

    def reply(exchange: Exchange) -> bool:
        exchange.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as inner:
            _relay(exchange.sock, inner, exchange.over)
        return False

    return reply


def _relay(one: socket.socket, other: socket.socket, over: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while not over.is_set():
            for key, _ in selector.select(0.1):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not data:
                    return
                key.data.sendall(data)
