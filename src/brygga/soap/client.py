"""A connector behind a URL: the 17 operations as SOAP calls (contract, section 6)."""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from brygga.contract.actors import ErpActor
from brygga.contract.connector import Connector
from brygga.contract.responses import ActorsResponse, Response
from brygga.soap.codec import decode_response, encode_request
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.handshake import Authenticate, Post
from brygga.soap.operations import OPERATIONS, Operation
from brygga.soap.replies import ServerBusy
from brygga.soap.transport import ClientSettings, Reply, Transport

__all__ = ["Authenticate", "ClientSettings", "Post", "SoapConnector"]

_log = logging.getLogger(__name__)
_DEFAULTS = ClientSettings()
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_LONGEST_RETRY_AFTER = 60.0
_NEVER_REPEATED = "create_actor"
"""Reads change nothing, and saving or deleting the same thing twice is the same as once. Creating is not."""


class SoapConnector(Connector):
    """A connector that lives behind `http(s)://HOST/PATH.svc[?ConnectorName=NAME]`. Thread-safe.

    Its operations take and return what those of `Connector` do, with two differences: they raise `CallFailed` when
    no answer of the contract comes back, and `actors` of an answer is a one-pass stream that raises `CallFailed` too
    if the answer turns out to be broken further on. An answer with `ok` false is an answer like any other.

    A call that may be repeated is, `settings.attempts` times in all, except `create_actor`.
    """

    def __init__(
        self, url: str, settings: ClientSettings = _DEFAULTS, authenticate: Authenticate | None = None
    ) -> None:
        """Connects to nothing yet. Raises ValueError, in words for users, for an address that can't be used."""
        self._settings = settings
        self._transport = Transport(url, settings)
        self._log_in = _LogIn(authenticate)

    def call(self, operation: Operation, arguments: Sequence[object]) -> Response:
        """Carry out an operation; `arguments` in the order of `operation.parameters`. Raises CallFailed."""
        call = _Call(operation, encode_request(operation, arguments), time.monotonic() + self._settings.total_timeout)
        try:
            return self._with_repetitions(call)
        except CallFailed as failure:
            if not (failure.status == 401 and call.repeatable and self._log_in.needed):
                raise
            _log.info("%s: %s wants a new log-in", operation.name, self._transport.place)
            return self._with_repetitions(call)

    def close(self) -> None:
        """Close the connections that are kept open between calls."""
        self._transport.close()

    def _with_repetitions(self, call: _Call) -> Response:
        attempts = self._settings.attempts if call.repeatable else 1
        for attempt in range(1, attempts):
            try:
                return self._attempt(call)
            except CallFailed as failure:
                pause = self._pause_after(failure, attempt, call.deadline)
                if pause is None:
                    raise
                _log.warning(
                    "%s at %s, attempt %d of %d: %s (%s); repeated in %.1f s",
                    *(call.operation.name, self._transport.place, attempt, attempts),
                    *(failure.reason, failure.technical, pause),
                )
                self._settings.sleep(pause)
        return self._attempt(call)

    def _pause_after(self, failure: CallFailed, attempt: int, deadline: float) -> float | None:
        """Seconds until the next attempt, None if there is no point in one.

        Pauses grow and are drawn at random over their whole length, so that many clients of a server that was down
        do not come back at the same moment. A server that says when to come back is obeyed, or left to the caller.
        """
        if not failure.may_repeat:
            return None
        pause = self._settings.random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1))
        if isinstance(failure, ServerBusy) and failure.retry_after is not None:
            if failure.retry_after > _LONGEST_RETRY_AFTER:
                return None
            pause = max(pause, failure.retry_after)
        return pause if time.monotonic() + pause < deadline else None

    def _attempt(self, call: _Call) -> Response:
        log_in = self._log_in.ensure(functools.partial(self._post_log_in, call.deadline), call.deadline)
        try:
            # A create gets a connection of its own: on one that was kept open it could be lost unread, which looks
            # just like an answer that was lost after the work, and costs the caller a search for what was created.
            reply = self._transport.post(call.message, call.operation.action, call.deadline, fresh=not call.repeatable)
        except CallFailed as failure:
            if failure.status == 401:
                self._log_in.forget(log_in)
            raise
        return _decoded(call.operation, reply)

    def _post_log_in(self, deadline: float, message: bytes, action: str) -> bytes:
        reply = self._transport.post(message, action, deadline)
        with reply.body as body:
            return body.read()


class _Call:
    """One call of an operation, however often it is tried."""

    def __init__(self, operation: Operation, message: bytes, deadline: float) -> None:
        self.operation = operation
        self.message = message
        self.deadline = deadline
        self.repeatable = operation.name != _NEVER_REPEATED


class _LogIn:
    """Whether the connector knows this client, and until when. Threads that find no log-in wait for one to be made."""

    def __init__(self, authenticate: Authenticate | None) -> None:
        self._authenticate = authenticate
        self._lock = threading.Lock()
        self._count = 0
        self._until = 0.0

    @property
    def needed(self) -> bool:
        return self._authenticate is not None

    def ensure(self, post: Post, deadline: float) -> int:
        """Log in unless it is done; returns the number of the log-in. Raises CallFailed."""
        if self._authenticate is None:
            return 0
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            technical = "another thread's log-in took too long"
            raise CallFailed(Reason.CONNECT_TIMEOUT, technical, may_repeat=True, unknown_outcome=False)
        try:
            if time.time() >= self._until:
                self._until = self._made(self._authenticate, post)
                self._count += 1
            return self._count
        finally:
            self._lock.release()

    def forget(self, number: int) -> None:
        """The connector no longer accepts this log-in. One made by another thread meanwhile stays."""
        with self._lock:
            if self._count == number:
                self._until = 0.0

    @staticmethod
    def _made(authenticate: Authenticate, post: Post) -> float:
        try:
            return authenticate(post)
        except CallFailed as failure:
            failure.unknown_outcome = False  # the operation itself has not been sent
            raise


def _decoded(operation: Operation, reply: Reply) -> Response:
    """The answer in a reply, whose body is closed when nothing more will be read of it."""
    try:
        response = decode_response(operation, reply.body)
    except CallFailed as failure:
        reply.body.close()
        raise _told_by_status(failure, reply.status) from failure
    if isinstance(response, ActorsResponse) and not isinstance(response.actors, list):
        response.actors = _closing(response.actors, reply.body)
        return response
    reply.body.close()
    if isinstance(response, ActorsResponse):
        response.actors = iter(response.actors)
    return response


def _told_by_status(failure: CallFailed, status: int) -> CallFailed:
    if status == 500 and failure.reason in (Reason.NOT_SOAP, Reason.BAD_XML):
        technical = f"the server answered 500 without a SOAP fault: {failure.technical}"
        return CallFailed(Reason.SERVER_FAILED, technical, may_repeat=True, unknown_outcome=True, status=status)
    failure.status = status
    return failure


def _closing(actors: Iterable[ErpActor], body: BinaryIO) -> Iterator[ErpActor]:
    def stream() -> Iterator[ErpActor]:
        with body:
            yield from actors

    opened = stream()
    weakref.finalize(opened, body.close)  # for a stream that is dropped before it was started
    return opened


def _method(operation: Operation) -> Callable[..., Any]:
    """The method of `Connector` with this name, carried out by `SoapConnector.call`."""
    contract = getattr(Connector, operation.name)
    signature = inspect.signature(contract)

    @functools.wraps(contract)
    def method(self: SoapConnector, *args: Any, **kwargs: Any) -> Response:
        if kwargs or len(args) != len(operation.parameters):
            args = signature.bind(self, *args, **kwargs).args[1:]
        return self.call(operation, args)

    return method


# Types and documentation of the 17 operations are those of `Connector`.
for _operation in OPERATIONS.values():
    setattr(SoapConnector, _operation.name, _method(_operation))
