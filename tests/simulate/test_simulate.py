"""The simulator: 500 schedules keep the promises, and a broken engine is found out (docs/promises.md)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from brygga.simulate.schedule import make

SCHEDULES = 125


@pytest.mark.parametrize("part", range(4))
def test_500_schedules_keep_every_promise(part):
    """In four parts, so that they can run side by side."""
    command = ["simulate", "--seed", str(1 + part * SCHEDULES), "--schedules", str(SCHEDULES), "--json"]
    run = subprocess.run([sys.executable, "-m", "brygga", *command], capture_output=True, text=True, timeout=600)

    assert json.loads(run.stdout) == {"schedules": SCHEDULES, "first_seed": 1 + part * SCHEDULES, "failures": []}
    assert run.returncode == 0


# Engines and services with a defect each, put in by these statements: what they forget, overlook or overdo.
MOVED_ITEMS_WRITTEN = """
def decide(plan, item, link, crm, erp):
    side = approved.Side(item.side)
    writes, now = (plan.crm_writes, crm) if side == "crm" else (plan.erp_writes, erp)
    agreed = approved.agreed_by(item)
    writes.append(approved.Write(side, item.erp_field, item.crm_field, now, item.new, item.rule, agreed))
approved._decide = decide
"""
MERGES_UNHEARD = """
from brygga.crm.signals import companies_merged
companies_merged.disconnect(dispatch_uid="links follow a merge")
"""
DECIDED_OTHERWISE = """
def as_chosen(channel, link, crm, erp, newer, chosen):
    (side,) = {"crm", "erp"} - {str(side) for side in chosen.values()}
    return channel.merger.copy(merge.Side(side), crm, erp, fields=list(chosen))
deciding._as_chosen = as_chosen
"""
UNANSWERED_UNTOLD = """
noted_on = sending.noted_on
sending.noted_on = lambda link, erp: [row for row in noted_on(link, erp) if not problems.is_unanswered(row.rule)]
"""
ANSWERS_DENIED = """
def log_row(link, write):
    row = log_row_of(link, write)
    return dataclasses.replace(row, rule=problems.unanswered_rule(row.rule)) if row.target == "erp" else row
log_row_of = reconcile._log_row
reconcile._log_row = log_row
"""
DEFECTS = [
    pytest.param(2, "I2", "run.reconcile = lambda *_, fresh=True: None", id="polled and not merged"),
    pytest.param(945, "I3", "run.settle_intents = creating.found_again = lambda *_: None", id="intents forgotten"),
    pytest.param(115, "I5", "sending.noted_on = lambda link, erp: []", id="what was sent forgotten"),
    pytest.param(347, "I5", UNANSWERED_UNTOLD, id="what was never answered for, and set back, forgotten"),
    pytest.param(1, "I5", ANSWERS_DENIED, id="what was answered for told as not answered for"),
    pytest.param(1055, "I5", "candidates._log_rows = lambda *_: []", id="an import without a word in the log"),
    pytest.param(21, "I4", "merge._Field.flows_from = lambda self, source: True", id="a resync both ways at once"),
    pytest.param(1478, "I5", DECIDED_OTHERWISE, id="a decision for the other side"),
    pytest.param(722, "I2", "reconcile.partings = lambda *_: {}", id="a person who moved unnoticed"),
    pytest.param(696, "I1", MERGES_UNHEARD, id="links left behind by a merge"),
    pytest.param(62, "I7", MOVED_ITEMS_WRITTEN, id="a plan that is carried out whatever has moved"),
    pytest.param(89, "I8", "approved.agreed_by = lambda item: item.base or (None, None)", id="an undo that echoes"),
]


@pytest.mark.parametrize(("seed", "promise", "defect"), DEFECTS)
def test_a_broken_engine_is_found_out(seed, promise, defect):
    """The seeds are those that find the defects soon; should schedules change, later ones find them."""
    program = (
        "import sys; from brygga.simulate import __main__ as simulate\n"
        "before = simulate._simulate\n"
        "def broken(options):\n"
        "    import dataclasses\n"
        "    from brygga.erp import problems\n"
        "    from brygga.erp.engine import approved, creating, deciding, reconcile, run, sending\n"
        "    from brygga.erp.services import candidates\n"
        "    from brygga.merge import merge\n"
        f"    exec({defect!r}, {{**locals()}})\n"
        "    return before(options)\n"
        "simulate._simulate = broken\n"
        f"sys.exit(simulate.main(['--seed', '{seed}', '--schedules', '300', '--json', '--first']))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)

    assert run.returncode == 3, run.stderr
    (failure,) = json.loads(run.stdout)["failures"]
    assert any(broken.startswith(promise) for broken in failure["broken"]), failure


def test_a_seed_is_a_schedule():
    assert make(17) == make(17)
    assert make(17) != make(18)
    assert str(make(17)).splitlines()[1].strip().startswith("1.")
