"""One connector in a host: it may forget what it was told, and it may raise; the host stands in for both."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from threading import Lock
from typing import Any
from urllib.parse import quote

import structlog

from brygga.contract import ConnectionInfo, Connector, ErrorCode, FieldType, Response
from brygga.soap.operations import Operation
from brygga.soap.store import ConnectionStore

_MASK = "•••"
_LOCKS = 64
_FAILED = "The connector failed unexpectedly. Try again; if it goes on, ask whoever runs the connector to read its log."

_log = structlog.get_logger(__name__)


class HostedConnector:
    """A connector by its name, with the configurations that the store keeps for it. Safe for several threads.

    The connector is given a stored configuration before the first call that this process makes for it, after
    another process has changed it, and when the connector answers UNKNOWN_CONNECTION_ID; then the call is repeated
    once. So it may keep its connections in memory only.
    """

    def __init__(self, name: str, connector: Connector, store: ConnectionStore) -> None:
        self.name = name
        self.connector = connector
        self._store = store
        self._given: dict[str, int] = {}  # by GUID, `saved_at` of the configuration that the connector has
        self._locks = [Lock() for _ in range(_LOCKS)]  # a GUID always gets the same one; their number is bounded

    def call(self, operation: Operation, arguments: Sequence[Any]) -> Response:
        """Carry an operation out. Whatever the connector raises comes back as an error response of the right type."""
        try:
            return _as_answer(operation, self._carry_out(operation, arguments))
        except Exception as error:
            return self.failure(operation, arguments, error)

    def failure(self, operation: Operation, arguments: Sequence[Any], error: Exception) -> Response:
        """The error response for what went wrong in this call, which is logged. Both without secrets."""
        secrets = self._secrets(arguments)
        told = _redact(f"{type(error).__name__}: {error}", secrets)
        trace = _redact("".join(traceback.format_exception(error)), secrets)
        _log.error("connector_failed", connector=self.name, operation=operation.wire, error=told, trace=trace)
        return operation.answer.failure(_FAILED, f"{operation.wire}: {told}")

    def _carry_out(self, operation: Operation, arguments: Sequence[Any]) -> Any:
        if operation.name == "save_connection":
            return self._save(arguments[0])
        if operation.name == "delete_connection":
            return self._delete(operation, arguments)
        return self._ask(operation, arguments)

    def _ask(self, operation: Operation, arguments: Sequence[Any]) -> Any:
        ask = getattr(self.connector, operation.name)
        guid = _guid(operation, arguments)
        if guid and self._store.saved_at(self.name, guid) not in (None, self._given.get(guid)):
            self._give(guid, again=False)
        answer = ask(*arguments)
        if guid and _does_not_know(answer) and self._give(guid, again=True):
            answer = ask(*arguments)
        return answer

    def _give(self, guid: str, again: bool) -> bool:
        """Give the connector the stored configuration, if there is one; whether the connector took it."""
        with self._lock(guid):
            stored = self._store.load(self.name, guid)
            if stored is None:
                return False
            if not again and self._given.get(guid) == stored.saved_at:
                return True  # another thread was first
            answer = self.connector.save_connection(ConnectionInfo(guid, stored.values))
            self._given[guid] = stored.saved_at
        if not answer.ok:
            _log.warning("stored_connection_refused", connector=self.name, guid=guid, code=answer.error_code)
        return answer.ok

    def _save(self, info: ConnectionInfo) -> Response:
        if not info.guid:
            return Response.failure("The connection has no identifier and can't be saved.", "no ConnectionGuid")
        values = dict(info.values)
        with self._lock(info.guid):
            answer = self.connector.save_connection(info)
            if answer.ok:
                self._given[info.guid] = self._store.save(self.name, info.guid, values)
        return answer

    def _delete(self, operation: Operation, arguments: Sequence[Any]) -> Any:
        """Forget the connection whatever the connector answers: the CRM side has done with it."""
        guid = arguments[0]
        try:
            return self._ask(operation, arguments)
        finally:
            with self._lock(guid):
                self._store.delete(self.name, guid)
                self._given.pop(guid, None)

    def _lock(self, guid: str) -> Lock:
        return self._locks[hash(guid) % _LOCKS]

    def _secrets(self, arguments: Sequence[Any]) -> set[str]:
        """The secret values among the configurations that this call has to do with; all values in case of doubt."""
        values: set[tuple[str, str]] = set()
        try:
            for subject in arguments[:1]:
                info = subject if isinstance(subject, ConnectionInfo) else ConnectionInfo(subject)
                stored = self._store.load(self.name, info.guid)
                values |= info.values.items() | (stored.values.items() if stored else set())
            fields = self.connector.get_config_data().fields
        except Exception:  # it is a failure that is being told of: this one shall not hide it
            return {value for _key, value in values}
        secret = {field.key for field in fields if field.type is FieldType.PASSWORD}
        return {value for key, value in values if key in secret}


def _guid(operation: Operation, arguments: Sequence[Any]) -> str:
    has_guid = operation.parameters and operation.parameters[0].name == "guid"
    return str(arguments[0]) if has_guid else ""


def _does_not_know(answer: Any) -> bool:
    return isinstance(answer, Response) and answer.error_code == ErrorCode.UNKNOWN_CONNECTION_ID


def _as_answer(operation: Operation, answer: Any) -> Response:
    """The answer in the type of the operation: a failure may come in the plain one. Raises TypeError otherwise."""
    if isinstance(answer, operation.answer):
        return answer
    if isinstance(answer, Response) and not answer.ok:
        return operation.answer().absorb(answer)
    raise TypeError(f"{operation.name} returned {type(answer).__name__}, not {operation.answer.__name__}")


def _redact(text: str, secrets: set[str]) -> str:
    """The text without the secrets, also as they look in a quoted text or in an address."""
    shown = {form for secret in secrets if secret for form in (secret, repr(secret)[1:-1], quote(secret, safe=""))}
    for form in sorted(shown, key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text
