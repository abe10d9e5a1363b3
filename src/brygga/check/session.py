"""Calls to the connector under check: each with a time limit, each answer examined, nothing ever raised."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Thread
from typing import Any, TypeAlias, cast

from brygga.check.record import Record, shown
from brygga.check.report import Timing
from brygga.check.shapes import examine
from brygga.contract import (
    ActorResponse,
    ActorsResponse,
    ActorType,
    Connector,
    FieldsResponse,
    ItemsResponse,
    ListResponse,
    Response,
)
from brygga.soap.operations import OPERATIONS

Call: TypeAlias = tuple[str, tuple[Any, ...]]
"""The Python name of an operation, and its arguments."""

_HANGS_BEFORE_GIVING_UP = 2


@dataclasses.dataclass
class _Attempt:
    operation: str
    arguments: tuple[Any, ...]
    answer: object = None
    error: BaseException | None = None
    seconds: float = 0.0


class Session:
    """A connector as the checks call it. `limit` is the time for one call, in seconds of real time.

    A call that brings nothing usable (it raises, hangs, or answers with something else) gives None; why, the
    record knows. An operation that hung twice is not called again, so that the run comes to an end.
    """

    def __init__(self, connector: Connector, record: Record, clock: Callable[[], float], limit: float) -> None:
        self._connector = connector
        self._record = record
        self._clock = clock
        self._limit = limit
        self._hangs: Counter[str] = Counter()
        self._seconds: dict[str, list[float]] = {}
        self.last_error: BaseException | None = None

    def call(self, operation: str, *arguments: Any) -> Response | None:
        """Call an operation."""
        return self.together([(operation, arguments)])[0]

    def actors(self, operation: str, *arguments: Any) -> ActorsResponse | None:
        """Call an operation that answers with actors; they come as a list."""
        return cast(ActorsResponse | None, self.call(operation, *arguments))

    def actor(self, operation: str, *arguments: Any) -> ActorResponse | None:
        """Call an operation that answers with one actor."""
        return cast(ActorResponse | None, self.call(operation, *arguments))

    def fields(self, operation: str, *arguments: Any) -> FieldsResponse | None:
        """Call an operation that answers with field metadata."""
        return cast(FieldsResponse | None, self.call(operation, *arguments))

    def items(self, operation: str, *arguments: Any) -> ItemsResponse | None:
        """Call an operation that answers with names or keys."""
        return cast(ItemsResponse | None, self.call(operation, *arguments))

    def list_items(self, operation: str, *arguments: Any) -> ListResponse | None:
        """Call an operation that answers with list items."""
        return cast(ListResponse | None, self.call(operation, *arguments))

    def together(self, calls: Sequence[Call]) -> list[Response | None]:
        """Make several calls at the same time; the answers come in the order of the calls."""
        attempts = [_Attempt(operation, arguments) for operation, arguments in calls]
        running = [(attempt, self._start(attempt)) for attempt in attempts]
        deadline = time.monotonic() + self._limit
        return [self._settled(attempt, worker, deadline) for attempt, worker in running]

    def timings(self) -> Mapping[str, Timing]:
        """How long the calls took, by operation, in the order of the contract."""
        return {
            name: Timing(len(spent), sum(spent) / len(spent), max(spent))
            for name in OPERATIONS
            if (spent := self._seconds.get(name))
        }

    def _start(self, attempt: _Attempt) -> Thread | None:
        if self._hangs[attempt.operation] >= _HANGS_BEFORE_GIVING_UP:
            return None
        worker = Thread(target=self._work, args=(attempt,), daemon=True, name=f"check {attempt.operation}")
        worker.start()
        return worker

    def _work(self, attempt: _Attempt) -> None:
        started = self._clock()
        try:
            answer = getattr(self._connector, attempt.operation)(*attempt.arguments)
            if isinstance(answer, ActorsResponse) and isinstance(answer.actors, Iterable):
                answer = dataclasses.replace(answer, actors=list(answer.actors))
            attempt.answer = answer
        except BaseException as error:  # whatever a connector raises is a finding, and no end of the run
            attempt.error = error
        attempt.seconds = self._clock() - started

    def _settled(self, attempt: _Attempt, worker: Thread | None, deadline: float) -> Response | None:
        if worker is None:
            return None
        worker.join(max(0.0, deadline - time.monotonic()))
        operation = attempt.operation
        in_time = not worker.is_alive()
        what = f"{operation}{_told(attempt.arguments)}"
        if not self._record.expect("P1", in_time, what, f"an answer within {self._limit:g} s", "none"):
            self._hangs[operation] += 1
            return None
        self._seconds.setdefault(operation, []).append(attempt.seconds)
        self.last_error = attempt.error
        if not self._record.expect("E1", attempt.error is None, what, "a response", f"raised {attempt.error!r}"):
            return None
        return self._examined(attempt, what)

    def _examined(self, attempt: _Attempt, what: str) -> Response | None:
        answer, breaches = examine(attempt.answer, OPERATIONS[attempt.operation].answer)
        for number in ("E2", "E3"):
            self._record.expect(number, True, what, "", "")
        if answer is not None and not answer.ok:
            for number in ("E4", "E5", "E9"):
                self._record.expect(number, True, what, "", "")
        for breach in breaches:
            self._record.finding(breach.rule, what, breach.expected, breach.got)
        return answer


def _told(arguments: tuple[Any, ...]) -> str:
    """The arguments as a report shows them. Configurations hold secrets and are left out, and so is the GUID."""
    told = (str(argument) if isinstance(argument, ActorType) else shown(argument) for argument in arguments[1:])
    return f"({', '.join(told)})"
