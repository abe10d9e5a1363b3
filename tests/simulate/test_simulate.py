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


@pytest.mark.parametrize(
    ("name", "defect", "promise"),
    [
        ("what was sent is not remembered", "reconcile._to_be_sent = lambda plan, context: None", "I5"),
        ("the intent is forgotten", "run.settle_intents = creating.found_again = lambda *_: None", "I3"),
        ("marks are cleared whatever was saved meanwhile", "links._settle = lambda settled: links._run_many("
         "'UPDATE erp_link SET crm_dirty = NULL WHERE id = %s OR crm_dirty = %s', settled)", "I"),
        ("the position is ahead of the work", "run.reconcile = lambda *_, fresh=True: None", "I"),
    ],
)  # fmt: skip
def test_a_broken_engine_is_found_out(name, defect, promise):
    program = (
        "import sys; from brygga.simulate import __main__ as simulate\n"
        "before = simulate._simulate\n"
        "def broken(options):\n"
        "    from brygga.erp.engine import creating, links, reconcile, run\n"
        f"    {defect}\n"
        "    return before(options)\n"
        "simulate._simulate = broken\n"
        "sys.exit(simulate.main(['--schedules', '60', '--json', '--first']))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)

    assert run.returncode == 3, run.stderr
    (failure,) = json.loads(run.stdout)["failures"]
    assert any(broken.startswith(promise) for broken in failure["broken"]), failure


def test_a_seed_is_a_schedule():
    assert make(17) == make(17)
    assert make(17) != make(18)
    assert str(make(17)).splitlines()[1].strip().startswith("1.")
