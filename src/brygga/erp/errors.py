"""What goes wrong in the services, named by what the caller does next.

A view shows `user_message`, the command line prints it, the API answers with `code`; `technical` goes to the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from brygga.erp.problems import Problem, told


class BryggaError(Exception):
    """A use case was not carried out.

    `user_message` says what happened and what to do, in the reader's language where it is a lazy text or a
    `Problem`; `technical` is English, for the log; `code` is stable, for programs.
    """

    code = "failed"

    def __init__(self, user_message: object, technical: str = "") -> None:
        super().__init__(user_message)
        self._message = user_message
        self.technical = technical

    @property
    def user_message(self) -> str:
        """The text for the user."""
        return str(self._message)

    @property
    def problem(self) -> Problem:
        """What went wrong, to be stored and to be read later in another language."""
        return self._message if isinstance(self._message, Problem) else told(self._message)

    def __str__(self) -> str:
        return self.user_message


class NotFound(BryggaError):
    """What was named does not exist: name something else."""

    code = "not_found"


class Refused(BryggaError):
    """Not allowed in this state: change the state."""

    code = "refused"


class Denied(BryggaError):
    """Who asks may not do this: ask somebody with the right."""

    code = "denied"


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong with a configuration. `line` counts from 1 in the file; 0 means no place in a file.

    `key` is the path of keys that leads to the place, such as `connections.ERP.actors.Customer`.
    """

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.key}" if self.line else self.key
        return f"{place}: {self.message}"


class InvalidConfiguration(BryggaError):
    """A configuration cannot be used: correct what `problems` lists, all of it found in one go."""

    code = "invalid_configuration"

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConnectorFailed(BryggaError):
    """The connector or the ERP behind it did not do what was asked: show its explanation.

    `retry` says whether the same call may succeed later with nothing changed in Brygga; `error_code` is the
    connector's (contract, section 3) or empty. `unknown_outcome`: the call may have been carried out all the same.
    """

    code = "connector_failed"

    def __init__(
        self,
        user_message: object,
        technical: str = "",
        *,
        retry: bool = True,
        error_code: str = "",
        unknown_outcome: bool = False,
    ) -> None:
        super().__init__(user_message, technical)
        self.retry = retry
        self.error_code = error_code
        self.unknown_outcome = unknown_outcome
