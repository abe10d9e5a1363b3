"""What can go wrong on the way to a connector and back, named by what the caller does next."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a call brought no answer of the contract. The value is stable, for programs and logs."""

    UNREACHABLE = "unreachable"
    """The name is unknown, the connection was refused, or a proxy could not get through."""
    CONNECT_TIMEOUT = "connect_timeout"
    READ_TIMEOUT = "read_timeout"
    BROKEN_OFF = "broken_off"
    """The connection ended before the whole answer had come."""
    UNTRUSTED = "untrusted"
    """TLS: certificate or protocol not accepted."""
    NOT_FOUND = "not_found"
    """404 or 405: there is no connector at this address."""
    NOT_AUTHORISED = "not_authorised"
    """401, 403, or the handshake of `app://` failed."""
    REFUSED_BY_SERVER = "refused_by_server"
    """Another 3xx or 4xx status."""
    SERVER_BUSY = "server_busy"
    """429, 502, 503 or 504: try later."""
    SERVER_FAILED = "server_failed"
    """Another 5xx status without a SOAP fault."""
    FAULT = "fault"
    """A SOAP fault."""
    NOT_SOAP = "not_soap"
    """An answer that is no SOAP at all, such as an HTML page."""
    BAD_XML = "bad_xml"
    """XML that is truncated, malformed, or not an answer to this operation."""
    TOO_LARGE = "too_large"
    """An answer beyond the limits of size or depth."""


class CallFailed(Exception):
    """A call brought no answer of the contract.

    `technical` is English, for the log. `may_repeat`: the same call may succeed later with nothing changed on this
    side. `unknown_outcome`: the connector may have carried the call out all the same, so a create must not be
    repeated blindly. `status` is the HTTP status, 0 if there was none.
    """

    def __init__(
        self, reason: Reason, technical: str, *, may_repeat: bool, unknown_outcome: bool, status: int = 0
    ) -> None:
        super().__init__(technical)
        self.reason = reason
        self.technical = technical
        self.may_repeat = may_repeat
        self.unknown_outcome = unknown_outcome
        self.status = status
