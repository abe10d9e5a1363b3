"""Why an operation was not carried out, named by what the caller does next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AgentError(Exception):
    """An operation was not carried out.

    `message` is for people, in the language asked for; `code` is stable; `technical` is English; `members` maps the
    path of each wrong member of the request to what is wrong with it. `status` is that of HTTP, 0 without an answer.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        technical: str = "",
        members: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.technical = technical
        self.members = dict(members or {})


class BadRequest(AgentError):
    """The request is not as described: correct `members`."""


class NotLoggedIn(AgentError):
    """The token, or the user name and password, are wrong: give others."""


class Denied(AgentError):
    """The user has no right to this: ask an administrator."""


class NotFound(AgentError):
    """What was named is not there: name something else."""


class Refused(AgentError):
    """Not possible in this state: change the state."""


class ConnectorFailed(AgentError):
    """The connector, or the ERP behind it, did not do what was asked."""


class TooManyFailures(AgentError):
    """Too many log-ins have failed: wait."""


class ServerFailed(AgentError):
    """The server failed; its log says more."""


class Unreachable(AgentError):
    """No answer came. The operation may have been carried out all the same."""


_BY_STATUS = {
    400: BadRequest, 401: NotLoggedIn, 403: Denied, 404: NotFound, 409: Refused, 424: ConnectorFailed,
    429: TooManyFailures,
}  # fmt: skip


def error_of(status: int, problem: Any) -> AgentError:
    """The error that an answer tells of; `problem` is its body, which is no object where a proxy has answered."""
    told = problem if isinstance(problem, dict) else {}
    kind = _BY_STATUS.get(status, ServerFailed if status >= 500 else AgentError)
    return kind(
        told.get("Message") or f"The server answered with status {status}.",
        status=status,
        code=told.get("Code") or "",
        technical=told.get("Technical") or "",
        members={member["Member"]: member["Message"] for member in told.get("Members") or ()},
    )
