"""What a run did, as a value: shown by the command line, stored with the run, returned by services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from brygga.erp.engine.progress import StopRequested
from brygga.erp.models import Connection
from brygga.erp.problems import Problem, restored, text_in

_COUNTS = ("read", "to_crm", "to_erp", "created", "unchanged", "conflicts", "failed")
PLANNED = ("side", "type", "id", "erp_key", "field", "old", "new", "rule")
"""What is shown of an item that a dry run would write."""


@dataclass(slots=True)
class ConnectionReport:
    """Counts of one connection in a run.

    `read` counts actors that were compared, `to_crm` and `to_erp` fields that were given a new value,
    `created` records or actors made, `unchanged` actors that needed nothing, `conflicts` fields that wait for a
    person, `failed` records set aside. `failure` says why the connection itself failed, if it did; `problems`
    holds `{"type", "id", "erp_key", "field", "code", "params"}` for each record that failed. `connection` is
    the id, and `name` the name in the language of whoever started the run.
    """

    name: str
    read: int = 0
    to_crm: int = 0
    to_erp: int = 0
    created: int = 0
    unchanged: int = 0
    conflicts: int = 0
    failed: int = 0
    seconds: float = 0.0
    failure: Problem | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    connection: int | None = None

    @classmethod
    def of(cls, connection: Connection) -> ConnectionReport:
        """An empty report on a connection."""
        return cls(connection.name, connection=connection.pk)

    @property
    def error(self) -> str:
        """Why the connection itself failed, in the reader's language; empty if it did not."""
        return str(self.failure or "")

    def as_json(self) -> dict[str, Any]:
        """The counts, and the error and problems where there are any, in the reader's language."""
        shown = self._counts()
        if self.failure:
            shown["error"] = self.error
        if self.problems:
            shown["problems"] = [_in_words(problem) for problem in self.problems]
        return shown

    def stored(self) -> dict[str, Any]:
        """The same for the database: no language yet."""
        shown = {"connection": self.connection, **self._counts()}
        if self.failure:
            shown["failure"] = self.failure.stored()
        if self.problems:
            shown["problems"] = self.problems
        return shown

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> ConnectionReport:
        """The report that `stored` gave."""
        part = cls(stored["name"], connection=stored["connection"], problems=stored.get("problems", []))
        for name in (*_COUNTS, "seconds"):
            setattr(part, name, stored[name])
        part.failure = restored(stored.get("failure", {}))
        return part

    def _counts(self) -> dict[str, Any]:
        return {**{name: getattr(self, name) for name in ("name", *_COUNTS)}, "seconds": round(self.seconds, 3)}


def _in_words(problem: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in problem.items() if name != "params"}
    return {**told, "text": text_in(problem)}


@dataclass(slots=True)
class RunReport:
    """A run: its number (None for a dry run), a report per connection, and what a dry run would do.

    `plan` is the stored plan that was made or carried out, if any. `stopped` says that it was ended early, on request;
    what it reports is done all the same.

    A planned item has PLANNED and, for stored plans, "connection" (id), "actor_type", "erp_field", "other" (the value
    of the side that is not written) and "base" (the pair agreed before, or None).
    """

    run: int | None = None
    connections: list[ConnectionReport] = field(default_factory=list)
    planned: list[dict[str, Any]] = field(default_factory=list)
    dry_run: bool = False
    stopped: bool = False
    plan: int | None = None

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Work that ends here, without an error, where somebody asks for its end."""
        try:
            yield
        except StopRequested:
            self.stopped = True

    @property
    def failed(self) -> int:
        """Records set aside, plus one for each connection that failed as a whole."""
        return sum(part.failed + (part.failure is not None) for part in self.connections)

    @property
    def conflicts(self) -> int:
        """Fields that wait for a person to decide."""
        return sum(part.conflicts for part in self.connections)

    @property
    def changes(self) -> int:
        """Fields given a new value and records created."""
        return sum(part.to_crm + part.to_erp + part.created for part in self.connections)

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        document: dict[str, Any] = {
            "run": self.run,
            "connections": [part.as_json() for part in self.connections],
            "failed": self.failed,
        }
        if self.plan is not None:
            document["plan"] = self.plan
        if self.stopped:
            document["stopped"] = True
        if self.dry_run:
            document["planned"] = [{name: item[name] for name in PLANNED} for item in self.planned]
        return document
