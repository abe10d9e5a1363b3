"""Connectors as the services and the engine use them: found by address, called, their failures made errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import structlog

from brygga.contract import ActorsResponse, ConnectionInfo, ErrorCode, Response
from brygga.contract import Connector as ContractConnector
from brygga.contract.localised import compose, parse
from brygga.erp.addresses import open_address, use
from brygga.erp.errors import BryggaError, ConnectorFailed
from brygga.erp.models import Connection, Connector
from brygga.erp.problems import Problem, told
from brygga.erp.secrets import decrypt, redact
from brygga.soap.failures import CallFailed

__all__ = ["call", "call_connector", "open_address", "open_connector", "stored_values", "use"]

_CODES_OF_THE_CALLER = frozenset({ErrorCode.UNKNOWN_FIELD_KEY, ErrorCode.UNKNOWN_LIST_ITEM_ID})

_log = structlog.get_logger(__name__)


def open_connector(source: Connector | Connection) -> ContractConnector:
    """The connector at the address of a connector, or of a connection's. Raises Refused if there is none."""
    return open_address(source.url if isinstance(source, Connector) else source.connector.url)


def stored_values(connection: Connection) -> dict[str, str]:
    """The stored configuration in wire form, by key, secrets in the clear: for the connector only."""
    return {
        stored.key: decrypt(stored.value) if stored.secret else stored.value
        for stored in connection.config_values.order_by("key")
    }


def call(connection: Connection, operation: str, *args: Any) -> Any:
    """Call an operation that takes the connection's GUID; `args` are what it takes besides.

    A connector that does not know the connection is sent its configuration, and the call is repeated once
    (contract, section 3; behaviour E7). Returns the response of the operation, warnings included. Raises
    ConnectorFailed, and Refused if there is no connector.
    """
    connector = open_connector(connection)
    guid = str(connection.guid)
    secrets = _Secrets(connection)
    response = _attempt(connector, operation, (guid, *args), secrets)
    if not response.ok and response.error_code == ErrorCode.UNKNOWN_CONNECTION_ID:
        info = ConnectionInfo(guid, stored_values(connection))
        _checked(_attempt(connector, "save_connection", (info,), secrets), "save_connection", secrets)
        response = _attempt(connector, operation, (guid, *args), secrets)
    return _checked(response, operation, secrets)


def call_connector(connector: ContractConnector, operation: str, *args: Any, secrets: Iterable[str] = ()) -> Any:
    """Call an operation of a connector as it stands, without a stored connection. Raises ConnectorFailed.

    `secrets` are texts in `args` that no log may show.
    """
    return _checked(_attempt(connector, operation, args, secrets), operation, secrets)


class _Secrets(Iterable[str]):
    """A connection's secrets, read only when there is a text to keep them out of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __iter__(self) -> Iterator[str]:
        for stored in self._connection.config_values.filter(secret=True):
            yield decrypt(stored.value)


def _attempt(connector: ContractConnector, operation: str, args: tuple[Any, ...], secrets: Iterable[str]) -> Response:
    try:
        response: Response = getattr(connector, operation)(*args)
    except BryggaError:
        raise
    except Exception as error:
        raise _raised(operation, error, secrets) from error
    if isinstance(response, ActorsResponse):
        response.actors = _guarded(response.actors, operation, secrets)
    return response


def _guarded(actors: Iterable[Any], operation: str, secrets: Iterable[str]) -> Iterable[Any]:
    """A stream of actors whose failures, too, are ConnectorFailed."""
    if isinstance(actors, list | tuple):
        return actors
    return _guard_stream(actors, operation, secrets)


def _guard_stream(actors: Iterable[Any], operation: str, secrets: Iterable[str]) -> Iterator[Any]:
    try:
        yield from actors
    except BryggaError:
        raise
    except Exception as error:
        raise _raised(operation, error, secrets) from error


def _raised(operation: str, error: Exception, secrets: Iterable[str]) -> ConnectorFailed:
    if isinstance(error, CallFailed):
        return _not_answered(operation, error, secrets)
    technical = redact(f"{operation}: {error!r}", secrets)
    _log.error("connector_raised", operation=operation, technical=technical)
    return ConnectorFailed(Problem("connector_raised"), technical, unknown_outcome=True)


def _not_answered(operation: str, failure: CallFailed, secrets: Iterable[str]) -> ConnectorFailed:
    technical = redact(f"{operation}: {failure.reason}: {failure.technical}", secrets)
    _log.warning("connector_not_answering", operation=operation, reason=str(failure.reason), technical=technical)
    problem = Problem(f"call_{failure.reason}", {"status": failure.status} if failure.status else {})
    return ConnectorFailed(problem, technical, retry=failure.may_repeat, unknown_outcome=failure.unknown_outcome)


def _checked(response: Response, operation: str, secrets: Iterable[str]) -> Response:
    if response.ok:
        return response
    technical = redact(f"{operation}: {response.tech_explanation}", secrets)
    _log.warning("connector_refused", operation=operation, error_code=response.error_code, technical=technical)
    text = _redacted(response.user_explanation, list(secrets))
    raise ConnectorFailed(
        told(text) if text.strip() else Problem("connector_silent"),
        technical,
        retry=response.error_code not in _CODES_OF_THE_CALLER,
        error_code=response.error_code,
    )


def _redacted(localised: str, secrets: Iterable[str]) -> str:
    """A text in several languages without the secrets, which may stand in it with their quotes escaped."""
    return compose({language: redact(text, secrets) for language, text in parse(localised).items()})
