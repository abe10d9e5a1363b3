"""Runs as rows and in words: what each was, how long it took, what it did per connection (behaviour A15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brygga.erp.models import Run, RunState
from brygga.erp.services.runs import RunPart, parts

KINDS: Mapping[str, Any] = {
    "sync": gettext_lazy("Sync"),
    "resync": gettext_lazy("Resync"),
    "import": gettext_lazy("Import"),
    "connect": gettext_lazy("Connect"),
    "create": gettext_lazy("Create in ERP"),
    "resolve": gettext_lazy("Decision"),
    "match": gettext_lazy("Match records"),
    "disconnect": gettext_lazy("Disconnect"),
    "undo": gettext_lazy("Undo"),
}
"""The kinds of runs in words."""

STATES: Mapping[str, Any] = {
    RunState.RUNNING: gettext_lazy("Running"),
    RunState.DONE: gettext_lazy("Done"),
    RunState.FAILED: gettext_lazy("Failed"),
    RunState.STOPPED: gettext_lazy("Stopped"),
}
_COLOURS = {RunState.RUNNING: "info", RunState.DONE: "ok", RunState.FAILED: "bad", RunState.STOPPED: "warn"}
_NAMED = 4
"""Connections that are named in a row; of the others only their number is told."""


@dataclass(frozen=True, slots=True)
class PartText:
    """What a run did with one connection, in a few words."""

    name: str
    text: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list of runs."""

    id: int
    started_at: datetime
    duration: str
    kind: str
    by: str
    state: str
    colour: str
    parts: Sequence[PartText]
    more: int


def kind_label(kind: str) -> str:
    """The kind of a run in words; one of a later version as it is."""
    return str(KINDS.get(kind, kind))


def run_rows(found: Iterable[Run]) -> list[RunRow]:
    """Rows of runs; connections in which something happened come first, and quiet ones are counted only."""
    some = list(found)
    by_run = parts(some)
    return [_row(run, by_run[run.pk]) for run in some]


def state_chip(run: Run) -> tuple[str, str]:
    """The state of a run in words, and its colour."""
    state = RunState(run.state)
    return str(STATES[state]), _COLOURS[state]


def duration(run: Run) -> str:
    """How long a run took, or has taken so far."""
    taken = (run.ended_at or timezone.now()) - run.started_at
    if taken < timedelta(minutes=1):
        return _("%(n)s s") % {"n": number_format(taken.total_seconds(), decimal_pos=1)}
    minutes, seconds = divmod(int(taken.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _row(run: Run, did: Sequence[RunPart]) -> RunRow:
    told = [part for part in did if part.failure or part.changes or part.counts["failed"] or part.counts["conflicts"]]
    state, colour = state_chip(run)
    return RunRow(
        run.pk,
        run.started_at,
        duration(run),
        kind_label(run.kind),
        run.by,
        state,
        colour,
        [_part_text(part) for part in told[:_NAMED]],
        len(did) - len(told[:_NAMED]),
    )


def _part_text(part: RunPart) -> PartText:
    texts = [part.failure] if part.failure else []
    if part.changes:
        texts.append(ngettext("%(n)s change", "%(n)s changes", part.changes) % {"n": _number(part.changes)})
    if conflicts := part.counts["conflicts"]:
        texts.append(ngettext("%(n)s conflict", "%(n)s conflicts", conflicts) % {"n": _number(conflicts)})
    if part.counts["failed"]:
        texts.append(_("%(n)s failed") % {"n": _number(part.counts["failed"])})
    return PartText(part.name, ", ".join(texts), bool(part.failure or part.counts["failed"]))


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
