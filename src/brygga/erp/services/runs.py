"""Runs as people look at them: which there were, what each did per connection, and its end (behaviour A15, E10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, FieldMapping, Job, JobState, LogEntry, Run, RunState, StoredPlan
from brygga.erp.problems import text_in
from brygga.erp.services import jobs
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.mapping import label_of
from brygga.erp.services.naming import record_names
from brygga.erp.services.status import changes_of

COUNTS = ("read", "to_crm", "to_erp", "created", "unchanged", "conflicts", "failed")
"""What a run counts per connection, as `engine.report.ConnectionReport` has it."""

_PROBLEMS = 50
"""Problems of a connection that are told one by one."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to show; empty means any. `changed` leaves out those that gave no field a new value."""

    kind: str = ""
    state: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class RunProblem:
    """A record that a run set aside: `field` is the name of the ERP field at fault, or empty."""

    record_type: str
    record_id: int | None
    record_name: str
    erp_key: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class RunPart:
    """What a run did with one connection. `more` is how many problems there are besides `problems`."""

    connection_id: int | None
    name: str
    counts: Mapping[str, int]
    changes: int
    seconds: float
    failure: str
    problems: Sequence[RunProblem] = ()
    more: int = 0


def runs(wanted: RunFilter) -> QuerySet[Run]:
    """The matching runs, newest first."""
    found = Run.objects.order_by("-started_at", "-id")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.changed:
        found = found.filter(Exists(LogEntry.objects.filter(run=OuterRef("pk"))))
    return found


def get(run_id: int) -> Run:
    """A run. Raises NotFound."""
    try:
        return Run.objects.get(pk=run_id)
    except Run.DoesNotExist as missing:
        raise NotFound(_("There is no run %(id)s.") % {"id": run_id}) from missing


def parts(found: Iterable[Run]) -> dict[int, list[RunPart]]:
    """What each of these runs did per connection, without its problems; one query for all of them."""
    some = list(found)
    names = _connection_names(part for run in some for part in run.report)
    return {run.pk: [_part(part, names) for part in run.report] for run in some}


def parts_with_problems(run: Run) -> list[RunPart]:
    """What a run did per connection, with the first problems of each; the number of queries is constant."""
    names = _connection_names(run.report)
    told = [noted for part in run.report for noted in part.get("problems", ())[:_PROBLEMS]]
    records = record_names((noted["type"], noted["id"]) for noted in told if noted.get("type"))
    fields = _field_names(run.report, {noted["field"] for noted in told if noted.get("field")})
    return [_part(part, names, records, fields) for part in run.report]


def job_of(run: Run) -> Job | None:
    """The job that is at work in an unfinished run, if it is one's work.

    A job learns its run's number at its end; until then it is told by its kind, its starter, and when it began.
    """
    if run.state != RunState.RUNNING:
        return None
    working = Job.objects.filter(state=JobState.RUNNING, by=run.by, started_at__lte=run.started_at)
    plan = StoredPlan.objects.filter(run=run).first()
    if plan is not None:
        return working.filter(kind=JobKind.APPLY, params__plan=plan.pk).first()
    return working.filter(kind=run.kind).order_by("-started_at", "-id").first()


def stop(run: Run) -> None:
    """Ask an unfinished run to end between two pages. Raises Refused for one that ended, or that nobody can stop."""
    if run.state != RunState.RUNNING:
        raise Refused(_("Run %(id)s has ended already.") % {"id": run.pk})
    job = job_of(run)
    if job is None:
        raise Refused(_("Run %(id)s was not started as a job, so it ends by itself only.") % {"id": run.pk})
    jobs.stop(job)


def _part(
    part: Mapping[str, Any],
    names: Mapping[int, str],
    records: Mapping[tuple[str, int], str] | None = None,
    fields: Mapping[tuple[int | None, str], str] | None = None,
) -> RunPart:
    connection_id, problems = part.get("connection"), part.get("problems", ())
    told = [] if records is None else problems[:_PROBLEMS]
    return RunPart(
        connection_id,
        names.get(connection_id or 0, part["name"]),
        {name: int(part.get(name, 0)) for name in COUNTS},
        changes_of(dict(part)),
        float(part.get("seconds", 0)),
        text_in(part.get("failure", {})),
        [_problem(noted, connection_id, records or {}, fields or {}) for noted in told],
        len(problems) - len(told),
    )


def _problem(
    noted: Mapping[str, Any],
    connection_id: int | None,
    records: Mapping[tuple[str, int], str],
    fields: Mapping[tuple[int | None, str], str],
) -> RunProblem:
    record_type, record_id, key = noted.get("type") or "", noted.get("id"), noted.get("field") or ""
    name = records.get((record_type, record_id), "") if record_id is not None else ""
    label = fields.get((connection_id, key), key)
    return RunProblem(record_type, record_id, name, noted.get("erp_key") or "", label, text_in(noted))


def _connection_names(reported: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    ids = {part["connection"] for part in reported if part.get("connection")}
    return {pk: connection.name for pk, connection in Connection.objects.in_bulk(ids).items()}


def _field_names(reported: Sequence[Mapping[str, Any]], keys: set[str]) -> dict[tuple[int | None, str], str]:
    if not keys:
        return {}
    ids = {part["connection"] for part in reported if part.get("connection")}
    found = FieldMapping.objects.filter(actor__connection__in=ids, key__in=keys).select_related("actor")
    return {(field.actor.connection_id, field.key): label_of(field) for field in found}
