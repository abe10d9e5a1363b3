"""urllib3 connections that keep a deadline, and that tell failing to connect from failing later.

urllib3's time-outs hold for one wait each: a server that sends a byte now and then would keep a call for ever, also
within the header or a chunk's length. Here every single wait, of sending as well, is bounded by the call's deadline.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from brygga.soap.failures import CallFailed, Reason

_SMALL = 1 << 16
"""Bytes of a request that are copied rather than sent in pieces."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an exchange may take: `wait` seconds for each piece, `deadline` (`time.monotonic`) for all of it."""

    wait: float
    deadline: float

    def next_wait(self, longest: float | None = None) -> float:
        """Seconds that the next wait may last. Raises TimeoutError when the deadline is over."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time limit of the call is over")
        return min(left, self.wait if longest is None else longest)


_limits: ContextVar[Limits] = ContextVar("limits")


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """Exchanges of this thread keep these limits inside the block."""
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)


def use_timed_connections(manager: urllib3.PoolManager) -> None:
    """Have this manager open connections of this module."""
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _TimedSocketFile(io.RawIOBase):
    """What a reply is read from; sets the socket's time-out anew for every wait."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._longest = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_limits.get().next_wait(self._longest))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _TimedSocket:
    """As much of a socket as a reply needs."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedSocketFile(self._sock))


class _TimedReply(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)  # type: ignore[arg-type]


class _TimedHttp(HTTPConnection):
    response_class = _TimedReply
    _gathered: list[bytes] | None = None

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            raise _not_connected(error) from error

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        # urllib3 would give the whole body no more time than a connection may take to open.
        self.timeout = _limits.get().next_wait()
        self._gathered = []
        try:
            super().request(*args, **kwargs)
        finally:
            gathered, self._gathered = self._gathered, None
        for piece in _joined(gathered):
            self.send(piece)

    def send(self, data: Any) -> None:
        """The head of a request waits for its body: to send them apart takes a small call some 20 microseconds."""
        if self._gathered is None:
            super().send(data)
        else:
            self._gathered.append(data)


class _TimedHttps(_TimedHttp, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _TimedHttp


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TimedHttps


def _joined(pieces: list[bytes]) -> list[bytes]:
    return [b"".join(pieces)] if sum(map(len, pieces)) <= _SMALL else pieces


def _not_connected(error: Exception) -> CallFailed:
    """Nothing of the request has been sent yet, so the outcome is certain whatever the error."""
    reason = _reason_for_no_connection(error)
    may_repeat = reason is not Reason.UNTRUSTED
    return CallFailed(reason, f"no connection: {error}", may_repeat=may_repeat, unknown_outcome=False)


def _reason_for_no_connection(error: Exception) -> Reason:
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Reason.UNREACHABLE  # the other side hung up, as one that is overloaded does
    if isinstance(error, (ssl.SSLError, ssl.CertificateError, urllib3.exceptions.SSLError)):
        return Reason.UNTRUSTED
    if isinstance(error, urllib3.exceptions.NewConnectionError):  # a ConnectTimeoutError by class, not by nature
        return Reason.UNREACHABLE
    if isinstance(error, (TimeoutError, urllib3.exceptions.ConnectTimeoutError)):
        return Reason.CONNECT_TIMEOUT
    return Reason.UNREACHABLE
