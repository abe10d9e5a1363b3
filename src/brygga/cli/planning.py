"""`brygga undo`, and `brygga plan …`: what was planned, looked at and carried out exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from brygga.cli import values
from brygga.cli.output import USAGE, fail, print_json, print_table, working
from brygga.cli.records import Json
from brygga.cli.syncing import BY, DryRun, StorePlan, conclude, stored_or_dry

if TYPE_CHECKING:
    from brygga.erp.models import PlanItem

app = typer.Typer(help="Look at stored plans, and carry them out.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="The number of the plan.")]
Items = Annotated[list[int], typer.Argument(metavar="ITEM...", help="Numbers of items, as `plan show` tells them.")]

_ITEM = ("item", "side", "type", "id", "erp_key", "field", "old", "new", "rule", "outcome", "problem")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command("undo")(undo)


def undo(
    log: Annotated[int | None, typer.Option("--log", metavar="ID", help="Undo this entry of the log.")] = None,
    record: Annotated[str | None, typer.Option("--record", metavar="TYPE:ID", help="Undo all of a record.")] = None,
    run: Annotated[int | None, typer.Option("--run", metavar="N", help="Undo all of a run.")] = None,
    dry_run: DryRun = False,
    plan: StorePlan = False,
    as_json: Json = False,
) -> None:
    """Set values back from the log; what was changed since is left alone."""
    from brygga.erp.services import plans
    from brygga.erp.services.undo import Undoing, make_undo_plan
    from brygga.erp.services.undo import undo as carry_out

    if sum(choice is not None for choice in (log, record, run)) != 1:
        fail("Say what to undo: --log ID, --record TYPE:ID or --run N.", USAGE)
    stored_or_dry(plan, dry_run)
    what = Undoing(log, values.record_reference(record) if record is not None else None, run)
    with working("Undoing") as progress:
        if plan:
            report = plans.report_of(make_undo_plan(what, BY, progress=progress))
        else:
            report = carry_out(what, BY, dry_run, progress=progress)
    conclude(report, as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the plans, newest first."""
    from brygga.erp.services.plans import plans

    rows = [
        {
            "plan": line.plan.pk,
            "kind": line.plan.kind,
            "by": line.plan.by,
            "made": line.plan.created_at,
            "state": str(line.plan.state),
            "run": line.plan.run_id,
            "items": dict(line.counts),
        }
        for line in plans()
    ]
    if as_json:
        print_json(rows)
        return
    heads = ("Plan", "Kind", "By", "Made", "State", "Run", "Items")
    print_table(heads, [(*list(row.values())[:-1], _counted(row["items"])) for row in rows])


@app.command("show")
def show(id_: Id, as_json: Json = False) -> None:
    """Show the items of a plan."""
    from brygga.erp.services import plans

    plan = plans.get(id_)
    rows = [_document(item) for item in plans.items(plan).iterator(chunk_size=2000)]
    if as_json:
        print_json({"plan": plan.pk, "kind": plan.kind, "state": str(plan.state), "run": plan.run_id, "items": rows})
    else:
        print_table(_ITEM, [tuple(row[column] for column in _ITEM) for row in rows])


@app.command("apply")
def apply(id_: Id, as_json: Json = False) -> None:
    """Carry out exactly a plan; items that have moved since are refused. A plan that was broken off goes on."""
    from brygga.erp.services import plans
    from brygga.erp.services.applying import apply as carry_out

    plan = plans.get(id_)
    with working(f"Applying plan {id_}") as progress:
        report = carry_out(plan, BY, progress=progress)
    conclude(report, as_json)


@app.command("drop")
def drop(id_: Id) -> None:
    """Give a plan up."""
    from brygga.erp.services import plans

    plans.drop(plans.get(id_))


@app.command("uncheck")
def uncheck(items: Items) -> None:
    """Leave items out of a plan that is still open."""
    from brygga.erp.services import plans

    _all_of(items, plans.uncheck(items))


@app.command("check")
def check(items: Items) -> None:
    """Take items in again that were left out of a plan."""
    from brygga.erp.services import plans

    _all_of(items, plans.check(items))


def _all_of(items: list[int], turned: int) -> None:
    if turned != len(set(items)):
        fail(f"{turned} of {len(set(items))} items: the others are not in an open plan, or stood so already.")


def _counted(items: dict[str, int]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(items.items()))


def _document(item: PlanItem) -> dict[str, Any]:
    from brygga.erp.problems import text_in

    return {
        "item": item.pk,
        "side": item.side,
        "type": item.record_type,
        "id": item.record_id,
        "connection": item.connection.name,
        "erp_key": item.erp_key,
        "field": item.crm_field,
        "erp_field": item.erp_field,
        "old": item.old,
        "new": item.new,
        "rule": item.rule,
        "outcome": str(item.outcome),
        "problem": text_in(item.problem),
    }
