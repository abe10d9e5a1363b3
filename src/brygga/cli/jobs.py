"""`brygga job …`: the work that runs in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli.output import PARTLY, fail, print_json, print_table, working
from brygga.cli.records import Json

if TYPE_CHECKING:
    from brygga.erp.models import Job

app = typer.Typer(help="Look at the work that runs in the background, stop it, or do it now.", no_args_is_help=True)

JobId = Annotated[int, typer.Argument(metavar="ID", help="The number of the job; see: brygga job list")]

_SHOWN = 20
_COLUMNS = ("id", "kind", "by", "state", "done", "total", "changes", "attention", "created_at", "ended_at", "problem")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the jobs that wait or run, then the latest that have ended."""
    from brygga.erp.services import jobs

    _show([*jobs.unfinished(), *jobs.recent(_SHOWN)], as_json)


@app.command()
def stop(job_id: JobId) -> None:
    """Stop a job. One that runs ends after the page it is at; what is done stays done."""
    from brygga.erp.models import JobState
    from brygga.erp.services import jobs

    job = jobs.get(job_id)
    if job.state not in jobs.OPEN:
        fail(f"Job {job_id} has ended already.")
    jobs.stop(job)
    if job.state == JobState.STOPPED:
        print(f"Job {job_id} is stopped.")
    else:
        print(f"Job {job_id} stops after the page it is at.")


@app.command()
def run(as_json: Json = False) -> None:
    """Do all the work that waits, here and now: for a server that runs with --no-engine."""
    from brygga.erp.models import JobState
    from brygga.erp.services import jobs
    from brygga.jobs.runner import Runner

    runner, done = Runner(), []
    with working("Working off jobs"):
        while job := runner.run_next():
            done.append(job)
    _show(done, as_json)
    failed = [job for job in done if job.state == JobState.FAILED]
    if failed:
        reasons = [f"job {job.pk}: {'; '.join(jobs.outcome(job).failures)}" for job in failed]
        fail(f"done, but {len(failed)} failed. {' '.join(reasons)}", PARTLY)


def _show(found: list[Job], as_json: bool) -> None:
    rows = [_document(job) for job in found]
    if as_json:
        print_json(rows)
    else:
        print_table(_COLUMNS, [tuple(row[column] for column in _COLUMNS) for row in rows])


def _document(job: Job) -> dict[str, Any]:
    from brygga.erp.services import jobs

    outcome = jobs.outcome(job)
    return {
        "id": job.pk,
        "kind": job.kind,
        "by": job.by,
        "state": str(job.state),
        "done": job.done,
        "total": job.total or None,
        "changes": outcome.changes,
        "attention": outcome.attention,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
        "problem": "; ".join(outcome.failures),
    }
